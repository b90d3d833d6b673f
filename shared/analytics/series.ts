import { IANAZone } from 'luxon';
import { z } from 'zod';
import { periodOf, periodStart } from '../aggregation/cohorts.ts';
import {
  BOUNCES,
  CONVERTED_SESSIONS,
  NEW_CUSTOMERS,
  NEW_USERS,
  ORDERS,
  ordersIn,
  REFUNDS,
  refundedIn,
  revenueIn,
  SESSION_MS,
  SESSIONS,
  UNITS,
  UNITS_REFUNDED,
} from '../aggregation/counters.ts';
import { HOURS_KEPT_MS } from '../aggregation/fold.ts';
import { getOrMake, increase, type Sums } from '../aggregation/sums.ts';
import { FootfallError } from '../errors.ts';
import { fromMinor } from '../money.ts';
import { currencyCode, type Site } from '../sites.ts';
import { splitField } from '../store/fields.ts';
import type { StoreReader } from '../store/reads.ts';
import { type Day, dayStart, formatDay, HOUR_MS, localDay, localHourStart, MINUTE_MS } from '../time.ts';
import { eventsByName, totalOf } from './counts.ts';
import { bounded } from './money.ts';
import { type DayRange, dayRange, rangeParameters } from './range.ts';
import { average, rate } from './rates.ts';
import { countUsers } from './unique-users.ts';

/** Points of one answer. */
const MAX_POINTS = 10_000;

const MONEY_METRICS = ['revenue', 'refunded', 'net', 'average_order'] as const;
const USER_METRICS = ['users', 'new_users', 'returning_users', 'new_customers'] as const;
const METRICS = [
  'events',
  'sessions',
  'bounces',
  'bounce_rate',
  'session_ms_average',
  'conversion_rate',
  'orders',
  'refunds',
  'units',
  'units_refunded',
  ...MONEY_METRICS,
  ...USER_METRICS,
] as const;
type Metric = (typeof METRICS)[number];

export const seriesQuery = z.object({
  ...rangeParameters,
  metric: z.enum(METRICS).default('events'),
  grain: z
    .enum(['minute', 'hour', 'day', 'week', 'month'])
    .default('day')
    .meta({ description: 'Weeks begin on Monday. Minutes are kept for 2 days, hours for 90' }),
  zone: z
    .string()
    .max(100)
    .refine((zone) => IANAZone.isValidZone(zone), 'an IANA time zone')
    .optional()
    .meta({
      description:
        "Whose days and hours they are; the site's when absent. Days of another zone are made of hours, so they " +
        'reach back 90 days, for zones that differ from the site’s by whole hours',
      example: 'Europe/Madrid',
    }),
  currency: currencyCode.optional().meta({ description: "For metrics of money; the site's when absent" }),
});

export const seriesSchema = z
  .object({
    metric: z.enum(METRICS),
    grain: z.string(),
    zone: z.string(),
    currency: z.string().optional(),
    points: z.array(
      z.object({
        start: z
          .string()
          .meta({ description: 'The first day (YYYY-MM-DD), or an instant for hours and minutes' }),
        value: z
          .number()
          .nullable()
          .meta({ description: 'Money in minor units; null: nothing to divide by' }),
        amount: z.string().optional().meta({ description: 'Money in units of the currency' }),
      }),
    ),
  })
  .meta({
    id: 'Series',
    examples: [
      {
        metric: 'revenue',
        grain: 'day',
        zone: 'Europe/Madrid',
        currency: 'EUR',
        points: [{ start: '2026-03-01', value: 125_000, amount: '1250.00' }],
      },
    ],
  });

type SeriesQuery = z.infer<typeof seriesQuery>;

/**
 * One metric over time; each point with its own users, sessions and so on, none interpolated.
 * @throws FootfallError `unsupported_grain`, `unsupported_zone`, `too_many_points` (400), and as {@link dayRange}.
 */
