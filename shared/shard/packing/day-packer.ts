import { MAX_VALUES, OTHER, VALUES } from '../../event/dimensions.ts';
import type { Generation } from '../../generations/generation.ts';
import type { RedisClient } from '../../platform/redis/connection.ts';
import { keysOf, type ShardKeys } from '../../platform/redis/keys.ts';
import { readScript } from '../../platform/redis/script.ts';
import { type Day, MINUTE_MS } from '../../platform/time.ts';
import type { Site } from '../../sites/site.ts';
import { markerOf } from '../chunk-writer.ts';
import { dayExpiry } from '../retention.ts';
import { addCell, type Cells, cellOf, isPackable, visitCells } from './cells.ts';
import { DayReader } from './day-reader.ts';
import { BUCKET_BITS, type Members, PRODUCTS, packDay, smallSections, visitLarge } from './packed-day.ts';
import { DAY_SECTIONS, hoursOf, type PackedPart, type Place, partsOf, settledAt } from './packed-parts.ts';

/** About the most entries that one call reads. Redis needs 0.3 µs for each. */
const ENTRIES_A_CALL = 5_000;
/** A day with more entries in a shard stays as it is: 500,000 take some 80 MB here while they are packed. */
const MAX_ENTRIES = 500_000;
/** A run reads about this many entries at most; the next one goes on. */
const ENTRIES_A_RUN = 3_000_000;
/** Days that are packed at once. */
const AT_ONCE = 3;
/** How often a day that was packed before is packed again at most, minutes: refunds may change it every minute. */
const AGAIN_EVERY = 30;

interface PackCommands {
  readPartsBuffer(keyCount: number, ...args: (string | number)[]): Promise<(Buffer | number | Buffer[])[]>;
  packDay(keyCount: number, ...args: (string | Buffer)[]): Promise<number>;
}

/** What a day has in Redis, all of it at one moment. */
interface Read {
  offset: Buffer;
  token: Buffer;
  hoursToken: Buffer;
  /** By key: fields and values, members and scores, or a string. */
  entries: Map<string, Buffer[]>;
  count: number;
}

/** The day has changed while it was read. */
class Changed extends Error {}
/** The day has more than is packed. */
class TooLong extends Error {}

/**
 * Packs settled days within their shard: hashes and sorted sets become compressed sections, and their keys go, in one
 * step. A commit that comes in between makes that step do nothing, and the next run packs the day. What later commits
 * add lies beside the packed day, until it is packed again.
 */
export class DayPacker {
  readonly #redis: RedisClient & PackCommands;
  readonly #keys: ShardKeys;
  readonly #reader: DayReader;
  readonly #partitions: number;

  constructor(redis: RedisClient, generation: Generation) {
    redis.defineCommand('readParts', { lua: readScript('shard/packing/read-parts.lua') });
    redis.defineCommand('packDay', { lua: readScript('shard/packing/pack-day.lua') });
    this.#redis = redis as RedisClient & PackCommands;
    this.#keys = keysOf(generation.id);
    this.#reader = new DayReader(redis, this.#keys);
    this.#partitions = generation.partitions;
  }

