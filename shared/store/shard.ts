import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { Packr } from 'msgpackr';
import { PRODUCT_COUNTS } from '../aggregation/counters.ts';
import type { DayDelta, Deltas, MinuteDelta } from '../aggregation/deltas.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS, type States } from '../aggregation/fold.ts';
import { getOrMake, increase, type Sums } from '../aggregation/sums.ts';
import { timelineBlock } from '../aggregation/timeline.ts';
import { packUserState, unpackUserState } from '../aggregation/user-state.ts';
import type { UserRef } from '../events/decode.ts';
import type { Site } from '../sites.ts';
import { DAY_MS, type Day, monthStart } from '../time.ts';
import { joinField, lostField } from './fields.ts';
import { keys } from './keys.ts';

/** The script lies beside this module; in a bundle it keeps its path below the package's root. */
function readScript(name: string): string {
  const beside = join(import.meta.dirname, name);
  const bundled = join(import.meta.dirname, '../../shared/store', name);
  return readFileSync(existsSync(beside) ? beside : bundled, 'utf8');
}

const COMMIT = readScript('commit.lua');
const packr = new Packr({ useRecords: false });

/** How far a shard has come. */
export interface Head {
  /** Grows by one with each commit; 0 when there is no head. */
  version: number;
  /** The offset of the first record that is not applied yet. */
  next: number;
}

type Write = [type: 1 | 2 | 3 | 4, expireAt: number, ...sums: (string | number)[]];

/** A chunk as keys and, at the same index, the write to each; the bytes of strings apart, in that order. */
interface Encoded {
  names: string[];
  writes: Write[];
  strings: Buffer[];
}

interface CommitCommand {
  commitChunk(keyCount: number, ...args: (string | number | Buffer)[]): Promise<number>;
}

/** The write side of the store: one shard for each Kafka partition. */
export class ShardStore {
  readonly #redis: Redis & CommitCommand;

  constructor(redis: Redis) {
    redis.defineCommand('commitChunk', { lua: COMMIT });
    this.#redis = redis as Redis & CommitCommand;
  }

  /**
   * One round trip: the shard's head and the states of these users. The head is read first: a commit that
   * comes in between leaves it with an old version, and a commit based on it changes nothing.
   */
  async read(partition: number, users: Iterable<UserRef>): Promise<{ head: Head; states: States }> {
    const distinct = [...new Set(users)];
    const pipeline = this.#redis.pipeline().hmget(keys.head(partition), 'version', 'next');
    if (distinct.length > 0) {
      pipeline.mgetBuffer(distinct.map(({ site, user }) => keys.user(partition, site, user)));
    }
    const results = await pipeline.exec();
    const [head, packed = []] = (results ?? []).map(([error, value]) => {
      if (error) throw error;
      return value;
    }) as [[string | null, string | null], (Buffer | null)[]?];
    const states: States = new Map();
    distinct.forEach(({ key }, i) => {
      const bytes = packed[i];
      if (bytes) states.set(key, unpackUserState(bytes));
    });
    return { head: { version: Number(head[0] ?? 0), next: Number(head[1] ?? 0) }, states };
  }

  /**
   * Encodes a chunk, so that the next one may be folded, and gives the function that commits it if the head is
   * still this one: true when it did, false when somebody else committed and nothing was changed.
   */
  prepare(partition: number, head: Head, chunk: Deltas): () => Promise<boolean> {
    const { nextOffset, timestamp } = chunk;
    const encoded = { nextOffset, timestamp, ...writesOf(partition, chunk) };
    return () => this.#commit(partition, head, encoded);
  }

  /**
   * Moves the head to an offset without applying anything: there are no records in between, or they are lost,
   * which the ledger then says for ever. False: somebody else committed, and nothing was changed.
   */
  async skip(partition: number, head: Head, to: number, { lost }: { lost: boolean }): Promise<boolean> {
    const writes: Write[] = lost ? [[1, 0, lostField(head.next, to), to - head.next]] : [];
    const names = lost ? [keys.ledger(partition)] : [];
    return this.#commit(partition, head, {
      nextOffset: to,
      timestamp: Date.now(),
      names,
      writes,
      strings: [],
    });
  }

  async #commit(
    partition: number,
    head: Head,
    { nextOffset, timestamp, names, writes, strings }: Encoded & Pick<Deltas, 'nextOffset' | 'timestamp'>,
  ): Promise<boolean> {
    // One value for all strings: each argument of a command costs about as much as a small write.
    const lengths = strings.map((bytes) => bytes.length);
    const committed = await this.#redis.commitChunk(
      names.length + 1,
      keys.head(partition),
      ...names,
      head.version,
      head.next,
      nextOffset,
      timestamp,
      packr.pack([writes, lengths]) as Buffer,
      Buffer.concat(strings),
    );
    return committed === 1;
  }
}