export async function readSeries(
  store: StoreReader,
  site: Site,
  query: SeriesQuery,
  now = Date.now(),
): Promise<z.infer<typeof seriesSchema>> {
  const { metric, grain } = query;
  const zone = query.zone ?? site.zone;
  const currency = query.currency ?? site.currency;
  const isFine = grain === 'hour' || grain === 'minute';
  const isOfUsers = (USER_METRICS as readonly string[]).includes(metric);
  if (isOfUsers && isFine) {
    throw new FootfallError('unsupported_grain', 400, 'Users are told apart by day, week and month.');
  }
  if (isOfUsers && zone !== site.zone) {
    throw new FootfallError('unsupported_zone', 400, "Users are told apart by days of the site's zone.");
  }
  const range = await rangeOf(store, site, { ...query, zone }, now);
  const points =
    isFine || zone !== site.zone
      ? await finePoints(store, site, range, { grain, zone, now })
      : await dayPoints(store, site, range, grain, isOfUsers);
  const isMoney = (MONEY_METRICS as readonly string[]).includes(metric);
  return {
    metric,
    grain,
    zone,
    ...(isMoney && { currency }),
    points: points.map(({ start, sums, users }) => {
      const value = metricValue(metric, sums, users, currency);
      const amount = isMoney && value !== null ? fromMinor(value, currency) : undefined;
      return { start, value, ...(amount !== undefined && { amount }) };
    }),
  };
}

interface Point {
  start: string;
  sums: Sums;
  users: number;
}

async function rangeOf(
  store: StoreReader,
  site: Site,
  query: SeriesQuery & { zone: string },
  now: number,
): Promise<DayRange> {
  const today = localDay(now, query.zone);
  const asked = dayRange(query, { ...site, zone: query.zone });
  const to = Math.min(asked.to, Math.max(today, asked.from));
  if (query.from !== undefined) return { from: asked.from, to };
  // Fine points of all times would be too many: the last ones are meant.
  if (query.grain === 'minute') return { from: to, to };
  if (query.grain === 'hour') return { from: to - 6, to };
  const days = await store.days(site.id);
  const first = days.find((day) => day >= asked.from) ?? to;
  return { from: Math.min(query.zone === site.zone ? first : Math.max(first, today - 88), to), to };
}

/** Points of days and more, of the site's own days. */
async function dayPoints(
  store: StoreReader,
  site: Site,
  { from, to }: DayRange,
  grain: SeriesQuery['grain'],
  withUsers: boolean,
): Promise<Point[]> {
  const days = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const [byDay, gaps] = await Promise.all([
    store.dayHashes('day', site.id, days),
    withUsers ? store.dayHashes('gaps', site.id, days) : [],
  ]);
  const period = grain === 'week' || grain === 'month' ? grain : 'day';
  const startOf = (day: Day) => periodStart(periodOf(day, period), period);
  const groups = Map.groupBy(days, startOf);
  const gapsByGroup = Map.groupBy(gaps, ({ day }) => startOf(day));
  const sumsByGroup = new Map<Day, Sums>();
  for (const { day, sums } of byDay) {
    const group = getOrMake(sumsByGroup, startOf(day), () => new Map());
    for (const [counter, amount] of sums) increase(group, counter, amount);
  }
  return [...groups].map(([start, own]) => ({
    start: formatDay(start),
    sums: sumsByGroup.get(start) ?? new Map(),
    users: countUsers(gapsByGroup.get(start) ?? [], own[0]!),
  }));
}

