import { z } from 'zod';
import {
  BOT_DIMENSIONS,
  DIMENSIONS,
  type Dimension,
  EVENT_DIMENSIONS,
  ITEM_DIMENSIONS,
  NOT_SET,
  VALUES,
} from '../event/dimensions.ts';
import { fromThousandths } from '../event/quantity.ts';
import {
  BOUNCES,
  EVENTS,
  INTERACTIONS,
  ORDERS,
  REFUNDS,
  refundedIn,
  revenueIn,
  SESSIONS,
  UNITS,
  UNITS_REFUNDED,
} from '../fold/counter-names.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { cursorParameter, limitParameter, nextCursor, pageOf } from '../platform/http/cursor.ts';
import { splitField } from '../platform/redis/fields.ts';
import type { Day } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { currencyCode, type Site } from '../sites/site.ts';
import { eventsByName, sumOf, totalOf } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import { amountOf, amountSchema, moneyRows, moneySchema } from './money-figures.ts';
import { unitsSchema } from './products.ts';
import { question } from './question.ts';
import { sessionFigures, sessionFiguresOf } from './session-figures.ts';

const dimensionParameter = z.enum(DIMENSIONS);

const EVENT_METRICS = [EVENTS, ORDERS, REFUNDS] as const;
const ITEM_METRICS = [INTERACTIONS, 'views', 'carts', 'purchases', UNITS, UNITS_REFUNDED] as const;
/** Metrics that are counted in thousandths. */
const UNIT_COUNTS: ReadonlySet<string> = new Set([UNITS, UNITS_REFUNDED]);
const SESSION_METRICS = [SESSIONS, BOUNCES, ORDERS] as const;
const MONEY_METRICS = ['revenue', 'refunded'] as const;

export const breakdownQuery = z.object({
  ...rangeParameters,
  metric: z
    .enum([...new Set([...EVENT_METRICS, ...ITEM_METRICS, ...SESSION_METRICS, ...MONEY_METRICS])])
    .optional()
    .meta({
      description:
        'What to rank by. Dimensions of events have events (the default), orders, refunds; of items: interactions ' +
        '(the default), views, carts, purchases, units, units_refunded; of sessions: sessions (the default), ' +
        'bounces, orders. All of them have revenue; those of events and items have refunded. Bots have events only',
    }),
  currency: currencyCode
    .optional()
    .meta({ description: "For the metrics revenue and refunded; the site's currency when absent" }),
  limit: limitParameter(10),
  cursor: cursorParameter,
});

const count = z.number().int().optional();

