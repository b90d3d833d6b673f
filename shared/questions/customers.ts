import * as z from 'zod';
import { firstRevenueIn, ORDERS, repeatRevenueIn, revenueIn } from '../fold/counter-names.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { rate, sumOf } from './arithmetic.ts';
import { amountsOf, customerExample, customerFigures, customerFiguresOf } from './customer-figures.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import { amountSchema } from './money-figures.ts';
import { oneRow, question } from './question.ts';
import { rateSchema } from './session-figures.ts';

export const customersQuery = z.object(rangeParameters);

export const customersSchema = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    ...customerFigures,
    unknown_orders: z
      .number()
      .int()
      .meta({ description: 'Orders without a known buyer; with the other two they are all orders' }),
    unknown_revenue: z.array(amountSchema).meta({ description: 'Their revenue by currency' }),
    repeat_customers: z.number().int().meta({
      description: 'Of the new customers those with a second order until now, in the range or later',
    }),
    repeat_rate: rateSchema.meta({ description: 'repeat_customers / new_customers' }),
    days_to_second_order: z
      .object({
        median: z
          .number()
          .int()
          .nullable()
          .meta({ description: 'Days from the first order to the second one; null: there is none' }),
        spans: z.array(
          z.object({
            from_days: z.number().int(),
            to_days: z.number().int().nullable().meta({ description: 'null: any number of days' }),
            customers: z.number().int(),
          }),
        ),
      })
      .meta({
        description: "Of the repeat customers. Days are days of the site's calendar: 0 is the same day",
      }),
  })
  .meta({
    id: 'Customers',
    examples: [
      {
        from: '2026-03-01',
        to: '2026-03-31',
        ...customerExample,
        unknown_orders: 16,
        unknown_revenue: [{ currency: 'EUR', amount: '1045.00', amount_minor: 104_500 }],
        repeat_customers: 92,
        repeat_rate: 0.2312,
        days_to_second_order: {
          median: 24,
          spans: [
            { from_days: 0, to_days: 7, customers: 19 },
            { from_days: 8, to_days: 30, customers: 38 },
            { from_days: 31, to_days: 60, customers: 21 },
            { from_days: 61, to_days: 90, customers: 9 },
            { from_days: 91, to_days: null, customers: 5 },
          ],
        },
      },
    ],
  });

/** The last days of the spans in which second orders are counted; after them comes the rest. */
const SPANS = [7, 30, 60, 90];

/** Orders of new and of returning buyers, and how many of the new ones came back. */
export async function readCustomers(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof customersQuery>,
): Promise<z.infer<typeof customersSchema>> {
  const { days, covered } = await resolveRange(store, site, query);
  const [byDay, seconds] = await Promise.all([
    store.dayHashes('day', site.id, days),
    store.dayHashes('secondOrders', site.id, days),
  ]);
  const sums = sumOf(byDay.map((one) => one.sums));
  const figures = customerFiguresOf(sums);
  const customersByDays = [...sumOf(seconds.map((one) => one.sums))]
    .map(([gap, customers]): [number, number] => [Number(gap), customers])
    .filter(([, customers]) => customers > 0)
    .sort(([a], [b]) => a - b);
  const repeat_customers = customersByDays.reduce((sum, [, customers]) => sum + customers, 0);
  return {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    ...figures,
    unknown_orders: (sums.get(ORDERS) ?? 0) - figures.first_orders - figures.repeat_orders,
    unknown_revenue: amountsOf(unknownRevenue(sums), revenueIn('')),
    repeat_customers,
    repeat_rate: rate(repeat_customers, figures.new_customers),
    days_to_second_order: { median: medianOf(customersByDays), spans: spansOf(customersByDays) },
  };
}

/** Revenue less that of orders with a buyer. */
function unknownRevenue(sums: Counters): Counters {
  const unknown: Counters = new Map();
  for (const [prefix, sign] of [
    [revenueIn(''), 1],
    [firstRevenueIn(''), -1],
    [repeatRevenueIn(''), -1],
  ] as const) {
    for (const [counter, amount] of sums) {
      if (!counter.startsWith(prefix)) continue;
      increase(unknown, revenueIn(counter.slice(prefix.length)), sign * amount);
    }
  }
  return unknown;
}

/** The one in the middle, of two the lower. @param counts values in their order, each with how often it occurs */
function medianOf(counts: readonly [value: number, count: number][]): number | null {
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [value, count] of counts) {
    seen += count;
    if (2 * seen >= all) return value;
  }
  return null;
}

function spansOf(counts: readonly [days: number, customers: number][]) {
  return [...SPANS, null].map((to_days, i) => {
    const from_days = i === 0 ? 0 : SPANS[i - 1]! + 1;
    const own = counts.filter(([days]) => days >= from_days && (to_days === null || days <= to_days));
    return { from_days, to_days, customers: own.reduce((sum, [, customers]) => sum + customers, 0) };
  });
}

export const customersQuestion = question({
  path: '/v1/customers',
  summary: 'Orders and revenue of new and of returning customers, and how many customers came back',
  query: customersQuery,
  answer: customersSchema,
  cached: 'days',
  csv: oneRow(customersSchema),
  read: ({ store, site }, _, query) => readCustomers(store, site, query),
});
