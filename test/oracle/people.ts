import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Site } from '../../shared/sites/site.ts';
import { wallClock } from './clock.ts';
import type { Order, Trade } from './orders.ts';

/**
 * The naive program's numbers of people, from all events of one person in any order. Days are dates; every number is
 * computed from the whole list.
 */

const MINUTE = 60_000;
const byTime = (events: readonly FootfallEvent[]) => [...events].sort((a, b) => a.ts - b.ts);
const dateOf = (ts: number, site: Site) => wallClock(ts, site.zone).date;
const dayNumber = (date: string) => Date.parse(date) / 86_400_000;

/** The user of each visitor, by anonymous id; the first identify in the list decides. */
export function identities(events: readonly FootfallEvent[]): Map<string, string> {
  const known = new Map<string, string>();
  for (const { site, user, identifies, known: isKnown } of events) {
    const visitor = JSON.stringify([site, user]);
    if (identifies !== undefined && !isKnown && !known.has(visitor)) known.set(visitor, identifies);
  }
  return known;
}

/** The same events under the ids of their people. */
export function asPeople(events: readonly FootfallEvent[]): FootfallEvent[] {
  const known = identities(events);
  return events.map((event) => {
    const user = known.get(JSON.stringify([event.site, event.user]));
    if (user === undefined) return event;
    const { identifies, ...rest } = event;
    return { ...rest, user, ...(identifies === user && { known: true as const }) };
  });
}

export interface NaiveSession {
  events: FootfallEvent[];
  date: string;
  ms: number;
  orders: Trade[];
  isEngaged: boolean;
  /** Whether it saw a product, put one into the cart, began to pay. */
  steps: { viewed: boolean; carted: boolean; checkout: boolean };
  /** The landing page, source, device …; `(not set)` where no event has one, `Direct` where nothing led there. */
  values: Record<string, string>;
}

/** What a visit has a value of. */
const OF_VISITS = [
  ...['source', 'medium', 'campaign', 'referrer', 'landing_page', 'channel'],
  ...['device', 'browser', 'os', 'country'],
];

/** Whether an event makes a session. Servers and refunds make none. */
const opens = ({ name, server, personless }: FootfallEvent) => name !== 'refund' && !server && !personless;

/**
 * A person's visits: half an hour without an event that makes one ends it.
 * @param orders whose visit is one of these.
 */
export function sessionsOf(
  events: readonly FootfallEvent[],
  site: Site,
  orders: readonly Order[] = [],
): NaiveSession[] {
  const lists: FootfallEvent[][] = [];
  for (const event of byTime(events.filter(opens))) {
    const list = lists.at(-1);
    if (list && event.ts - list.at(-1)!.ts <= 30 * MINUTE) list.push(event);
    else lists.push([event]);
  }
  const bought = new Map(lists.map((list) => [list, [] as Trade[]]));
  for (const { visit, sale } of orders) {
    const list = visitOf(visit!, lists);
    if (list) bought.get(list)!.push(sale!);
  }
  return lists.map((list) => ({
    events: list,
    date: dateOf(list[0]!.ts, site),
    ms: list.at(-1)!.ts - list[0]!.ts,
    orders: bought.get(list)!,
    isEngaged: bought.get(list)!.length > 0 || engages(list),
    steps: {
      viewed: list.some(({ name }) => name === 'view_item'),
      carted: list.some(({ name }) => name === 'add_to_cart'),
      checkout: list.some(({ name }) => name === 'begin_checkout'),
    },
    values: Object.fromEntries(
      OF_VISITS.map((dimension) => {
        const found = list
          .map((event) => ({ ts: event.ts, value: sessionValue(event, dimension) }))
          .filter(({ value }) => value !== undefined)
          .sort((a, b) => a.ts - b.ts || (a.value! < b.value! ? -1 : 1));
        const isDirect = list.every(({ source, medium, campaign }) => !source && !medium && !campaign);
        const without = dimension === 'channel' && isDirect ? 'Direct' : '(not set)';
        return [dimension, found[0]?.value ?? without];
      }),
    ),
  }));
}