export const breakdownSchema = z
  .object({
    dimension: dimensionParameter,
    metric: z.string(),
    total_values: z.number().int(),
    rows: z.array(
      z.object({
        value: z.string().meta({
          description: '(not set): without a value; (other): all values beyond those that are kept for a day',
        }),
        events: count,
        interactions: count,
        views: count,
        carts: count,
        purchases: count,
        units: unitsSchema.optional(),
        units_refunded: unitsSchema.optional(),
        ...z.object(sessionFigures).partial().shape,
        orders: count,
        refunds: count,
        money: z.array(moneySchema).optional(),
        revenue: z.array(amountSchema).optional().meta({
          description: 'For dimensions of sessions, instead of money: refunds belong to no session',
        }),
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'Breakdown',
    examples: [
      {
        dimension: 'device',
        metric: 'events',
        total_values: 2,
        rows: [
          { value: 'mobile', events: 30_110, orders: 311, refunds: 9, money: [] },
          { value: '(not set)', events: 18_100, orders: 344, refunds: 12, money: [] },
        ],
      },
    ],
  });

/**
 * Counts by the values of a dimension, the largest first; equal ones in the order of their values.
 * @throws FootfallError `unsupported_metric` (400) for a metric that the dimension does not have.
 */
export async function readBreakdown(
  store: StoreReader,
  site: Site,
  dimension: Dimension,
  query: z.infer<typeof breakdownQuery>,
): Promise<z.infer<typeof breakdownSchema>> {
  const metrics = metricsOf(dimension);
  const metric = query.metric ?? metrics[0]!;
  if (!metrics.includes(metric)) {
    const message = `${dimension} has no metric ${metric}; it has ${metrics.join(', ')}.`;
    throw new FootfallError('unsupported_metric', 400, message);
  }
  const { days } = await resolveRange(store, site, query);
  const values = await valuesOf(store, site, days, dimension);
  const currency = query.currency ?? site.currency;
  const counter =
    metric === 'revenue' ? revenueIn(currency) : metric === 'refunded' ? refundedIn(currency) : metric;
  const ranked = [...values]
    .filter(([, sums]) => [...sums.values()].some((amount) => amount !== 0))
    .sort(([a, x], [b, y]) => (y.get(counter) ?? 0) - (x.get(counter) ?? 0) || (a < b ? -1 : 1));
  const { from: _, rows, ...next } = pageOf(ranked, query.cursor, query.limit);
  return {
    dimension,
    metric,
    total_values: ranked.length,
    rows: rows.map(([value, sums]) => ({
      value,
      ...figuresOf(dimension, sums),
      ...moneyOf(dimension, sums),
    })),
    ...next,
  };
}

/** The counters of each value of a dimension on some days. For events, `(not set)` has the events without a value. */
export async function valuesOf(
  store: StoreReader,
  site: Site,
  days: readonly Day[],
  dimension: Dimension,
): Promise<Map<string, Counters>> {
  const values = new Map<string, Counters>();
  for (const [field, amount] of await store.breakdownSums(site.id, days, dimension)) {
    if (field === VALUES) continue;
    const [counter, value] = splitField(field);
    getOrMake(values, value, () => new Map<string, number>()).set(counter, amount);
  }
  if (isOfEvents(dimension)) await addTheRest(store, site, days, values);
  return values;
}

/** Whether a counter of days, besides those of events by name, is also kept by the values of events. */
export const hasEventValues = (counter: string) =>
  /^(orders|refunds|revenue:|refunded:|orders:)/.test(counter);

export const isOfEvents = (dimension: Dimension) =>
  (EVENT_DIMENSIONS as readonly string[]).includes(dimension);
const isOfItems = (dimension: Dimension) => (ITEM_DIMENSIONS as readonly string[]).includes(dimension);
const isOfBots = (dimension: Dimension) => (BOT_DIMENSIONS as readonly string[]).includes(dimension);

function metricsOf(dimension: Dimension): readonly string[] {
  if (isOfBots(dimension)) return [EVENTS];
  if (isOfEvents(dimension)) return [...EVENT_METRICS, ...MONEY_METRICS];
  return isOfItems(dimension) ? [...ITEM_METRICS, ...MONEY_METRICS] : [...SESSION_METRICS, 'revenue'];
}

function figuresOf(dimension: Dimension, sums: Counters) {
  const pick = (names: readonly string[]) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        UNIT_COUNTS.has(name) ? fromThousandths(sums.get(name) ?? 0) : (sums.get(name) ?? 0),
      ]),
    );
  if (isOfBots(dimension)) return pick([EVENTS]);
  if (isOfEvents(dimension)) return pick(EVENT_METRICS);
  if (isOfItems(dimension)) return pick(ITEM_METRICS);
  return { ...sessionFiguresOf(sums), ...pick([ORDERS]) };
}

/** Sessions have no refunds: a refund often is a session of its own, and does not tell where its order came from. */
function moneyOf(dimension: Dimension, sums: Counters) {
  if (isOfBots(dimension)) return {};
  const money = moneyRows(sums);
  if (isOfEvents(dimension) || isOfItems(dimension)) return { money };
  return { revenue: money.map(({ currency, revenue_minor }) => amountOf(revenue_minor, currency)) };
}

/** Events without a value are not stored: they are the days' totals less the events that have one. */
async function addTheRest(
  store: StoreReader,
  site: Site,
  days: readonly Day[],
  values: Map<string, Counters>,
): Promise<void> {
  const totals = sumOf((await store.dayHashes('day', site.id, days)).map(({ sums }) => sums));
  const rest: Counters = new Map([[EVENTS, totalOf(eventsByName(totals))]]);
  for (const [counter, amount] of totals) {
    if (hasEventValues(counter)) rest.set(counter, amount);
  }
  for (const sums of values.values()) for (const [counter, amount] of sums) increase(rest, counter, -amount);
  const own = getOrMake(values, NOT_SET, () => new Map());
  for (const [counter, amount] of rest) increase(own, counter, amount);
}

export const breakdownQuestion = question({
  path: '/v1/breakdowns/{dimension}',
  summary: 'What happened by country, device, source, page, category or another dimension',
  parameters: z.object({ dimension: dimensionParameter }),
  query: breakdownQuery,
  answer: breakdownSchema,
  cached: 'days',
  csv: { columns: ['value'], rows: ({ rows }) => rows },
  read: ({ store, site }, { dimension }, query) => readBreakdown(store, site, dimension, query),
});
