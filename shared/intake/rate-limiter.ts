import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { DAY_MS } from '../platform/time.ts';
import { networkOf } from './network.ts';

/** A bucket of tokens. */
export interface Bucket {
  /** Tokens that come back each second; 0: no limit. */
  perSecond: number;
  /** Tokens that it holds. */
  burst: number;
}

export interface RateLimits {
  /** Of a write key. */
  key: Bucket;
  /** Of a client's address. */
  address: Bucket;
}

/** What somebody wants to do. */
export interface Taking {
  /** The write key, when it is one. */
  key?: string | undefined;
  /** The client's IP address. */
  address: string;
  /** Tokens. One that costs more than a bucket holds takes the full bucket, or it could never be done. */
  cost: number;
}

/** A bucket that has too few tokens, and how long one has to wait for them. */
export interface Refused {
  of: keyof RateLimits;
  waitMs: number;
}

interface LimitCommand {
  takeTokens(keyCount: number, ...args: (string | number)[]): Promise<string | [number, number]>;
}

/** Redis is not asked again for so long after it did not answer. */
const PAUSE_MS = 5_000;

/**
 * Token buckets in Redis, of write keys and of addresses, shared by all processes. While Redis is away nobody is
 * limited.
 *
 * An address is stored nowhere: its bucket's name is a digest of its network (see networkOf) and of a random salt,
 * which Redis keeps for a day and then forgets. Buckets go when they are full again.
 */
export class RateLimiter {
  readonly #redis: RedisClient & LimitCommand;
  readonly #limits: RateLimits;
  readonly #onAway: (error: Error) => void;
  readonly #pauseMs: number;
  #salt = '';
  #pausedUntil = 0;
  #isAway = false;

  /**
   * @param redis with a command timeout that a request can wait for.
   * @param onAway told of each time that Redis was asked in vain.
   */
  constructor(redis: RedisClient, limits: RateLimits, onAway: (error: Error) => void, pauseMs = PAUSE_MS) {
    redis.defineCommand('takeTokens', { lua: readScript('intake/limit.lua') });
    this.#redis = redis as RedisClient & LimitCommand;
    this.#limits = limits;
    this.#onAway = onAway;
    this.#pauseMs = pauseMs;
  }

  /** @returns undefined when it may be done; `unknown` when nobody can tell, so that it may be done as well. */
  async take(taking: Taking): Promise<Refused | 'unknown' | undefined> {
    const now = performance.now();
    if (now < this.#pausedUntil) return 'unknown';
    // While it is away one asks, and the others do not wait for that.
    if (this.#isAway) this.#pausedUntil = now + this.#pauseMs;
    try {
      const refused = await this.#ask(taking);
      this.#isAway = false;
      this.#pausedUntil = 0;
      return refused;
    } catch (error) {
      this.#isAway = true;
      this.#pausedUntil = performance.now() + this.#pauseMs;
      this.#onAway(error as Error);
      return 'unknown';
    }
  }

  async #ask({ key, address, cost }: Taking): Promise<Refused | undefined> {
    for (;;) {
      const buckets = [
        ...(key === undefined ? [] : [{ of: 'key' as const, name: keys.limitOfKey(digest(key)) }]),
        { of: 'address' as const, name: keys.limitOfAddress(hmac(this.#salt, networkOf(address))) },
      ].filter(({ of }) => this.#limits[of].perSecond > 0);
      if (buckets.length === 0) return undefined;
      const answer = await this.#redis.takeTokens(
        1 + buckets.length,
        keys.limitSalt(),
        ...buckets.map(({ name }) => name),
        this.#salt,
        randomBytes(32).toString('base64url'),
        DAY_MS,
        cost,
        ...buckets.flatMap(({ of }) => [this.#limits[of].perSecond, this.#limits[of].burst]),
      );
      if (typeof answer === 'string') {
        this.#salt = answer;
        continue;
      }
      const [index, waitMs] = answer;
      return index === 0 ? undefined : { of: buckets[index - 1]!.of, waitMs };
    }
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);

const hmac = (salt: string, text: string) =>
  createHmac('sha256', salt).update(text).digest('base64url').slice(0, 22);
