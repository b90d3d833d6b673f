import type { Generation } from '../generations/generation.ts';
import { answersOf, type RedisClient } from '../platform/redis/connection.ts';
import { funnelField, funnelsField } from '../platform/redis/fields.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import type { FunnelDefinition } from './definition.ts';

/** The funnel definitions that one shard has. */
export interface ShardFunnels {
  partition: number;
  /** JSON by `site:funnel`. */
  definitions: Readonly<Record<string, string>>;
  /** Timestamp of the last record that was applied, ms; 0 before the first one. */
  timestamp: number;
}

/** A correction of one definition in a shard: what was found there, and what has to be there. */
export interface FunnelChange {
  site: string;
  id: string;
  found: string | undefined;
  wanted: FunnelDefinition | undefined;
}

interface PutCommand {
  putFunnels(keyCount: number, ...args: (string | number)[]): Promise<number>;
}

/**
 * The funnel definitions in the shards. Each shard has all of them, since each counts its own users. A change makes a
 * batch that is being folded fold again. The sites topic is the source of truth, see sites/site-funnels.ts.
 */
export class FunnelStore {
  readonly #redis: RedisClient & PutCommand;
  readonly #partitions: readonly number[];
  readonly #generation: Generation;
  readonly #keys: ShardKeys;

  constructor(redis: RedisClient, generation: Generation) {
    redis.defineCommand('putFunnels', { lua: readScript('funnels/funnels.lua') });
    this.#redis = redis as RedisClient & PutCommand;
    const { id, partitions } = generation;
    this.#generation = generation;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition);
    this.#keys = keysOf(id);
  }

  /** Writes definitions to every shard. @throws RedisUnavailable when one shard fails; others may have them then. */
  async define(site: string, definitions: readonly FunnelDefinition[]): Promise<void> {
    const fields = definitions.flatMap((one) => [funnelField(site, one.id), this.#stored(one)]);
    await this.#write(site, definitions.map(({ key }) => key).join(), fields, []);
  }

  /** Removes definitions from every shard. @throws as {@link define}. */
  async remove(site: string, ids: readonly string[]): Promise<void> {
    const fields = ids.map((id) => funnelField(site, id));
    await this.#write(site, `${ids.join()} removed ${Date.now()}`, [], fields);
  }

  /** The definitions of a site in the first shard, as every other has them. @throws RedisUnavailable. */
  async of(site: string): Promise<FunnelDefinition[]> {
    const all = await this.#redis.hgetall(this.#keys.funnels(0));
    return Object.entries(all)
      .filter(([field]) => field.startsWith(funnelField(site, '')))
      .map(([, json]) => JSON.parse(json) as FunnelDefinition);
  }

  /** @throws RedisUnavailable. */
  async read(partition: number): Promise<ShardFunnels> {
    const [definitions, timestamp] = await Promise.all([
      this.#redis.hgetall(this.#keys.funnels(partition)),
      this.#redis.hget(this.#keys.head(partition), 'timestamp'),
    ]);
    return { partition, definitions, timestamp: Number(timestamp ?? 0) };
  }

  readAll(): Promise<ShardFunnels[]> {
    return Promise.all(this.#partitions.map((partition) => this.read(partition)));
  }

  /**
   * Corrects definitions of one shard, except those that have changed since they were found.
   * @returns how many were changed.
   * @throws RedisUnavailable.
   */
  async put(partition: number, changes: readonly FunnelChange[]): Promise<number> {
    if (changes.length === 0) return 0;
    return this.#redis.putFunnels(
      2,
      this.#keys.funnels(partition),
      this.#keys.head(partition),
      `put ${Date.now()}`,
      ...changes.flatMap(({ site, id, found = '', wanted }) => [
        funnelField(site, id),
        funnelsField(site),
        found,
        wanted ? this.#stored(wanted) : '',
      ]),
    );
  }

  /** A funnel that was defined before the generation was started counts all of its events. */
  #stored(definition: FunnelDefinition): string {
    const isOlder = definition.effective_from <= this.#generation.started;
    return JSON.stringify(isOlder ? { ...definition, effective_from: 0 } : definition);
  }

  /** @param change a text that differs with every change of the site's funnels; it ends cached answers */
  async #write(
    site: string,
    change: string,
    set: readonly string[],
    unset: readonly string[],
  ): Promise<void> {
    await Promise.all(
      this.#partitions.map(async (partition) => {
        const shard = this.#redis
          .multi()
          // A batch that is being folded without the change must fold again.
          .hincrby(this.#keys.head(partition), 'version', 1)
          .hset(this.#keys.head(partition), funnelsField(site), change);
        if (set.length > 0) shard.hset(this.#keys.funnels(partition), ...set);
        if (unset.length > 0) shard.hdel(this.#keys.funnels(partition), ...unset);
        await answersOf(shard);
      }),
    );
  }
}
