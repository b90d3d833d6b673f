import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import type { SiteState } from './state.ts';

/** No site is called so. */
const NEXT = '#';

interface ReplaceCommand {
  replaceSites(keyCount: 1, ...args: (string | number)[]): Promise<number>;
}

/** The sites' copy in Redis, for quick reading. The topic has them for good; this may be lost or old. */
export class SiteCopy {
  readonly #redis: RedisClient & ReplaceCommand;

  constructor(redis: RedisClient) {
    redis.defineCommand('replaceSites', { lua: readScript('sites/sites.lua') });
    this.#redis = redis as RedisClient & ReplaceCommand;
  }

  /** Undefined when there is none. @throws ioredis' error when Redis is away. */
  async read(): Promise<SiteState | undefined> {
    const { [NEXT]: next, ...sites } = await this.#redis.hgetall(keys.sites);
    return next === undefined ? undefined : { next: Number(next), sites: new Map(Object.entries(sites)) };
  }

  /**
   * Stores a newer copy; one that is newer still stays.
   * @param seen the copy that was found wrong, if any; that one does not stay.
   * @throws ioredis' error when Redis is away.
   */
  async replace({ next, sites }: SiteState, seen?: SiteState): Promise<void> {
    await this.#redis.replaceSites(1, keys.sites, next, seen?.next ?? '', ...[...sites].flat());
  }
}
