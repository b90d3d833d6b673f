import * as z from 'zod';
import { PERIODS_KEPT } from '../fold/cohorts.ts';
import { BUYER_PERIODS, buyersIn, ordersAfter, refundedAfter, revenueAfter } from '../fold/customer.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { average } from './arithmetic.ts';
import { cohortStarts } from './cohort-starts.ts';
import { rangeParameters } from './date-range.ts';
import { amountOf, amountSchema } from './money-figures.ts';
import { question } from './question.ts';

export const customerCohortsQuery = z.object({
  ...rangeParameters,
  period: z.enum(BUYER_PERIODS).default('month').meta({
    description:
      'Weeks begin on Monday. There is a cohort for each period that the range touches, always of the whole period',
  }),
  periods: z.coerce
    .number('a whole number')
    .int()
    .min(1)
    .max(PERIODS_KEPT.week + 1)
    .default(12)
    .meta({
      description: 'How many periods a cohort is followed, its own included: at most 37 months, 54 weeks',
    }),
});

export const customerCohortsSchema = z
  .object({
    period: z.enum(BUYER_PERIODS),
    cohorts: z.array(
      z.object({
        start: z.iso.date().meta({ description: 'First day of the period of the first orders' }),
        customers: z.number().int().meta({ description: 'People whose first order is in the period' }),
        periods: z.array(
          z.object({
            period: z.number().int().meta({ description: 'Periods after the first one, which is 0' }),
            customers: z.number().int().meta({ description: 'Those of them with an order in this period' }),
            orders: z.number().int(),
            net_revenue: z.array(amountSchema).meta({
              description:
                'Revenue − refunds of their orders until the end of this period, by currency. A refund counts in ' +
                'the period of its order',
            }),
            net_revenue_per_customer: z
              .array(amountSchema)
              .meta({ description: 'net_revenue / customers of the cohort, rounded to minor units' }),
          }),
        ),
      }),
    ),
  })
  .meta({
    id: 'CustomerCohorts',
    examples: [
      {
        period: 'month',
        cohorts: [
          {
            start: '2026-03-01',
            customers: 398,
            periods: [
              {
                period: 0,
                customers: 398,
                orders: 431,
                net_revenue: [{ currency: 'EUR', amount: '31204.10', amount_minor: 3_120_410 }],
                net_revenue_per_customer: [{ currency: 'EUR', amount: '78.40', amount_minor: 7_840 }],
              },
              {
                period: 1,
                customers: 61,
                orders: 74,
                net_revenue: [{ currency: 'EUR', amount: '36912.30', amount_minor: 3_691_230 }],
                net_revenue_per_customer: [{ currency: 'EUR', amount: '92.74', amount_minor: 9_274 }],
              },
            ],
          },
        ],
      },
    ],
  });

/** Of the people whose first order is in each period of a range: what they bought in each later period. */
export async function readCustomerCohorts(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof customerCohortsQuery>,
  now = Date.now(),
): Promise<z.infer<typeof customerCohortsSchema>> {
  const { period } = query;
  const { starts, begunOf } = await cohortStarts(store, site, query, now);
  const found = await store.buyers(site.id, period, starts);
  const cohorts = found
    .map(({ day, sums }) => {
      const customers = sums.get(buyersIn(0)) ?? 0;
      return { start: formatDay(day), customers, periods: periodsOf(sums, begunOf(day), customers) };
    })
    .filter(({ customers }) => customers > 0);
  return { period, cohorts };
}

function periodsOf(sums: Counters, count: number, customers: number) {
  const net: Counters = new Map();
  return Array.from({ length: count }, (_, n) => {
    for (const [prefix, sign] of [
      [revenueAfter(n, ''), 1],
      [refundedAfter(n, ''), -1],
    ] as const) {
      for (const [field, amount] of sums) {
        if (field.startsWith(prefix)) increase(net, field.slice(prefix.length), sign * amount);
      }
    }
    const rows = [...net].filter(([, amount]) => amount !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      period: n,
      customers: sums.get(buyersIn(n)) ?? 0,
      orders: sums.get(ordersAfter(n)) ?? 0,
      net_revenue: rows.map(([currency, amount]) => amountOf(amount, currency)),
      net_revenue_per_customer: rows.map(([currency, amount]) =>
        amountOf(average(amount, customers) ?? 0, currency),
      ),
    };
  });
}

export const customerCohortsQuestion = question({
  path: '/v1/customers/cohorts',
  summary: 'Of the customers of a month or week, how many bought again, and what they are worth until then',
  query: customerCohortsQuery,
  answer: customerCohortsSchema,
  // The number of periods that have begun grows without any event.
  cached: 'moment',
  csv: {
    columns: [
      ...['start', 'cohort_customers', 'period', 'customers', 'orders'],
      ...['net_revenue', 'net_revenue_per_customer'],
    ],
    rows: ({ cohorts }) =>
      cohorts.flatMap(({ start, customers, periods }) =>
        periods.map((cell) => ({ start, cohort_customers: customers, ...cell })),
      ),
  },
  read: ({ store, site }, _, query) => readCustomerCohorts(store, site, query),
});
