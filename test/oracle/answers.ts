import type { FootfallEvent } from '../../shared/event/event.ts';
import { newAndRepeat } from './answers-customers.ts';
import { DAY, hourStart, wallClock } from './clock.ts';
import { average, averageOrder, byName, decimal, orderMoney, rate, sum } from './figures.ts';
import { countedProducts } from './naive.ts';
import type { Trade } from './orders.ts';
import { type NaiveSession, periodStart } from './people.ts';
import { datesBetween, type NaiveShop, type Range } from './shop.ts';

/** The naive program's answers about totals and about time. */

export function overview(shop: NaiveShop, range: Range) {
  const [events, trades] = [shop.within(range), shop.tradesWithin(range)];
  return {
    ...shop.covered(range),
    total_events: events.length,
    bots: shop.botsWithin(range).length,
    ...newAndReturning(shop, range),
    new_accounts: shop.firsts(range, ({ known }) => known === true),
    ...newAndRepeat(shop, range),
    orders: sum(trades, 'orders'),
    refunds: sum(trades, 'refunds'),
    units: sum(trades, 'units'),
    units_refunded: sum(trades, 'units_refunded'),
    products: new Set([...events, ...trades].flatMap(countedProducts).map(([product]) => product)).size,
    money: orderMoney(trades),
    average_order: averageOrder(trades),
    ...visits(shop.sessionsWithin(range)),
  };
}

export function newAndReturning(shop: NaiveShop, range: Range) {
  const users = shop.usersWithin(range);
  const new_users = shop.firsts(range);
  return { users, new_users, returning_users: users - new_users };
}

