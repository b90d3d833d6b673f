import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../event/outcome.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { answersOf, inOrder, type RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { DAY_MS } from '../platform/time.ts';
import { WriteBatch } from '../shard/write-batch.ts';
import { type Entries, type Entry, lettersIn, STATUSES, type Status, take } from './entry.ts';
import { readLetterRecord } from './record.ts';

/** The index has so many letters at most, the last that were published: some 600 bytes each, and what was done with them. */
const MAX_LETTERS = 100_000;
/** Records of which one call of the script takes what they change: about 3 ms. */
const RECORDS = 500;
/** Others who fill the index at the same time get it done. */
const MAX_ROUNDS = 50;

/** Which letters are meant. What is not said is any. */
export interface LetterFilter {
  reason?: DeadLetterReason | undefined;
  site?: string | undefined;
  statuses?: readonly Status[] | undefined;
  /** Timestamps of the refused records, ms: from the first on, and before the second. */
  from?: number | undefined;
  to?: number | undefined;
}

/** A place in the order of letters. */
export type LetterCursor = readonly [at: number, letter: string];

export interface ListedLetter extends Entry {
  letter: string;
}

export interface LetterCount {
  /** YYYY-MM-DD of the refused records' timestamps, UTC. */
  day: string;
  reason: DeadLetterReason;
  /** Undefined: they say none. */
  site: string | undefined;
  status: Status;
  letters: number;
}

interface IndexCommands {
  commitChunk(keyCount: number, ...args: (string | number | Buffer)[]): Promise<number>;
  dropZeros(keyCount: 1, ...args: string[]): Promise<number>;
}

/**
 * The dead letters by what is asked of them. Their topic is the truth; this is made of it, each record taken once by
 * its offset, as a shard takes events: a script compares how far the index goes. So it may be lost at any time.
 */
export class DeadLetterIndex {
  readonly #redis: RedisClient & IndexCommands;
  readonly #maxLetters: number;

  /** @param maxLetters that it keeps. */
  constructor(redis: RedisClient, maxLetters = MAX_LETTERS) {
    redis.defineCommand('commitChunk', { lua: readScript('shard/commit.lua') });
    redis.defineCommand('dropZeros', { lua: readScript('dead-letters/zeros.lua') });
    this.#redis = redis as RedisClient & IndexCommands;
    this.#maxLetters = maxLetters;
  }

  /** The offset, in a partition of the topic, of the first record that is not taken yet. */
  async next(partition: number): Promise<number> {
    return (await this.#head(partition)).next;
  }

  /**
   * Takes records of one partition of the topic, in the order of their offsets. Those that were taken before are
   * passed over.
   * @param from the offset up to which there is nothing before the records that is not taken.
   * @param to the offset after them: up to there, there is nothing else.
   * @returns false when the index does not go up to `from`: it was lost meanwhile.
   */
  async take(
    partition: number,
    records: readonly (KafkaRecord & { headers: Readonly<Record<string, string>> })[],
    { from, to }: { from: number; to: number },
  ): Promise<boolean> {
    const read = records.map((record) => ({ offset: record.offset, is: readLetterRecord(record) }));
    let start = from;
    for (const part of chunkArray(read, RECORDS)) {
      const end = part.at(-1)!.offset + 1;
      if (!(await this.#takeSome(partition, part, { from: start, to: end }))) return false;
      start = end;
    }
    return start >= to || (await this.#takeSome(partition, [], { from: start, to }));
  }

  async #takeSome(
    partition: number,
    records: readonly { offset: number; is: ReturnType<typeof readLetterRecord> }[],
    { from, to }: { from: number; to: number },
  ): Promise<boolean> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const head = await this.#head(partition);
      if (head.next >= to) return true;
      if (head.next < from) return false;
      const fresh = records.filter(({ offset }) => offset >= head.next);
      const before = await this.#read([...new Set(fresh.flatMap(({ is }) => lettersIn(is)))]);
      const after = new Map(before);
      for (const { offset, is } of fresh) take(after, is, { partition, offset });
      if (await this.#commit(partition, head, to, changesOf(before, after))) return true;
    }
    return false;
  }

  /**
   * Forgets what Kafka has deleted (what stands before `low` in a partition), and of more letters than there may be the
   * oldest.
   */
  async trim(partition: number, low: number): Promise<void> {
    const prefix = placePrefix(partition);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const [head, count, expired] = await Promise.all([
        this.#head(partition),
        this.#redis.zlexcount(keys.letterLists, `[${PLACES}`, `(${PLACES}~`),
        this.#redis.zrange(
          keys.letterLists,
          `[${prefix}`,
          `(${prefix}${padded(low)}`,
          'BYLEX',
          'LIMIT',
          0,
          RECORDS,
        ),
      ]);
      const surplus = Math.min(count - this.#maxLetters, RECORDS);
      const oldest =
        expired.length > 0 || surplus <= 0
          ? expired
          : await this.#redis.zrange(
              keys.letterLists,
              `[${prefix}`,
              `(${prefix}~`,
              'BYLEX',
              'LIMIT',
              0,
              surplus,
            );
      const before = await this.#read(oldest.map(lastPart));
      // What is being replayed is to be finished first; Kafka has the intent for longer than the letter.
      for (const [letter, { status }] of before) if (status === 'replaying') before.delete(letter);
      if (before.size === 0) return;
      await this.#commit(partition, head, head.next, changesOf(before, new Map()));
    }
  }

  /** Forgets of which days, reasons, sites and statuses there are no letters any more. */
  async dropZeros(): Promise<void> {
    const counts = await this.#redis.hgetall(keys.letterCounts);
    const zeros = Object.keys(counts).filter((field) => counts[field] === '0');
    for (const some of chunkArray(zeros, RECORDS)) await this.#redis.dropZeros(1, keys.letterCounts, ...some);
  }

  /** Forgets everything: the topic is another one. */
  async clear(partitions: Iterable<number>): Promise<void> {
    const { letters, letterLists, letterCounts } = keys;
    await this.#redis.unlink(letters, letterLists, letterCounts, ...[...partitions].map(keys.letterHead));
  }

  /** Those of some letters that there are, by their keys. */
  entries(letters: readonly string[]): Promise<Entries> {
    return this.#read(letters);
  }

  /**
   * A page of letters; so many commands as there are reasons and statuses, however many letters.
   * @param order `newest` first, or `oldest`; by the timestamp of the refused record.
   * @param after a cursor; the page begins behind it.
   */
  async page(
    filter: LetterFilter,
    { order, after, limit }: { order: 'newest' | 'oldest'; after?: LetterCursor | undefined; limit: number },
  ): Promise<ListedLetter[]> {
    const bounds = rangesOf(filter, order, after);
    if (bounds.length === 0) return [];
    const pipeline = inOrder(this.#redis);
    for (const { least, most } of bounds) {
      if (order === 'oldest') pipeline.zrange(keys.letterLists, least, most, 'BYLEX', 'LIMIT', 0, limit);
      else pipeline.zrange(keys.letterLists, most, least, 'BYLEX', 'REV', 'LIMIT', 0, limit);
    }
    const found = (await answersOf<string[][]>(pipeline)).flat().map(orderPart).sort();
    if (order === 'newest') found.reverse();
    const wanted = found.slice(0, limit).map(lastPart);
    const entries = await this.#read(wanted);
    return wanted.flatMap((letter) => {
      const entry = entries.get(letter);
      return entry ? [{ letter, ...entry }] : [];
    });
  }

  /** How many letters there are behind a cursor, in the order of the oldest first. */
  async count(filter: LetterFilter, after?: LetterCursor): Promise<number> {
    const bounds = rangesOf(filter, 'oldest', after);
    if (bounds.length === 0) return 0;
    const pipeline = inOrder(this.#redis);
    for (const { least, most } of bounds) pipeline.zlexcount(keys.letterLists, least, most);
    return (await answersOf<number[]>(pipeline)).reduce((sum, count) => sum + count, 0);
  }

  /** Letters by day, reason, site and status: the newest day first. One command. */
  async counts(filter: LetterFilter): Promise<LetterCount[]> {
    const fields = await this.#redis.hgetall(keys.letterCounts);
    return Object.entries(fields)
      .map(([field, count]) => ({ ...countOf(field), letters: Number(count) }))
      .filter(
        ({ letters, reason, site, status, day }) =>
          letters > 0 &&
          (filter.reason ?? reason) === reason &&
          (filter.site ?? site) === site &&
          (filter.statuses ?? [status]).includes(status) &&
          Date.parse(day) + DAY_MS > (filter.from ?? 0) &&
          Date.parse(day) < (filter.to ?? Infinity),
      )
      .sort(
        (a, b) =>
          b.day.localeCompare(a.day) ||
          (a.site ?? '').localeCompare(b.site ?? '') ||
          a.reason.localeCompare(b.reason) ||
          a.status.localeCompare(b.status),
      );
  }

  async #head(partition: number): Promise<{ version: number; next: number }> {
    const [version, next] = await this.#redis.hmget(keys.letterHead(partition), 'version', 'next');
    return { version: Number(version ?? 0), next: Number(next ?? 0) };
  }

  async #read(letters: readonly string[]): Promise<Entries> {
    if (letters.length === 0) return new Map();
    const found = await this.#redis.hmget(keys.letters, ...letters);
    return new Map(
      letters.flatMap((letter, i) => (found[i] ? [[letter, JSON.parse(found[i]) as Entry]] : [])),
    );
  }

  async #commit(
    partition: number,
    head: { version: number; next: number },
    next: number,
    batch: WriteBatch,
  ): Promise<boolean> {
    const committed = await this.#redis.commitChunk(
      batch.keys.length + 1,
      keys.letterHead(partition),
      ...batch.keys,
      head.version,
      head.next,
      next,
      Date.now(),
      ...batch.encode(),
    );
    return committed === 1;
  }
}

