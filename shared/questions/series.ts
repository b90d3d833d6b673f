import { IANAZone } from 'luxon';
import * as z from 'zod';
import { DIMENSIONS } from '../event/dimensions.ts';
import { fromThousandths } from '../event/quantity.ts';
import {
  BOTS,
  BOUNCES,
  CARTED_SESSIONS,
  CHECKOUT_SESSIONS,
  CONVERTED_SESSIONS,
  EVENTS,
  FIRST_ORDERS,
  NEW_ACCOUNTS,
  NEW_USERS,
  ORDERS,
  ordersIn,
  partIn,
  REFUNDS,
  REPEAT_ORDERS,
  refundedIn,
  revenueIn,
  SESSION_MS,
  SESSIONS,
  UNITS,
  UNITS_REFUNDED,
  VIEWED_SESSIONS,
} from '../fold/counter-names.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { fromMinor } from '../platform/money.ts';
import { localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { currencyCode, type Site } from '../sites/site.ts';
import { average, eventsByName, rate, totalOf } from './arithmetic.ts';
import { LONGEST_WAIT_DAYS } from './carts-daily.ts';
import { type DayRange, dayRange, daysOf, rangeParameters } from './date-range.ts';
import { bounded } from './money-figures.ts';
import { question } from './question.ts';
import { metricsBy, REST, seriesByValue } from './series-by.ts';
import {
  CART_METRICS,
  CART_MONEY_METRICS,
  type CartMetric,
  cartPeriods,
  cartValue,
  isCartMetric,
} from './series-carts.ts';
import {
  type Bucket,
  calendarBuckets,
  clockBuckets,
  GRAINS,
  type Grain,
  isClockGrain,
} from './time-buckets.ts';
import { isFirstSince } from './unique-users.ts';

/** The most values with a series of their own, and how many have one when the query does not say. */
const MAX_SERIES = 20;
const DEFAULT_SERIES = 5;
/** The most metrics that one question adds to its own. */
const MAX_ALSO = 20;

const canonicalZone = (zone: string) =>
  IANAZone.isValidZone(zone)
    ? new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
    : zone;

const MONEY_METRICS = [
  ...(['gross', 'discounts', 'revenue', 'refunded', 'net', 'shipping', 'tax'] as const),
  'average_order',
] as const;
const USER_METRICS = ['users', 'new_users', 'returning_users', 'new_accounts'] as const;
type UserMetric = (typeof USER_METRICS)[number];
export const METRICS = [
  'events',
  'bots',
  'sessions',
  'engaged_sessions',
  'engagement_rate',
  'bounces',
  'bounce_rate',
  'session_ms_average',
  ...(['viewed_sessions', 'view_rate', 'carted_sessions', 'cart_rate'] as const),
  ...(['checkout_sessions', 'checkout_rate', 'converted_sessions', 'conversion_rate'] as const),
  'orders',
  'refunds',
  'units',
  'units_refunded',
  'new_customers',
  'repeat_orders',
  ...MONEY_METRICS,
  ...USER_METRICS,
  ...CART_METRICS,
] as const;
export type Metric = (typeof METRICS)[number];

const isOfUsers = (metric: Metric) => (USER_METRICS as readonly string[]).includes(metric);
/** Whether a metric exists by day, week and month of the site only. */
const isOfDays = (metric: Metric) => isOfUsers(metric) || isCartMetric(metric);
/** Those that hours have, too. */
export type ClockMetric = Exclude<Metric, UserMetric | CartMetric>;
export const isClockMetric = (metric: Metric): metric is ClockMetric => !isOfDays(metric);
export const isMoneyMetric = (metric: Metric) =>
  ([...MONEY_METRICS, ...CART_MONEY_METRICS] as readonly string[]).includes(metric);

/** Values are ranked by their sessions where the metric is a part of them. */
const PARTS_OF_SESSIONS: readonly Metric[] = [
  ...(['engagement_rate', 'bounce_rate', 'session_ms_average'] as const),
  ...(['view_rate', 'cart_rate', 'checkout_rate', 'conversion_rate'] as const),
];

const seriesQuery = z.object({
  ...rangeParameters,
  metric: z.enum(METRICS).default('events'),
  also: z
    .preprocess(
      (text) => (typeof text === 'string' ? text.split(',') : text),
      z.array(z.enum(METRICS)).max(MAX_ALSO),
    )
    .optional()
    .meta({
      override: { type: 'array', maxItems: MAX_ALSO, items: { type: 'string', enum: [...METRICS] } },
      param: { style: 'form', explode: false },
      description:
        'Further metrics over the same time, separated by commas: `also` of the answer has them. All are read in one ' +
        'step, so one question of several costs little more than one of one. Not together with by',
      example: 'orders,sessions',
    }),
  grain: z
    .enum(GRAINS)
    .default('day')
    .meta({ description: 'Weeks begin on Monday. Minutes are kept for 2 days, hours for 90' }),
  zone: z
    .string()
    .max(100)
    .refine((zone) => IANAZone.isValidZone(zone), 'must be an IANA time zone, such as Europe/Madrid')
    // One spelling for each zone, since clocks are cached by zone.
    .overwrite((zone) => canonicalZone(zone))
    .optional()
    .meta({
      description:
        "The time zone of days and hours; the site's when absent. Days of another zone are made of hours. They go " +
        'back 90 days, and need a zone that differs from the site’s by whole hours',
      example: 'Europe/Madrid',
    }),
  currency: currencyCode
    .optional()
    .meta({ description: "For metrics of money; the site's currency when absent" }),
  by: z
    .enum(DIMENSIONS)
    .optional()
    .meta({
      description:
        'Adds a series for each of the largest values of a dimension. Events have events, orders, refunds and money; ' +
        'items units and money; sessions their own metrics, orders and revenue; bots have bots. By day, week or month ' +
        "of the site's zone",
      example: 'channel',
    }),
  top: z.coerce
    .number('a whole number')
    .int()
    .min(1)
    .max(MAX_SERIES)
    .optional()
    .meta({ description: 'With by: how many values have a series of their own; 5 when absent' }),
});

const pointSchema = z.object({
  start: z.string().meta({ description: 'The first day (YYYY-MM-DD), or an instant for hours and minutes' }),
  value: z.number().nullable().meta({
    description: 'Money in minor units, units with up to three decimals; null: there is nothing to divide by',
  }),
  amount: z.string().optional().meta({ description: 'Money in units of the currency' }),
});

export const seriesSchema = z
  .object({
    metric: z.enum(METRICS),
    grain: z.string(),
    zone: z.string(),
    currency: z.string().optional(),
    points: z.array(pointSchema),
    also: z
      .array(
        z.object({
          metric: z.enum(METRICS),
          currency: z.string().optional(),
          points: z.array(pointSchema).meta({ description: 'With the starts of those above' }),
        }),
      )
      .optional()
      .meta({ description: 'With also: the further metrics, in the order of the question' }),
    by: z.string().optional(),
    series: z
      .array(
        z.object({
          value: z.string().meta({
            description: `A value of the dimension, as in a breakdown; ${REST}: all others together`,
          }),
          total: z.number().nullable().meta({ description: 'Over the whole range' }),
          points: z.array(pointSchema),
        }),
      )
      .optional()
      .meta({
        description: 'With by: the values with the most in the range, the largest first, then the rest',
      }),
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

/** Without the defaults of its parameters. */
type SeriesQuery = z.infer<typeof seriesQuery>;

/**
 * One or several metrics over time. Each point has exact users, sessions and so on of its own; none is interpolated.
 * @param options.cartMinutes without a change after which a cart counts as left
 * @throws FootfallError `unsupported_grain`, `unsupported_zone`, `unsupported_metric`, `top_without_by`, `also_with_by` (400), and as
 *   {@link dayRange} and {@link clockBuckets}.
 */
export async function readSeries(
  store: StoreReader,
  site: Site,
  query: SeriesQuery,
  { now = Date.now(), cartMinutes }: { now?: number; cartMinutes: number },
): Promise<z.infer<typeof seriesSchema>> {
  const { metric, grain } = query;
  const zone = query.zone ?? site.zone;
  const currency = query.currency ?? site.currency;
  const metrics = metricsOf(query);
  for (const one of metrics.filter(isOfDays)) {
    const what = isCartMetric(one) ? 'carts' : 'users';
    if (isClockGrain(grain)) {
      throw new FootfallError('unsupported_grain', 400, `Metrics of ${what} exist by day, week and month.`);
    }
    if (zone !== site.zone) {
      throw new FootfallError('unsupported_zone', 400, `Metrics of ${what} exist in the site's own zone.`);
    }
  }
  assertBy(query, zone !== site.zone);
  const range = await rangeOf(store, site, { ...query, zone }, now);
  // Each is read once, however many of the metrics are made of it.
  const [buckets, carts] = await Promise.all([
    metrics.every(isCartMetric)
      ? []
      : bucketsOf(store, site, range, { grain, zone, now, withUsers: metrics.some(isOfUsers) }),
    metrics.some(isCartMetric) && !isClockGrain(grain)
      ? cartPeriods(store, site, daysOf(range), { grain, thresholdMinutes: cartMinutes, now })
      : [],
  ]);
  const pointOf = (of: Metric, start: string, value: number | null) => ({
    start,
    value,
    ...(isMoneyMetric(of) && value !== null && { amount: fromMinor(value, currency) }),
  });
  const seriesOf = (one: Metric) => ({
    ...(isMoneyMetric(one) && { currency }),
    points: isCartMetric(one)
      ? carts.map(({ start, figures }) => pointOf(one, start, cartValue(figures, one, currency)))
      : buckets.map(({ start, sums, users = 0 }) =>
          pointOf(one, start, metricValue(one, sums, users, currency)),
        ),
  });
  const whole = {
    ...{ metric, grain, zone },
    ...seriesOf(metric),
    ...(query.also && { also: query.also.map((one) => ({ metric: one, ...seriesOf(one) })) }),
  };
  if (query.by === undefined || isClockGrain(grain) || isCartMetric(metric)) return whole;
  // In a breakdown all events, and those of bots, have one counter.
  const measure = (sums: Counters) =>
    metric === 'events' || metric === 'bots'
      ? (sums.get(EVENTS) ?? 0)
      : metricValue(metric, sums, 0, currency);
  const sizeOf = (sums: Counters) =>
    PARTS_OF_SESSIONS.includes(metric)
      ? (sums.get(SESSIONS) ?? 0)
      : // One dear order would make its value the largest.
        metric === 'average_order'
        ? (sums.get(ordersIn(currency)) ?? 0)
        : (measure(sums) ?? 0);
  const { by, top = DEFAULT_SERIES } = query;
  const values = await seriesByValue(
    store,
    site,
    { range, grain, dimension: by, metric, top },
    buckets,
    sizeOf,
  );
  return {
    ...whole,
    by,
    series: values.map(({ value, sums, buckets: own }) => ({
      value,
      total: measure(sums),
      points: buckets.map(({ start }) => pointOf(metric, start, measure(own.get(start) ?? new Map()))),
    })),
  };
}

/** Its own and those that it adds, each once. */
const metricsOf = ({ metric, also = [] }: SeriesQuery): Metric[] => [...new Set([metric, ...also])];

/**
 * @throws FootfallError `top_without_by`, `also_with_by`, `unsupported_grain`, `unsupported_zone`, `unsupported_metric`
 *   400.
 */
function assertBy({ by, top, metric, also, grain }: SeriesQuery, isOtherZone: boolean): void {
  if (by === undefined) {
    if (top === undefined) return;
    throw new FootfallError('top_without_by', 400, 'top needs by.');
  }
  if (also !== undefined) {
    throw new FootfallError('also_with_by', 400, 'by is of one metric: ask without also.');
  }
  if (isClockGrain(grain)) {
    throw new FootfallError('unsupported_grain', 400, 'Values exist by day, week and month.');
  }
  if (isOtherZone) {
    throw new FootfallError('unsupported_zone', 400, "Values exist in the site's own zone.");
  }
  const metrics = metricsBy(by);
  if (metrics.includes(metric)) return;
  const message = `${by} has no series of ${metric}; it has ${metrics.join(', ')}.`;
  throw new FootfallError('unsupported_metric', 400, message);
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
  // All minutes or hours would be too many, so these are the last ones.
  if (query.grain === 'minute') return { from: to, to };
  if (query.grain === 'hour') return { from: to - 6, to };
  const days = await store.days(site.id);
  const first = days.find((day) => day >= asked.from) ?? to;
  return { from: Math.min(query.zone === site.zone ? first : Math.max(first, today - 88), to), to };
}

/** A bucket with its different users, where a metric needs them. */
type WithUsers = Bucket & { users?: number };

/** The buckets of a range, from hours and minutes where the days are not the site's own. */
async function bucketsOf(
  store: StoreReader,
  site: Site,
  range: DayRange,
  options: { grain: Grain; zone: string; now: number; withUsers: boolean },
): Promise<WithUsers[]> {
  const { grain, zone, withUsers } = options;
  if (isClockGrain(grain) || zone !== site.zone) return clockBuckets(store, site, range, options);
  const points = await calendarBuckets(store, site, range, grain);
  const users = new Map(points.map(({ start }) => [start, 0]));
  const pointOf = new Map(points.flatMap((point) => point.days.map((day) => [day, point] as const)));
  if (withUsers) {
    await store.eachGap(site.id, daysOf(range), (day, gap, count) => {
      const { start, days } = pointOf.get(day)!;
      if (isFirstSince(gap, day, days[0]!)) increase(users, start, count);
    });
  }
  return points.map(({ days: _, ...point }) => ({ ...point, users: users.get(point.start)! }));
}

/** A metric of some counters. @param users different people, for metrics of users */
export function metricValue(
  metric: Exclude<Metric, CartMetric>,
  sums: Counters,
  users: number,
  currency: string,
): number | null {
  const sum = (counter: string) => sums.get(counter) ?? 0;
  switch (metric) {
    case 'events':
      return totalOf(eventsByName(sums));
    case 'bots':
      return sum(BOTS);
    case 'sessions':
      return sum(SESSIONS);
    case 'engaged_sessions':
      return sum(SESSIONS) - sum(BOUNCES);
    case 'engagement_rate':
      return rate(sum(SESSIONS) - sum(BOUNCES), sum(SESSIONS));
    case 'bounces':
      return sum(BOUNCES);
    case 'bounce_rate':
      return rate(sum(BOUNCES), sum(SESSIONS));
    case 'session_ms_average':
      return average(sum(SESSION_MS), sum(SESSIONS));
    case 'viewed_sessions':
      return sum(VIEWED_SESSIONS);
    case 'view_rate':
      return rate(sum(VIEWED_SESSIONS), sum(SESSIONS));
    case 'carted_sessions':
      return sum(CARTED_SESSIONS);
    case 'cart_rate':
      return rate(sum(CARTED_SESSIONS), sum(SESSIONS));
    case 'checkout_sessions':
      return sum(CHECKOUT_SESSIONS);
    case 'checkout_rate':
      return rate(sum(CHECKOUT_SESSIONS), sum(SESSIONS));
    case 'converted_sessions':
      return sum(CONVERTED_SESSIONS);
    case 'conversion_rate':
      return rate(sum(CONVERTED_SESSIONS), sum(SESSIONS));
    case 'orders':
      return sum(ORDERS);
    case 'refunds':
      return sum(REFUNDS);
    case 'units':
      return fromThousandths(sum(UNITS));
    case 'units_refunded':
      return fromThousandths(sum(UNITS_REFUNDED));
    case 'gross':
      return bounded(sum(revenueIn(currency)) + sum(partIn('discount', currency)));
    case 'discounts':
      return bounded(sum(partIn('discount', currency)));
    case 'shipping':
      return bounded(sum(partIn('shipping', currency)));
    case 'tax':
      return bounded(sum(partIn('tax', currency)));
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
      return sum(FIRST_ORDERS);
    case 'repeat_orders':
      return sum(REPEAT_ORDERS);
    case 'new_accounts':
      return sum(NEW_ACCOUNTS);
  }
}

export const seriesQuestion = question({
  path: '/v1/series',
  summary: 'One or several metrics over time: by minute, hour, day, week or month',
  query: seriesQuery,
  answer: seriesSchema,
  cached: 'days',
  laterDays: (query) => (metricsOf(query).some(isCartMetric) ? LONGEST_WAIT_DAYS : 0),
  csv: {
    columns: ['start', 'value', 'amount'],
    rows: ({ metric, points, also, series }) =>
      series?.flatMap(({ value, points: own }) => own.map((point) => ({ by_value: value, ...point }))) ??
      (also
        ? [{ metric, points }, ...also].flatMap((one) =>
            one.points.map((point) => ({ metric: one.metric, ...point })),
          )
        : points),
  },
  // Points of hours stand beside each other by themselves.
  wholeDayFigures: (query) => {
    const { grain, by, zone } = query;
    const metrics = metricsOf(query);
    if (by !== undefined || zone !== undefined || isClockGrain(grain) || metrics.every(isOfDays))
      return undefined;
    return metrics.filter(isOfDays);
  },
  read: ({ store, site, cartAbandonedMinutes }, _, query) =>
    readSeries(store, site, query, { cartMinutes: cartAbandonedMinutes }),
});
