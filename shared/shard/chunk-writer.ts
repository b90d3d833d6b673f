import {
  isBotDimension,
  isEventDimension,
  isItemDimension,
  MAX_VALUES,
  type StoredDimension,
} from '../event/dimensions.ts';
import type {
  ChunkDelta,
  DayDelta,
  ErasureDelta,
  MinuteDelta,
  OrderDelta,
  SiteDelta,
  UserDelta,
} from '../fold/chunk-delta.ts';
import {
  EVENTS,
  INTERACTIONS,
  ORDERS,
  PRODUCT_COUNTS,
  SESSIONS,
  VIEWED,
  type Viewed,
} from '../fold/counter-names.ts';
import { beginningOf, MAX_NEWEST } from '../fold/newest-interactions.ts';
import { packOrder } from '../fold/order-state.ts';
import { FOUND, MAX_FINDINGS_A_DAY } from '../fold/quality.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../fold/resolution.ts';
import { timelineBlock } from '../fold/timeline.ts';
import { packUserState } from '../fold/user-state.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { userDigest } from '../platform/redis/digest.ts';
import {
  ARRIVED,
  changesField,
  erasedField,
  joinField,
  KEPT_BYTES,
  KEPT_EVENTS,
  positionFields,
  receiptField,
  SENT,
  SKIPPED,
} from '../platform/redis/fields.ts';
import type { ShardKeys } from '../platform/redis/keys.ts';
import { DAY_MS, type Day, HOUR_MS, localDay, MINUTE_MS, type Month, monthStart } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import { entriesOf, entryText } from './changes.ts';
import { orderKey } from './order-key.ts';
import {
  CARTS_KEPT_MS,
  cohortExpiry,
  dayExpiry,
  expiry,
  LIVE_MS,
  REPLAYS_KEPT_MS,
  TRENDING_HOURS,
  timelineMonths,
  VIEWED_MS,
  viewedUntil,
} from './retention.ts';
import type { WriteBatch } from './write-batch.ts';

/** The counter that every viewed value has. It stays at 0. */
const VIEWED_MARKER = '';

/** A product's name that may not be stored yet. */
export interface NewName {
  /** The key under which the writer remembers that the name is stored. */
  known: string;
  site: Site;
  month: Month;
  product: string;
  name: string;
}

/**
 * Adds all that one chunk writes to a batch.
 * @example new ChunkWriter(batch, keys, 3, delta).write({ newNames: [], sent: new Map() });
 */
export class ChunkWriter {
  readonly #batch: WriteBatch;
  readonly #keys: ShardKeys;
  readonly #partition: number;
  readonly #chunk: ChunkDelta;

  constructor(batch: WriteBatch, keys: ShardKeys, partition: number, chunk: ChunkDelta) {
    this.#batch = batch;
    this.#keys = keys;
    this.#partition = partition;
    this.#chunk = chunk;
  }

