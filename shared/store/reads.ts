import type { Redis } from 'ioredis';
import { increase, type Sums } from '../aggregation/sums.ts';
import { type Interaction, unpackInteractions } from '../aggregation/timeline.ts';
import { type UserState, unpackUserState } from '../aggregation/user-state.ts';
import { eventKey } from '../events/event.ts';
import { partitionOf } from '../events/partition.ts';
import type { Day, Month } from '../time.ts';
import { keys } from './keys.ts';

/** How far a shard has come, for freshness. */
export interface ShardHead {
  partition: number;
  /** Records applied so far, as the offset of the next one. */
  next: number;
  /** Timestamp of the last applied record, ms; undefined when there is none. */
  timestamp: number | undefined;
}

/**
 * The most days that one call adds up, so that it holds Redis for less than 10 ms: 0.2 µs for each product of each
 * day and metric. Shorter ones would only send the same products more often.
 */
const UNION_DAYS = 92;

/** Kinds of hashes that are kept by day. */
export type DayHash = 'day' | 'hours' | 'minutes';

/**
 * The read side of the store. Sums over shards: a site's users lie in all of them. The connection pipelines by
 * itself what is asked in one tick, so each method is one round trip.
 */
export class StoreReader {
  readonly #redis: Redis;
  readonly #partitions: readonly number[];

  /** @param redis a connection with enableAutoPipelining. */
  constructor(redis: Redis, partitions: number) {
    this.#redis = redis;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition);
  }

  heads(): Promise<ShardHead[]> {
    return this.#eachShard(async (partition) => {
      const [next, timestamp] = await this.#redis.hmget(keys.head(partition), 'next', 'timestamp');
      return { partition, next: Number(next ?? 0), timestamp: timestamp ? Number(timestamp) : undefined };
    });
  }

  /** `site:outcome` → records, and `lost:from-to` → records, over all shards. */
  async ledger(): Promise<Sums> {
    return sumFields(await this.#eachShard((partition) => this.#redis.hgetall(keys.ledger(partition))));
  }

  /** The days on which a site has events, in order. */
  async days(site: string): Promise<Day[]> {
    const shards = await this.#eachShard((partition) => this.#redis.hkeys(keys.days(partition, site)));
    return [...new Set(shards.flat().map(Number))].sort((a, b) => a - b);
  }

  /** One kind of counters on each of the days, by field. */
  async dayHashes(kind: DayHash, site: string, days: readonly Day[]): Promise<{ day: Day; sums: Sums }[]> {
    return this.#eachDay(days, (partition, day) => this.#redis.hgetall(keys[kind](partition, site, day)));
  }

  /** A dimension's `counter|value` sums on each of the days. */
  breakdown(site: string, days: readonly Day[], dimension: string): Promise<{ day: Day; sums: Sums }[]> {
    return this.#eachDay(days, (partition, day) =>
      this.#redis.hgetall(keys.breakdown(partition, site, day, dimension)),
    );
  }

  /** Products' sums of some metrics, all added up over the days. */
  async products(site: string, days: readonly Day[], metrics: readonly string[]): Promise<Sums> {
    const total: Sums = new Map();
    const slices: Day[][] = [];
    for (let i = 0; i < days.length; i += UNION_DAYS) slices.push(days.slice(i, i + UNION_DAYS));
    const unions = await this.#eachShard((partition) =>
      Promise.all(
        slices.map((slice) => {
          const names = slice.flatMap((day) =>
            metrics.map((metric) => keys.products(partition, site, day, metric)),
          );
          return this.#redis.zunion(names.length, names, 'WITHSCORES');
        }),
      ),
    );
    for (const flat of unions.flat()) {
      for (let i = 0; i < flat.length; i += 2) increase(total, flat[i]!, Number(flat[i + 1]));
    }
    return total;
  }

  async user(site: string, user: string): Promise<UserState | undefined> {
    const bytes = await this.#redis.getBuffer(keys.user(this.#home(site, user), site, user));
    return bytes ? unpackUserState(bytes) : undefined;
  }

  /** A user's interactions of some months, unordered. */
  async interactions(site: string, user: string, months: readonly Month[]): Promise<Interaction[]> {
    const home = this.#home(site, user);
    const blocks = await Promise.all(
      months.map((month) => this.#redis.get(keys.timeline(home, site, month, user))),
    );
    return blocks.flatMap((block) => (block ? unpackInteractions(block) : []));
  }

  #home(site: string, user: string): number {
    return partitionOf(eventKey({ site, user }), this.#partitions.length);
  }

  #eachShard<T>(read: (partition: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#partitions.map(read));
  }

  #eachDay(
    days: readonly Day[],
    read: (partition: number, day: Day) => Promise<Record<string, string>>,
  ): Promise<{ day: Day; sums: Sums }[]> {
    return Promise.all(
      days.map(async (day) => ({
        day,
        sums: sumFields(await this.#eachShard((partition) => read(partition, day))),
      })),
    );
  }
}

function sumFields(hashes: Record<string, string>[]): Sums {
  const sums: Sums = new Map();
  for (const hash of hashes) {
    for (const [field, amount] of Object.entries(hash)) increase(sums, field, Number(amount));
  }
  return sums;
}
