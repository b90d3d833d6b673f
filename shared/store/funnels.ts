import type { FunnelDefinition } from '../aggregation/funnel-definition.ts';
import type { Generation } from '../generations/generation.ts';
import type { RedisClient } from './connection.ts';
import { FUNNELS_CHANGED } from './fields.ts';
import { keysOf, type ShardKeys } from './keys.ts';

/** Writes the funnels that sites define: into every shard, since each counts its own users. */
export class FunnelStore {
  readonly #redis: RedisClient;
  readonly #partitions: readonly number[];
  readonly #keys: ShardKeys;

  constructor(redis: RedisClient, { id, partitions }: Generation) {
    this.#redis = redis;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition);
    this.#keys = keysOf(id);
  }

  /** @throws ioredis' error when a shard can't be written to; then it is in none, as far as that can be undone. */
  async define(site: string, definition: FunnelDefinition): Promise<void> {
    const { id, key } = definition;
    try {
      await this.#write(site, id, JSON.stringify(definition), key);
    } catch (error) {
      await this.remove(site, id).catch(() => {});
      throw error;
    }
  }

  async remove(site: string, id: string): Promise<void> {
    await this.#write(site, id, undefined, `${id} removed ${Date.now()}`);
  }

  /** @param change a text that no other change of the site's funnels leaves: answers were made without this one. */
  async #write(site: string, id: string, definition: string | undefined, change: string): Promise<void> {
    await Promise.all(
      this.#partitions.map(async (partition) => {
        const field = `${site}:${id}`;
        const shard = this.#redis
          .multi()
          // What is being folded without the change is folded again.
          .hincrby(this.#keys.head(partition), 'version', 1)
          .hset(this.#keys.touched(partition, site), FUNNELS_CHANGED, change);
        if (definition === undefined) shard.hdel(this.#keys.funnels(partition), field);
        else shard.hset(this.#keys.funnels(partition), field, definition);
        for (const [error] of (await shard.exec()) ?? []) if (error) throw error;
      }),
    );
  }
}
