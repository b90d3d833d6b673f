import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import type { SitesState } from './sites-state.ts';

/** Not a valid site id, so it never collides with one. */
const NEXT = '#';

interface ReplaceCommand {
  replaceSites(keyCount: 1, ...args: (string | number)[]): Promise<number>;
}

/**
 * The sites' copy in Redis, for fast reads. The topic is the source of truth; the copy may be lost or old.
 */
export class SitesCopy {
  readonly #redis: RedisClient & ReplaceCommand;

  constructor(redis: RedisClient) {
    redis.defineCommand('replaceSites', { lua: readScript('sites/replace-sites.lua') });
    this.#redis = redis as RedisClient & ReplaceCommand;
  }

  /** Reads the copy; undefined when there is none. @throws RedisUnavailable. */
  async read(): Promise<SitesState | undefined> {
    const { [NEXT]: next, ...sites } = await this.#redis.hgetall(keys.sites);
    return next === undefined ? undefined : { next: Number(next), sites: new Map(Object.entries(sites)) };
  }

  /** Up to which offset the copy has read the topic; undefined when there is none. @throws RedisUnavailable. */
  async next(): Promise<number | undefined> {
    const next = await this.#redis.hget(keys.sites, NEXT);
    return next === null ? undefined : Number(next);
  }

  /**
   * Replaces the copy, unless Redis has a newer one.
   * @param seen a copy that the caller found to be wrong; it is replaced in any case.
   * @throws RedisUnavailable.
   */
  async replace({ next, sites }: SitesState, seen?: SitesState): Promise<void> {
    await this.#redis.replaceSites(1, keys.sites, next, seen?.next ?? '', ...[...sites].flat());
  }
}
