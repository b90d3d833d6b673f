import { type Dimension, ITEM_DIMENSIONS, MAX_VALUES, SESSION_DIMENSIONS } from '../event/dimensions.ts';
import type { DayDelta, Deltas, ErasureDelta, MinuteDelta, UserDelta } from '../fold/chunk-delta.ts';
import { EVENTS, INTERACTIONS, PRODUCT_COUNTS, SESSIONS } from '../fold/counter-names.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../fold/fold.ts';
import { timelineBlock } from '../fold/timeline.ts';
import { packUserState } from '../fold/user-state.ts';
import { getOrMake, increase, type Sums } from '../platform/counters.ts';
import { userDigest } from '../platform/redis/digest.ts';
import {
  ARRIVED,
  erasedField,
  joinField,
  positionFields,
  receiptField,
  SENT,
  SKIPPED,
} from '../platform/redis/fields.ts';
import type { ShardKeys } from '../platform/redis/keys.ts';
import { DAY_MS, type Day, HOUR_MS, type Month, monthStart } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import {
  CARTS_KEPT_MS,
  cohortExpiry,
  dayExpiry,
  expiry,
  LIVE_MS,
  REPLAYS_KEPT_MS,
  TRENDING_HOURS,
  timelineMonths,
} from './retention.ts';

/** By the types of commit.lua. */
export type Write = [
  type: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11,
  expireAt: number,
  ...sums: (string | number)[],
];

/** A chunk as keys and, at the same index, the write to each; the bytes of strings apart, in that order. */
export interface Encoded {
  names: string[];
  writes: Write[];
  strings: Buffer[];
}
/** A product's name that may not be stored yet. */
export interface NewName {
  /** What it is known by once it is. */
  known: string;
  site: Site;
  month: Month;
  product: string;
  name: string;
}
/**
 * What a chunk of a batch writes.
 * @param sent by partition: the position of the last record that the chunk sends there.
 */
export function writesOf(
  keys: ShardKeys,
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

  const outcomes = outcomeSums(chunk.ledger);
  if (chunk.skipped > 0) outcomes.set(SKIPPED, chunk.skipped);
  putSums(1, keys.ledger(partition), 0, outcomes);
  putSums(1, keys.derived(partition), 0, outcomeSums(chunk.derived));
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
  const replays = chunk.replays.flatMap((letter) => [chunk.timestamp, letter]);
  put(keys.replayed(partition), [6, 0, chunk.timestamp - REPLAYS_KEPT_MS, ...replays], 3);
  for (const { site, month, product, name } of newNames) {
    put(keys.names(partition, site.id, month), [8, dayExpiry(monthStart(month + 1), site), product, name], 2);
  }
  for (const { site, user, state, months, furtherAliases = [] } of chunk.users) {
    const userExpiry = dayExpiry(Math.floor(state.last / DAY_MS), site);
    putString(3, keys.user(partition, site.id, user), userExpiry, packUserState(state));
    if (state.furtherAliases > 0) {
      // Also without a new one: they are kept as long as the user is.
      const fields = furtherAliases.flatMap((alias) => [alias, '']);
      put(keys.furtherAliases(partition, site.id, user), [8, userExpiry, ...fields], 0);
    }
    for (const { month, isNew, entries } of months) {
      // All entries of a month expire together: the first ones set it.
      const expireAt = isNew ? dayExpiry(monthStart(month + 1), site) : 0;
      const block = Buffer.from(timelineBlock(entries));
      putString(4, keys.timeline(partition, site.id, month, user), expireAt, block);
    }
  }
  for (const erasure of chunk.erasures) {
    const { site, user, receipt, at, removes, sent, came } = erasure;
    const digest = userDigest(site.id, user);
    const expireAt = dayExpiry(Math.floor(at / DAY_MS), site);
    const name = keys.receipt(partition, site.id, receipt);
    if (removes) {
      for (const key of userKeys(keys, partition, erasure, removes.months)) put(key, [9, 0], 0);
      for (const list of listsOf(keys, partition, site.id)) put(list, [10, 0, user], 0);
      const tombstone = Buffer.from(JSON.stringify({ until: at, receipt }));
      putString(3, keys.tombstone(partition, site.id, digest), expireAt, tombstone);
      put(keys.head(partition), [8, 0, erasedField(site.id), '1'], 0);
      put(name, [11, expireAt, receiptField('keys', digest), receiptField('entries', digest)], 0);
    }
    put(
      name,
      [1, expireAt, ...(sent ? ['sent', String(sent)] : []), ...(came ? ['came', String(came)] : [])],
      2,
    );
    put(name, [8, expireAt, ...askedFields(erasure, digest)], 2);
  }
  return { names, writes, strings };
}

/** All keys of a user. @param months that the state names. */
function userKeys(
  keys: ShardKeys,
  partition: number,
  { site: { id }, user, at }: ErasureDelta,
  months: readonly Month[],
): string[] {
  const all = [...new Set([...months, ...timelineMonths(at)])];
  return [
    keys.user(partition, id, user),
    keys.furtherAliases(partition, id, user),
    ...all.map((month) => keys.timeline(partition, id, month, user)),
  ];
}

/** What users are members of. */
const listsOf = (keys: ShardKeys, partition: number, site: string) => [
  keys.live(partition, site),
  keys.carts(partition, site),
  keys.dueCarts(partition, site),
  keys.leftCarts(partition, site),
  keys.claims(partition, site),
];

/** What shards tell each other was not asked for, and has no part in how many ids are done. */
function askedFields({ of, at, timestamp }: ErasureDelta, digest: string): string[] {
  if (of === undefined) return [];
  return ['of', String(of), 'requested', String(at), receiptField('at', digest), String(timestamp)];
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
  if (SESSION_DIMENSIONS.includes(dimension as never)) return SESSIONS;
  return ITEM_DIMENSIONS.includes(dimension as never) ? INTERACTIONS : EVENTS;
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

function outcomeSums(ledger: Deltas['ledger']): Sums {
  const fields: Sums = new Map();
  for (const [site, counts] of ledger) {
    for (const [outcome, count] of Object.entries(counts)) {
      if (count > 0) fields.set(`${site}:${outcome}`, count);
    }
  }
  return fields;
}
