import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import type { ShardHead } from '../shard/reader.ts';

/** An answer and what it was made from. */
export interface Kept {
  data: unknown;
  /** How far each shard had come when the reading began: what came before is in the data. */
  heads: ShardHead[];
  /** When the reading began, ms since the epoch. */
  at: number;
}

/** Where an answer came from. */
export type CacheSource = 'memory' | 'redis' | 'computed';

/** In one process; more than this and the answers longest unused go. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** Larger answers are not worth a second trip through Redis. */
const MAX_SHARED_BYTES = 1_000_000;
/** Who computes holds the others back for so long at the most; then another one does. */
const LOCK_MS = 5_000;
const POLL_MS = 20;

interface Ask {
  /** Which answer: what is asked, of which site, and all else that it depends on. */
  key: string;
  /** Whether one that was kept will do. */
  isGood(kept: Kept): boolean;
  /** How long it may be shared with other processes, ms. */
  shareMs: number;
  compute(): Promise<Kept>;
}

/**
 * Answers that were computed before: in this process, and in Redis for all of them. However many ask at once, one
 * computes: in a process by a shared promise, between processes by a lock in Redis. Trouble with Redis is never
 * the asker's: then it is computed.
 */
export class AnswerCache {
  readonly #redis: RedisClient;
  readonly #memory = new LRUCache<string, { kept: Kept; bytes: number }>({
    maxSize: MAX_MEMORY_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });
  readonly #underWay = new Map<string, Promise<{ kept: Kept; source: CacheSource }>>();

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  /** @throws whatever computing throws; that is not kept. */
  async get(ask: Ask): Promise<{ kept: Kept; source: CacheSource }> {
    const key = createHash('sha256').update(ask.key).digest('base64url');
    const own = this.#memory.get(key);
    if (own && ask.isGood(own.kept)) return { kept: own.kept, source: 'memory' };
    const underWay = this.#underWay.get(key);
    if (underWay) {
      const found = await underWay;
      // It may have been begun before this was asked: no better than an old one.
      return ask.isGood(found.kept) ? found : this.get(ask);
    }
    const begun = this.#shared(key, ask).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, begun);
    return begun;
  }

  async #shared(key: string, ask: Ask): Promise<{ kept: Kept; source: CacheSource }> {
    const token = randomUUID();
    const until = Date.now() + LOCK_MS;
    let isOurs = false;
    try {
      while (Date.now() < until) {
        const found = await this.#redis.get(keys.answer(key));
        const kept = found === null ? undefined : (JSON.parse(found) as Kept);
        if (kept && ask.isGood(kept)) {
          this.#memory.set(key, { kept, bytes: Buffer.byteLength(found!) });
          return { kept, source: 'redis' };
        }
        isOurs = (await this.#redis.set(keys.answerLock(key), token, 'PX', LOCK_MS, 'NX')) === 'OK';
        if (isOurs) break;
        await sleep(POLL_MS);
      }
    } catch {
      // Computing says what is wrong with Redis, if that is needed at all.
    }
    try {
      const kept = await ask.compute();
      const text = JSON.stringify(kept);
      const bytes = Buffer.byteLength(text);
      this.#memory.set(key, { kept, bytes });
      if (bytes <= MAX_SHARED_BYTES) {
        await this.#redis.set(keys.answer(key), text, 'PX', ask.shareMs).catch(() => {});
      }
      return { kept, source: 'computed' };
    } finally {
      if (isOurs) await this.#unlock(key, token);
    }
  }

  /** A lock that has run out may be another one's by now. */
  async #unlock(key: string, token: string): Promise<void> {
    try {
      if ((await this.#redis.get(keys.answerLock(key))) === token) {
        await this.#redis.del(keys.answerLock(key));
      }
    } catch {
      // It runs out by itself.
    }
  }
}
