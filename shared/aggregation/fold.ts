import type { Decoded, KafkaRecord, UserRef } from '../events/decode.ts';
import type { FootfallEvent, Item } from '../events/event.ts';
import type { Outcome } from '../events/outcome.ts';
import type { Site } from '../sites.ts';
import {
  DAY_MS,
  type Day,
  localDay,
  localHourStart,
  MINUTE_MS,
  type Month,
  monthOf,
  monthStart,
} from '../time.ts';
import {
  EVENTS,
  eventCount,
  IMPRESSIONS,
  NEW_CUSTOMERS,
  NEW_USERS,
  ORDERS,
  PRODUCT_COUNT_OF_EVENT,
  type ProductCount,
  REFUNDS,
  refundedIn,
  revenueIn,
  UNITS,
  UNITS_REFUNDED,
} from './counters.ts';
import {
  type DayDelta,
  type Deltas,
  type MinuteDelta,
  type MonthDelta,
  newDeltas,
  type ProductDelta,
  type UserDelta,
} from './deltas.ts';
import { getOrMake, increase, type Sums } from './sums.ts';
import { timelineEntry } from './timeline.ts';
import { MAX_TIMELINE_LENGTH, newUserState, remember, type UserState } from './user-state.ts';

/** How long minutes and hours are kept; older events (imports) are counted by day alone. */
export const MINUTES_KEPT_MS = 2 * DAY_MS;
export const HOURS_KEPT_MS = 90 * DAY_MS;

/**
 * The most that a chunk's commit may cost, in the cost of adding to a hash, 1 to 1.5 µs: Redis is then held for
 * less than 10 ms. Only an event that costs more by itself goes beyond, in a chunk of its own.
 */
const MAX_COST = 5_000;

/** A user's state, or a block of interactions: more bytes than the others. */
const STRING_COST = 2;

/** A ranking finds its place for a member anew. */
const RANKING_COST = 3;

/** A line of an order adds to the product's purchases, units and revenue. */
const ITEM_COST = 3 * RANKING_COST;

/** The states of a batch's users, by the key of their records. The fold adds new users to it. */
export type States = Map<string, UserState>;

/**
 * Turns records, in the order of their offsets, into the least number of writes that counts them: pure, no
 * I/O, no clock. Yields one or several chunks, each to be committed as one. The states are carried along from
 * chunk to chunk: encode a chunk before you ask for the next, and commit them in their order.
 * @param decode reads a record; called once for each, when it is its turn, so that events die young.
 */
export function* fold(
  records: readonly KafkaRecord[],
  decode: (record: KafkaRecord) => Decoded,
  states: States,
): Generator<Deltas> {
  let chunk = new Chunk(states);
  for (const record of records) {
    const decoded = decode(record);
    const items = decoded.event?.items?.length ?? 0;
    if (chunk.deltas.cost > 0 && chunk.deltas.cost + items * ITEM_COST > MAX_COST) {
      yield chunk.deltas;
      chunk = new Chunk(states);
    }
    chunk.add(decoded);
  }
  if (chunk.deltas.nextOffset > 0) yield chunk.deltas;
}

class Chunk {
  readonly deltas: Deltas = newDeltas();
  readonly #states: States;
  readonly #users = new Map<string, UserDelta>();
  readonly #minutes = new Map<Site, Map<number, MinuteDelta>>();

  constructor(states: States) {
    this.#states = states;
  }

  add(decoded: Decoded): void {
    const { record } = decoded;
    this.deltas.nextOffset = record.offset + 1;
    this.deltas.timestamp = record.timestamp;
    if (!decoded.event) {
      this.#note('-', 'deadLettered');
      this.deltas.letters.push(decoded);
      return;
    }
    const { event, site } = decoded;
    const user = this.#user(decoded.user, site);
    if (!remember(user.state.ids, event)) {
      this.#note(site.id, 'duplicate');
      return;
    }
    this.#note(site.id, 'applied');
    const minute = this.#minute(event, site);
    minute.events++;
    const money = moneyOf(event);
    this.#addToUser(event, money, user, minute);
    this.#count(event, money, minute);
    if (event.items && !IMPRESSIONS.has(event.name)) {
      const count = PRODUCT_COUNT_OF_EVENT.get(event.name) ?? 'others';
      for (const item of event.items) this.#addToProduct(item, count, money, minute.dayDelta);
    }
    if (event.country) this.#addToBreakdown(event, money, minute.dayDelta, 'country', event.country);
  }