/** The visit, of some in the order of time, that a purchase belongs to. */
function visitOf(purchase: FootfallEvent, visits: readonly FootfallEvent[][]): FootfallEvent[] | undefined {
  const { ts, server, session_id } = purchase;
  if (!server) return visits.find((visit) => visit.includes(purchase));
  const named = visits.filter((visit) =>
    visit.some((event) => session_id !== undefined && event.session_id === session_id),
  );
  return (
    named.findLast((visit) => visit[0]!.ts <= ts) ??
    named[0] ??
    visits.findLast((visit) => visit[0]!.ts <= ts && ts - visit.at(-1)!.ts <= 30 * MINUTE) ??
    visits.find((visit) => visit[0]!.ts > ts && visit[0]!.ts - ts <= 30 * MINUTE)
  );
}

const AUTOMATIC = ['user_engagement', 'session_start', 'first_visit', 'first_open', 'scroll'];

/** Whether a visit is more than a glance: two views, ten seconds in the foreground, or ten seconds of doing something. */
function engages(visit: readonly FootfallEvent[]): boolean {
  const views = visit.filter(({ name }) => name === 'page_view' || name === 'screen_view');
  const foreground = visit.reduce((sum, { engaged_ms = 0 }) => sum + engaged_ms, 0);
  const times = visit.filter(({ name }) => !AUTOMATIC.includes(name)).map(({ ts }) => ts);
  const doing = times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
  return views.length >= 2 || foreground >= 10_000 || doing >= 10_000;
}

function sessionValue(event: FootfallEvent, dimension: string): string | undefined {
  if (dimension === 'landing_page') return event.page === undefined ? undefined : path(event.page);
  if (dimension === 'referrer') {
    if (event.referrer === undefined) return undefined;
    return URL.canParse(event.referrer) ? new URL(event.referrer).hostname : event.referrer;
  }
  return event[dimension as 'source'];
}

/** Of `https://shop.example/a?b#c` and of `/a?b` it is `/a`. */
export function path(page: string): string {
  const url = new URL(page, 'https://any.example');
  return decodeURI(url.pathname);
}

/** The dates on which a person did something, in order. */
export const datesOf = (events: readonly FootfallEvent[], site: Site) =>
  [...new Set(events.map(({ ts }) => dateOf(ts, site)))].sort();

/** Days since the date before in the list, by date; 0 for the first. */
export const gapsOf = (dates: readonly string[]): [date: string, gap: number][] =>
  dates.map((date, i) => [date, i === 0 ? 0 : dayNumber(date) - dayNumber(dates[i - 1]!)]);

/** The first date of the period that a date is in. */
export function periodStart(date: string, period: 'day' | 'week' | 'month'): string {
  if (period === 'day') return date;
  if (period === 'month') return `${date.slice(0, 7)}-01`;
  const monday = new Date(date);
  while (monday.getUTCDay() !== 1) monday.setUTCDate(monday.getUTCDate() - 1);
  return monday.toISOString().slice(0, 10);
}

/** How many periods lie between two starts of periods. */
export function periodsBetween(a: string, b: string, period: 'day' | 'week' | 'month'): number {
  if (period === 'month') {
    const months = (date: string) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
    return months(b) - months(a);
  }
  return (dayNumber(b) - dayNumber(a)) / (period === 'week' ? 7 : 1);
}

export const COHORTS_KEPT = { day: 90, week: 53, month: 36 };

/** The cells of cohorts that a person is in: how many periods after the first one they came (again). */
export function cohortsOf(
  dates: readonly string[],
  period: 'day' | 'week' | 'month',
): [start: string, n: number][] {
  const starts = [...new Set(dates.map((date) => periodStart(date, period)))].sort();
  return starts
    .map((start): [string, number] => [starts[0]!, periodsBetween(starts[0]!, start, period)])
    .filter(([, n]) => n <= COHORTS_KEPT[period]);
}

export interface NaiveFunnel {
  key: string;
  by: 'user' | 'session';
  window_hours: number;
  effective_from: number;
  steps: { event: string; filters?: { field: string; value: string }[] }[];
  /** Who does not take a step may take a later one; a day without a first step is entered at its earliest step. */
  skips?: true;
}

