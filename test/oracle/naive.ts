import type { FootfallEvent, Item } from '../../shared/event/event.ts';
import type { Site } from '../../shared/sites/site.ts';
import { countedCarts } from './carts.ts';
import { DAY, wallClock } from './clock.ts';
import { type Customer, customersOf, periodsOf, secondOrder } from './customers.ts';
import { isNobody } from './nobody.ts';
import { type Order, ordersByVisitor, ordersOf, PARTS, type Trade, thousandths } from './orders.ts';
import {
  asPeople,
  cohortsOf,
  datesOf,
  entriesOf,
  gapsOf,
  type NaiveFunnel,
  type NaiveSession,
  path,
  SHOP,
  seconds,
  sessionsOf,
} from './people.ts';

/**
 * The naive program that the tests hold Footfall against: it has the whole list of events, in the order of
 * their arrival, and counts everything from scratch at each question. It shares no arithmetic with Footfall:
 * clocks are read through Intl, sums are loops over the list.
 */

/** Every number under its name, whose parts are joined by ` / `. Zeros are left out. */
export type Numbers = Record<string, number>;

/** The list without the second and later events of a site's user and id, and without what bots sent. */
export function distinct(events: readonly FootfallEvent[]): FootfallEvent[] {
  const seen = new Set<string>();
  return events.filter(({ site, user, id, bot }) => {
    if (bot !== undefined) return false;
    const name = JSON.stringify([site, user, id]);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** An event, which counts as an event; or an order or refund, which counts for the shop. */
export type Counted = FootfallEvent | Trade;

export const isTrade = (one: Counted): one is Trade => 'trade' in one;

/** What an event, an order or a refund adds to the counters of its day, hour and minute. */
export function counted(one: Counted): [counter: string, amount: number][] {
  const { name, currency, items = [], value } = one;
  if (!isTrade(one)) return [[`n:${name}`, 1]];
  const total = value ?? items.reduce((sum, { amount = 0 }) => sum + amount, 0);
  const pieces = items.reduce((sum, { quantity }) => sum + thousandths(quantity), 0);
  if (name === 'purchase') {
    const paid: [string, number][] = currency
      ? [
          [`revenue:${currency}`, total],
          [`orders:${currency}`, 1],
          ...PARTS.flatMap((part): [string, number][] =>
            one[part] === undefined
              ? []
              : [
                  [`${part}:${currency}`, one[part]],
                  [`${part}_orders:${currency}`, 1],
                ],
          ),
        ]
      : [];
    return [['orders', 1], ['units', pieces], ...paid];
  }
  const back: [string, number][] = currency ? [[`refunded:${currency}`, total]] : [];
  return [['refunds', 1], ['units_refunded', pieces], ...back];
}

export const KIND: Record<string, string> = {
  view_item: 'views',
  select_item: 'clicks',
  add_to_cart: 'carts',
  purchase: 'purchases',
  refund: 'refunds',
};

/** The lines of an event that is about its products: none of lists of products that were merely shown. */
export const linesOf = ({ name, items = [] }: FootfallEvent): Item[] =>
  name === 'view_item_list' || name === 'view_promotion' ? [] : items;

/** What an event adds to its products. What is bought and given back is the order's and the refund's. */
export function countedProducts(one: Counted): [product: string, metric: string, amount: number][] {
  const { name, currency } = one;
  if (!isTrade(one) && (name === 'purchase' || name === 'refund')) return [];
  return linesOf(one).flatMap((item) => {
    const kind = Object.hasOwn(KIND, name) ? KIND[name]! : 'others';
    const rows: [string, string, number][] = [[item.id, kind, 1]];
    if (name === 'purchase') rows.push([item.id, 'units', thousandths(item.quantity)]);
    if (name === 'refund') rows.push([item.id, 'units_refunded', thousandths(item.quantity)]);
    const money = name === 'purchase' ? 'revenue' : name === 'refund' ? 'refunded' : undefined;
    if (currency && money) rows.push([item.id, `${money}:${currency}`, item.amount ?? 0]);
    return rows;
  });
}

/** Adds up numbers under names. */
export class Tally {
  readonly #sums = new Map<string, number>();

  add(name: readonly (string | number)[], amount: number): void {
    const text = name.join(' / ');
    this.#sums.set(text, (this.#sums.get(text) ?? 0) + amount);
  }

  /** Sorted, which makes two lists easy to compare. */
  numbers(): Numbers {
    return Object.fromEntries(
      [...this.#sums].filter(([, sum]) => sum !== 0).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}

const OF_ORDERS = /^(orders|refunds|revenue|refunded|discount|shipping|tax)/;

/** What an event, an order or a refund adds to the dimensions of events, without those of sessions. */
function countedValues(
  event: Counted,
): [dimension: string, value: string, counter: string, amount: number][] {
  const rows: [string, string, string, number][] = [];
  for (const dimension of ['country', 'device', 'browser', 'os', 'page', 'search_term', 'coupon'] as const) {
    const given = event[dimension];
    // Coupons are the orders' alone.
    if (given === undefined || (dimension === 'coupon' && !isTrade(event))) continue;
    const value = dimension === 'page' ? path(given) : given;
    if (!isTrade(event)) rows.push([dimension, value, 'events', 1]);
    // Of a device the visit tells what was bought with it.
    if (dimension === 'device' || dimension === 'browser' || dimension === 'os') continue;
    for (const [counter, amount] of counted(event)) {
      if (OF_ORDERS.test(counter)) rows.push([dimension, value, counter, amount]);
    }
  }
  for (const dimension of ['category', 'brand'] as const) {
    for (const item of event.items ?? []) {
      const value = item[dimension] ?? '(not set)';
      for (const [, metric, amount] of countedProducts({ ...event, items: [item] })) {
        if (Object.values(KIND).includes(metric) || metric === 'others') {
          rows.push([dimension, value, 'interactions', 1]);
        }
        if (/^(views|carts|purchases|units|revenue|refunded)/.test(metric)) {
          rows.push([dimension, value, metric, amount]);
        }
      }
    }
  }
  return rows;
}

/** What a person's session adds, to its time and to its values. */
function countedSession(session: NaiveSession): [counter: string, amount: number][] {
  const { isEngaged, ms, orders, steps } = session;
  return [
    ['sessions', 1],
    ['bounces', isEngaged ? 0 : 1],
    ['session_ms', ms],
    ['converted_sessions', orders.length > 0 ? 1 : 0],
    ['viewed_sessions', steps.viewed ? 1 : 0],
    ['carted_sessions', steps.carted ? 1 : 0],
    ['checkout_sessions', steps.checkout ? 1 : 0],
  ];
}

/** Where the visits by such a value are kept: their events may have the value, too. */
const VISITS_BY = new Map(['device', 'browser', 'os', 'country'].map((one) => [one, `visit_${one}`]));

/**
 * Everything that Footfall keeps of these events, except the ledger and the timelines.
 * @param told the events that count, under the ids of their people, when more than the identifies decides it.
 */
export function recount(
  events: readonly FootfallEvent[],
  sites: readonly Site[],
  funnels: readonly NaiveFunnel[] = [],
  told: readonly FootfallEvent[] = asPeople(distinct(events)),
): Numbers {
  const tally = new Tally();
  for (const site of sites) {
    for (const event of events) {
      if (event.site === site.id && event.bot !== undefined) countBot(tally, event, event.bot, site);
    }
    const ours = told.filter((event) => event.site === site.id);
    const orders = ordersOf(ours);
    const trades = tradesOf(orders);
    const bought = ordersByVisitor(orders);
    for (const { ts } of ours) tally.add(['days', site.id, wallClock(ts, site.zone).date], 1);
    for (const one of [...ours, ...trades]) count(tally, one, site);
    for (const [user, theirs] of Map.groupBy(
      ours.filter(({ personless }) => !personless),
      (event) => event.user,
    )) {
      countSessions(tally, site, sessionsOf(theirs, site, bought.get(user)));
      countFunnels(
        tally,
        site,
        theirs,
        funnels.filter(({ by }) => by === 'session'),
      );
      if (isNobody(user)) continue;
      countPerson(tally, site, theirs);
      for (const [date, field, amount] of countedCarts(theirs, site)) {
        tally.add(['carts', site.id, date, field], amount);
      }
      countFunnels(tally, site, theirs, [SHOP, ...funnels.filter(({ by }) => by === 'user')]);
      tally.add(['user', site.id, user, 'sessions'], sessionsOf(theirs, site).length);
      for (const [counter, amount] of theirs.flatMap(counted))
        tally.add(['user', site.id, user, counter], amount);
    }
    for (const customer of customersOf(orders)) countCustomer(tally, site, customer);
    for (const trade of trades) {
      if (trade.buyer === undefined) continue;
      for (const [counter, amount] of counted(trade)) {
        if (/^(orders|revenue|refunded)/.test(counter))
          tally.add(['user', site.id, trade.buyer, counter], amount);
      }
    }
  }
  return tally.numbers();
}

/** The orders and refunds of the shop. */
export const tradesOf = (orders: readonly Order[]): Trade[] =>
  orders.flatMap(({ sale, refunds }) => (sale ? [sale, ...refunds] : refunds));

/** Counts at a time: by its day, hour and minute, as far as these are kept. */
function countAt(
  tally: Tally,
  { ts, received }: Pick<FootfallEvent, 'ts' | 'received'>,
  site: Site,
  counters: readonly (readonly [counter: string, amount: number])[],
): void {
  const { date, intoHour, intoMinute } = wallClock(ts, site.zone);
  const age = received - ts;
  for (const [counter, amount] of counters) {
    tally.add(['day', site.id, date, counter], amount);
    const hour = new Date(ts - intoHour).toISOString();
    if (age < 90 * DAY) tally.add(['hour', site.id, date, hour, counter], amount);
    const minute = new Date(ts - intoMinute).toISOString();
    if (age < 2 * DAY) tally.add(['minute', site.id, date, minute, counter], amount);
  }
}

/** Counts what someone bought: the first order, the later ones, and how long after the first one they are. */
function countCustomer(tally: Tally, site: Site, customer: Customer): void {
  for (const [i, { sale }] of customer.entries()) {
    const kind = i === 0 ? 'first' : 'repeat';
    const { currency, value = 0 } = sale;
    const money = currency === undefined ? [] : [[`${kind}_revenue:${currency}`, value] as const];
    countAt(tally, sale, site, [[`${kind}_orders`, 1], ...money]);
  }
  const second = secondOrder(customer, site);
  if (second) tally.add(['second', site.id, second.date, second.days], 1);
  for (const period of ['month', 'week'] as const) {
    const list = periodsOf(customer, period, site);
    for (const n of new Set(list.map(({ n }) => n))) {
      tally.add(['buyers', site.id, period, list[0]!.start, `b${n}`], 1);
    }
    for (const { start, n, order } of list) {
      const add = (field: string, amount: number) =>
        tally.add(['buyers', site.id, period, start, field], amount);
      add(`o${n}`, 1);
      for (const { name, currency, value, items = [] } of [order.sale, ...order.refunds]) {
        if (currency === undefined) continue;
        const total = value ?? items.reduce((sum, { amount = 0 }) => sum + amount, 0);
        add(`${name === 'purchase' ? 'v' : 'f'}${n}:${currency}`, total);
      }
    }
  }
}

/** Counts an event, an order or a refund at its time, and by its products and values. */
function count(tally: Tally, one: Counted, site: Site): void {
  const { date } = wallClock(one.ts, site.zone);
  countAt(tally, one, site, counted(one));
  for (const [product, metric, amount] of countedProducts(one)) {
    tally.add(['product', site.id, date, metric, product], amount);
  }
  for (const [dimension, value, counter, amount] of countedValues(one)) {
    tally.add(['breakdown', site.id, date, dimension, counter, value], amount);
  }
}

/** A bot's event counts for its time and its name each time it comes, and for nothing else. */
function countBot(tally: Tally, event: FootfallEvent, bot: string, site: Site): void {
  const { date, intoHour, intoMinute } = wallClock(event.ts, site.zone);
  const age = event.received - event.ts;
  tally.add(['days', site.id, date], 1);
  tally.add(['day', site.id, date, 'bots'], 1);
  tally.add(['breakdown', site.id, date, 'bot', 'events', bot], 1);
  if (age < 90 * DAY) {
    tally.add(['hour', site.id, date, new Date(event.ts - intoHour).toISOString(), 'bots'], 1);
  }
  if (age < 2 * DAY) {
    tally.add(['minute', site.id, date, new Date(event.ts - intoMinute).toISOString(), 'bots'], 1);
  }
}

function countSessions(tally: Tally, site: Site, sessions: readonly NaiveSession[]): void {
  for (const session of sessions) {
    const age = Math.min(...session.events.map(({ received, ts }) => received - ts));
    const start = session.events[0]!.ts;
    const { intoHour, intoMinute } = wallClock(start, site.zone);
    for (const [counter, amount] of countedSession(session)) {
      tally.add(['day', site.id, session.date, counter], amount);
      const hour = new Date(start - intoHour).toISOString();
      if (age < 90 * DAY) tally.add(['hour', site.id, session.date, hour, counter], amount);
      const minute = new Date(start - intoMinute).toISOString();
      if (age < 2 * DAY) tally.add(['minute', site.id, session.date, minute, counter], amount);
    }
    for (const [dimension, value] of Object.entries(session.values)) {
      const name = VISITS_BY.get(dimension) ?? dimension;
      const add = (counter: string, amount: number) =>
        tally.add(['breakdown', site.id, session.date, name, counter, value], amount);
      for (const [counter, amount] of countedSession(session)) add(counter, amount);
      for (const [counter, amount] of session.orders.flatMap(counted)) {
        if (/^(orders|revenue)/.test(counter)) add(counter, amount);
      }
    }
  }
}

/** When a person came, for the first time and again. */
function countPerson(tally: Tally, site: Site, theirs: readonly FootfallEvent[]): void {
  const { user } = theirs[0]!;
  const times = theirs.map(({ ts }) => ts);
  const knownTimes = theirs.filter(({ known }) => known).map(({ ts }) => ts);
  const first = Math.min(...times);
  tally.add(['day', site.id, wallClock(first, site.zone).date, 'new_users'], 1);
  tally.add(['user', site.id, user, 'first'], first);
  tally.add(['user', site.id, user, 'last'], Math.max(...times));
  if (knownTimes.length > 0) {
    const firstKnown = Math.min(...knownTimes);
    tally.add(['day', site.id, wallClock(firstKnown, site.zone).date, 'new_accounts'], 1);
    tally.add(['user', site.id, user, 'first known'], firstKnown);
  }
  const dates = datesOf(theirs, site);
  for (const [date, gap] of gapsOf(dates)) tally.add(['gap', site.id, date, gap], 1);
  for (const period of ['day', 'week', 'month'] as const) {
    for (const [start, n] of cohortsOf(dates, period)) tally.add(['cohort', site.id, period, start, n], 1);
  }
}

function countFunnels(
  tally: Tally,
  site: Site,
  theirs: readonly FootfallEvent[],
  funnels: readonly NaiveFunnel[],
): void {
  for (const funnel of funnels) {
    const entries = entriesOf(theirs, funnel, site);
    for (const [i] of funnel.steps.entries()) {
      const step = i + 1;
      // Each with the steps before that were skipped.
      const reached = entries.flatMap(({ date, taken }) => {
        const at = taken.findIndex((one) => one.step === step);
        if (at < 0) return [];
        const before = taken.slice(0, at);
        const skipped = Array.from({ length: i }, (_, n) => n + 1).filter(
          (one) => !before.some((other) => other.step === one),
        );
        const name = skipped.length === 0 ? `${step}` : `${step}~${skipped.join('')}`;
        return [{ date, name, ms: at === 0 ? undefined : taken[at]!.ts - before.at(-1)!.ts }];
      });
      const add = (date: string, field: string) => tally.add(['funnel', site.id, funnel.key, date, field], 1);
      for (const { date, name, ms } of reached) {
        if (ms !== undefined) add(date, `t${name}|${seconds(ms)}`);
        if (funnel.by === 'session') add(date, `s${name}`);
      }
      if (funnel.by === 'session') continue;
      for (const [name, some] of Map.groupBy(reached, (one) => one.name)) {
        for (const [date, gap] of gapsOf(some.map((one) => one.date))) add(date, `g${name}|${gap}`);
      }
    }
  }
}