  /**
   * Packs the days of some sites that are settled and have changed since they were packed last.
   * @param options.now ms since the epoch
   * @param options.goOn called before each day; false ends the run, and the next run continues
   * @param options.againEvery in how many minutes a day has its turn that was packed before
   * @returns how many days of shards were packed
   * @throws RedisUnavailable
   */
  async run(
    sites: readonly Site[],
    { now, goOn, againEvery = AGAIN_EVERY }: { now: number; goOn(): boolean; againEvery?: number },
  ): Promise<number> {
    const minute = Math.floor(now / MINUTE_MS);
    let packed = 0;
    const budget = { entries: ENTRIES_A_RUN };
    // Not always the same one first: a long import could keep a run from getting further.
    const begin = Math.floor(Math.random() * this.#partitions);
    for (let n = 0; n < this.#partitions; n++) {
      const partition = (begin + n) % this.#partitions;
      for (const site of sites) {
        if (!goOn() || budget.entries <= 0) return packed;
        const { first, again } = await this.#waiting(partition, site);
        const turn = again.filter((day) => (minute + day + partition) % againEvery === 0);
        const next = [...first, ...turn]
          .filter((day) => settledAt(day, site) <= now && dayExpiry(day, site) * 1_000 > now)
          .values();
        const work = async () => {
          for (const day of next) {
            if (!goOn() || budget.entries <= 0) return;
            if (await this.pack({ partition, site, day }, budget)) packed++;
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
      }
    }
    return packed;
  }

  /**
   * Packs a day of a shard, whether it is settled or not.
   * @param budget is reduced by the entries that were read
   * @returns false when it has changed meanwhile, and nothing was done
   */
  async pack(
    { partition, site, day }: Omit<Place, 'keys'>,
    budget: { entries: number } = { entries: Infinity },
  ): Promise<boolean> {
    const keys = this.#keys;
    const place = { keys, partition, site, day };
    const hours = hoursOf(place);
    const parts = partsOf(place, await this.#currencies(place));
    try {
      const read = await this.#read(place, [hours, ...parts], budget);
      return await this.#replace(place, read, hours, parts);
    } catch (error) {
      if (error instanceof Changed) return false;
      if (!(error instanceof TooLong)) throw error;
      const touched = await this.#redis.hget(keys.touched(partition, site.id), String(day));
      await this.#redis.hset(keys.packedDays(partition, site.id), String(day), touched ?? '');
      return false;
    }
  }

  /** The days that were never packed, and those that have changed since. */
  async #waiting(partition: number, site: Site): Promise<{ first: Day[]; again: Day[] }> {
    const [touched, packed] = await Promise.all([
      this.#redis.hgetall(this.#keys.touched(partition, site.id)),
      this.#redis.hgetall(this.#keys.packedDays(partition, site.id)),
    ]);
    const waiting = Object.keys(touched).filter((day) => packed[day] !== touched[day]);
    return {
      first: waiting.filter((day) => !(day in packed)).map(Number),
      again: waiting.filter((day) => day in packed).map(Number),
    };
  }

  /** The currencies of a day's products. One that is missing stays as it is. */
  async #currencies({ partition, site, day }: Place): Promise<string[]> {
    const found = new Set<string>();
    const hash = {
      site: site.id,
      section: DAY_SECTIONS.day,
      keyOf: (one: Day) => this.#keys.day(partition, site.id, one),
    };
    await this.#reader.hashes(partition, [day], hash, (_, field) => {
      const currency = /^(?:orders|revenue|refunded):(.+)$/.exec(field)?.[1];
      if (currency !== undefined) found.add(currency);
    });
    return [...found];
  }

  /** @throws Changed, TooLong */
  async #read(
    { partition, site, day, keys }: Place,
    parts: readonly PackedPart[],
    budget: { entries: number },
  ): Promise<Read> {
    const touched = keys.touched(partition, site.id);
    const containers = [keys.packed(partition, site.id, day), keys.packedHours(partition, site.id, day)];
    const wanted = [...containers, keys.packedLarge(partition, site.id, day), ...parts.map(({ key }) => key)];
    let read: Read | undefined;
    let from = '0';
    for (let at = 0; at < wanted.length; ) {
      const rest = wanted.slice(at);
      const answer = await this.#redis.readPartsBuffer(
        3 + rest.length,
        ...[touched, ...containers, ...rest, String(day), ENTRIES_A_CALL, from],
      );
      const [offset, token, hoursToken, done, next, ...pages] = answer as [
        ...[Buffer, Buffer, Buffer, number, Buffer],
        ...Buffer[][],
      ];
      read ??= { offset, token, hoursToken, entries: new Map(), count: 0 };
      const isSame =
        read.offset.equals(offset) && read.token.equals(token) && read.hoursToken.equals(hoursToken);
      if (!isSame || offset.length === 0) throw new Changed();
      for (const [i, page] of pages.entries()) {
        const own = read.entries.get(rest[i]!);
        if (own) for (const one of page) own.push(one);
        else if (page.length > 0) read.entries.set(rest[i]!, page);
        read.count += page.length >> 1;
        budget.entries -= page.length >> 1;
      }
      if (read.count > MAX_ENTRIES) throw new TooLong();
      at += done;
      from = next.toString();
    }
    return read!;
  }

  async #replace(
    { partition, site, day, keys }: Place,
    { offset, token, hoursToken, entries }: Read,
    hours: PackedPart,
    parts: readonly PackedPart[],
  ): Promise<boolean> {
    const names = {
      container: keys.packed(partition, site.id, day),
      hours: keys.packedHours(partition, site.id, day),
      large: keys.packedLarge(partition, site.id, day),
    };
    const sections = sectionsOf(entries.get(names.container)?.[0], entries.get(names.large));
    const packed = parts.filter((part) => merge(sections, part, entries.get(part.key)));
    const hourSections = sectionsOf(entries.get(names.hours)?.[0]);
    const hasHours = merge(hourSections, hours, entries.get(hours.key));
    const members = parts.flatMap((part) => membersOf(part, sections) ?? []);
    const { container, large } = packDay(sections, { members });
    const packedHours = hasHours ? packDay(hourSections, { isWhole: true }).container : '';
    const own = [...(hasHours ? [hours.key] : []), ...packed.map(({ key }) => key)];
    const answer = await this.#redis.packDay(
      5 + own.length,
      ...[keys.touched(partition, site.id), keys.packedDays(partition, site.id)],
      ...[names.container, names.large, names.hours, ...own],
      ...[String(day), offset, token, hoursToken, container, packedHours],
      ...[...large].flat(),
    );
    return answer === 1;
  }
}

