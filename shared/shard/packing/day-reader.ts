import { setTimeout as sleep } from 'node:timers/promises';
import { chunkArray } from '../../platform/chunk-array.ts';
import type { RedisClient } from '../../platform/redis/connection.ts';
import type { ShardKeys } from '../../platform/redis/keys.ts';
import { readScript } from '../../platform/redis/script.ts';
import type { Day } from '../../platform/time.ts';
import { fieldsInPages, scoresInPages } from '../in-pages.ts';
import { addCell, type Cells, fieldOf, visitCells } from './cells.ts';
import {
  BUCKET_BITS,
  bucketField,
  bucketFields,
  PRODUCTS,
  sectionsWithoutMembers,
  smallSections,
  TOKEN_BYTES,
  visitLarge,
  withoutMembers,
} from './packed-day.ts';
import { DAY_SECTIONS } from './packed-parts.ts';

/** The most fields of hashes that one call returns. */
const FIELDS_A_CALL = 5_000;
/**
 * The most entries of rankings that one call returns. Redis needs 0.2 to 0.5 µs for each: a site may have any number of
 * products, and others wait meanwhile.
 */
const ENTRIES_A_CALL = 10_000;
/** The most bytes of packed sections that one call returns, unless a single day has more. */
const BYTES_A_CALL = 500_000;
/** The most days that one call is asked for. */
const DAYS_A_CALL = 100;
/** How many buckets of products are read at once. */
const BUCKETS_A_CALL = 64;
/** How often a day that is too long for one call is read before a packing in between is an error. */
const MAX_TRIES = 10;

/** How long a cluster may take for a script before its keys are read one by one, ms. */
const PATIENCE_MS = 500;
/** How many answers are read so at a time: a cluster that is only slow must not get many times the commands. */
const KEY_BY_KEY = 4;

type What = 'hash' | 'ranks' | 'scores';
/** A day as read-days.lua returns it. */
type Found = [small: Buffer, second: Buffer | number, ...rest: (Buffer | Buffer[] | number)[]];
type Answer = Found[];

const TOO_LONG = -1;
const NOTHING = Buffer.alloc(0);

interface ReadCommand {
  readDaysBuffer(keyCount: number, ...args: (string | number)[]): Promise<Answer>;
}

/** Takes an amount of a field. */
type Add = (day: Day, field: string, amount: number) => void;

/** What a hash of a day is called. */
export interface DayHashPlace {
  site: string;
  /** The hash's section; undefined: it is never packed. */
  section: string | undefined;
  keyOf(day: Day): string;
}

/**
 * Reads numbers by day of one shard: what was packed of a day, and what lies beside it. The caller adds the two up, since
 * every amount is handed over by itself.
 */
export class DayReader {
  readonly #redis: RedisClient & ReadCommand;
  readonly #keys: ShardKeys;
  #readingKeyByKey = 0;
  /** Resolves when one of them has ended. No timer: a thousand answers may wait, and a cluster may be gone for long. */
  #oneLess = Promise.withResolvers<void>();

  constructor(redis: RedisClient, keys: ShardKeys) {
    redis.defineCommand('readDays', { lua: readScript('shard/packing/read-days.lua') });
    this.#redis = redis as RedisClient & ReadCommand;
    this.#keys = keys;
  }

