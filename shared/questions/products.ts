import * as z from 'zod';
import { fromThousandths } from '../event/quantity.ts';
import { PRODUCT_COUNTS, PRODUCT_EVENTS, refundedIn, revenueIn } from '../fold/counter-names.ts';
import { cursorParameter, limitParameter, nextCursor, pageOfFirst } from '../platform/http/cursor.ts';
import { fromMinor } from '../platform/money.ts';
import { type Day, type Month, monthOf } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Sums } from '../shard/sums.ts';
import { currencyCode, type Site } from '../sites/site.ts';
import { rate } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import { bounded } from './money-figures.ts';
import { question, rowsIn } from './question.ts';
import { firstOf } from './ranking.ts';
import { rateSchema } from './session-figures.ts';

const RATES = {
  view_to_cart_rate: ['carts', 'views'],
  cart_to_purchase_rate: ['purchases', 'carts'],
} as const;
type Rate = keyof typeof RATES;

export const productsQuery = z.object({
  ...rangeParameters,
  metric: z
    .enum([
      'interactions',
      ...PRODUCT_COUNTS,
      'revenue',
      'refunded',
      'view_to_cart_rate',
      'cart_to_purchase_rate',
    ])
    .default('interactions')
    .meta({
      description: 'What to rank by; interactions is views + clicks + carts + purchases + refunds + others',
    }),
  currency: currencyCode.optional().meta({ description: "For revenue and refunded; the site's when absent" }),
  search: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Only products with this text in their id or name, in any case' }),
  at_least: z.coerce.number('a number').int().min(1).max(1e9).optional().meta({
    description:
      'For rates: only products with at least this many views, or carts, the number that is divided by; 1 when absent',
  }),
  limit: limitParameter(10),
  cursor: cursorParameter,
});

const count = z.number().int();

/** Pieces of products. */
export const unitsSchema = z.number().meta({ description: 'Pieces, with up to three decimals' });

export const productFigures = {
  views: count,
  carts: count,
  purchases: count,
  units: unitsSchema,
  view_to_cart_rate: rateSchema.meta({ description: 'carts / views' }),
  cart_to_purchase_rate: rateSchema.meta({ description: 'purchases / carts' }),
};

