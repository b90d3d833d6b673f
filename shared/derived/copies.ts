import { LRUCache } from 'lru-cache';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { Dictionary } from '../platform/texts.ts';
import { DAY_MS } from '../platform/time.ts';
import { memoryOf } from '../shard/sums.ts';
import { type Copy, packCopy, unpackCopy } from './copy.ts';

/**
 * The most bytes that a site's copies have together in Redis. A shop with 10,000 products, pages by the thousand and
 * ten million events a year needs less; a larger one reads from the shards what has no room.
 */
const SITE_BYTES = 12_800_000;
/** A larger copy stays in the process. */
const MAX_COPY_BYTES = 2_000_000;
/** What a copy takes beside its text: its key, and two notes of it. */
const NOTES_BYTES = 350;
/** A copy that is used is renewed when half of this time has passed. */
export const COPY_KEPT_MS = 14 * DAY_MS;
/** Per process; beyond it the copies unused for longest go. */
const MAX_MEMORY_BYTES = 96 * 1024 * 1024;
const MAX_DICTIONARIES = 200;
/** A size, not a count: with a count, LRUCache makes room for all entries at once. */
const MAX_WRITTEN = 10_000;
/** A dictionary with more texts is made new: some of them are no longer in any copy. */
const MAX_TEXTS = 300_000;

interface KeepCommand {
  keepCopies(keyCount: number, ...args: (string | number | Buffer)[]): Promise<number>;
}

/** The name of a copy: which generation's numbers of which site, and what they are. */
export interface CopyName {
  generation: string;
  site: string;
  /** Which numbers, and of which days. */
  name: string;
}

/** Derived copies in Redis, for all processes, and in this process. A site's copies in Redis are bounded in bytes. */
export class Copies {
  readonly #redis: RedisClient & KeepCommand;
  readonly #memory = new LRUCache<string, Copy>({
    maxSize: MAX_MEMORY_BYTES,
    maxEntrySize: MAX_MEMORY_BYTES,
    sizeCalculation: ({ table }) => memoryOf(table),
  });
  readonly #dictionaries = new LRUCache<string, Dictionary>({ max: MAX_DICTIONARIES });
  /** By copy: when this process wrote it to Redis, ms. */
  readonly #written = new LRUCache<string, number>({ maxSize: MAX_WRITTEN, sizeCalculation: () => 1 });
  #waiting = new Map<
    string,
    { key: string; resolve(bytes: Buffer | null): void; reject(error: unknown): void }[]
  >();

  constructor(redis: RedisClient) {
    redis.defineCommand('keepCopies', { lua: readScript('derived/keep-copies.lua') });
    this.#redis = redis as RedisClient & KeepCommand;
  }

  /** A copy in this process. */
  inMemory(name: CopyName): Copy | undefined {
    const copy = this.#memory.get(keyOf(name));
    return copy && copy.expiresAt > Date.now() ? copy : undefined;
  }

  /** A copy in Redis. What is asked for in one turn of the event loop is one command for each site. */
  async fetch(name: CopyName): Promise<Copy | undefined> {
    const key = keyOf(name);
    const bytes = await new Promise<Buffer | null>((resolve, reject) => {
      if (this.#waiting.size === 0) setImmediate(() => this.#fetchWaiting());
      const ofSite = this.#waiting.get(name.site) ?? [];
      ofSite.push({ key, resolve, reject });
      this.#waiting.set(name.site, ofSite);
    });
    const copy = bytes === null ? undefined : unpackCopy(bytes);
    if (!copy || copy.expiresAt <= Date.now()) return undefined;
    this.#memory.set(key, copy);
    return copy;
  }

  #fetchWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const all of waiting.values()) {
      this.#redis.mgetBuffer(all.map(({ key }) => key)).then(
        (found) => {
          for (const [i, { resolve }] of all.entries()) resolve(found[i] ?? null);
        },
        (error) => {
          for (const { reject } of all) reject(error);
        },
      );
    }
  }

  /** How long ago this process wrote a copy to Redis, ms. */
  ageOf(name: CopyName): number {
    return Date.now() - (this.#written.get(keyOf(name)) ?? -Infinity);
  }

  /** Keeps a copy in this process only. */
  remember(name: CopyName, copy: Copy): void {
    this.#memory.set(keyOf(name), copy);
  }

  /** Keeps copies of one site, in Redis as far as there is room. Without Redis they stay in this process. */
  async keep(all: readonly (readonly [CopyName, Copy])[]): Promise<void> {
    const now = Date.now();
    const packed: [key: string, name: string, expiresAt: number, bytes: Buffer][] = [];
    for (const [name, copy] of all) {
      if (copy.expiresAt <= now) continue;
      const key = keyOf(name);
      this.#memory.set(key, copy);
      this.#written.set(key, now);
      const bytes = packCopy(copy);
      if (bytes.length <= MAX_COPY_BYTES) {
        packed.push([key, `${name.generation}:${name.name}`, copy.expiresAt, bytes]);
      }
    }
    if (packed.length === 0) return;
    const { site } = all[0]![0];
    // One call would hold Redis for as long as it takes to write all of a year.
    for (let i = 0; i < packed.length; i += COPIES_A_CALL) {
      const some = packed.slice(i, i + COPIES_A_CALL);
      await this.#redis
        .keepCopies(
          some.length + 2,
          ...[keys.copiesKept(site), keys.copiesBytes(site), ...some.map(([key]) => key)],
          ...[now, SITE_BYTES, COPY_KEPT_MS, NOTES_BYTES],
          ...some.flatMap(([, name, expiresAt, bytes]) => [name, expiresAt, bytes]),
        )
        .catch(() => {});
    }
  }

  /** Numbers for the texts of some copies of one kind. */
  dictionary(name: CopyName): Dictionary {
    const key = keyOf(name);
    let dictionary = this.#dictionaries.get(key);
    if (!dictionary || dictionary.length > MAX_TEXTS) {
      dictionary = new Dictionary();
      this.#dictionaries.set(key, dictionary);
    }
    return dictionary;
  }
}

/** The most copies that one call of the script writes. */
const COPIES_A_CALL = 16;

const keyOf = ({ generation, site, name }: CopyName) => keys.copy(site, generation, name);