  /** @param extras.sent by partition: the position of the last record that the chunk sends there */
  write({ newNames, sent }: { newNames: readonly NewName[]; sent: ReadonlyMap<number, number> }): void {
    this.#writeLedger();
    for (const [site, days] of this.#chunk.days) this.#writeDays(site, days);
    for (const [site, delta] of this.#chunk.sites) this.#writeSite(site, delta);
    this.#writePositions(sent);
    this.#writeNames(newNames);
    for (const { site, day, events, bytes } of this.#chunk.kept.values()) {
      const amounts = new Map([
        [KEPT_EVENTS, events],
        [KEPT_BYTES, bytes],
      ]);
      this.#batch.increment(this.#keys.kept(this.#partition, site.id, day), dayExpiry(day, site), amounts);
    }
    for (const user of this.#chunk.users) this.#writeUser(user);
    for (const order of this.#chunk.orders) this.#writeOrder(order);
    this.#writeOrderLists();
    for (const erasure of this.#chunk.erasures) this.#writeErasure(erasure);
  }

  #writeLedger(): void {
    const { ledger, derived, skipped } = this.#chunk;
    const outcomes = outcomeCounters(ledger);
    if (skipped > 0) outcomes.set(SKIPPED, skipped);
    this.#batch.increment(this.#keys.ledger(this.#partition), 0, outcomes);
    this.#batch.increment(this.#keys.derived(this.#partition), 0, outcomeCounters(derived));
  }

  #writeDays(site: Site, days: ReadonlyMap<Day, DayDelta>): void {
    const [batch, keys, partition] = [this.#batch, this.#keys, this.#partition];
    const { events, hours, minutes } = sumMinutes(this.#chunk.minutes.get(site) ?? []);
    batch.increment(keys.days(partition, site.id), 0, events);
    // Each day that has changed, so that caches and the packer notice, with the offset of the change. A count of changes
    // would not do: when Redis has lost its data and is filled again, the offset is the same as before.
    const offset = String(this.#chunk.nextOffset);
    const changed: Day[] = [];
    for (const [day, delta] of days) {
      const expireAt = dayExpiry(day, site);
      // An amount that was taken back and added again writes nothing.
      const written = [
        batch.increment(keys.day(partition, site.id, day), expireAt, delta.counters),
        batch.increment(keys.hours(partition, site.id, day), expiry(day, HOURS_KEPT_MS), hours.get(day)),
        batch.increment(
          keys.minutes(partition, site.id, day),
          expiry(day, MINUTES_KEPT_MS),
          minutes.get(day),
        ),
        batch.increment(keys.gaps(partition, site.id, day), expireAt, delta.gaps),
        batch.increment(keys.secondOrders(partition, site.id, day), expireAt, delta.secondOrders),
        batch.increment(keys.cartDay(partition, site.id, day), expireAt, delta.carts),
      ];
      for (const [metric, amounts] of productRanks(delta)) {
        written.push(batch.rank(keys.products(partition, site.id, day, metric), expireAt, amounts));
      }
      for (const [dimension, values] of delta.breakdowns) {
        written.push(
          batch.incrementValues(keys.breakdown(partition, site.id, day, dimension), expireAt, values, {
            limit: MAX_VALUES,
            marker: markerOf(dimension),
            packed: { key: keys.packed(partition, site.id, day), dimension },
          }),
        );
      }
      for (const [funnel, amounts] of delta.funnels) {
        written.push(batch.increment(keys.funnel(partition, site.id, funnel, day), expireAt, amounts));
      }
      if (written.includes(true)) changed.push(day);
      const { quality } = delta;
      if (!quality) continue;
      const key = keys.quality(partition, site.id, day);
      batch.increment(key, expireAt, quality.totals);
      batch.incrementValues(key, expireAt, quality.findings, { limit: MAX_FINDINGS_A_DAY, marker: FOUND });
      batch.setFields(keys.qualitySamples(partition, site.id, day), expireAt, quality.samples);
    }
    batch.setFields(
      keys.touched(partition, site.id),
      0,
      changed.map((day) => [String(day), offset]),
    );
    batch.noteChanges(
      keys.head(partition),
      changesField(site.id),
      entryText(this.#chunk.nextOffset),
      entriesOf(changed),
    );
  }

  #writeSite(site: Site, delta: SiteDelta): void {
    const [batch, keys, partition] = [this.#batch, this.#keys, this.#partition];
    for (const [period, cohorts] of delta.cohorts) {
      for (const [start, users] of cohorts) {
        batch.increment(keys.cohort(partition, site.id, period, start), cohortExpiry(start, site), users);
      }
    }
    for (const [period, cohorts] of delta.buyers) {
      for (const [start, sums] of cohorts) {
        batch.increment(keys.buyers(partition, site.id, period, start), cohortExpiry(start, site), sums);
      }
    }
    for (const [start, metrics] of delta.trending) {
      const expireAt = (start + (TRENDING_HOURS + 2) * HOUR_MS) / 1_000;
      for (const [metric, amounts] of metrics) {
        batch.rank(keys.productHour(partition, site.id, start, metric), expireAt, amounts);
      }
    }
    const users = this.#chunk.users.filter((one) => one.site === site);
    this.#writeLive(site, users, delta.received);
    this.#writeCarts(site, users, delta.received);
    this.#writeCheckouts(site, users, delta.received);
    this.#writeNewest(site, delta);
    this.#writeViewed(site);
  }

  /** @param received of the newest event, ms */
  #writeCheckouts(site: Site, users: readonly UserDelta[], received: number): void {
    const key = this.#keys.checkouts(this.#partition, site.id);
    const latest = this.#latest(received);
    const least = latest - LIVE_MS;
    const open: [string, number][] = [];
    const ended: [string, undefined][] = [];
    for (const { user, checkout } of users) {
      if (!checkout) continue;
      if (checkout.begun !== undefined && checkout.begun >= least) open.push([user, checkout.begun]);
      else ended.push([user, undefined]);
    }
    this.#batch.raiseScores(key, liveExpiry(latest), least, open);
    this.#batch.setScores(key, ended);
  }

  /** Leaves out what happened half an hour or more before the newest event: late events push none out. */
  #writeNewest(site: Site, { newest, received }: SiteDelta): void {
    const latest = this.#latest(received);
    // A refill or a rebuild reads events that have expired.
    if (latest + LIVE_MS < Date.now()) return;
    const least = latest - LIVE_MS;
    const members = newest.members().filter(([, ts]) => ts >= least);
    const key = this.#keys.newest(this.#partition, site.id);
    this.#batch.keepLatest(key, liveExpiry(latest), { least, limit: MAX_NEWEST }, members);
  }

  /** Views of the last half hour, by page and by product. */
  #writeViewed(site: Site): void {
    const now = Date.now();
    const halfHours = new Map<number, Record<Viewed, Map<string, Counters>>>();
    for (const { start, viewed } of this.#chunk.minutes.get(site) ?? []) {
      const halfHour = start - (start % VIEWED_MS);
      // An import, a refill or a rebuild reads events that nothing asks for.
      if (!viewed || viewedUntil(halfHour) < now) continue;
      const minute = String((start - halfHour) / MINUTE_MS);
      const values = getOrMake(halfHours, halfHour, () => ({ page: new Map(), product: new Map() }));
      for (const what of VIEWED) {
        for (const [value, views] of viewed[what]) {
          increase(
            getOrMake(values[what], value, () => new Map()),
            minute,
            views,
          );
        }
      }
    }
    for (const [start, values] of halfHours) {
      for (const what of VIEWED) {
        const key = this.#keys.viewed(this.#partition, site.id, start, what);
        const expireAt = viewedUntil(start) / 1_000;
        this.#batch.incrementValues(key, expireAt, values[what], {
          limit: MAX_VALUES,
          marker: VIEWED_MARKER,
        });
      }
    }
  }

  /** A replay has its original time of receipt, ms: by that alone, lists of the present would end at once. */
  #latest(received: number): number {
    return Math.max(received, this.#chunk.timestamp);
  }

  /** @param received of the newest event, ms: users whose last event is LIVE_MS older are not live. */
  #writeLive(site: Site, users: readonly UserDelta[], received: number): void {
    const live = this.#keys.live(this.#partition, site.id);
    const least = received - LIVE_MS;
    // Without a first event it is a visitor who is known as another user now, or events that belong to no person.
    const seen = users.filter(({ state }) => state.last >= least && state.first !== Infinity);
    this.#batch.raiseScores(
      live,
      liveExpiry(this.#latest(received)),
      least,
      seen.map(({ user, state }) => [user, state.last]),
    );
    // Visitors who are known as another user now.
    const detached = users.filter(({ isDetached }) => isDetached);
    this.#batch.setScores(
      live,
      detached.map(({ user }) => [user, undefined]),
    );
  }

