import type { Generation } from '../generations/generation.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { DAY_MS, type Day } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import { CARTS_KEPT_MS, dayExpiry, LIVE_MS } from './retention.ts';

/** How many members one call removes, or how many fields it looks at, about. */
const STEP = 1_000;
/** How many fields one call of the script checks. */
const FIELDS = 200;

/**
 * Signalled carts are remembered a day longer than carts. A cart that is touched just before it expires is then still
 * known as signalled when the sweep looks at it.
 */
const SIGNALS_KEPT_MS = CARTS_KEPT_MS + DAY_MS;

interface TrimCommand {
  trimDays(keyCount: number, ...args: string[]): Promise<number>;
}

/**
 * Removes what has expired inside keys that stay. Members of sorted sets are removed by score, so a member that a
 * commit has just renewed stays. A day is removed when its site no longer keeps it and the keys of its numbers are
 * gone; the script checks that in the same step.
 */
export class Trimmer {
  readonly #redis: RedisClient & TrimCommand;
  readonly #keys: ShardKeys;

  constructor(redis: RedisClient, generation: Generation) {
    this.#keys = keysOf(generation.id);
    redis.defineCommand('trimDays', { lua: readScript('shard/trim.lua') });
    this.#redis = redis as RedisClient & TrimCommand;
  }

  /**
   * Trims one site in one shard, in steps that each hold Redis for about 1 ms.
   * @param now ms since the epoch
   * @param goOn called between the steps; false ends the run, and the next run continues
   * @returns how many members and fields were removed
   */
  async trim(shard: number, site: Site, now: number, goOn: () => boolean): Promise<number> {
    let removed = 0;
    for (const [key, keptMs] of [
      [this.#keys.live(shard, site.id), LIVE_MS],
      [this.#keys.checkouts(shard, site.id), LIVE_MS],
      [this.#keys.newest(shard, site.id), LIVE_MS],
      [this.#keys.carts(shard, site.id), CARTS_KEPT_MS],
      [this.#keys.dueCarts(shard, site.id), CARTS_KEPT_MS],
      [this.#keys.leftCarts(shard, site.id), SIGNALS_KEPT_MS],
    ] as const) {
      removed += await this.#trimScores(key, now - keptMs, goOn);
    }
    removed += await this.#trimDays(
      this.#keys.days(shard, site.id),
      (day) => dayExpiry(day, site) * 1_000 < now,
      (day) => [this.#keys.day(shard, site.id, day), this.#keys.packed(shard, site.id, day)],
      goOn,
    );
    removed += await this.#trimDays(
      this.#keys.packedDays(shard, site.id),
      (day) => dayExpiry(day, site) * 1_000 < now,
      (day) => [this.#keys.packed(shard, site.id, day)],
      goOn,
    );
    removed += await this.#trimDays(
      this.#keys.touched(shard, site.id),
      (day) => dayExpiry(day, site) * 1_000 < now,
      (day) => [
        this.#keys.day(shard, site.id, day),
        this.#keys.gaps(shard, site.id, day),
        this.#keys.packed(shard, site.id, day),
      ],
      goOn,
    );
    return removed;
  }

  async #trimScores(key: string, before: number, goOn: () => boolean): Promise<number> {
    let removed = 0;
    while (goOn()) {
      // Up to the score of the thousandth. By rank, a commit in between would move other members there.
      const [, last] = await this.#redis.zrangebyscore(
        key,
        '-inf',
        `(${before}`,
        'WITHSCORES',
        'LIMIT',
        STEP - 1,
        1,
      );
      removed += await this.#redis.zremrangebyscore(key, '-inf', last ?? `(${before}`);
      if (last === undefined) break;
    }
    return removed;
  }

  async #trimDays(
    key: string,
    isExpired: (day: Day) => boolean,
    numbersOf: (day: Day) => string[],
    goOn: () => boolean,
  ): Promise<number> {
    let removed = 0;
    let cursor = '0';
    do {
      const [next, flat] = await this.#redis.hscan(key, cursor, 'COUNT', STEP);
      const days = flat.filter((_, i) => i % 2 === 0).map(Number);
      const expired = days.filter(isExpired);
      for (let i = 0; i < expired.length; i += FIELDS) {
        const some = expired.slice(i, i + FIELDS);
        const numbers = some.flatMap(numbersOf);
        removed += await this.#redis.trimDays(1 + numbers.length, key, ...numbers, ...some.map(String));
      }
      cursor = next;
    } while (cursor !== '0' && goOn());
    return removed;
  }
}
