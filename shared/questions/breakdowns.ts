import * as z from 'zod';
import {
  DIMENSIONS,
  type Dimension,
  isBotDimension,
  isEventDimension,
  isItemDimension,
  isOrderDimension,
  isSessionDimension,
  NOT_SET,
  type SessionDimension,
  type StoredDimension,
  storedForSessions,
} from '../event/dimensions.ts';
import { fromThousandths } from '../event/quantity.ts';
import {
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
import { type Counters, increase } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { cursorParameter, limitParameter, nextCursor, pageOfFirst } from '../platform/http/cursor.ts';
import type { Day } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { currencyCode, type Site } from '../sites/site.ts';
import { eventsByName, totalOf } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import {
  amountOf,
  amountSchema,
  moneyRows,
  moneySchema,
  orderMoneyRows,
  orderMoneySchema,
} from './money-figures.ts';
import { unitsSchema } from './products.ts';
import { question } from './question.ts';
import { firstOf } from './ranking.ts';
import { SESSION_FIGURES, sessionFigures, sessionFiguresOf } from './session-figures.ts';
import { ValueSums } from './value-sums.ts';

const dimensionParameter = z.enum(DIMENSIONS);

const ORDER_METRICS = [ORDERS, REFUNDS] as const;
const ITEM_METRICS = [INTERACTIONS, 'views', 'carts', 'purchases', UNITS, UNITS_REFUNDED] as const;
/** Metrics that are counted in thousandths. */
const UNIT_COUNTS: ReadonlySet<string> = new Set([UNITS, UNITS_REFUNDED]);
const SESSION_METRICS = [...SESSION_FIGURES, ORDERS] as const;
const MONEY_METRICS = ['revenue', 'refunded'] as const;
/** Metrics of sessions' values that are stored as they are. */
const PLAIN_METRICS: ReadonlySet<string> = new Set([EVENTS, SESSIONS, ORDERS, 'revenue']);

export const breakdownQuery = z.object({
  ...rangeParameters,
  metric: z
    .enum([...new Set([EVENTS, ...ORDER_METRICS, ...ITEM_METRICS, ...SESSION_METRICS, ...MONEY_METRICS])])
    .optional()
    .meta({
      description:
        'What to rank by. page and search_term have events (the default), orders, refunds; coupon has orders (the ' +
        'default), refunds; category and brand: interactions (the default), views, carts, purchases, units, ' +
        'units_refunded. Dimensions of sessions have ' +
        'sessions (the default), the other figures and rates of sessions, and orders; device, browser, os and ' +
        'country have events (their default), too. All of them have revenue; those without sessions have refunded. ' +
        'bot has events only. Equal values are ranked by their sessions',
    }),
  currency: currencyCode
    .optional()
    .meta({ description: "For the metrics revenue and refunded; the site's currency when absent" }),
  limit: limitParameter(10),
  cursor: cursorParameter,
});

const count = z.number().int().optional();

const { gross, discounts, shipping, tax, gross_minor, discounts_minor, shipping_minor, tax_minor, unknown } =
  orderMoneySchema.shape;
const parts = z.object({
  ...{ gross, discounts, shipping, tax, gross_minor, discounts_minor, shipping_minor, tax_minor, unknown },
});
const moneyOfRow = moneySchema.extend(parts.partial().shape).meta({ id: 'BreakdownMoney' });

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
        events: count.meta({ description: 'By the value that the event has itself' }),
        interactions: count,
        views: count,
        carts: count,
        purchases: count,
        units: unitsSchema.optional(),
        units_refunded: unitsSchema.optional(),
        ...z.object(sessionFigures).partial().shape,
        orders: count.meta({ description: 'For dimensions of sessions: of these sessions' }),
        refunds: count,
        money: z.array(moneyOfRow).optional().meta({
          description:
            'gross, discounts, shipping, tax and unknown are there for values of orders, not of items',
        }),
        revenue: z.array(amountSchema).optional().meta({
          description:
            'For dimensions of sessions, instead of money: of their orders. Refunds belong to no session',
        }),
      }),
    ),
    outside_visits: z
      .object({ orders: z.number().int(), revenue: z.array(amountSchema) })
      .optional()
      .meta({
        description:
          "For dimensions of sessions: the range's orders less those of all rows. Such orders have no session, as a " +
          "server's may not. An order counts on its own day, and in its session on the day on which that began. So " +
          'this is below zero when sessions of the last day bought after midnight',
      }),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'Breakdown',
    examples: [
      {
        dimension: 'page',
        metric: 'events',
        total_values: 2,
        rows: [
          { value: '/thanks', events: 30_110, orders: 311, refunds: 9, money: [] },
          { value: '(not set)', events: 18_100, orders: 344, refunds: 12, money: [] },
        ],
      },
    ],
  });