  /** @param received of the newest event, ms: nothing waits for carts that were left long before it. */
  #writeCarts(site: Site, users: readonly UserDelta[], received: number): void {
    const [batch, keys, partition] = [this.#batch, this.#keys, this.#partition];
    const least = received - CARTS_KEPT_MS;
    const values = new Map<Day, [string, string][]>();
    const carts = users.flatMap(({ user, cart }) => {
      if (!cart) return [];
      const isWaitedFor = cart.filled !== undefined && cart.filled >= least;
      const value = isWaitedFor ? packValue(cart.value) : '';
      const { day, dayBefore } = cart;
      if (dayBefore !== undefined && (dayBefore !== day || value === '')) {
        batch.removeMembers(keys.cartValues(partition, site.id, dayBefore), [user]);
      }
      if (value !== '') getOrMake(values, day!, () => []).push([user, value]);
      return [[user, isWaitedFor ? cart.filled : undefined] as [string, number | undefined]];
    });
    for (const [day, fields] of values) {
      const expireAt = Math.min(expiry(day, CARTS_KEPT_MS), dayExpiry(day, site));
      batch.setFields(keys.cartValues(partition, site.id, day), expireAt, fields);
    }
    batch.setScores(keys.carts(partition, site.id), carts);
    batch.setScores(keys.dueCarts(partition, site.id), carts);
    // Carts that were bought or emptied: the next one may be signalled again.
    const ended = users.filter(({ cart }) => cart?.isNew);
    batch.setScores(
      keys.leftCarts(partition, site.id),
      ended.map(({ user }) => [user, undefined]),
    );
  }

