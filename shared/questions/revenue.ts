import * as z from 'zod';
import { ORDERS, REFUNDS } from '../fold/counter-names.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { valuesOf } from './breakdowns.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import {
  averageOrderSchema,
  averageOrders,
  orderMoneyExample,
  orderMoneyRows,
  orderMoneySchema,
} from './money-figures.ts';
import { question, rowsIn } from './question.ts';

export const revenueQuery = z.object({
  ...rangeParameters,
  by: z
    .enum(['day', 'month', 'country'])
    .default('day')
    .meta({ description: 'What a row stands for; rows without an order or refund are left out' }),
});

export const revenueSchema = z
  .object({
    by: z.string(),
    rows: z.array(
      z.object({
        key: z
          .string()
          .meta({ description: 'YYYY-MM-DD, YYYY-MM, or the country; (not set): the country is unknown' }),
        orders: z.number().int(),
        refunds: z.number().int(),
        money: z.array(orderMoneySchema),
        average_order: averageOrderSchema,
      }),
    ),
  })
  .meta({
    id: 'Revenue',
    examples: [
      {
        by: 'month',
        rows: [
          {
            key: '2026-03',
            orders: 655,
            refunds: 21,
            money: [orderMoneyExample],
            average_order: [{ currency: 'EUR', amount: '79.91', amount_minor: 7_991 }],
          },
        ],
      },
    ],
  });

/** Orders, refunds and their money by day, month or country; days and months are the site's own. */
export async function readRevenue(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof revenueQuery>,
): Promise<z.infer<typeof revenueSchema>> {
  const { days } = await resolveRange(store, site, query);
  const groups = new Map<string, Counters>();
  const add = (group: string, counter: string, amount: number) =>
    increase(
      getOrMake(groups, group, () => new Map()),
      counter,
      amount,
    );
  if (query.by === 'country') {
    for (const [country, sums] of await valuesOf(store, site, days, 'country')) groups.set(country, sums);
  } else {
    for (const { day, sums } of await store.dayHashes('day', site.id, days)) {
      const group = query.by === 'day' ? formatDay(day) : formatDay(day).slice(0, 7);
      for (const [counter, amount] of sums) add(group, counter, amount);
    }
  }
  const rows = [...groups]
    .map(([key, sums]) => ({
      key,
      orders: sums.get(ORDERS) ?? 0,
      refunds: sums.get(REFUNDS) ?? 0,
      money: orderMoneyRows(sums),
      average_order: averageOrders(sums),
    }))
    .filter(({ orders, refunds }) => orders > 0 || refunds > 0)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return { by: query.by, rows };
}

export const revenueQuestion = question({
  path: '/v1/revenue',
  summary: 'Orders, refunds and their money by day, month or country',
  query: revenueQuery,
  answer: revenueSchema,
  cached: 'days',
  csv: rowsIn(revenueSchema, 'rows'),
  wholeDayFigures: ({ by }) => (by === 'country' ? undefined : []),
  read: ({ store, site }, _, query) => readRevenue(store, site, query),
});