/**
 * Counts by the values of a dimension, the largest first; equal ones by their sessions, then in the order of their
 * values. A rate of nothing comes last.
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
  const { values, outside_visits } = isSessionDimension(dimension)
    ? await visitsBy(store, site, days, dimension)
    : { values: await withTheRest(store, site, days, dimension) };
  const { ranks, rows: ranked } = ranksOf(values, dimension, metric, query.currency ?? site.currency);
  const sessions = isSessionDimension(dimension) ? values.amountsOf(SESSIONS) : () => 0;
  const byRest = (a: number, b: number) =>
    sessions(b) - sessions(a) || (values.at(a) < values.at(b) ? -1 : 1);
  const first = (most: number) => firstOf(ranked, ranks, most, byRest);
  const { from: _, rows, ...next } = pageOfFirst(ranked.length, first, query);
  return {
    dimension,
    metric,
    total_values: ranked.length,
    rows: rows.map((row) => {
      const sums = values.countersOf(row);
      return { value: values.at(row), ...figuresOf(dimension, sums), ...moneyOf(dimension, sums) };
    }),
    ...(outside_visits && { outside_visits }),
    ...next,
  };
}

type Row = z.infer<typeof breakdownSchema>['rows'][number];

/** The rows with an amount, and by row the number that they are ranked by. */
function ranksOf(
  values: ValueSums,
  dimension: Dimension,
  metric: string,
  currency: string,
): { rows: number[]; ranks: Float64Array } {
  const ranks = new Float64Array(values.rows);
  const isFigure = isSessionDimension(dimension) && !PLAIN_METRICS.has(metric);
  const rankOf = values.amountsOf(
    metric === 'revenue' ? revenueIn(currency) : metric === 'refunded' ? refundedIn(currency) : metric,
  );
  const rows = values.rowsWithAmount();
  for (const row of rows) {
    if (!isFigure) ranks[row] = rankOf(row);
    else {
      const figures: Omit<Row, 'value'> = sessionFiguresOf(values.countersOf(row));
      ranks[row] = (figures[metric as keyof typeof figures] as number | null) ?? -1;
    }
  }
  return { rows, ranks };
}

/**
 * The counters of each value that is stored. For events, `(not set)` has the events and orders without a value.
 * @param totals of the days, when the caller has them
 */
export async function valuesOf(
  store: StoreReader,
  site: Site,
  days: readonly Day[],
  dimension: StoredDimension,
  totals?: Promise<Counters>,
): Promise<Map<string, Counters>> {
  const values = await withTheRest(store, site, days, dimension, totals);
  return new Map(values.all().map((row) => [values.at(row), values.countersOf(row)]));
}

async function withTheRest(
  store: StoreReader,
  site: Site,
  days: readonly Day[],
  dimension: StoredDimension,
  totals?: Promise<Counters>,
): Promise<ValueSums> {
  const values = new ValueSums(await store.breakdownSums(site.id, days, dimension));
  const withEvents = isEventDimension(dimension);
  if (withEvents || isOrderDimension(dimension)) {
    addTheRest(values, await (totals ?? store.dayTotals(site.id, days)), { withEvents });
  }
  return values;
}