export const productsSchema = z
  .object({
    metric: z.string(),
    currency: z.string().optional(),
    total_products: z.number().int().meta({ description: 'Products with this metric in the range' }),
    products: z.array(
      z.object({
        rank: z.number().int(),
        product_id: z.string(),
        name: z.string().optional(),
        value: z
          .number()
          .meta({ description: 'The metric; money is in minor units, units have up to three decimals' }),
        amount: z.string().optional().meta({ description: 'Money in units of the currency' }),
        ...productFigures,
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'Products',
    examples: [
      {
        metric: 'revenue',
        currency: 'EUR',
        total_products: 873,
        products: [
          {
            rank: 1,
            product_id: 'tea-1',
            name: 'Green tea',
            value: 125_000,
            amount: '1250.00',
            views: 1_200,
            carts: 300,
            purchases: 96,
            units: 100,
            view_to_cart_rate: 0.25,
            cart_to_purchase_rate: 0.32,
          },
        ],
      },
    ],
  });

/** Products ranked by a metric; equal ones in the order of their ids. */
export async function readProducts(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof productsQuery>,
): Promise<z.infer<typeof productsSchema>> {
  const currency = query.currency ?? site.currency;
  const isMoney = query.metric === 'revenue' || query.metric === 'refunded';
  const isUnits = query.metric === 'units' || query.metric === 'units_refunded';
  const { days } = await resolveRange(store, site, query);
  const stored = isRate(query.metric) ? [] : storedMetrics(query.metric, currency);
  const sums = await store.products(site.id, days, [...new Set([...FIGURES, ...stored])]);
  const values = isRate(query.metric)
    ? ratesOf(sums, RATES[query.metric], query.at_least ?? 1)
    : sums.sumOf(stored);

  const months = latestMonths(days);
  const found = query.search === undefined ? undefined : await search(store, site, months, query.search);
  const ranked: number[] = [];
  for (let row = 0; row < values.length; row++) {
    // A sum of 0 is left out: whether it is stored depends on the order of the events. A rate of 0 counts.
    const counts = isRate(query.metric) ? !Number.isNaN(values[row]) : values[row] !== 0;
    if (counts && (found?.(sums.at(row)) ?? true)) ranked.push(row);
  }
  const byName = (a: number, b: number) => (sums.at(a) < sums.at(b) ? -1 : 1);
  const first = (most: number) => firstOf(ranked, values, most, byName);
  const { from, rows, ...next } = pageOfFirst(ranked.length, first, query);
  const names = await store.names(
    site.id,
    months,
    rows.map((row) => sums.at(row)),
  );
  return {
    metric: query.metric,
    ...(isMoney && { currency }),
    total_products: ranked.length,
    products: rows.map((row, i) => {
      const product_id = sums.at(row);
      const sum = values[row]!;
      const name = names.get(product_id);
      return {
        rank: from + i + 1,
        product_id,
        ...(name !== undefined && { name }),
        value: isUnits ? fromThousandths(sum) : bounded(sum),
        ...(isMoney && { amount: fromMinor(bounded(sum), currency) }),
        ...productFiguresOf((metric) => sums.amounts(metric)?.[row] ?? 0),
      };
    }),
    ...next,
  };
}

/** What a product's figures are made of. */
const FIGURES = ['views', 'carts', 'purchases', 'units'];

export function productFiguresOf(sum: (metric: string) => number) {
  return {
    views: sum('views'),
    carts: sum('carts'),
    purchases: sum('purchases'),
    units: fromThousandths(sum('units')),
    view_to_cart_rate: rate(sum('carts'), sum('views')),
    cart_to_purchase_rate: rate(sum('purchases'), sum('carts')),
  };
}

const isRate = (metric: string): metric is Rate => metric in RATES;

/** By row; NaN for a product without the rate. @param atLeast products whose whole is smaller have none */
function ratesOf(sums: Sums, [part, whole]: readonly [string, string], atLeast: number): Float64Array {
  const [parts, wholes] = [sums.amounts(part), sums.amounts(whole)];
  const rates = new Float64Array(sums.rows).fill(Number.NaN);
  for (let row = 0; row < rates.length; row++) {
    const all = wholes?.[row] ?? 0;
    const value = rate(parts?.[row] ?? 0, all);
    if (value !== null && all >= atLeast) rates[row] = value;
  }
  return rates;
}

/** A test whether a product's id or name contains a text. */
async function search(store: StoreReader, site: Site, months: readonly Month[], text: string) {
  const names = await store.names(site.id, months);
  const wanted = text.toLowerCase();
  return (product: string) =>
    product.toLowerCase().includes(wanted) || (names.get(product)?.toLowerCase().includes(wanted) ?? false);
}

/** Names are looked up in the last months of a range only, so that a long range costs no more. */
const NAME_MONTHS = 3;

export const latestMonths = (days: readonly Day[]): Month[] =>
  [...new Set(days.map(monthOf))].sort((a, b) => a - b).slice(-NAME_MONTHS);

function storedMetrics(metric: z.infer<typeof productsQuery>['metric'], currency: string): readonly string[] {
  if (metric === 'interactions') return PRODUCT_EVENTS;
  if (metric === 'revenue') return [revenueIn(currency)];
  return metric === 'refunded' ? [refundedIn(currency)] : [metric];
}

export const productsQuestion = question({
  path: '/v1/products',
  summary: 'The most popular products, by any metric',
  query: productsQuery,
  answer: productsSchema,
  cached: 'days',
  csv: rowsIn(productsSchema, 'products'),
  read: ({ store, site }, _, query) => readProducts(store, site, query),
});
