import * as z from 'zod';
import { fromThousandths } from '../event/quantity.ts';
import { PRODUCT_COUNTS, PRODUCT_EVENTS, refundedIn, revenueIn } from '../fold/counter-names.ts';
import type { Counters } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { currencyCode, type Site } from '../sites/site.ts';
import { sumOf } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import { moneyExample, moneyRows, moneySchema } from './money-figures.ts';
import { latestMonths, productFigures, productFiguresOf, unitsSchema } from './products.ts';
import { idParameter, question, rowsIn } from './question.ts';

/** The longest range, since each day costs a command for each metric and shard. */
const MAX_DAYS = 366;

export const productQuery = z.object({
  ...rangeParameters,
  currency: currencyCode.optional().meta({ description: "Currency of the money; the site's when absent" }),
});

const count = z.number().int();
const counts = {
  ...productFigures,
  clicks: count,
  refunds: count,
  others: count,
  units_refunded: unitsSchema,
};

export const productSchema = z
  .object({
    product_id: z.string(),
    name: z.string().optional(),
    from: z.iso.date(),
    to: z.iso.date(),
    interactions: count,
    ...counts,
    money: z.array(moneySchema),
    days: z.array(z.object({ date: z.iso.date(), ...counts })),
  })
  .meta({ id: 'Product', examples: [productExample()] });

function productExample() {
  const counts = {
    views: 1_200,
    carts: 300,
    purchases: 96,
    units: 100,
    view_to_cart_rate: 0.25,
    cart_to_purchase_rate: 0.32,
    clicks: 410,
    refunds: 3,
    others: 12,
    units_refunded: 3,
  };
  return {
    product_id: 'tea-1',
    name: 'Green tea',
    from: '2026-03-01',
    to: '2026-03-01',
    interactions: 2_021,
    ...counts,
    money: [moneyExample],
    days: [{ date: '2026-03-01', ...counts }],
  };
}

/**
 * The counts of one product, in total and by day.
 * @throws FootfallError `range_too_long` 400, `unknown_product` 404 when it has no events in the range.
 */
export async function readProduct(
  store: StoreReader,
  site: Site,
  product: string,
  query: z.infer<typeof productQuery>,
): Promise<z.infer<typeof productSchema>> {
  const { days, covered } = await resolveRange(store, site, query);
  if (days.length > MAX_DAYS) {
    throw new FootfallError('range_too_long', 400, `A range of one product has at most ${MAX_DAYS} days.`, {
      details: { limit_days: MAX_DAYS },
    });
  }
  const currency = query.currency ?? site.currency;
  const metrics = [...PRODUCT_COUNTS, revenueIn(currency), refundedIn(currency)];
  const byDay = await store.productDays(site.id, product, days, metrics);
  const active = byDay.filter(({ sums }) => [...sums.values()].some((amount) => amount !== 0));
  if (active.length === 0) {
    throw new FootfallError(
      'unknown_product',
      404,
      'There is no event of a product with this id in the range.',
    );
  }
  const total = sumOf(active.map(({ sums }) => sums));
  const name = (await store.names(site.id, latestMonths(days), [product])).get(product);
  return {
    product_id: product,
    ...(name !== undefined && { name }),
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    interactions: PRODUCT_EVENTS.reduce((sum, metric) => sum + (total.get(metric) ?? 0), 0),
    ...countsOf(total),
    money: moneyRows(total),
    days: active.map(({ day, sums }) => ({ date: formatDay(day), ...countsOf(sums) })),
  };
}

function countsOf(sums: Counters) {
  const sum = (metric: string) => sums.get(metric) ?? 0;
  return {
    ...productFiguresOf(sum),
    clicks: sum('clicks'),
    refunds: sum('refunds'),
    others: sum('others'),
    units_refunded: fromThousandths(sum('units_refunded')),
  };
}

export const productQuestion = question({
  path: '/v1/products/{product}',
  summary: 'What happened to one product, in total and by day',
  parameters: z.object({
    product: idParameter(128).meta({ description: 'A product id, percent-encoded', example: 'tea-1' }),
  }),
  query: productQuery,
  answer: productSchema,
  notFound: 'Nothing happened to this product in the range',
  cached: 'days',
  csv: rowsIn(productSchema, 'days'),
  read: ({ store, site }, { product }, query) => readProduct(store, site, product, query),
});
