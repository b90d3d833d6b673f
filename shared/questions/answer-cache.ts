import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import type { ShardHead } from '../shard/reader.ts';

/** An answer and what it was made from. */
export interface CachedAnswer {
  data: unknown;
  /** What each shard had applied when the reading began: all of that is in the data. */
  heads: ShardHead[];
  /** When the reading began, ms since the epoch. */
  at: number;
}

/** Where an answer came from. */
export type CacheSource = 'memory' | 'redis' | 'computed';

interface Found {
  answer: CachedAnswer;
  source: CacheSource;
}

/** Per process; beyond it the answers unused for longest go. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** Larger answers are not worth a second trip through Redis. */
const MAX_SHARED_BYTES = 1_000_000;
/** A process that computes holds the others back for this long; then another one computes, too. */
const LOCK_MS = 5_000;
const POLL_MS = 20;

interface Ask {
  /** All that the answer depends on: question, site, settings. */
  key: string;
  /** Whether a cached answer will do. */
  isGood(cached: CachedAnswer): boolean;
  /** How long other processes may use it, ms. */
  shareMs: number;
  compute(): Promise<CachedAnswer>;
}

/**
 * Answers that were computed before, in this process and in Redis for all processes. However many callers ask at once,
 * one computes: within a process by a shared promise, between processes by a lock in Redis. When Redis fails, the
 * caller's answer is computed.
 */
export class AnswerCache {
  readonly #redis: RedisClient;
  readonly #memory = new LRUCache<string, { answer: CachedAnswer; bytes: number }>({
    maxSize: MAX_MEMORY_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });
  readonly #underWay = new Map<string, Promise<Found>>();

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  /** @throws what `compute` throws; that is not cached. */
  async get(ask: Ask): Promise<Found> {
    const key = createHash('sha256').update(ask.key).digest('base64url');
    const own = this.#memory.get(key);
    if (own && ask.isGood(own.answer)) return { answer: own.answer, source: 'memory' };
    const underWay = this.#underWay.get(key);
    if (underWay) {
      const found = await underWay;
      // It may have begun before this caller asked: then it is as good as any older answer.
      return ask.isGood(found.answer) ? found : this.get(ask);
    }
    const begun = this.#shared(key, ask).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, begun);
    return begun;
  }

  async #shared(key: string, ask: Ask): Promise<Found> {
    const token = randomUUID();
    const until = Date.now() + LOCK_MS;
    let isOurs = false;
    try {
      while (Date.now() < until) {
        const text = await this.#redis.get(keys.answer(key));
        const answer = text === null ? undefined : (JSON.parse(text) as CachedAnswer);
        if (answer && ask.isGood(answer)) {
          this.#memory.set(key, { answer, bytes: Buffer.byteLength(text!) });
          return { answer, source: 'redis' };
        }
        isOurs = (await this.#redis.set(keys.answerLock(key), token, 'PX', LOCK_MS, 'NX')) === 'OK';
        if (isOurs) break;
        await sleep(POLL_MS);
      }
    } catch {
      // If Redis is needed for the answer, computing it says what is wrong.
    }
    try {
      const answer = await ask.compute();
      const text = JSON.stringify(answer);
      const bytes = Buffer.byteLength(text);
      this.#memory.set(key, { answer, bytes });
      if (bytes <= MAX_SHARED_BYTES) {
        await this.#redis.set(keys.answer(key), text, 'PX', ask.shareMs).catch(() => {});
      }
      return { answer, source: 'computed' };
    } finally {
      if (isOurs) await this.#unlock(key, token);
    }
  }

  /** A lock that has expired may belong to another process by now. */
  async #unlock(key: string, token: string): Promise<void> {
    try {
      if ((await this.#redis.get(keys.answerLock(key))) === token) {
        await this.#redis.del(keys.answerLock(key));
      }
    } catch {
      // The lock expires by itself.
    }
  }
}
