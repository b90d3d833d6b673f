import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../event/outcome.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { answersOf, inOrder, type RedisClient } from '../platform/redis/connection.ts';
import { keys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { DAY_MS } from '../platform/time.ts';
import { Committer, type Head } from '../shard/committer.ts';
import { WriteBatch } from '../shard/write-batch.ts';
import {
  type LetterEntries,
  type LetterEntry,
  type LetterStatus,
  lettersIn,
  STATUSES,
  take,
} from './letter-entry.ts';
import { readLetterRecord } from './letter-record.ts';

/** The index keeps this many letters of a site: some 750 bytes each, plus their actions. */
const MAX_LETTERS = 100_000;
/** Records whose changes one script call commits: about 3 ms. */
const RECORDS_PER_COMMIT = 500;
/** Attempts while other processes fill the index at the same time; they do the work then. */
const MAX_ROUNDS = 50;
/** How long it is known what was dropped, ms. */
const DROPPED_MS = 400 * DAY_MS;

/** Selects letters; a missing field matches all. */
export interface LetterFilter {
  reason?: DeadLetterReason | undefined;
  site?: string | undefined;
  statuses?: readonly LetterStatus[] | undefined;
  /** Timestamps of the rejected records, ms: `from` inclusive, `to` exclusive. */
  from?: number | undefined;
  to?: number | undefined;
}

/** A position in the order of letters. */
export type LetterCursor = readonly [at: number, letter: string];

export interface ListedLetter extends LetterEntry {
  letter: string;
}

export interface LetterCount {
  /** UTC day of the rejected records' timestamps, YYYY-MM-DD. */
  day: string;
  reason: DeadLetterReason;
  /** Undefined: the records name no site. */
  site: string | undefined;
  status: LetterStatus;
  letters: number;
  /** Letters that are no longer listed, since their site has more than the index keeps. */
  dropped: number;
}

interface DropZerosCommand {
  dropZeros(keyCount: 1, ...args: string[]): Promise<number>;
}

/**
 * Index of the dead letters in Redis. The topic is the truth; the index is computed from it and may be lost
 * at any time. Each record is applied once, by offset, as in a shard of events: a script compares how far the
 * index has read.
 */
export class DeadLetterIndex {
  readonly #redis: RedisClient & DropZerosCommand;
  readonly #committer: Committer;
  readonly #maxLetters: number;

  /** @param maxLetters number of letters to keep of each site. */
  constructor(redis: RedisClient, maxLetters = MAX_LETTERS) {
    redis.defineCommand('dropZeros', { lua: readScript('dead-letters/drop-zeros.lua') });
    this.#redis = redis as RedisClient & DropZerosCommand;
    this.#committer = new Committer(redis);
    this.#maxLetters = maxLetters;
  }

  /** The offset of the first record of a partition of the topic that is not indexed yet. */
  async next(partition: number): Promise<number> {
    return (await this.#head(partition)).next;
  }

  /**
   * Applies records of one partition, in offset order. Records that were applied before are skipped.
   * @param from offset of the first record that may be missing in the index; there is none between it and
   *   `records`.
   * @param to offset after the last one of `records`, or after a gap without records.
   * @returns false when the index does not reach `from`: Redis lost it in between.
   */
  async take(
    partition: number,
    records: readonly (KafkaRecord & { headers: Readonly<Record<string, string>> })[],
    { from, to }: { from: number; to: number },
  ): Promise<boolean> {
    const read = records.map((record) => ({ offset: record.offset, is: readLetterRecord(record) }));
    let start = from;
    for (const part of chunkArray(read, RECORDS_PER_COMMIT)) {
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
      if (!(await this.#commit(partition, head, to, changesOf(before, after)))) continue;
      await this.#dropSurplus(partition, new Set(after.values().map(ownerOf)));
      return true;
    }
    return false;
  }

  /** Drops letters that Kafka has deleted: before offset `low` of the partition. */
  async dropExpired(partition: number, low: number): Promise<void> {
    const prefix = placePrefix(partition);
    await this.#drop(partition, changesOf, async () => {
      const { letterLists } = keys;
      const [least, most] = [`[${prefix}`, `(${prefix}${padded(low)}`];
      return this.#redis.zrange(letterLists, least, most, 'BYLEX', 'LIMIT', 0, RECORDS_PER_COMMIT);
    });
  }

  /**
   * Drops what a process that has ended left beyond the maximum of a site. An index that an earlier version of this
   * program has made is dropped altogether, since it does not know whose letters it holds; the topic fills it again.
   */
  async trim(partition: number): Promise<void> {
    const lists = this.#redis
      .multi()
      .zlexcount(keys.letterLists, `[${PLACES}`, `(${PLACES}~`)
      .zlexcount(keys.letterLists, `[${OWNERS}`, `(${OWNERS}~`);
    const [byPlace, byOwner] = await answersOf<number[]>(lists);
    if (byPlace !== byOwner) return this.clear([partition]);
    const counts = await this.counts({});
    await this.#dropSurplus(partition, new Set(counts.map(ownerOf)));
  }

  /** Drops letters of these owners beyond the maximum: settled ones first, then open ones, the oldest first. */
  async #dropSurplus(partition: number, owners: ReadonlySet<string>): Promise<void> {
    const pipeline = inOrder(this.#redis);
    for (const owner of owners) {
      const prefix = ownerPrefix(owner);
      pipeline.zlexcount(keys.letterLists, `[${prefix}`, `(${prefix}~`);
    }
    const counts = owners.size > 0 ? await answersOf<number[]>(pipeline) : [];
    for (const [i, owner] of [...owners].entries()) {
      const prefix = ownerPrefix(owner);
      const { letterLists } = keys;
      if (counts[i]! <= this.#maxLetters) continue;
      await this.#drop(partition, dropsOf, async () => {
        const all = await this.#redis.zlexcount(letterLists, `[${prefix}`, `(${prefix}~`);
        const surplus = Math.min(all - this.#maxLetters, RECORDS_PER_COMMIT);
        if (surplus <= 0) return [];
        return this.#redis.zrange(letterLists, `[${prefix}`, `(${prefix}~`, 'BYLEX', 'LIMIT', 0, surplus);
      });
    }
  }

  /** Drops the letters of the members that `find` returns, until it returns none. */
  async #drop(
    partition: number,
    writesOf: (before: LetterEntries, after: LetterEntries) => WriteBatch,
    find: () => Promise<string[]>,
  ): Promise<void> {
    for (let conflicts = 0; conflicts < MAX_ROUNDS; ) {
      const head = await this.#head(partition);
      const before = await this.#read((await find()).map(lastPart));
      // A replay in progress has to finish first. Kafka keeps the record of the replay longer than the letter.
      for (const [letter, { status }] of before) if (status === 'replaying') before.delete(letter);
      if (before.size === 0) return;
      if (!(await this.#commit(partition, head, head.next, writesOf(before, new Map())))) conflicts++;
    }
  }

  /** Drops the counters of days, reasons, sites and statuses without letters, and what was dropped long ago. */
  async dropZeros(now = Date.now()): Promise<void> {
    const counts = await this.#redis.hgetall(keys.letterCounts);
    const zeros = Object.keys(counts).filter((field) => counts[field] === '0');
    for (const some of chunkArray(zeros, RECORDS_PER_COMMIT))
      await this.#redis.dropZeros(1, keys.letterCounts, ...some);
    const dropped = await this.#redis.hkeys(keys.lettersDropped);
    const old = dropped.filter((field) => Date.parse(countOf(field).day) < now - DROPPED_MS);
    for (const some of chunkArray(old, RECORDS_PER_COMMIT))
      await this.#redis.hdel(keys.lettersDropped, ...some);
  }

  /** Drops everything: the topic was deleted and created again. */
  async clear(partitions: Iterable<number>): Promise<void> {
    const { letters, letterLists, letterCounts, lettersDropped } = keys;
    const heads = [...partitions].map(keys.letterHead);
    await this.#redis.unlink(letters, letterLists, letterCounts, lettersDropped, ...heads);
  }

  /** Looks up letters by key; unknown ones are missing. */
  entries(letters: readonly string[]): Promise<LetterEntries> {
    return this.#read(letters);
  }

  /**
   * One page of letters. Costs one command for each reason and status, whatever the number of letters.
   * @param order `newest` or `oldest` first, by the timestamp of the rejected record.
   * @param after cursor; the page begins behind it.
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

  /** Number of letters behind a cursor, ordered oldest first. */
  async count(filter: LetterFilter, after?: LetterCursor): Promise<number> {
    const bounds = rangesOf(filter, 'oldest', after);
    if (bounds.length === 0) return 0;
    const pipeline = inOrder(this.#redis);
    for (const { least, most } of bounds) pipeline.zlexcount(keys.letterLists, least, most);
    return (await answersOf<number[]>(pipeline)).reduce((sum, count) => sum + count, 0);
  }

  /** Letters by day, reason, site and status, newest day first. Two commands. */
  async counts(filter: LetterFilter): Promise<LetterCount[]> {
    const [listed, dropped] = await Promise.all([
      this.#redis.hgetall(keys.letterCounts),
      this.#redis.hgetall(keys.lettersDropped),
    ]);
    return [...new Set([...Object.keys(listed), ...Object.keys(dropped)])]
      .map((field) => ({
        ...countOf(field),
        letters: Number(listed[field] ?? 0),
        dropped: Number(dropped[field] ?? 0),
      }))
      .filter(
        ({ letters, dropped, reason, site, status, day }) =>
          letters + dropped > 0 &&
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

  async #head(partition: number): Promise<Head> {
    const [version, next] = await this.#redis.hmget(keys.letterHead(partition), 'version', 'next');
    return { version: Number(version ?? 0), next: Number(next ?? 0) };
  }

  async #read(letters: readonly string[]): Promise<LetterEntries> {
    if (letters.length === 0) return new Map();
    const found = await this.#redis.hmget(keys.letters, ...letters);
    return new Map(
      letters.flatMap((letter, i) => (found[i] ? [[letter, JSON.parse(found[i]) as LetterEntry]] : [])),
    );
  }

  #commit(partition: number, head: Head, next: number, batch: WriteBatch): Promise<boolean> {
    const to = { next, timestamp: Date.now() };
    return this.#committer.commit(keys.letterHead(partition), head, to, batch.encode());
  }
}

/**
 * Number of open letters, and the timestamp of the oldest. Reads the index as the last sweep left it, so the
 * answer is up to a minute old. Costs two commands for each reason.
 * @returns `oldest`: timestamp of the rejected record, ms; undefined when no letter is open.
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

/** Prefix of the members that are ordered by place in the topic. */
const PLACES = 'o|';

/** Pads to fifteen digits, so that text order is numeric order. */
const padded = (number: number) => String(Math.max(0, number)).padStart(15, '0');

/** Prefix of the members that are ordered by owner. */
const OWNERS = 'b|';

const ownerPrefix = (owner: string) => `${OWNERS}${encodeURIComponent(owner)}|`;

/**
 * The site whose maximum a letter falls under; empty: none. Records may name any number of sites that do not exist, so
 * these share one.
 */
const ownerOf = ({ reason, site }: Pick<LetterEntry, 'reason' | 'site'>) =>
  reason === 'unknown_site' ? '' : (site ?? '');

/** In which order letters of an owner are dropped. */
const DROPPED_AS: Record<LetterStatus, number> = { replayed: 0, discarded: 0, open: 1, replaying: 2 };

const placePrefix = (partition: number) => `${PLACES}${String(partition).padStart(5, '0')}|`;

/** @param site undefined: the list of all sites. */
const listPrefix = (status: LetterStatus, reason: DeadLetterReason, site: string | undefined) =>
  site === undefined ? `a|${status}|${reason}|` : `s|${encodeURIComponent(site)}|${status}|${reason}|`;

/** A letter's key contains no bar. */
const lastPart = (member: string) => member.slice(member.lastIndexOf('|') + 1);
/** `at|letter` */
const orderPart = (member: string) => member.slice(member.lastIndexOf('|', member.lastIndexOf('|') - 1) + 1);

/**
 * The members that one letter has in the lists: by place in the topic, by owner in the order of dropping, by status and
 * reason, and the same for its site.
 */
function membersOf(letter: string, entry: LetterEntry): string[] {
  const { status, reason, site, at, place } = entry;
  const order = `${padded(at)}|${letter}`;
  return [
    `${ownerPrefix(ownerOf(entry))}${DROPPED_AS[status]}|${order}`,
    `${placePrefix(place.partition)}${padded(place.offset)}|${letter}`,
    `${listPrefix(status, reason, undefined)}${order}`,
    ...(site === undefined ? [] : [`${listPrefix(status, reason, site)}${order}`]),
  ];
}

const countField = ({ at, site, reason, status }: Pick<LetterEntry, 'at' | 'site' | 'reason' | 'status'>) =>
  [
    new Date(at).toISOString().slice(0, 10),
    site === undefined ? '' : encodeURIComponent(site),
    reason,
    status,
  ].join('|');

function countOf(field: string): Omit<LetterCount, 'letters' | 'dropped'> {
  const [day, site, reason, status] = field.split('|') as [string, string, DeadLetterReason, LetterStatus];
  return { day, site: site === '' ? undefined : decodeURIComponent(site), reason, status };
}

/** The writes of commit.lua that turn the entries `before` into `after`. */
function changesOf(before: LetterEntries, after: LetterEntries): WriteBatch {
  const gone: string[] = [];
  const stored: [string, string][] = [];
  const removed: string[] = [];
  const added: string[] = [];
  const counts = new Map<string, number>();
  const count = (entry: LetterEntry, by: 1 | -1) => {
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

/** The same, for letters that are not listed any more although Kafka has them: these are counted. */
function dropsOf(before: LetterEntries, after: LetterEntries): WriteBatch {
  const batch = changesOf(before, after);
  const dropped = new Map<string, number>();
  for (const entry of before.values()) {
    // Names of sites that do not exist could be endless.
    const field = countField({ ...entry, site: ownerOf(entry) || undefined });
    dropped.set(field, (dropped.get(field) ?? 0) + 1);
  }
  batch.increment(keys.lettersDropped, 0, dropped);
  return batch;
}

interface Range {
  least: string;
  most: string;
}

/** The ranges of the lists that hold the letters of a filter. Empty when no letter can match. */
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
