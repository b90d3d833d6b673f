import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
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
  takeTokens(keyCount: number, ...args: (string | number)[]): Promise<string | [number, number, ...number[]]>;
}

/**
 * The part of a bucket that a process takes in advance, and then spends without asking Redis. A bucket of fewer tokens than
 * its inverse is exact; so is one that is half empty.
 */
const IN_ADVANCE = 1 / 1_000;
/** Buckets of which tokens are held. */
const MAX_HELD = 10_000;

/** After a failure, Redis is not asked again for this long, ms. */
const PAUSE_MS = 5_000;

/**
 * Token buckets in Redis for write keys and addresses, shared by all processes. While Redis is unreachable,
 * nothing is limited.
 *
 * A process takes a thousandth of a large bucket in advance, since asking Redis costs more than all else of a small
 * request. What it holds counts as spent, so no more passes than the limit.
 *
 * Addresses are never stored. The name of an address's bucket is a digest of its network (see networkOf) with
 * a random salt, which Redis drops after a day. Buckets expire when they are full again.
 */
export class RateLimiter {
  readonly #redis: RedisClient & LimitCommand;
  readonly #limits: RateLimits;
  readonly #onAway: (error: Error) => void;
  readonly #pauseMs: number;
  /** Tokens that were taken in advance, by the bucket's name. */
  readonly #held = new LRUCache<string, number>({ max: MAX_HELD });
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
    const { cost } = taking;
    const buckets = this.#bucketsOf(taking);
    if (buckets.every(({ name }) => (this.#held.get(name) ?? 0) >= cost)) {
      for (const { name } of buckets) this.#hold(name, -cost);
      return undefined;
    }
    const now = performance.now();
    if (now < this.#pausedUntil) return 'unknown';
    // While Redis is unreachable, one request tries it and the others do not wait.
    if (this.#isAway) this.#pausedUntil = now + this.#pauseMs;
    try {
      const refused = await this.#ask(taking, buckets);
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

  /** The buckets that a request takes from, by the salt that is known. */
  #bucketsOf({ key, address }: Charge): NamedBucket[] {
    const buckets: NamedBucket[] = [];
    const add = (of: NamedBucket['of'], name: () => string) => {
      const { perSecond, burst } = this.#limits[of];
      if (perSecond > 0) buckets.push({ of, name: name(), perSecond, burst });
    };
    if (key !== undefined) add('key', () => keys.limitOfKey(digest(key)));
    add('address', () => keys.limitOfAddress(digest(this.#salt + networkOf(address))));
    return buckets;
  }

  #hold(name: string, tokens: number): void {
    const held = (this.#held.get(name) ?? 0) + tokens;
    if (held > 0) this.#held.set(name, held);
    else this.#held.delete(name);
  }

  async #ask(taking: Charge, named: NamedBucket[]): Promise<EmptyBucket | undefined> {
    for (let buckets = named; ; buckets = this.#bucketsOf(taking)) {
      const answer = await this.#redis.takeTokens(
        1 + buckets.length,
        keys.limitSalt(),
        ...buckets.map(({ name }) => name),
        this.#salt,
        randomBytes(32).toString('base64url'),
        DAY_MS,
        taking.cost,
        ...buckets.flatMap(({ perSecond, burst, name }) => [
          ...[perSecond, burst],
          Math.max(0, Math.floor(burst * IN_ADVANCE) - (this.#held.get(name) ?? 0)),
        ]),
      );
      if (typeof answer === 'string') {
        this.#salt = answer;
        continue;
      }
      const [index, waitMs, ...advances] = answer;
      if (index > 0) return { of: buckets[index - 1]!.of, waitMs };
      for (const [i, { name }] of buckets.entries()) this.#hold(name, advances[i]!);
      return undefined;
    }
  }
}

interface NamedBucket extends Bucket {
  of: keyof RateLimits;
  /** Of its key in Redis. */
  name: string;
}

const digest = (text: string) => hash('sha256', text, 'base64url').slice(0, 22);