  /** Hands over the fields of a hash of each day. */
  async hashes(
    partition: number,
    days: readonly Day[],
    { site, section, keyOf }: DayHashPlace,
    add: Add,
  ): Promise<void> {
    if (section === undefined) {
      await Promise.all(days.map((day) => this.#beside(day, keyOf(day), add)));
      return;
    }
    const containerOf = (day: Day) => this.#container(partition, site, day, section);
    const keysOf = (day: Day) => [containerOf(day), this.#keys.packedLarge(partition, site, day), keyOf(day)];
    const read = (some: readonly Day[]) =>
      this.#read('hash', some, { keysOf, entries: FIELDS_A_CALL, args: [section] });
    for (const some of chunkArray(days, DAYS_A_CALL)) {
      for (let rest = some; rest.length > 0; ) {
        const found = await read(rest);
        for (const [i, one] of found.entries()) {
          const day = rest[i]!;
          if (one[2] !== TOO_LONG) addHash(one, section, (field, amount) => add(day, field, amount));
          else await this.#longHash(day, one, { containerOf, keyOf, read, section }, add);
        }
        rest = rest.slice(found.length);
      }
    }
  }

  /** Hands over all products' amounts of each metric for each of the days. */
  async products(
    partition: number,
    site: string,
    days: readonly Day[],
    metrics: readonly string[],
    add: (day: Day, metric: string, product: string, amount: number) => void,
  ): Promise<void> {
    const wanted = new Set<string | null>(metrics);
    const keysOf = (day: Day) => [
      this.#keys.packed(partition, site, day),
      this.#keys.packedLarge(partition, site, day),
      ...metrics.map((metric) => this.#keys.products(partition, site, day, metric)),
    ];
    const isWanted = (column: string | null) => wanted.has(column);
    const read = (some: readonly Day[]) =>
      this.#read('ranks', some, { keysOf, entries: ENTRIES_A_CALL, args: [] });
    for (const some of chunkArray(days, DAYS_A_CALL)) {
      for (let rest = some; rest.length > 0; ) {
        const found = await read(rest);
        for (const [i, [small, flag, ...lists]] of found.entries()) {
          const day = rest[i]!;
          const visit = (metric: string | null, product: string, amount: number) =>
            add(day, metric!, product, amount);
          if (flag === TOO_LONG) {
            await this.#longRankings(keysOf(day), metrics, visit, isWanted);
            continue;
          }
          for (const [n, metric] of metrics.entries()) {
            const scores = lists[n] as Buffer[];
            for (let at = 0; at < scores.length; at += 2) {
              visit(metric, scores[at]!.toString(), Number(scores[at + 1]));
            }
          }
          visitSmall(small, PRODUCTS, visit, isWanted);
          for (const bucket of lists.slice(metrics.length) as Buffer[]) visitLarge(bucket, visit, isWanted);
        }
        rest = rest.slice(found.length);
      }
    }
  }

  /** Hands over one product's amount of each metric for each of the days. */
  async product(
    partition: number,
    { site, product }: { site: string; product: string },
    days: readonly Day[],
    metrics: readonly string[],
    add: (day: Day, metric: string, amount: number) => void,
  ): Promise<void> {
    const wanted = new Set<string | null>(metrics);
    const isWanted = (column: string | null) => wanted.has(column);
    const keysOf = (day: Day) => [
      this.#keys.packed(partition, site, day),
      this.#keys.packedLarge(partition, site, day),
      ...metrics.map((metric) => this.#keys.products(partition, site, day, metric)),
    ];
    const args = [product, ...bucketFields(product)];
    for (const some of chunkArray(days, DAYS_A_CALL)) {
      for (let rest = some; rest.length > 0; ) {
        const found = await this.#read('scores', rest, { keysOf, entries: ENTRIES_A_CALL, args });
        for (const [i, [small, bucket, ...scores]] of found.entries()) {
          const day = rest[i]!;
          const visit = (metric: string | null, row: string, amount: number) => {
            if (row === product) add(day, metric!, amount);
          };
          visitSmall(small, PRODUCTS, visit, isWanted);
          if ((bucket as Buffer).length > 0) visitLarge(bucket as Buffer, visit, isWanted);
          for (const [n, score] of (scores as Buffer[]).entries()) {
            if (score.length > 0) add(day, metrics[n]!, Number(score));
          }
        }
        rest = rest.slice(found.length);
      }
    }
  }

  #container(partition: number, site: string, day: Day, section: string): string {
    const isHours = section === DAY_SECTIONS.hours;
    return this.#keys[isHours ? 'packedHours' : 'packed'](partition, site, day);
  }

  async #read(
    what: What,
    days: readonly Day[],
    { keysOf, entries, args }: { keysOf(day: Day): string[]; entries: number; args: readonly string[] },
  ): Promise<Answer> {
    const names = days.map(keysOf);
    const each = names[0]!.length;
    const script = this.#redis.readDaysBuffer(
      each * days.length,
      ...names.flat(),
      ...[what, each, entries, BYTES_A_CALL],
      ...args,
    );
    if (!this.#redis.isCluster) return script;
    const isAnswered = new AbortController();
    const keyByKey = async () => {
      await sleep(PATIENCE_MS, undefined, isAnswered);
      while (this.#readingKeyByKey >= KEY_BY_KEY) {
        await this.#oneLess.promise;
        isAnswered.signal.throwIfAborted();
      }
      this.#readingKeyByKey++;
      try {
        return await this.#readKeyByKey(what, names, args);
      } finally {
        this.#readingKeyByKey--;
        this.#oneLess.resolve();
        this.#oneLess = Promise.withResolvers();
      }
    };
    try {
      return await Promise.any([script, keyByKey()]);
    } catch (error) {
      throw (error as AggregateError).errors[0];
    } finally {
      isAnswered.abort();
    }
  }

  /**
   * What read-days.lua returns, by commands of one key each. A cluster answers them also while a slot moves, when the
   * script has to wait for all of its keys to be in one place.
   */
  async #readKeyByKey(what: What, days: readonly string[][], args: readonly string[]): Promise<Answer> {
    const found: Found[] = [];
    for (const names of days) {
      for (let tries = 0; ; tries++) {
        if (tries === MAX_TRIES) throw tooOften(names[0]!);
        const before = await this.#redis.getBuffer(names[0]!);
        const small = before ? withoutMembers(before) : NOTHING;
        const rest = await this.#sectionsAndEntries(what, names, args);
        if (!(await this.#isStill(names[0]!, small))) continue;
        found.push([small, ...rest]);
        break;
      }
    }
    return found;
  }

  /** What a day has besides the small sections, key by key. */
  async #sectionsAndEntries(
    what: What,
    [, large, ...keys]: readonly string[],
    [first, ...fields]: readonly string[],
  ): Promise<[Buffer | number, ...(Buffer | Buffer[])[]]> {
    const section = async (field: string) => (await this.#redis.hgetBuffer(large!, field)) ?? NOTHING;
    if (what === 'hash') {
      const entries = Object.entries(await fieldsInPages(this.#redis, keys[0]!)).flat();
      return [await section(first!), entries.map((text) => Buffer.from(text))];
    }
    const bits = await this.#redis.hget(large!, BUCKET_BITS);
    if (what === 'scores') {
      const scores = await Promise.all(keys.map((key) => this.#redis.zscore(key, first!)));
      const bucket = bits === null ? NOTHING : await section(fields[Number(bits)]!);
      return [bucket, ...scores.map((score) => Buffer.from(score ?? ''))];
    }
    const buckets: Buffer[] = [];
    for (let i = 0; bits !== null && i < 2 ** Number(bits); i++) {
      const bucket = await section(bucketField(Number(bits), i));
      if (bucket.length > 0) buckets.push(bucket);
    }
    const ranks: Buffer[][] = [];
    for (const key of keys) {
      const scores = await scoresInPages(this.#redis, key);
      ranks.push([...scores].flatMap(([member, score]) => [Buffer.from(member), Buffer.from(String(score))]));
    }
    return [0, ...ranks, ...buckets];
  }

  async #beside(day: Day, key: string, add: Add): Promise<void> {
    const fields = await fieldsInPages(this.#redis, key);
    for (const field in fields) add(day, field, Number(fields[field]));
  }

  /** A hash that comes in pages. Its container must be the same before and after them. */
  async #longHash(
    day: Day,
    first: Found,
    {
      containerOf,
      keyOf,
      read,
      section,
    }: {
      containerOf(day: Day): string;
      keyOf(day: Day): string;
      read(days: readonly Day[]): Promise<Answer>;
      section: string;
    },
    add: Add,
  ): Promise<void> {
    let found = first;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const amounts: [string, number][] = [];
      const take = (field: string, amount: number) => void amounts.push([field, amount]);
      addHash(found, section, take);
      if (found[2] === TOO_LONG)
        await this.#beside(day, keyOf(day), (_, field, amount) => take(field, amount));
      if (await this.#isStill(containerOf(day), found[0])) {
        for (const [field, amount] of amounts) add(day, field, amount);
        return;
      }
      found = (await read([day]))[0]!;
    }
    throw tooOften(containerOf(day));
  }

  async #longRankings(
    [container, large, ...rankings]: string[],
    metrics: readonly string[],
    visit: Parameters<typeof visitCells>[1],
    isWanted: (column: string | null) => boolean,
  ): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found: Cells = new Map();
      const take: typeof visit = (metric, product, amount) => addCell(found, metric, product, amount);
      const before = await this.#redis.getBuffer(container!);
      const small = before && smallSections(before).get(PRODUCTS);
      if (small) visitCells(small, take, isWanted);
      const bits = await this.#redis.hget(large!, BUCKET_BITS);
      const buckets = bits === null ? [] : Array.from({ length: 2 ** Number(bits) }, (_, i) => i);
      for (const some of chunkArray(buckets, BUCKETS_A_CALL)) {
        const fields = some.map((bucket) => bucketField(Number(bits), bucket));
        for (const bucket of await this.#redis.hmgetBuffer(large!, ...fields)) {
          if (bucket) visitLarge(bucket, take, isWanted);
        }
      }
      for (const [n, name] of rankings.entries()) {
        for (const [product, amount] of await scoresInPages(this.#redis, name)) {
          take(metrics[n]!, product, amount);
        }
      }
      if (!(await this.#isStill(container!, before))) continue;
      for (const [metric, rows] of found) {
        for (const [product, amount] of rows) visit(metric, product, amount);
      }
      return;
    }
    throw tooOften(container!);
  }

  async #isStill(container: string, found: Buffer | null): Promise<boolean> {
    const token = await this.#redis.getrangeBuffer(container, 0, TOKEN_BYTES - 1);
    return token.equals(found?.subarray(0, TOKEN_BYTES) ?? NOTHING);
  }
}

const tooOften = (container: string) =>
  new Error(`${container} was packed ${MAX_TRIES} times while it was read.`);

function addHash(
  [small, large, entries]: Found,
  section: string,
  add: (field: string, amount: number) => void,
): void {
  const visit = (column: string | null, row: string, amount: number) => add(fieldOf(column, row), amount);
  visitSmall(small, section, visit);
  if ((large as Buffer).length > 0) visitLarge(large as Buffer, visit);
  if (!Array.isArray(entries)) return;
  for (let i = 0; i < entries.length; i += 2) add(entries[i]!.toString(), Number(entries[i + 1]));
}

function visitSmall(
  sent: Buffer,
  section: string,
  visit: Parameters<typeof visitCells>[1],
  isWanted?: (column: string | null) => boolean,
): void {
  if (sent.length === 0) return;
  const bytes = sectionsWithoutMembers(sent).get(section);
  if (bytes) visitCells(bytes, visit, isWanted);
}