/**
 * How many letters nobody has done anything with, and since when the oldest has been waiting: of the index as the
 * sweep has left it, a minute ago at most. As many commands as there are reasons, twice.
 * @returns oldest: the timestamp of the refused record, ms; undefined when there is none.
 */
export async function openLetters(redis: RedisClient): Promise<{ open: number; oldest: number | undefined }> {
  const index = new DeadLetterIndex(redis);
  const filter: LetterFilter = { statuses: ['open'] };
  const [open, [oldest]] = await Promise.all([
    index.count(filter),
    index.page(filter, { order: 'oldest', limit: 1 }),
  ]);
  return { open, oldest: oldest?.at };
}

/** How the members of the lists begin, each list in the order of the rest of its members. */
const PLACES = 'o|';

/** Fifteen digits, of which the order as texts is that of the numbers. */
const padded = (number: number) => String(Math.max(0, number)).padStart(15, '0');

const placePrefix = (partition: number) => `${PLACES}${String(partition).padStart(5, '0')}|`;

/** @param site undefined: of all sites. */
const listPrefix = (status: Status, reason: DeadLetterReason, site: string | undefined) =>
  site === undefined ? `a|${status}|${reason}|` : `s|${encodeURIComponent(site)}|${status}|${reason}|`;

/** A letter's key holds no bar. */
const lastPart = (member: string) => member.slice(member.lastIndexOf('|') + 1);
/** `at|letter` */
const orderPart = (member: string) => member.slice(member.lastIndexOf('|', member.lastIndexOf('|') - 1) + 1);

