import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { DAY_MS } from '../platform/time.ts';
import { networkOf } from './client-network.ts';

/** A token bucket. */
export interface Bucket {
  /** Tokens refilled per second; 0: no limit. */
  perSecond: number;
  /** Capacity in tokens. */
  burst: number;
}

export interface RateLimits {
  /** Limit of each write key. */
  key: Bucket;
  /** Limit of each client address. */
  address: Bucket;
}

/** What a request costs, and to whom. */
export interface Charge {
  /** The write key, if it is valid. */
  key?: string | undefined;
  /** The client's IP address. */
  address: string;
  /**
   * Cost in tokens. If it exceeds a bucket's capacity, a full bucket is enough; otherwise the request could
   * never pass.
   */
  cost: number;
}

/** A bucket with too few tokens, and how long until it has enough. */
export interface EmptyBucket {
  of: keyof RateLimits;
  waitMs: number;
}

interface LimitCommand {
  takeTokens(keyCount: number, ...args: (string | number)[]): Promise<string | [number, number]>;
}

/** After a failure, Redis is not asked again for this long, ms. */
const PAUSE_MS = 5_000;

/**
 * Token buckets in Redis for write keys and addresses, shared by all processes. While Redis is unreachable,
 * nothing is limited.
 *
 * Addresses are never stored. The name of an address's bucket is a digest of its network (see networkOf) with
 * a random salt, which Redis drops after a day. Buckets expire when they are full again.
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
   * @param redis with a command timeout short enough for a request.
   * @param onAway called each time Redis does not answer.
   */
  constructor(redis: RedisClient, limits: RateLimits, onAway: (error: Error) => void, pauseMs = PAUSE_MS) {
    redis.defineCommand('takeTokens', { lua: readScript('intake/take-tokens.lua') });
    this.#redis = redis as RedisClient & LimitCommand;
    this.#limits = limits;
    this.#onAway = onAway;
    this.#pauseMs = pauseMs;
  }

  /**
   * Charges a request. @returns undefined: accepted; `unknown`: Redis does not answer, so accept it; else the
   * bucket with too few tokens.
   */
  async take(taking: Charge): Promise<EmptyBucket | 'unknown' | undefined> {
    const now = performance.now();
    if (now < this.#pausedUntil) return 'unknown';
    // While Redis is unreachable, one request tries it and the others do not wait.
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

  async #ask({ key, address, cost }: Charge): Promise<EmptyBucket | undefined> {
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