  #add(sums: Sums, key: string, amount: number, cost = 1): void {
    const before = sums.get(key);
    if (before === undefined) this.deltas.cost += cost;
    sums.set(key, (before ?? 0) + amount);
  }

  #note(site: string, outcome: Outcome): void {
    let counts = this.deltas.ledger.get(site);
    if (!counts) {
      counts = { applied: 0, duplicate: 0, deadLettered: 0 };
      this.deltas.ledger.set(site, counts);
    }
    counts[outcome]++;
  }

  #user({ key, user }: UserRef, site: Site): UserDelta {
    let delta = this.#users.get(key);
    if (!delta) {
      const state = getOrMake(this.#states, key, newUserState);
      delta = { site, user, state, months: [] };
      this.#users.set(key, delta);
      this.deltas.users.push(delta);
      this.deltas.cost += STRING_COST;
    }
    return delta;
  }

  #minute(event: FootfallEvent, site: Site): MinuteDelta {
    const age = event.received - event.ts;
    const keptAs = age < MINUTES_KEPT_MS ? 'minute' : age < HOURS_KEPT_MS ? 'hour' : 'day';
    const start = Math.floor(event.ts / MINUTE_MS) * MINUTE_MS;
    // One entry for a minute and how it is kept; small whole numbers are the quickest keys.
    const key = (start / MINUTE_MS) * 4 + (keptAs === 'minute' ? 0 : keptAs === 'hour' ? 1 : 2);
    let minutes = this.#minutes.get(site);
    if (!minutes) {
      minutes = new Map();
      this.#minutes.set(site, minutes);
      this.deltas.minutes.set(site, []);
    }
    let minute = minutes.get(key);
    if (!minute) {
      const day = localDay(start, site.zone);
      const hourStart = localHourStart(start, site.zone);
      const month = monthOf(day);
      const timelineEnd = (monthStart(month + 1) + site.retention_days) * DAY_MS;
      const dayDelta = this.#day(site, day);
      minute = {
        start,
        hourStart,
        day,
        month,
        timelineEnd,
        keptAs,
        events: 0,
        counters: new Map(),
        dayDelta,
      };
      minutes.set(key, minute);
      this.deltas.minutes.get(site)!.push(minute);
    }
    return minute;
  }

  #day(site: Site, day: Day): DayDelta {
    const days = getOrMake(this.deltas.days, site, () => new Map<Day, DayDelta>());
    return getOrMake(days, day, () => ({ counters: new Map(), products: new Map(), breakdowns: new Map() }));
  }

  #addToUser(event: FootfallEvent, money: Money | undefined, user: UserDelta, minute: MinuteDelta): void {
    const { state, site } = user;
    if (event.ts < state.first) {
      this.#moveFirst(NEW_USERS, state.first, site, minute);
      state.first = event.ts;
    }
    if (event.known && event.ts < state.firstKnown) {
      this.#moveFirst(NEW_CUSTOMERS, state.firstKnown, site, minute);
      state.firstKnown = event.ts;
    }
    if (event.ts > state.last) state.last = event.ts;
    increase(state.sums, eventCount(event.name), 1);
    if (money) increase(state.sums, money.counter, money.total);

    const kept = state.months.get(minute.month) ?? 0;
    if (kept >= MAX_TIMELINE_LENGTH || event.received > minute.timelineEnd) return;
    const entry = timelineEntry(event);
    this.#month(user, minute.month).entries.push(entry);
    state.months.set(minute.month, kept + entry.length);
  }

  #month({ months, state }: UserDelta, month: Month): MonthDelta {
    // A batch rarely spans a month's end: nearly always there is one.
    for (const one of months) if (one.month === month) return one;
    const delta: MonthDelta = { month, isNew: !state.months.has(month), entries: [] };
    months.push(delta);
    this.deltas.cost += STRING_COST;
    return delta;
  }

  /** A user's first event turned out to be an earlier one: its day gains the user, the former one loses it. */
  #moveFirst(counter: string, former: number, site: Site, to: MinuteDelta): void {
    if (former !== Infinity) {
      const formerDay = localDay(former, site.zone);
      if (formerDay === to.day) return;
      this.#add(this.#day(site, formerDay).counters, counter, -1);
    }
    this.#add(to.dayDelta.counters, counter, 1);
  }

  #count(event: FootfallEvent, money: Money | undefined, { counters }: MinuteDelta): void {
    this.#add(counters, eventCount(event.name), 1);
    if (event.name === 'purchase') {
      this.#add(counters, ORDERS, 1);
      this.#add(counters, UNITS, unitsOf(event));
    } else if (event.name === 'refund') {
      this.#add(counters, REFUNDS, 1);
      this.#add(counters, UNITS_REFUNDED, unitsOf(event));
    }
    if (money) this.#add(counters, money.counter, money.total);
  }

  #addToProduct(item: Item, count: ProductCount, money: Money | undefined, { products }: DayDelta): void {
    let product = products.get(item.id);
    if (!product) {
      product = newProductDelta();
      products.set(item.id, product);
    }
    if (product[count]++ === 0) this.deltas.cost += RANKING_COST;
    if (count === 'purchases') {
      if (product.units === 0) this.deltas.cost += RANKING_COST;
      product.units += item.quantity;
    }
    if (money) {
      product.money ??= new Map();
      this.#add(product.money, money.counter, item.amount ?? 0, RANKING_COST);
    }
  }

  #addToBreakdown(
    event: FootfallEvent,
    money: Money | undefined,
    { breakdowns }: DayDelta,
    dimension: string,
    value: string,
  ): void {
    const values = getOrMake(breakdowns, dimension, () => new Map<string, Sums>());
    const sums = getOrMake(values, value, () => new Map<string, number>());
    this.#add(sums, EVENTS, 1);
    if (event.name === 'purchase') this.#add(sums, ORDERS, 1);
    else if (event.name === 'refund') this.#add(sums, REFUNDS, 1);
    if (money) this.#add(sums, money.counter, money.total);
  }
}

const newProductDelta = (): ProductDelta => ({
  views: 0,
  clicks: 0,
  carts: 0,
  purchases: 0,
  refunds: 0,
  others: 0,
  units: 0,
  money: undefined,
});

/** What an event adds to a money counter, in minor units. */
interface Money {
  counter: string;
  total: number;
}

/**
 * The money of a purchase or a refund: its own value, else the sum of its lines. Undefined for other events:
 * the value of a cart is no revenue.
 */
function moneyOf({ name, currency, value, items }: FootfallEvent): Money | undefined {
  if (currency === undefined || (name !== 'purchase' && name !== 'refund')) return undefined;
  let total = value ?? 0;
  if (value === undefined && items) for (const { amount } of items) total += amount ?? 0;
  return { counter: name === 'purchase' ? revenueIn(currency) : refundedIn(currency), total };
}

function unitsOf({ items = [] }: FootfallEvent): number {
  let units = 0;
  for (const { quantity } of items) units += quantity;
  return units;
}
