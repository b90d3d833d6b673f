import { visits } from './answers.ts';
import { money, moneyOf, orderMoney, sum, sumRows } from './figures.ts';
import { type Counted, countedProducts, isTrade, KIND } from './naive.ts';
import { path } from './people.ts';
import type { NaiveShop, Range } from './shop.ts';

/** The naive program's breakdowns: what happened by the values of a dimension. */

const OF_ORDERS = ['page', 'search_term'] as const;
const OF_ITEMS = ['category', 'brand'] as const;
/** Events have values of these, and visits. */
const OF_BOTH = ['device', 'browser', 'os', 'country'] as const;
const OF_SESSIONS = ['source', 'medium', 'campaign', 'referrer', 'landing_page', 'channel'] as const;
type Dimension =
  | (typeof OF_ORDERS)[number]
  | 'coupon'
  | (typeof OF_ITEMS)[number]
  | (typeof OF_BOTH)[number]
  | (typeof OF_SESSIONS)[number]
  | 'bot';

const SESSION_METRICS = [
  ...['sessions', 'engaged_sessions', 'engagement_rate', 'bounces', 'bounce_rate', 'session_ms_average'],
  ...['viewed_sessions', 'view_rate', 'carted_sessions', 'cart_rate', 'checkout_sessions', 'checkout_rate'],
  ...['converted_sessions', 'conversion_rate', 'orders', 'revenue'],
] as ('sessions' | 'conversion_rate')[];

/** The metrics that can order each dimension; the first is the default. */
export const DIMENSION_METRICS = [
  ...OF_ORDERS.map((one) => [one, ['events', 'orders', 'refunds', 'revenue', 'refunded']] as const),
  ['coupon', ['orders', 'refunds', 'revenue', 'refunded']] as const,
  ...OF_ITEMS.map(
    (one) =>
      [
        one,
        [
          ...(['interactions', 'views', 'carts', 'purchases', 'units', 'units_refunded'] as const),
          ...(['revenue', 'refunded'] as const),
        ],
      ] as const,
  ),
  ...OF_BOTH.map((one) => [one, ['events', ...SESSION_METRICS] as const] as const),
  ...OF_SESSIONS.map((one) => [one, SESSION_METRICS] as const),
  ['bot', ['events']] as const,
];

type Amount = { currency: string; amount: string; amount_minor: number };

interface Row {
  value: string;
  money?: { currency: string; revenue_minor: number; refunded_minor: number }[];
  /** Only for sessions, which have no refunds. */
  revenue?: Amount[];
  [figure: string]: unknown;
}

/** All values of a dimension, in one page. */
export function breakdown(
  shop: NaiveShop,
  dimension: Dimension,
  { metric, currency, ...range }: Range & { metric: string; currency: string },
) {
  const rows = rowsOf(shop, dimension, range);
  const ranked = rows
    .map((row) => {
      const paid = row.money?.find((one) => one.currency === currency);
      const sold = row.revenue?.find((one) => one.currency === currency);
      const amounts: Record<string, number> = {
        revenue: paid?.revenue_minor ?? sold?.amount_minor ?? 0,
        refunded: paid?.refunded_minor ?? 0,
      };
      // Without a visit there is no rate, and none is less than all others.
      return { row, amount: amounts[metric] ?? (row[metric] as number | null) ?? -Infinity };
    })
    .sort(
      (a, b) =>
        (a.amount === b.amount ? 0 : b.amount - a.amount) ||
        ((b.row.sessions as number) ?? 0) - ((a.row.sessions as number) ?? 0) ||
        (a.row.value < b.row.value ? -1 : 1),
    );
  const answer = { dimension, metric, total_values: rows.length, rows: ranked.map(({ row }) => row) };
  const isOfSessions = isOneOf(OF_BOTH, dimension) || isOneOf(OF_SESSIONS, dimension);
  return isOfSessions ? { ...answer, outside_visits: outsideVisits(shop, range) } : answer;
}