/**
 * The counters of sessions by each value of theirs, with the events that have the value themselves if the dimension is
 * one of events, too; and what of the days' orders these sessions do not have.
 */
async function visitsBy(store: StoreReader, site: Site, days: readonly Day[], dimension: SessionDimension) {
  const totals = store.dayTotals(site.id, days);
  const [values, events, outside] = await Promise.all([
    withTheRest(store, site, days, storedForSessions(dimension)),
    isEventDimension(dimension) ? valuesOf(store, site, days, dimension, totals) : undefined,
    totals.then((sums) => new Map(sums)),
  ]);
  for (const [counter, amount] of values.totals()) increase(outside, counter, -amount);
  for (const [value, sums] of events ?? []) values.set(value, EVENTS, sums.get(EVENTS) ?? 0);
  return { values, outside_visits: { orders: outside.get(ORDERS) ?? 0, revenue: revenueOf(outside) } };
}

function metricsOf(dimension: Dimension): readonly string[] {
  if (isBotDimension(dimension)) return [EVENTS];
  if (isSessionDimension(dimension)) {
    return [...(isEventDimension(dimension) ? [EVENTS] : []), ...SESSION_METRICS, 'revenue'];
  }
  if (isItemDimension(dimension)) return [...ITEM_METRICS, ...MONEY_METRICS];
  return [...(isEventDimension(dimension) ? [EVENTS] : []), ...ORDER_METRICS, ...MONEY_METRICS];
}

function figuresOf(dimension: Dimension, sums: Counters): Omit<Row, 'value'> {
  const pick = (names: readonly string[]) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        UNIT_COUNTS.has(name) ? fromThousandths(sums.get(name) ?? 0) : (sums.get(name) ?? 0),
      ]),
    );
  if (isBotDimension(dimension)) return pick([EVENTS]);
  if (isItemDimension(dimension)) return pick(ITEM_METRICS);
  const events = isEventDimension(dimension) ? pick([EVENTS]) : {};
  if (isSessionDimension(dimension)) return { ...events, ...sessionFiguresOf(sums), ...pick([ORDERS]) };
  return { ...events, ...pick(ORDER_METRICS) };
}

/** Sessions have no refunds: a refund often is a session of its own, and does not tell where its order came from. */
function moneyOf(dimension: Dimension, sums: Counters) {
  if (isSessionDimension(dimension)) return { revenue: revenueOf(sums) };
  if (isOrderDimension(dimension)) return { money: orderMoneyRows(sums) };
  return isItemDimension(dimension) ? { money: moneyRows(sums) } : {};
}

const revenueOf = (sums: Counters) =>
  moneyRows(sums)
    .filter(({ revenue_minor }) => revenue_minor !== 0)
    .map(({ currency, revenue_minor }) => amountOf(revenue_minor, currency));

/** Whether a counter of days, besides those of events by name, is also kept by the values of orders. */
export const hasOrderValues = (counter: string) =>
  /^(orders|refunds|revenue:|refunded:|orders:|(discount|shipping|tax)(_orders)?:)/.test(counter);

/** Events and orders without a value are not stored: they are the days' totals less those that have one. */
function addTheRest(values: ValueSums, totals: Counters, { withEvents }: { withEvents: boolean }): void {
  const rest: Counters = new Map(withEvents ? [[EVENTS, totalOf(eventsByName(totals))]] : []);
  for (const [counter, amount] of totals) {
    if (hasOrderValues(counter)) rest.set(counter, amount);
  }
  for (const [counter, amount] of values.totals()) increase(rest, counter, -amount);
  const before = values.countersOf(values.rowOf(NOT_SET));
  for (const [counter, amount] of rest) values.set(NOT_SET, counter, (before.get(counter) ?? 0) + amount);
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
