import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { Packr } from 'msgpackr';
import { PERIODS_KEPT } from '../aggregation/cohorts.ts';
import { EVENTS, INTERACTIONS, PRODUCT_COUNTS, SESSIONS } from '../aggregation/counters.ts';
import type { DayDelta, Deltas, MinuteDelta, UserDelta } from '../aggregation/deltas.ts';
import { type Dimension, EVENT_DIMENSIONS, ITEM_DIMENSIONS, MAX_VALUES } from '../aggregation/dimensions.ts';
import { type Funnels, HOURS_KEPT_MS, MINUTES_KEPT_MS, type States } from '../aggregation/fold.ts';
import type { FunnelDefinition } from '../aggregation/funnel-definition.ts';
import { type Arrivals, type Forwarded, positionOf } from '../aggregation/identity.ts';
import { getOrMake, increase, type Sums } from '../aggregation/sums.ts';
import { timelineBlock } from '../aggregation/timeline.ts';
import { packUserState, unpackUserState } from '../aggregation/user-state.ts';
import type { UserRef } from '../events/decode.ts';
import { eventKey } from '../events/event.ts';
import { partitionOf } from '../events/partition.ts';
import type { Site } from '../sites.ts';
import { DAY_MS, type Day, HOUR_MS, MINUTE_MS, type Month, monthStart } from '../time.ts';
import { ARRIVED, joinField, lostField, positionFields, positionsOf, SENT, SKIPPED } from './fields.ts';
import { keys } from './keys.ts';
import { readScript } from './script.ts';

const COMMIT = readScript('commit.lua');
const packr = new Packr({ useRecords: false });

/** How far a shard has come. */
export interface Head {
  /** Grows by one with each commit; 0 when there is no head. */
  version: number;
  /** The offset of the first record that is not applied yet. */
  next: number;
}

type Write = [type: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8, expireAt: number, ...sums: (string | number)[]];

/** What a batch is folded with. */
export interface Snapshot {
  head: Head;
  states: States;
  funnels: Funnels;
  arrivals: Arrivals;
}

/** Live users are those of the last half hour. */
export const LIVE_MS = 30 * MINUTE_MS;
/** Trending products are of the last hours. */
export const TRENDING_HOURS = 48;
/** A cart that nobody touched for so long is no longer waited for. */
export const CARTS_KEPT_MS = 30 * DAY_MS;