/** The cells of a packed day, by section. @param large fields and values */
function sectionsOf(container: Buffer | undefined, large: readonly Buffer[] = []): Map<string, Cells> {
  const sections = new Map<string, Cells>();
  const cellsIn = (section: string) => {
    const cells: Cells = sections.get(section) ?? new Map();
    sections.set(section, cells);
    return (column: string | null, row: string, amount: number) => addCell(cells, column, row, amount);
  };
  for (const [name, bytes] of container ? smallSections(container) : []) visitCells(bytes, cellsIn(name));
  // A page of a long hash may repeat a field.
  const fields = new Map<string, Buffer>();
  for (let i = 0; i < large.length; i += 2) fields.set(large[i]!.toString(), large[i + 1]!);
  for (const [field, bytes] of fields) {
    if (field === BUCKET_BITS) continue;
    visitLarge(bytes, cellsIn(field.startsWith(`${PRODUCTS}:`) ? PRODUCTS : field));
  }
  return sections;
}

/**
 * Adds the entries of a key to its section.
 * @returns false when there are none, or when a section can't hold one of the sums exactly; the key then stays
 */
function merge(
  sections: Map<string, Cells>,
  { section, metric }: PackedPart,
  flat: readonly Buffer[] | undefined,
): boolean {
  if (!flat) return false;
  const cells: Cells = sections.get(section) ?? new Map();
  const sums: [column: string | null, row: string, amount: number][] = [];
  const seen = new Set<string>();
  for (let i = 0; i < flat.length; i += 2) {
    const field = flat[i]!.toString();
    if (seen.has(field)) continue;
    seen.add(field);
    const [column, row] = metric === undefined ? cellOf(field) : [metric, field];
    const amount = Number(flat[i + 1]);
    if (!isPackable(amount) || !isPackable(amount + (cells.get(column)?.get(row) ?? 0))) return false;
    sums.push([column, row, amount]);
  }
  for (const [column, row, amount] of sums) addCell(cells, column, row, amount);
  sections.set(section, cells);
  return true;
}

/** The values of a dimension that are counted separately; makes sure that the section says how many. */
function membersOf(
  { section, dimension }: PackedPart,
  sections: ReadonlyMap<string, Cells>,
): Members | undefined {
  const cells = sections.get(section);
  if (dimension === undefined || !cells) return undefined;
  const values = new Set<string>();
  for (const [column, rows] of cells) {
    if (column === null) continue;
    for (const value of rows.keys()) if (value !== OTHER) values.add(value);
  }
  const numbers = cells.get(null) ?? new Map<string, number>();
  const count = Math.max(numbers.get(VALUES) ?? 0, values.size);
  cells.set(null, numbers.set(VALUES, count));
  // A client may send that text as a value. commit.lua then takes it for one that is there.
  if (cells.get(markerOf(dimension))?.has(OTHER)) values.add(OTHER);
  return { dimension, values: [...values], count, isFull: count >= MAX_VALUES };
}