export const SHOP: NaiveFunnel = {
  key: 'shop',
  by: 'user',
  window_hours: 7 * 24,
  effective_from: 0,
  steps: [
    ...['view_item', 'add_to_cart', 'begin_checkout'],
    ...['add_shipping_info', 'add_payment_info', 'purchase'],
  ].map((event) => ({ event })),
  skips: true,
};

export interface Entry {
  date: string;
  /** The steps that the person reached, counted from 1, and when, ms. */
  taken: { step: number; ts: number }[];
}

/** A person's entries into a funnel. */
export function entriesOf(events: readonly FootfallEvent[], funnel: NaiveFunnel, site: Site): Entry[] {
  const counted = events.filter(({ received }) => received >= funnel.effective_from);
  if (funnel.by === 'session') {
    // Also what a server sent meanwhile takes steps of the visit.
    return sessionsOf(events, site)
      .map(({ events: own, date }) => ({
        date,
        taken: way(
          counted.filter(({ ts }) => own[0]!.ts <= ts && ts <= own.at(-1)!.ts),
          funnel,
        ),
      }))
      .filter(({ taken }) => taken.length > 0);
  }
  const steps = funnel.skips ? funnel.steps : funnel.steps.slice(0, 1);
  const firsts = counted.filter((event) => steps.some((step) => takes(event, step)));
  return datesOf(firsts, site).map((date) => {
    const that = firsts.filter(({ ts }) => dateOf(ts, site) === date);
    const first = steps.findIndex((step) => that.some((event) => takes(event, step)));
    const start = Math.min(...that.filter((event) => takes(event, steps[first]!)).map(({ ts }) => ts));
    return {
      date,
      taken: way(
        counted.filter(({ ts }) => ts >= start),
        funnel,
        first,
      ),
    };
  });
}

/** @param first the step at which it begins, counted from 0 */
function way(
  events: readonly FootfallEvent[],
  { steps, window_hours, skips }: NaiveFunnel,
  first = 0,
): Entry['taken'] {
  const taken: Entry['taken'] = [];
  for (const [i, step] of steps.entries()) {
    if (i < first) continue;
    const before = taken.at(-1)?.ts;
    const next = byTime(events).find(
      (event) =>
        takes(event, step) &&
        (before === undefined || event.ts >= before) &&
        (i === 0 || step.event !== steps[i - 1]!.event || event.ts > before!) &&
        (before === undefined || event.ts - taken[0]!.ts <= window_hours * 60 * MINUTE),
    );
    if (next) taken.push({ step: i + 1, ts: next.ts });
    else if (!skips) break;
  }
  return taken;
}

/**
 * How far people came in a funnel of the steps that there are, without regard to the others. Written a second time, since
 * the shop funnel is kept in another way than it is answered.
 */
export function shownSteps(
  events: readonly FootfallEvent[],
  funnel: NaiveFunnel,
  site: Site,
  { from, to }: { from: string; to: string },
): NaiveFunnel['steps'] {
  if (!funnel.skips) return funnel.steps;
  // The last instant of the last day, and a week.
  let end = Date.parse(to) - 26 * 60 * MINUTE;
  while (dateOf(end + MINUTE, site) <= to) end += MINUTE;
  const last = dateOf(end + MINUTE - 1 + funnel.window_hours * 60 * MINUTE, site);
  const within = events.filter(({ ts }) => dateOf(ts, site) >= from && dateOf(ts, site) <= last);
  return funnel.steps.filter((step) => within.some((event) => takes(event, step)));
}

function takes(event: FootfallEvent, { event: name, filters = [] }: NaiveFunnel['steps'][number]): boolean {
  return (
    event.name === name &&
    filters.every(({ field, value }) => {
      if (field === 'item_id') return event.items?.some(({ id }) => id === value);
      if (field === 'category' || field === 'brand')
        return event.items?.some((item) => item[field] === value);
      if (field === 'page') return event.page !== undefined && path(event.page) === value;
      return event[field as 'country'] === value;
    })
  );
}

/** Seconds between two steps as they are stored: three significant digits. */
export function seconds(ms: number): number {
  const whole = Math.floor(ms / 1_000);
  const digits = String(whole);
  return digits.length <= 3 ? whole : Number(digits.slice(0, 3).padEnd(digits.length, '0'));
}