/** Product names that are known to be stored, so that each is sent once in a while and not with each event. */
const MAX_NAMES = 50_000;
const NAMES_KNOWN_MS = HOUR_MS;

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
  readonly #partitions: number;
  readonly #names = new LRUCache<string, string>({ max: MAX_NAMES, ttl: NAMES_KNOWN_MS });
  /** Of each partition the last version that was read or made. */
  readonly #versions = new Map<number, number>();

  /** @param partitions of the events topic. */
  constructor(redis: Redis, partitions: number) {
    redis.defineCommand('commitChunk', { lua: COMMIT });
    this.#redis = redis as Redis & CommitCommand;
    this.#partitions = partitions;
  }

  /**
   * One round trip: the shard's head, its sites' funnels, and the states of these users. The head is read first:
   * a commit that comes in between leaves it with an old version, and a commit based on it changes nothing.
   */
  async read(partition: number, users: Iterable<UserRef>): Promise<Snapshot> {
    const distinct = [...new Set(users)];
    const pipeline = this.#redis.pipeline().hgetall(keys.head(partition)).hgetall(keys.funnels(partition));
    if (distinct.length > 0) {
      pipeline.mgetBuffer(distinct.map(({ site, user }) => keys.user(partition, site, user)));
    }
    const results = await pipeline.exec();
    const [head, definitions, packed = []] = (results ?? []).map(([error, value]) => {
      if (error) throw error;
      return value;
    }) as [Record<string, string>, Record<string, string>, (Buffer | null)[]?];
    const states: States = new Map();
    distinct.forEach(({ key }, i) => {
      const bytes = packed[i];
      if (bytes) states.set(key, unpackUserState(bytes));
    });
    const version = Number(head.version ?? 0);
    // Redis has lost what it had: names that were stored are stored no more.
    if (version < (this.#versions.get(partition) ?? 0)) this.#names.clear();
    this.#versions.set(partition, version);
    return {
      head: { version, next: Number(head.next ?? 0) },
      states,
      funnels: funnelsOf(definitions),
      arrivals: positionsOf(head, ARRIVED),
    };
  }

  /**
   * Encodes a chunk, so that the next one may be folded, and gives the function that commits it if the head is
   * still this one: true when it did, false when somebody else committed and nothing was changed.
   */
  prepare(partition: number, head: Head, chunk: Deltas): () => Promise<boolean> {
    const { nextOffset, timestamp } = chunk;
    const names = this.#newNames(partition, chunk);
    const sent = sentTo(chunk.forwards, this.#partitions);
    const encoded = { nextOffset, timestamp, ...writesOf(partition, chunk, names, sent) };
    return async () => {
      const committed = await this.#commit(partition, head, encoded);
      if (committed) for (const { known, name } of names) this.#names.set(known, name);
      return committed;
    };
  }

  #newNames(partition: number, chunk: Deltas): NewName[] {
    const names: NewName[] = [];
    for (const [site, { names: months }] of chunk.sites) {
      for (const [month, products] of months) {
        for (const [product, name] of products) {
          const known = `${partition}|${site.id}|${month}|${product}`;
          if (this.#names.get(known) !== name) names.push({ known, site, month, product, name });
        }
      }
    }
    return names;
  }

  /**
   * Moves the head to an offset without applying anything: there are no records in between, or they are lost,
   * which the ledger then says for ever. False: somebody else committed, and nothing was changed.
   */
  async skip(partition: number, head: Head, to: number, { lost }: { lost: boolean }): Promise<boolean> {
    return this.#commit(partition, head, {
      nextOffset: to,
      timestamp: Date.now(),
      names: [keys.ledger(partition)],
      writes: [[1, 0, lost ? lostField(head.next, to) : SKIPPED, to - head.next]],
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
    if (committed === 1) this.#versions.set(partition, head.version + 1);
    return committed === 1;
  }
}

/** A product's name that may not be stored yet. */
interface NewName {
  /** What it is known by once it is. */
  known: string;
  site: Site;
  month: Month;
  product: string;
  name: string;
}

/** By partition: the position of the last of some records that goes there. */
function sentTo(forwards: readonly Forwarded[], partitions: number): Map<number, number> {
  const sent = new Map<number, number>();
  for (const forward of forwards)
    sent.set(partitionOf(eventKey(forward), partitions), positionOf(forward.origin));
  return sent;
}

/** Definitions by `site:funnel`; a site's id holds no colon. */
function funnelsOf(definitions: Record<string, string>): Funnels {
  const funnels = new Map<string, FunnelDefinition[]>();
  for (const [field, json] of Object.entries(definitions)) {
    const site = field.slice(0, field.indexOf(':'));
    getOrMake(funnels, site, () => []).push(JSON.parse(json) as FunnelDefinition);
  }
  return funnels;
}

/** @param sent see {@link sentTo}. */
function writesOf(
  partition: number,
  chunk: Deltas,
  newNames: readonly NewName[],
  sent: ReadonlyMap<number, number>,
): Encoded {
  const names: string[] = [];
  const writes: Write[] = [];
  const strings: Buffer[] = [];
  const putSums = (
    type: 1 | 2,
    name: string,
    expireAt: number,
    sums: ReadonlyMap<string | number, number> | undefined,
  ) => {
    if (!sums || sums.size === 0) return;
    const write: Write = [type, expireAt];
    // Amounts as text: Redis would format each Lua number with printf, which costs more than the write.
    for (const [field, amount] of sums) {
      if (amount === 0) continue;
      if (type === 1) write.push(String(field), String(amount));
      else write.push(String(amount), String(field));
    }
    put(name, write, 2);
  };
  /** Leaves out a write that has nothing after its first values. */
  const put = (name: string, write: Write, bare: number) => {
    if (write.length === bare) return;
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
    put(keys.touched(partition, site.id), touchedWrite(days, chunk.nextOffset), 2);
    for (const [day, delta] of days) {
      const kept = dayExpiry(day, site);
      putSums(1, keys.day(partition, site.id, day), kept, delta.counters);
      putSums(1, keys.hours(partition, site.id, day), expiry(day, HOURS_KEPT_MS), hours.get(day));
      putSums(1, keys.minutes(partition, site.id, day), expiry(day, MINUTES_KEPT_MS), minutes.get(day));
      for (const [metric, sums] of productSums(delta)) {
        putSums(2, keys.products(partition, site.id, day, metric), kept, sums);
      }
      for (const [dimension, values] of delta.breakdowns) {
        put(keys.breakdown(partition, site.id, day, dimension), valuesWrite(dimension, values, kept), 4);
      }
      putSums(1, keys.gaps(partition, site.id, day), kept, delta.gaps);
      for (const [funnel, sums] of delta.funnels) {
        putSums(1, keys.funnel(partition, site.id, funnel, day), kept, sums);
      }
    }
  }
  for (const [site, delta] of chunk.sites) {
    for (const [period, cohorts] of delta.cohorts) {
      for (const [start, users] of cohorts) {
        putSums(1, keys.cohort(partition, site.id, period, start), cohortExpiry(start, site), users);
      }
    }
    for (const [start, metrics] of delta.trending) {
      const kept = (start + (TRENDING_HOURS + 2) * HOUR_MS) / 1_000;
      for (const [metric, sums] of metrics) {
        putSums(2, keys.productHour(partition, site.id, start, metric), kept, sums);
      }
    }
    const users = chunk.users.filter((one) => one.site === site);
    put(keys.live(partition, site.id), liveWrite(users, delta.received), 3);
    put(keys.live(partition, site.id), leftSiteWrite(users), 2);
    const carts = cartsWrite(users, delta.received);
    put(keys.carts(partition, site.id), carts, 2);
    put(keys.dueCarts(partition, site.id), carts, 2);
    put(keys.leftCarts(partition, site.id), leftWrite(users), 2);
  }
  const positions = [...positionFields(ARRIVED, chunk.arrivals), ...positionFields(SENT, sent)];
  put(keys.head(partition), [8, 0, ...positions], 2);
  for (const { site, month, product, name } of newNames) {
    put(keys.names(partition, site.id, month), [8, dayExpiry(monthStart(month + 1), site), product, name], 2);
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

function valuesWrite(dimension: Dimension, values: Map<string, Sums>, expireAt: number): Write {
  const write: Write = [5, expireAt, MAX_VALUES, markerOf(dimension)];
  for (const [value, sums] of values) {
    const pairs = [...sums].filter(([, amount]) => amount !== 0);
    if (pairs.length === 0) continue;
    write.push(value, pairs.length);
    for (const [counter, amount] of pairs) write.push(counter, String(amount));
  }
  return write;
}

/** What every value of a dimension has. */
function markerOf(dimension: Dimension): string {
  if (EVENT_DIMENSIONS.includes(dimension as never)) return EVENTS;
  return ITEM_DIMENSIONS.includes(dimension as never) ? INTERACTIONS : SESSIONS;
}

/**
 * Each day that has changed, for caches to see, with the offset of the change: unlike a count of changes it is the
 * same again when Redis has lost its memory and is filled anew.
 */
function touchedWrite(days: ReadonlyMap<Day, DayDelta>, offset: number): Write {
  const touched = [...days].filter(([, delta]) => isChanged(delta));
  return [8, 0, ...touched.flatMap(([day]) => [String(day), String(offset)])];
}

/** What was taken back and added again is no change. */
function isChanged({ counters, products, breakdowns, gaps, funnels }: DayDelta): boolean {
  const isSome = (sums: ReadonlyMap<unknown, number>) => sums.values().some((amount) => amount !== 0);
  return (
    products.size > 0 ||
    isSome(counters) ||
    isSome(gaps) ||
    funnels.values().some(isSome) ||
    breakdowns.values().some((values) => values.values().some(isSome))
  );
}

/** @param received of the newest event, ms: older users than LIVE_MS before it are not live. */
function liveWrite(users: readonly UserDelta[], received: number): Write {
  const least = received - LIVE_MS;
  const write: Write = [6, Math.ceil((received + LIVE_MS) / 1_000), least];
  for (const { user, state } of users) {
    if (state.last >= least && state.alias === undefined) write.push(state.last, user);
  }
  return write;
}

/** Visitors who are known as another user. */
function leftSiteWrite(users: readonly UserDelta[]): Write {
  const write: Write = [7, 0];
  for (const { user, hasLeft } of users) if (hasLeft) write.push('', user);
  return write;
}

/** @param received of the newest event, ms: carts that were left long before are not waited for. */
function cartsWrite(users: readonly UserDelta[], received: number): Write {
  const write: Write = [7, 0];
  for (const { user, cart } of users) {
    if (!cart) continue;
    const isWaitedFor = cart.filled !== undefined && cart.filled >= received - CARTS_KEPT_MS;
    write.push(isWaitedFor ? cart.filled! : '', user);
  }
  return write;
}

/** Carts that were bought or emptied: the next one may be signalled again. */
function leftWrite(users: readonly UserDelta[]): Write {
  const write: Write = [7, 0];
  for (const { user, cart } of users) if (cart?.isNew) write.push('', user);
  return write;
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

/** When the numbers of a day are gone, in seconds since the epoch. */
export const dayExpiry = (day: Day, site: Site) => expiry(day, site.retention_days * DAY_MS);

/** A cohort is followed for years after it began, and then kept like any other number of those years' days. */
const cohortExpiry = (start: Day, site: Site) => dayExpiry(start + 31 * (PERIODS_KEPT.month + 1), site);