export function revenue(shop: NaiveShop, range: Range, by: 'day' | 'month' | 'country') {
  const groups = Map.groupBy(shop.tradesWithin(range), ({ ts, country = '(not set)' }) =>
    by === 'country' ? country : shop.date(ts).slice(0, by === 'day' ? 10 : 7),
  );
  const rows = [...groups]
    .map(([key, trades]) => ({
      key,
      orders: sum(trades, 'orders'),
      refunds: sum(trades, 'refunds'),
      money: orderMoney(trades),
      average_order: averageOrder(trades),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return { by, rows };
}

/** How often events happened, of one name when it is given. */
export function frequency(
  shop: NaiveShop,
  range: Range,
  options: { grain?: 'day' | 'hour' | 'minute'; event?: string } = {},
) {
  const { grain, event } = options;
  const count = (events: FootfallEvent[]) =>
    event === undefined
      ? { total: events.length, events: byName(events) }
      : {
          total: events.filter(({ name }) => name === event).length,
          events: { [event]: events.filter(({ name }) => name === event).length },
        };
  const covered = shop.covered(range);
  const total = { ...covered, ...count(shop.within(range)) };
  if (grain === undefined) return total;
  if (grain === 'day') {
    const past = datesBetween(covered.from, covered.to).filter((date) => date <= shop.today);
    return {
      ...total,
      series: past.map((start) => ({ start, ...count(shop.within({ from: start, to: start })) })),
    };
  }
  const kept = shop.events.filter(({ ts, received }) => received - ts < KEPT[grain]);
  const groups = Map.groupBy(kept, ({ ts }) => startOf(ts, grain, shop.site.zone));
  const starts = startsWithin(covered, grain, shop.site.zone, shop.now);
  return { ...total, series: starts.map((start) => ({ start, ...count(groups.get(start) ?? []) })) };
}

export type Grain = 'minute' | 'hour' | 'day' | 'week' | 'month';

/** How old (ms) an event may be at its arrival to be counted by minute and by hour. */
const KEPT = { minute: 2 * DAY, hour: 90 * DAY };

/** Where the minute, hour, day … of an instant begins: an instant, or a date. */
function startOf(ts: number, grain: Grain, zone: string): string {
  const { date, intoMinute } = wallClock(ts, zone);
  if (grain === 'minute') return new Date(ts - intoMinute).toISOString();
  return grain === 'hour' ? new Date(hourStart(ts, zone)).toISOString() : periodStart(date, grain);
}

const HOUR = 60 * 60_000;

/** The buckets of a range that have begun by now, at least one. Clocks change at quarter-hours. */
function startsWithin({ from, to }: Required<Range>, grain: Grain, zone: string, now: number): string[] {
  const step = grain === 'minute' ? 60_000 : 15 * 60_000;
  const starts = new Set<string>();
  for (let ts = Date.parse(from) - DAY / 2 - 2 * HOUR; ts < Date.parse(to) + 1.5 * DAY; ts += step) {
    const { date } = wallClock(ts, zone);
    if (ts >= now && starts.size > 0) break;
    if (date >= from && date <= to) starts.add(startOf(ts, grain, zone));
  }
  return [...starts];
}

/** Whether the hours of a range in another zone are hours of the site's. */
export function haveSameHours(shop: NaiveShop, { from, to }: Required<Range>, zone: string): boolean {
  for (
    let ts = Date.parse(from) - DAY;
    ts < Math.min(shop.now, Date.parse(to) + 2 * DAY);
    ts += 15 * 60_000
  ) {
    const { date, intoHour } = wallClock(ts, zone);
    if (date < from || date > to) continue;
    if (intoHour !== wallClock(ts, shop.site.zone).intoHour) return false;
  }
  return true;
}

export const USER_METRICS = ['users', 'new_users', 'returning_users', 'new_accounts'] as const;
const MONEY_METRICS = [
  ...(['gross', 'discounts', 'revenue', 'refunded', 'net', 'shipping', 'tax'] as const),
  'average_order',
] as const;
const COUNT_METRICS = [
  ...['events', 'bots', 'sessions', 'engaged_sessions', 'engagement_rate', 'bounces', 'bounce_rate'],
  ...['session_ms_average', 'viewed_sessions', 'view_rate', 'carted_sessions', 'cart_rate'],
  ...['checkout_sessions', 'checkout_rate', 'converted_sessions', 'conversion_rate'],
  ...['orders', 'refunds', 'units', 'units_refunded', 'new_customers', 'repeat_orders'],
] as ('events' | 'bots' | 'sessions' | 'orders' | 'conversion_rate')[];
export const METRICS = [...COUNT_METRICS, ...MONEY_METRICS, ...USER_METRICS];

export interface SeriesQuestion {
  metric: (typeof METRICS)[number];
  grain: Grain;
  from: string;
  to: string;
  zone?: string;
  currency?: 'EUR' | 'JPY' | 'KWD';
}

/** One metric over time. */
export function series(shop: NaiveShop, { metric, grain, from, to, ...options }: SeriesQuestion) {
  const { zone = shop.site.zone, currency = shop.site.currency } = options;
  const today = wallClock(shop.now, zone).date;
  // Up to now. Of a range in the future its first day stays.
  const range = { from, to: to < today ? to : from > today ? from : today };
  const isOfDays = zone === shop.site.zone && grain !== 'hour' && grain !== 'minute';
  const points = isOfDays ? pointsOfDays(shop, range, grain) : pointsOfTime(shop, range, grain, zone);
  const isMoney = (MONEY_METRICS as readonly string[]).includes(metric);
  return {
    metric,
    grain,
    zone,
    ...(isMoney && { currency }),
    points: points.map(({ start, events, trades, bots, sessions, days }) => {
      const isOfPeople = (USER_METRICS as readonly string[]).includes(metric);
      const value = isOfPeople
        ? peopleOf(shop, metric, days!)
        : metric === 'bots'
          ? bots.length
          : metricOf(shop, metric, { events, trades, sessions }, currency)!;
      return { start, value, ...(isMoney && value !== null && { amount: decimal(value, currency) }) };
    }),
  };
}

interface Point {
  start: string;
  events: FootfallEvent[];
  trades: Trade[];
  bots: FootfallEvent[];
  sessions: NaiveSession[];
  /** Only for grains at which people are counted. */
  days?: Required<Range>;
}

function pointsOfDays(shop: NaiveShop, { from, to }: Required<Range>, grain: Grain): Point[] {
  const groups = Map.groupBy(datesBetween(from, to), (date) => periodStart(date, grain as 'day'));
  return [...groups].map(([start, dates]) => {
    const days = { from: dates[0]!, to: dates.at(-1)! };
    const [events, trades, bots] = [shop.within(days), shop.tradesWithin(days), shop.botsWithin(days)];
    return { start, events, trades, bots, sessions: shop.sessionsWithin(days), days };
  });
}

/** For hours and minutes, and for days of another zone, which are made of hours. */
function pointsOfTime(shop: NaiveShop, range: Required<Range>, grain: Grain, zone: string): Point[] {
  const kept = KEPT[grain === 'minute' ? 'minute' : 'hour'];
  const isMeant = (ts: number) => {
    const { date } = wallClock(ts, zone);
    const hasBegun = Date.parse(startOf(ts, 'hour', shop.site.zone)) < shop.now;
    return date >= range.from && date <= range.to && hasBegun;
  };
  const isKept = ({ ts, received }: FootfallEvent) => received - ts < kept;
  const events = shop.events.filter((event) => isKept(event) && isMeant(event.ts));
  const trades = shop.trades.filter((trade) => isKept(trade) && isMeant(trade.ts));
  const bots = shop.bots.filter((event) => isKept(event) && isMeant(event.ts));
  const sessions = shop.sessions.filter((one) => one.events.some(isKept) && isMeant(one.events[0]!.ts));
  const eventsAt = Map.groupBy(events, ({ ts }) => startOf(ts, grain, zone));
  const tradesAt = Map.groupBy(trades, ({ ts }) => startOf(ts, grain, zone));
  const botsAt = Map.groupBy(bots, ({ ts }) => startOf(ts, grain, zone));
  const sessionsAt = Map.groupBy(sessions, ({ events: [first] }) => startOf(first!.ts, grain, zone));
  return startsWithin(range, grain, zone, shop.now).map((start) => ({
    start,
    events: eventsAt.get(start) ?? [],
    trades: tradesAt.get(start) ?? [],
    bots: botsAt.get(start) ?? [],
    sessions: sessionsAt.get(start) ?? [],
  }));
}

function metricOf(
  shop: NaiveShop,
  metric: string,
  { events, trades, sessions }: Pick<Point, 'events' | 'trades' | 'sessions'>,
  currency: string,
): number | null {
  const { sessions: count, ...ofVisits } = visits(sessions);
  const [paid, back] = [sum(trades, `revenue:${currency}`), sum(trades, `refunded:${currency}`)];
  const values: Record<string, number | null> = {
    events: events.length,
    sessions: count,
    ...ofVisits,
    orders: sum(trades, 'orders'),
    refunds: sum(trades, 'refunds'),
    units: sum(trades, 'units'),
    units_refunded: sum(trades, 'units_refunded'),
    new_customers: trades.filter((trade) => shop.kinds.get(trade) === 'first').length,
    repeat_orders: trades.filter((trade) => shop.kinds.get(trade) === 'repeat').length,
    gross: paid + sum(trades, `discount:${currency}`),
    discounts: sum(trades, `discount:${currency}`),
    shipping: sum(trades, `shipping:${currency}`),
    tax: sum(trades, `tax:${currency}`),
    revenue: paid,
    refunded: back,
    net: paid - back,
    average_order: average(paid, sum(trades, `orders:${currency}`)),
  };
  return values[metric]!;
}

function peopleOf(shop: NaiveShop, metric: string, days: Required<Range>): number {
  const users = shop.usersWithin(days);
  if (metric === 'users') return users;
  if (metric === 'new_users') return shop.firsts(days);
  if (metric === 'returning_users') return users - shop.firsts(days);
  return shop.firsts(days, ({ known }) => known === true);
}

/** The figures of some sessions. */
export function visits(sessions: readonly NaiveSession[]) {
  const count = sessions.length;
  const bounces = sessions.filter(({ isEngaged }) => !isEngaged).length;
  const converted = sessions.filter(({ orders }) => orders.length > 0).length;
  const ms = sessions.reduce((total, session) => total + session.ms, 0);
  const reached = (step: keyof NaiveSession['steps']) => sessions.filter(({ steps }) => steps[step]).length;
  return {
    sessions: count,
    engaged_sessions: count - bounces,
    engagement_rate: rate(count - bounces, count),
    bounces,
    bounce_rate: rate(bounces, count),
    session_ms_average: average(ms, count),
    viewed_sessions: reached('viewed'),
    view_rate: rate(reached('viewed'), count),
    carted_sessions: reached('carted'),
    cart_rate: rate(reached('carted'), count),
    checkout_sessions: reached('checkout'),
    checkout_rate: rate(reached('checkout'), count),
    converted_sessions: converted,
    conversion_rate: rate(converted, count),
  };
}
