import { z } from 'zod';
import { PRODUCT_COUNTS, PRODUCT_EVENTS, refundedIn, revenueIn } from '../aggregation/counters.ts';
import { fromMinor } from '../money.ts';
import { currencyCode, type Site } from '../sites.ts';
import type { StoreReader } from '../store/reads.ts';
import { bounded } from './money.ts';
import { askedDays, rangeParameters } from './range.ts';

export const productsQuery = z.object({
  ...rangeParameters,
  metric: z
    .enum(['interactions', ...PRODUCT_COUNTS, 'revenue', 'refunded'])
    .default('interactions')
    .meta({
      description: 'What to rank by; interactions is views + clicks + carts + purchases + refunds + others',
    }),
  currency: currencyCode.optional().meta({ description: "For revenue and refunded; the site's when absent" }),
  limit: z.coerce.number().int().min(1).max(1_000).default(10),
});

export const productsSchema = z
  .object({
    metric: z.string(),
    currency: z.string().optional(),
    total_products: z.number().int().meta({ description: 'Products with this metric in the range' }),
    products: z.array(
      z.object({
        rank: z.number().int(),
        product_id: z.string(),
        value: z.number().int().meta({ description: 'Money is in minor units' }),
        amount: z.string().optional().meta({ description: 'Money in units of the currency' }),
      }),
    ),
  })
  .meta({
    id: 'Products',
    examples: [
      {
        metric: 'revenue',
        currency: 'EUR',
        total_products: 873,
        products: [
          { rank: 1, product_id: 'tea-1', value: 125_000, amount: '1250.00' },
          { rank: 2, product_id: 'pot-7', value: 99_450, amount: '994.50' },
        ],
      },
    ],
  });

/** The most popular products by a metric; equal ones in the order of their ids. */
export async function readProducts(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof productsQuery>,
): Promise<z.infer<typeof productsSchema>> {
  const currency = query.currency ?? site.currency;
  const isMoney = query.metric === 'revenue' || query.metric === 'refunded';
  const { days } = await askedDays(store, site, query);
  const sums = await store.products(site.id, days, storedMetrics(query.metric, currency));
  // A sum that came back to zero is no sum, whether its product is still listed or not.
  const ranked = [...sums]
    .filter(([, sum]) => sum !== 0)
    .sort(([a, sumA], [b, sumB]) => sumB - sumA || (a < b ? -1 : 1));
  return {
    metric: query.metric,
    ...(isMoney && { currency }),
    total_products: ranked.length,
    products: ranked.slice(0, query.limit).map(([product_id, sum], i) => ({
      rank: i + 1,
      product_id,
      value: bounded(sum),
      ...(isMoney && { amount: fromMinor(bounded(sum), currency) }),
    })),
  };
}

function storedMetrics(metric: z.infer<typeof productsQuery>['metric'], currency: string): readonly string[] {
  if (metric === 'interactions') return PRODUCT_EVENTS;
  if (metric === 'revenue') return [revenueIn(currency)];
  return metric === 'refunded' ? [refundedIn(currency)] : [metric];
}