  /** What has come from other shards and was sent to them, and which dead letters were replayed. */
  #writePositions(sent: ReadonlyMap<number, number>): void {
    const { arrivals, replays, timestamp } = this.#chunk;
    const positions = [...positionFields(ARRIVED, arrivals), ...positionFields(SENT, sent)];
    this.#batch.setFields(this.#keys.head(this.#partition), 0, positions);
    this.#batch.raiseScores(
      this.#keys.replayed(this.#partition),
      0,
      timestamp - REPLAYS_KEPT_MS,
      replays.map((letter) => [letter, timestamp]),
    );
  }

  #writeNames(newNames: readonly NewName[]): void {
    const keyOf = ({ site, month }: NewName) => this.#keys.names(this.#partition, site.id, month);
    for (const [key, names] of Map.groupBy(newNames, keyOf)) {
      const { site, month } = names[0]!;
      const fields = names.map(({ product, name }) => [product, name] as const);
      this.#batch.setFields(key, dayExpiry(monthStart(month + 1), site), fields);
    }
  }

  #writeUser({ site, user, state, months, furtherAliases = [] }: UserDelta): void {
    const [batch, keys, partition] = [this.#batch, this.#keys, this.#partition];
    const expireAt = dayExpiry(Math.floor(state.last / DAY_MS), site);
    batch.set(keys.user(partition, site.id, user), expireAt, packUserState(state));
    if (state.furtherAliases > 0) {
      // They are kept as long as the user is, so they are renewed without a new one too.
      const key = keys.furtherAliases(partition, site.id, user);
      if (furtherAliases.length === 0) batch.expire(key, expireAt);
      batch.setFields(
        key,
        expireAt,
        furtherAliases.map((alias) => [alias, '']),
      );
    }
    for (const { month, entries } of months) {
      // Set with each append: the user's state names months whose key has expired since, and this creates it again.
      const monthExpireAt = dayExpiry(monthStart(month + 1), site);
      const block = Buffer.from(timelineBlock(entries));
      batch.append(keys.timeline(partition, site.id, month, user), monthExpireAt, block);
    }
  }

  /** An order is remembered as long as the site keeps the day of its latest event. */
  #writeOrder({ site, key, state }: OrderDelta): void {
    const expireAt = dayExpiry(Math.floor(state.last / DAY_MS), site);
    this.#batch.set(orderKey(this.#keys, this.#partition, site.id, key), expireAt, packOrder(state));
  }

  /** Each day's orders. An order moves when an earlier copy comes. */
  #writeOrderLists(): void {
    const lists = new Map<Site, Map<Day, [string, number | undefined][]>>();
    const set = (site: Site, key: string, ts: number, score: number | undefined) => {
      const days = getOrMake(lists, site, () => new Map<Day, [string, number | undefined][]>());
      getOrMake(days, localDay(ts, site.zone), () => []).push([key, score]);
    };
    for (const { site, key, before, state } of this.#chunk.orders) {
      const { first } = state;
      if (first === before || first === undefined) continue;
      // On another day it has to go; on the same the later write is the last.
      if (before) set(site, key, before.ts, undefined);
      set(site, key, first.ts, first.ts);
    }
    for (const [site, days] of lists) {
      for (const [day, scores] of days) {
        this.#batch.setScores(this.#keys.orders(this.#partition, site.id, day), scores, dayExpiry(day, site));
      }
    }
  }

  #writeErasure(erasure: ErasureDelta): void {
    const [batch, keys, partition] = [this.#batch, this.#keys, this.#partition];
    const { site, user, receipt, at, removes, sent, came, of, timestamp } = erasure;
    const digest = userDigest(site.id, user);
    const expireAt = dayExpiry(Math.floor(at / DAY_MS), site);
    const receiptKey = keys.receipt(partition, site.id, receipt);
    if (removes) {
      for (const key of userKeys(keys, partition, erasure, removes.months)) batch.remove(key);
      for (const list of userLists(keys, partition, site.id)) batch.removeMembers(list, [user]);
      if (removes.cartDay !== undefined) {
        batch.removeMembers(keys.cartValues(partition, site.id, removes.cartDay), [user]);
      }
      batch.removeBeginning(keys.newest(partition, site.id), beginningOf(user));
      const tombstone = Buffer.from(JSON.stringify({ until: at, receipt }));
      batch.set(keys.tombstone(partition, site.id, digest), expireAt, tombstone);
      batch.setFields(keys.head(partition), 0, [[erasedField(site.id), '1']]);
      batch.countRemoved(receiptKey, expireAt, {
        keys: receiptField('keys', digest),
        members: receiptField('entries', digest),
      });
    }
    batch.increment(
      receiptKey,
      expireAt,
      new Map([
        ['sent', sent],
        ['came', came],
      ]),
    );
    // What shards tell each other is no request, and does not count as one of the ids that are done.
    if (of === undefined) return;
    batch.setFields(receiptKey, expireAt, [
      ['of', String(of)],
      ['requested', String(at)],
      [receiptField('at', digest), String(timestamp)],
    ]);
  }
}

