import { answersOf, type RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { DAY_MS } from '../platform/time.ts';

/** An erasure of which not all records are published yet. */
export interface OpenErasure {
  site: string;
  receipt: string;
  /** The requested id. */
  user: string;
  /** When it was requested, ms. */
  at: number;
  /** How many ids it is for; undefined while they are still looked for. */
  of?: number;
}

/** How long an erasure that nothing goes on with is remembered, ms. */
const KEPT_MS = 30 * DAY_MS;

/**
 * The erasures under way, and the ids that each one still has to do with. A person may have more ids than one run of a
 * function can look for and publish, so a run goes on where the last one ended. The ids are removed as they are
 * published.
 */
export class OpenErasures {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  /** Remembers a new erasure, whose ids are looked for from `user` on. */
  async begin(erasure: OpenErasure): Promise<void> {
    const { receipt, user } = erasure;
    const step = this.#redis
      .multi()
      .hset(keys.erasures, receipt, JSON.stringify(erasure))
      .sadd(keys.erasureIds(receipt), user)
      .sadd(keys.erasureTodo(receipt), user);
    await answersOf(this.#renewed(step, receipt));
  }

  /** Those under way, without those that are too old. @param now ms */
  async list(now: number): Promise<OpenErasure[]> {
    const all = Object.values(await this.#redis.hgetall(keys.erasures)).map(
      (json) => JSON.parse(json) as OpenErasure,
    );
    const [old, open] = [
      all.filter(({ at }) => at + KEPT_MS < now),
      all.filter(({ at }) => at + KEPT_MS >= now),
    ];
    for (const { receipt } of old) await this.end(receipt);
    return open;
  }

  /** Some ids whose neighbours are still to be looked for. */
  todo(receipt: string, count: number): Promise<string[]> {
    return this.#redis.srandmember(keys.erasureTodo(receipt), count);
  }

  /** Notes ids of the person. Those that are new are to be looked at, too. */
  async found(receipt: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const isKnown = await this.#redis.smismember(keys.erasureIds(receipt), ...ids);
    const fresh = ids.filter((_, i) => isKnown[i] === 0);
    if (fresh.length === 0) return;
    const step = this.#redis
      .multi()
      .sadd(keys.erasureIds(receipt), ...fresh)
      .sadd(keys.erasureTodo(receipt), ...fresh);
    await answersOf(this.#renewed(step, receipt));
  }

  /** Notes that the neighbours of these ids are found. */
  async looked(receipt: string, ids: readonly string[]): Promise<void> {
    await this.#redis.srem(keys.erasureTodo(receipt), ...ids);
  }

  /** Notes that all ids are found. @returns the erasure with their number */
  async complete(erasure: OpenErasure): Promise<OpenErasure & { of: number }> {
    const of = await this.#redis.scard(keys.erasureIds(erasure.receipt));
    const known = { ...erasure, of };
    await this.#redis.hset(keys.erasures, erasure.receipt, JSON.stringify(known));
    return known;
  }

  /** Some ids whose records are still to be published. */
  ids(receipt: string, count: number): Promise<string[]> {
    return this.#redis.srandmember(keys.erasureIds(receipt), count);
  }

  async published(receipt: string, ids: readonly string[]): Promise<void> {
    await this.#redis.srem(keys.erasureIds(receipt), ...ids);
  }

  /** Forgets an erasure. */
  async end(receipt: string): Promise<void> {
    await answersOf(
      this.#redis
        .multi()
        .hdel(keys.erasures, receipt)
        .unlink(keys.erasureIds(receipt), keys.erasureTodo(receipt)),
    );
  }

  #renewed(step: ReturnType<RedisClient['multi']>, receipt: string) {
    return step.pexpire(keys.erasureIds(receipt), KEPT_MS).pexpire(keys.erasureTodo(receipt), KEPT_MS);
  }
}