/** Points that are made of hours or minutes, which are instants: of any zone. */
async function finePoints(
  store: StoreReader,
  site: Site,
  { from, to }: DayRange,
  { grain, zone, now }: { grain: SeriesQuery['grain']; zone: string; now: number },
): Promise<Point[]> {
  const begin = dayStart(from, zone);
  const end = Math.min(dayStart(to + 1, zone), Math.max(now, begin + 1));
  const step = grain === 'minute' ? MINUTE_MS : HOUR_MS;
  if ((end - begin) / step > MAX_POINTS) {
    throw new FootfallError('too_many_points', 400, `An answer has at most ${MAX_POINTS} points.`, {
      details: { limit_points: MAX_POINTS },
    });
  }
  if (grain !== 'minute' && zone !== site.zone) checkHours({ begin, end, now }, zone, site);
  const days: Day[] = [];
  for (let day = localDay(begin, site.zone); day <= localDay(end - 1, site.zone); day++) days.push(day);
  const startOf = startsOf(grain, zone);
  const points = new Map<string, Point>();
  const addPoint = (start: string) => points.set(start, { start, sums: new Map(), users: 0 });
  for (let ts = begin; ts < end; ts += step) addPoint(startOf(ts));
  // Where a clock was put back by half an hour, the steps are half an hour away from the hours.
  addPoint(startOf(end - 1));
  // Such an hour began, by its clock, within the one before: where a bucket begins does not say which it is.
  const ownHours = grain === 'hour' && zone === site.zone;
  for (const { sums } of await store.dayHashes(grain === 'minute' ? 'minutes' : 'hours', site.id, days)) {
    for (const [field, amount] of sums) {
      const [seconds, counter] = splitField(field);
      const ts = Number(seconds) * 1_000;
      const start = ownHours ? new Date(ts).toISOString() : startOf(ts);
      const point = ts >= begin && ts < end ? points.get(start) : undefined;
      if (point) increase(point.sums, counter, amount);
    }
  }
  return [...points.values()];
}

function startsOf(grain: SeriesQuery['grain'], zone: string): (ts: number) => string {
  if (grain === 'minute') return (ts) => new Date(Math.floor(ts / MINUTE_MS) * MINUTE_MS).toISOString();
  if (grain === 'hour') return (ts) => new Date(localHourStart(ts, zone)).toISOString();
  return (ts) => formatDay(periodStart(periodOf(localDay(ts, zone), grain), grain));
}

/** Another zone's hours and days are the site's hours put together anew: they have to be kept, and to fit. */
function checkHours(
  { begin, end, now }: { begin: number; end: number; now: number },
  zone: string,
  site: Site,
): void {
  if (begin < now - HOURS_KEPT_MS + 24 * HOUR_MS) {
    throw new FootfallError('unsupported_zone', 400, 'Days of another zone reach back 89 days.');
  }
  for (let ts = begin; ts < end; ts += HOUR_MS) {
    if ((localHourStart(ts, zone) - localHourStart(ts, site.zone)) % HOUR_MS !== 0) {
      const message = `Hours of ${zone} are not hours of the site's zone, ${site.zone}.`;
      throw new FootfallError('unsupported_zone', 400, message);
    }
  }
}

function metricValue(metric: Metric, sums: Sums, users: number, currency: string): number | null {
  const sum = (counter: string) => sums.get(counter) ?? 0;
  switch (metric) {
    case 'events':
      return totalOf(eventsByName(sums));
    case 'sessions':
      return sum(SESSIONS);
    case 'bounces':
      return sum(BOUNCES);
    case 'bounce_rate':
      return rate(sum(BOUNCES), sum(SESSIONS));
    case 'session_ms_average':
      return average(sum(SESSION_MS), sum(SESSIONS));
    case 'conversion_rate':
      return rate(sum(CONVERTED_SESSIONS), sum(SESSIONS));
    case 'orders':
      return sum(ORDERS);
    case 'refunds':
      return sum(REFUNDS);
    case 'units':
      return sum(UNITS);
    case 'units_refunded':
      return sum(UNITS_REFUNDED);
    case 'revenue':
      return bounded(sum(revenueIn(currency)));
    case 'refunded':
      return bounded(sum(refundedIn(currency)));
    case 'net':
      return bounded(sum(revenueIn(currency)) - sum(refundedIn(currency)));
    case 'average_order':
      return average(bounded(sum(revenueIn(currency))), sum(ordersIn(currency)));
    case 'users':
      return users;
    case 'new_users':
      return sum(NEW_USERS);
    case 'returning_users':
      return users - sum(NEW_USERS);
    case 'new_customers':
      return sum(NEW_CUSTOMERS);
  }
}