/** What a cart is worth, as it is stored: `EUR:2500,JPY:-3`. Empty when no line says an amount. */
const packValue = (value: Counters) => [...value].map(([currency, minor]) => `${currency}:${minor}`).join();

/** When lists of the last half hour expire, in seconds since the epoch. @param latest time of an event, ms */
const liveExpiry = (latest: number) => Math.ceil((latest + LIVE_MS) / 1_000);

/** All keys of a user. @param months those that the state names */
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

/** The sorted sets and hashes that may have the user as a member. */
const userLists = (keys: ShardKeys, partition: number, site: string) => [
  keys.live(partition, site),
  keys.checkouts(partition, site),
  keys.carts(partition, site),
  keys.dueCarts(partition, site),
  keys.leftCarts(partition, site),
  keys.claims(partition, site),
];

/** Adds the minutes to their days. Returns each day's events, and its counters by hour and by minute. */
function sumMinutes(all: readonly MinuteDelta[]) {
  const events: Counters = new Map();
  const hours = new Map<Day, Counters>();
  const minutes = new Map<Day, Counters>();
  for (const { start, hourStart, day, resolution, events: count, counters, dayDelta } of all) {
    increase(events, String(day), count);
    for (const [counter, amount] of counters) increase(dayDelta.counters, counter, amount);
    if (resolution === 'day') continue;
    addPrefixed(
      getOrMake(hours, day, () => new Map()),
      hourStart,
      counters,
    );
    if (resolution === 'minute')
      addPrefixed(
        getOrMake(minutes, day, () => new Map()),
        start,
        counters,
      );
  }
  return { events, hours, minutes };
}

function addPrefixed(to: Counters, start: number, counters: Counters): void {
  for (const [counter, amount] of counters) increase(to, joinField(start / 1000, counter), amount);
}

/** A day's products by metric: product → amount. */
function productRanks({ products }: DayDelta): Map<string, Counters> {
  const byMetric = new Map<string, Counters>();
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

/** The counter that every value of a dimension has. */
export function markerOf(dimension: StoredDimension): string {
  if (dimension === 'coupon') return ORDERS;
  if (isItemDimension(dimension)) return INTERACTIONS;
  return isEventDimension(dimension) || isBotDimension(dimension) ? EVENTS : SESSIONS;
}

function outcomeCounters(ledger: ChunkDelta['ledger']): Counters {
  const fields: Counters = new Map();
  for (const [site, counts] of ledger) {
    for (const [outcome, count] of Object.entries(counts)) {
      if (count > 0) fields.set(`${site}:${outcome}`, count);
    }
  }
  return fields;
}