function writesOf(partition: number, chunk: Deltas): Encoded {
  const names: string[] = [];
  const writes: Write[] = [];
  const strings: Buffer[] = [];
  const putSums = (type: 1 | 2, name: string, expireAt: number, sums: Sums | undefined) => {
    if (!sums || sums.size === 0) return;
    const write: Write = [type, expireAt];
    // Amounts as text: Redis would format each Lua number with printf, which costs more than the write.
    for (const [field, amount] of sums) {
      if (type === 1) write.push(field, String(amount));
      else write.push(String(amount), field);
    }
    names.push(name);
    writes.push(write);
  };
  const putString = (type: 3 | 4, name: string, expireAt: number, bytes: Buffer) => {
    names.push(name);
    writes.push([type, expireAt]);
    strings.push(bytes);
  };

  putSums(1, keys.ledger(partition), 0, ledgerSums(chunk));
  for (const [site, days] of chunk.days) {
    const { events, hours, minutes } = sumGrains(chunk.minutes.get(site) ?? []);
    putSums(1, keys.days(partition, site.id), 0, events);
    for (const [day, delta] of days) {
      const kept = dayExpiry(day, site);
      putSums(1, keys.day(partition, site.id, day), kept, delta.counters);
      putSums(1, keys.hours(partition, site.id, day), expiry(day, HOURS_KEPT_MS), hours.get(day));
      putSums(1, keys.minutes(partition, site.id, day), expiry(day, MINUTES_KEPT_MS), minutes.get(day));
      for (const [metric, sums] of productSums(delta)) {
        putSums(2, keys.products(partition, site.id, day, metric), kept, sums);
      }
      for (const [dimension, values] of delta.breakdowns) {
        putSums(1, keys.breakdown(partition, site.id, day, dimension), kept, breakdownSums(values));
      }
    }
  }
  for (const { site, user, state, months } of chunk.users) {
    const lastDay = Math.floor(state.last / DAY_MS);
    putString(3, keys.user(partition, site.id, user), dayExpiry(lastDay, site), packUserState(state));
    for (const { month, isNew, entries } of months) {
      // All entries of a month expire together: the first ones set it.
      const expireAt = isNew ? dayExpiry(monthStart(month + 1), site) : 0;
      const block = Buffer.from(timelineBlock(entries));
      putString(4, keys.timeline(partition, site.id, month, user), expireAt, block);
    }
  }
  return { names, writes, strings };
}

/** Adds the minutes to their days; gives each day's events, and its sums by hour and by minute. */
function sumGrains(all: readonly MinuteDelta[]) {
  const events: Sums = new Map();
  const hours = new Map<Day, Sums>();
  const minutes = new Map<Day, Sums>();
  for (const { start, hourStart, day, keptAs, events: count, counters, dayDelta } of all) {
    increase(events, String(day), count);
    for (const [counter, amount] of counters) increase(dayDelta.counters, counter, amount);
    if (keptAs === 'day') continue;
    addPrefixed(
      getOrMake(hours, day, () => new Map()),
      hourStart,
      counters,
    );
    if (keptAs === 'minute')
      addPrefixed(
        getOrMake(minutes, day, () => new Map()),
        start,
        counters,
      );
  }
  return { events, hours, minutes };
}

function addPrefixed(to: Sums, start: number, counters: Sums): void {
  for (const [counter, amount] of counters) increase(to, joinField(start / 1000, counter), amount);
}

/** A day's products by metric, as they are ranked. */
function productSums({ products }: DayDelta): Map<string, Sums> {
  const byMetric = new Map<string, Sums>();
  for (const [id, product] of products) {
    for (const metric of PRODUCT_COUNTS) {
      if (product[metric] !== 0) getOrMake(byMetric, metric, () => new Map()).set(id, product[metric]);
    }
    for (const [metric, amount] of product.money ?? []) {
      getOrMake(byMetric, metric, () => new Map()).set(id, amount);
    }
  }
  return byMetric;
}

function breakdownSums(values: Map<string, Sums>): Sums {
  const fields: Sums = new Map();
  for (const [value, sums] of values) {
    for (const [counter, amount] of sums) fields.set(joinField(counter, value), amount);
  }
  return fields;
}

function ledgerSums({ ledger }: Deltas): Sums {
  const fields: Sums = new Map();
  for (const [site, counts] of ledger) {
    for (const [outcome, count] of Object.entries(counts)) {
      if (count > 0) fields.set(`${site}:${outcome}`, count);
    }
  }
  return fields;
}

/**
 * Seconds since the epoch: the end of a day (in any zone) and so long after it. What ended before 1970 ends in
 * its first second: SET takes no other times, and an error inside the script would leave it half done.
 */
const expiry = (day: Day, keptMs: number) => Math.max(1, ((day + 2) * DAY_MS + keptMs) / 1000);

const dayExpiry = (day: Day, site: Site) => expiry(day, site.retention_days * DAY_MS);
