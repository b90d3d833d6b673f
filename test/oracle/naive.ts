import type { FootfallEvent, Item } from '../../shared/event/event.ts';
import type { Site } from '../../shared/sites/site.ts';
import { DAY, wallClock } from './clock.ts';
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
function countedSession({ isEngaged, ms, orders }: NaiveSession): [counter: string, amount: number][] {
  return [
    ['sessions', 1],
    ['bounces', isEngaged ? 0 : 1],
    ['session_ms', ms],
    ['converted_sessions', orders.length > 0 ? 1 : 0],
  ];
}

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
      countFunnels(tally, site, theirs, [SHOP, ...funnels.filter(({ by }) => by === 'user')]);
      tally.add(['user', site.id, user, 'sessions'], sessionsOf(theirs, site).length);
      for (const [counter, amount] of theirs.flatMap(counted))
        tally.add(['user', site.id, user, counter], amount);
    }
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

/** Counts an event, an order or a refund at its time, and by its products and values. */
function count(tally: Tally, one: Counted, site: Site): void {
  const { date, intoHour, intoMinute } = wallClock(one.ts, site.zone);
  const age = one.received - one.ts;
  for (const [counter, amount] of counted(one)) {
    tally.add(['day', site.id, date, counter], amount);
    const hour = new Date(one.ts - intoHour).toISOString();
    if (age < 90 * DAY) tally.add(['hour', site.id, date, hour, counter], amount);
    const minute = new Date(one.ts - intoMinute).toISOString();
    if (age < 2 * DAY) tally.add(['minute', site.id, date, minute, counter], amount);
  }
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
      const add = (counter: string, amount: number) =>
        tally.add(['breakdown', site.id, session.date, dimension, counter, value], amount);
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
    tally.add(['day', site.id, wallClock(firstKnown, site.zone).date, 'new_customers'], 1);
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
      const reached = entries.filter(({ times }) => times.length > i);
      const add = (date: string, field: string) => tally.add(['funnel', site.id, funnel.key, date, field], 1);
      for (const { date, times } of i === 0 ? [] : reached) {
        add(date, `t${i + 1}|${seconds(times[i]! - times[i - 1]!)}`);
      }
      if (funnel.by === 'session') for (const { date } of reached) add(date, `s${i + 1}`);
      else for (const [date, gap] of gapsOf(reached.map(({ date }) => date))) add(date, `g${i + 1}|${gap}`);
    }
  }
}