/** What the range's orders are more than those of its visits; less, when visits bought after the range. */
function outsideVisits(shop: NaiveShop, range: Range) {
  const all = shop.tradesWithin(range).filter(({ name }) => name === 'purchase');
  const visited = shop.sessionsWithin(range).flatMap(({ orders }) => orders);
  const taken = visited.map((sale) => ({
    ...sale,
    value: -(sale.value ?? 0),
  }));
  return { orders: all.length - visited.length, revenue: revenueOf([...all, ...taken]) };
}

const revenueOf = (sales: readonly Counted[]): Amount[] =>
  money(sales).map(({ currency, revenue: amount, revenue_minor }) => ({
    currency,
    amount,
    amount_minor: revenue_minor,
  }));

function rowsOf(shop: NaiveShop, dimension: Dimension, range: Range): Row[] {
  const all = shop.allWithin(range);
  if (dimension === 'bot') {
    const groups = Map.groupBy(shop.botsWithin(range), ({ bot }) => bot!);
    return [...groups].map(([value, own]) => ({ value, events: own.length }));
  }
  if (isOneOf(OF_ORDERS, dimension)) {
    const groups = Map.groupBy(all, (one) => {
      const value = one[dimension];
      if (value === undefined) return '(not set)';
      return dimension === 'page' ? path(value) : value;
    });
    return [...groups].map(([value, own]) => ({
      value,
      events: own.filter((one) => !isTrade(one)).length,
      orders: sum(own, 'orders'),
      refunds: sum(own, 'refunds'),
      money: orderMoney(own),
    }));
  }
  if (dimension === 'coupon') {
    const groups = Map.groupBy(shop.tradesWithin(range), ({ coupon = '(not set)' }) => coupon);
    return [...groups].map(([value, own]) => ({
      value,
      orders: sum(own, 'orders'),
      refunds: sum(own, 'refunds'),
      money: orderMoney(own),
    }));
  }
  if (isOneOf(OF_ITEMS, dimension)) return rowsOfItems(all, dimension);
  const sessions = Map.groupBy(shop.sessionsWithin(range), ({ values }) => values[dimension]!);
  const ofSessions = (value: string) => {
    const own = sessions.get(value) ?? [];
    const bought = own.flatMap(({ orders }) => orders);
    return { ...visits(own), orders: bought.length, revenue: revenueOf(bought) };
  };
  if (!isOneOf(OF_BOTH, dimension)) {
    return [...sessions.keys()].map((value) => ({ value, ...ofSessions(value) }));
  }
  const events = Map.groupBy(shop.within(range), (one) => one[dimension] ?? '(not set)');
  return [...new Set([...events.keys(), ...sessions.keys()])].map((value) => ({
    value,
    events: events.get(value)?.length ?? 0,
    ...ofSessions(value),
  }));
}

function rowsOfItems(all: readonly Counted[], dimension: 'category' | 'brand'): Row[] {
  const lines = all.flatMap((one) =>
    (one.items ?? []).map((item) => ({
      value: item[dimension] ?? '(not set)',
      rows: countedProducts({ ...one, items: [item] }).map(([, metric, amount]) => [metric, amount] as const),
    })),
  );
  const groups = Map.groupBy(
    lines.filter(({ rows }) => rows.length > 0),
    ({ value }) => value,
  );
  return [...groups].map(([value, own]) => {
    const rows = own.flatMap((line) => line.rows);
    const kinds = [...Object.values(KIND), 'others'];
    return {
      value,
      interactions: rows.filter(([metric]) => kinds.includes(metric)).length,
      views: sumRows(rows, 'views'),
      carts: sumRows(rows, 'carts'),
      purchases: sumRows(rows, 'purchases'),
      units: sumRows(rows, 'units'),
      units_refunded: sumRows(rows, 'units_refunded'),
      money: moneyOf(rows),
    };
  });
}

const isOneOf = <T extends string>(list: readonly T[], one: string): one is T => list.includes(one as T);