/** Where a letter stands: in the order of the topic, among those of its status and reason, and of its site's. */
function membersOf(letter: string, { status, reason, site, at, place }: Entry): string[] {
  const order = `${padded(at)}|${letter}`;
  return [
    `${placePrefix(place.partition)}${padded(place.offset)}|${letter}`,
    `${listPrefix(status, reason, undefined)}${order}`,
    ...(site === undefined ? [] : [`${listPrefix(status, reason, site)}${order}`]),
  ];
}

const countField = ({ at, site, reason, status }: Entry) =>
  [
    new Date(at).toISOString().slice(0, 10),
    site === undefined ? '' : encodeURIComponent(site),
    reason,
    status,
  ].join('|');

function countOf(field: string): Omit<LetterCount, 'letters'> {
  const [day, site, reason, status] = field.split('|') as [string, string, DeadLetterReason, Status];
  return { day, site: site === '' ? undefined : decodeURIComponent(site), reason, status };
}

/** The writes that make the one of the other. */
function changesOf(before: Entries, after: Entries): WriteBatch {
  const gone: string[] = [];
  const stored: [string, string][] = [];
  const removed: string[] = [];
  const added: string[] = [];
  const counts = new Map<string, number>();
  const count = (entry: Entry, by: 1 | -1) => {
    const field = countField(entry);
    counts.set(field, (counts.get(field) ?? 0) + by);
  };
  for (const letter of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(letter), after.get(letter)];
    if (was === is) continue;
    const [old, now] = [was ? membersOf(letter, was) : [], is ? membersOf(letter, is) : []];
    removed.push(...old.filter((member) => !now.includes(member)));
    added.push(...now.filter((member) => !old.includes(member)));
    if (was) count(was, -1);
    if (is) {
      count(is, 1);
      stored.push([letter, JSON.stringify(is)]);
    } else {
      gone.push(letter);
    }
  }
  const batch = new WriteBatch();
  batch.removeMembers(keys.letters, gone);
  batch.setFields(keys.letters, 0, stored);
  batch.removeMembers(keys.letterLists, removed);
  batch.setScores(
    keys.letterLists,
    added.map((member) => [member, 0]),
  );
  batch.increment(keys.letterCounts, 0, counts);
  return batch;
}

interface Range {
  least: string;
  most: string;
}

/** The parts of the lists in which letters of a filter stand; none when there can be no such letter. */
function rangesOf(
  { reason, site, statuses = STATUSES, from = 0, to }: LetterFilter,
  order: 'newest' | 'oldest',
  after?: LetterCursor,
): Range[] {
  const reasons = reason ? [reason] : DEAD_LETTER_REASONS;
  const behind = after && `${padded(after[0])}|${after[1]}`;
  return statuses.flatMap((status) =>
    reasons.map((one) => {
      const prefix = listPrefix(status, one, site);
      const first = `[${prefix}${padded(from)}`;
      const last = `(${prefix}${to === undefined ? '~' : padded(to)}`;
      if (behind === undefined) return { least: first, most: last };
      return order === 'oldest'
        ? { least: `(${prefix}${behind}`, most: last }
        : { least: first, most: `(${prefix}${behind}` };
    }),
  );
}
