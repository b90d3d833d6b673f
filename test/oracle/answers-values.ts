import { visits } from './answers.ts';
import { byMost, money, moneyOf, orderMoney, sum, sumRows } from './figures.ts';
import { type Counted, countedProducts, isTrade, KIND } from './naive.ts';
import { path } from './people.ts';
import type { NaiveShop, Range } from './shop.ts';

/** The naive program's breakdowns: what happened by the values of a dimension. */

const OF_EVENTS = ['country', 'device', 'browser', 'os', 'page', 'search_term'] as const;
const OF_ITEMS = ['category', 'brand'] as const;
const OF_SESSIONS = ['source', 'medium', 'campaign', 'referrer', 'landing_page', 'channel'] as const;
type Dimension =
  | (typeof OF_EVENTS)[number]
  | 'coupon'
  | (typeof OF_ITEMS)[number]
  | (typeof OF_SESSIONS)[number]
  | 'bot';

/** The metrics that can order each dimension; the first is the default. */
export const DIMENSION_METRICS = [
  ...OF_EVENTS.map((one) => [one, ['events', 'orders', 'refunds', 'revenue', 'refunded']] as const),
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
  ...OF_SESSIONS.map((one) => [one, ['sessions', 'bounces', 'orders', 'revenue']] as const),
  ['bot', ['events']] as const,
];

interface Row {
  value: string;
  money?: { currency: string; revenue_minor: number; refunded_minor: number }[];
  /** Only for sessions, which have no refunds. */
  revenue?: { currency: string; amount: string; amount_minor: number }[];
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
      return { row, amount: amounts[metric] ?? (row[metric] as number) };
    })
    .sort((a, b) => byMost([a.row.value, a.amount], [b.row.value, b.amount]));
  return { dimension, metric, total_values: rows.length, rows: ranked.map(({ row }) => row) };
}

function rowsOf(shop: NaiveShop, dimension: Dimension, range: Range): Row[] {
  const all = shop.allWithin(range);
  if (dimension === 'bot') {
    const groups = Map.groupBy(shop.botsWithin(range), ({ bot }) => bot!);
    return [...groups].map(([value, own]) => ({ value, events: own.length }));
  }
  if (isOneOf(OF_EVENTS, dimension)) {
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
  const groups = Map.groupBy(shop.sessionsWithin(range), ({ values }) => values[dimension]!);
  return [...groups].map(([value, sessions]) => {
    const bought = sessions.flatMap(({ orders }) => orders);
    const revenue = money(bought).map(({ currency, revenue: amount, revenue_minor }) => ({
      currency,
      amount,
      amount_minor: revenue_minor,
    }));
    return { value, ...visits(sessions), orders: bought.length, revenue };
  });
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
