import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Proof } from '../derived/copy.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { DAY_MS } from '../platform/time.ts';
import type { ShardHead } from '../shard/reader.ts';

/** What an answer was made from. */
export interface Basis {
  /** What each shard had applied when the reading began: all of that is in the data. */
  heads: ShardHead[];
  /** When the reading began, ms since the epoch. */
  at: number;
  /** Up to where an answer about past days is right. */
  proof?: Proof;
}

/** An answer and what it was made from. */
export interface CachedAnswer extends Basis {
  data: unknown;
}

/** An answer in this process: its data as JSON. */
interface Kept {
  basis: Basis;
  data: Buffer;
}

/** Where an answer came from. */
export type CacheSource = 'memory' | 'redis' | 'computed';

interface Found {
  answer: CachedAnswer;
  source: CacheSource;
}

/**
 * Per process; beyond it the answers unused for longest go. They are kept as bytes outside the heap: as objects they take
 * two to six times as much, and texts cut from replies of Redis would keep the whole replies.
 */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** Larger answers are not worth a second trip through Redis. */
const MAX_SHARED_BYTES = 1_000_000;
/**
 * The most bytes that a site's answers have together in Redis. Everybody with a read key can ask any number of
 * different questions. When there is no room, the answers that expire soonest go.
 */
const SITE_BYTES = 4_000_000;
/** What an answer takes beside its text: its key, and the note that it is kept. */
const KEEPING_BYTES = 300;
/** Longer answers, such as long pages, are kept for seconds: for the processes that are asked the same at once. */
const LONG_BYTES = 100_000;
const LONG_KEPT_MS = 10_000;
/** The longest time that other processes may use an answer, ms. */
export const MAX_SHARE_MS = DAY_MS;
/** A process that computes holds the others back for this long; then another one computes, too. */
const LOCK_MS = 5_000;
const POLL_MS = 20;

interface KeepCommand {
  keepAnswer(keyCount: 2, ...args: (string | number)[]): Promise<string[]>;
}

interface Ask {
  /** The id of the site that the answer is about. */
  site: string;
  /** All that the answer depends on: question, site, settings. */
  key: string;
  /** Whether a cached answer will do. */
  isGood(cached: Basis): boolean | Promise<boolean>;
  /** How long other processes may use it, ms; at most {@link MAX_SHARE_MS}. A long answer is kept for seconds. */
  shareMs: number;
  /** Whether another process probably has it. Otherwise the lock is taken in the step that looks for it. */
  isLasting: boolean;
  compute(): Promise<CachedAnswer>;
}

/**
 * Answers that were computed before, in this process and in Redis for all processes. However many callers ask at once,
 * one computes: within a process by a shared promise, between processes by a lock in Redis. When Redis fails, the
 * caller's answer is computed. What a site keeps in Redis is bounded in bytes.
 */
export class AnswerCache {
  readonly #redis: RedisClient & KeepCommand;
  readonly #memory = new LRUCache<string, Kept>({
    maxSize: MAX_MEMORY_BYTES,
    sizeCalculation: ({ data }) => data.length + KEEPING_BYTES,
  });
  readonly #underWay = new Map<string, Promise<Found>>();

  constructor(redis: RedisClient) {
    redis.defineCommand('keepAnswer', { lua: readScript('questions/keep-answer.lua') });
    this.#redis = redis as RedisClient & KeepCommand;
  }

  /** @throws what `compute` throws; that is not cached. */
  async get(ask: Ask): Promise<Found> {
    const key = createHash('sha256').update(ask.key).digest('base64url');
    const own = this.#memory.get(key);
    if (own && (await ask.isGood(own.basis))) {
      return { answer: { ...own.basis, data: JSON.parse(own.data.toString()) }, source: 'memory' };
    }
    const underWay = this.#underWay.get(key);
    if (underWay) {
      const found = await underWay;
      // It may have begun before this caller asked: then it is as good as any older answer.
      return (await ask.isGood(found.answer)) ? found : this.get(ask);
    }
    const begun = this.#shared(key, ask).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, begun);
    return begun;
  }

  async #shared(key: string, ask: Ask): Promise<Found> {
    const until = performance.now() + LOCK_MS;
    let [isOurs, lockedAt] = [false, 0];
    try {
      while (performance.now() < until) {
        lockedAt = performance.now();
        const [text, lock] = await Promise.all([
          this.#redis.get(keys.answer(key)),
          ask.isLasting ? undefined : this.#lock(key),
        ]);
        isOurs = lock === 'OK';
        const answer = text === null ? undefined : (JSON.parse(text) as CachedAnswer);
        if (answer && (await ask.isGood(answer))) {
          this.#remember(key, answer);
          if (isOurs) void this.#unlock(key);
          return { answer, source: 'redis' };
        }
        if (ask.isLasting) {
          lockedAt = performance.now();
          isOurs = (await this.#lock(key)) === 'OK';
        }
        if (isOurs) break;
        await sleep(POLL_MS);
      }
    } catch {
      // If Redis is needed for the answer, computing it says what is wrong.
    }
    const unlock = async () => {
      if (isOurs && performance.now() - lockedAt < LOCK_MS) await this.#unlock(key);
    };
    try {
      const answer = await ask.compute();
      const text = JSON.stringify(answer);
      const bytes = Buffer.byteLength(text);
      this.#remember(key, answer);
      const isShared = bytes <= MAX_SHARED_BYTES;
      // In one step. On one server, those that wait for the lock find the answer, since its command is sent first.
      await Promise.all([isShared && this.#share(ask, { key, text, bytes }).catch(() => {}), unlock()]);
      return { answer, source: 'computed' };
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  #remember(key: string, { data, ...basis }: CachedAnswer): void {
    this.#memory.set(key, { basis, data: Buffer.from(JSON.stringify(data)) });
  }

  /** Keeps an answer for other processes, and removes those that it takes the room of. */
  async #share(
    { site, shareMs }: Ask,
    { key, text, bytes }: { key: string; text: string; bytes: number },
  ): Promise<void> {
    const ms = bytes > LONG_BYTES ? Math.min(shareMs, LONG_KEPT_MS) : shareMs;
    const [gone] = await Promise.all([
      this.#redis.keepAnswer(
        ...([2, keys.answersKept(site), keys.answersBytes(site)] as const),
        ...[key, bytes + KEEPING_BYTES, Date.now(), ms, SITE_BYTES, MAX_SHARE_MS],
      ),
      this.#redis.set(keys.answer(key), text, 'PX', ms),
    ]);
    // One by one: in a cluster they are in different slots.
    await Promise.all(gone.map((one) => this.#redis.unlink(keys.answer(one))));
  }

  #lock(key: string): Promise<'OK' | null> {
    return this.#redis.set(keys.answerLock(key), '1', 'PX', LOCK_MS, 'NX');
  }

  /** Only early: a lock that has expired may belong to another process by now. It expires by itself, too. */
  async #unlock(key: string): Promise<void> {
    await this.#redis.del(keys.answerLock(key)).catch(() => {});
  }
}
