import * as z from 'zod';
import { FIRST_ORDERS, firstRevenueIn, REPEAT_ORDERS, repeatRevenueIn } from '../fold/counter-names.ts';
import type { Counters } from '../platform/counters.ts';
import { amountOf, amountSchema } from './money-figures.ts';

/** The orders of new and of returning buyers. */
export const customerFigures = {
  new_customers: z
    .number()
    .int()
    .meta({ description: 'People whose first order is in the range, by all of their ids' }),
  first_orders: z.number().int().meta({
    description: 'Orders that are the first one of their buyer: as many as there are new customers',
  }),
  first_revenue: z.array(amountSchema).meta({ description: 'Their revenue by currency' }),
  repeat_orders: z.number().int().meta({ description: 'Later orders of their buyers' }),
  repeat_revenue: z.array(amountSchema).meta({ description: 'Their revenue by currency' }),
};

/** For the OpenAPI document. */
export const customerExample = {
  new_customers: 398,
  first_orders: 398,
  first_revenue: [{ currency: 'EUR', amount: '29875.20', amount_minor: 2_987_520 }],
  repeat_orders: 241,
  repeat_revenue: [{ currency: 'EUR', amount: '21420.70', amount_minor: 2_142_070 }],
};

/** The figures of customers among some counters. */
export function customerFiguresOf(sums: Counters) {
  const first = sums.get(FIRST_ORDERS) ?? 0;
  return {
    new_customers: first,
    first_orders: first,
    first_revenue: amountsOf(sums, firstRevenueIn('')),
    repeat_orders: sums.get(REPEAT_ORDERS) ?? 0,
    repeat_revenue: amountsOf(sums, repeatRevenueIn('')),
  };
}

/** The amounts of the counters that begin with a text and end with a currency. Sums of 0 have none. */
export const amountsOf = (sums: Counters, prefix: string): z.infer<typeof amountSchema>[] =>
  [...sums]
    .filter(([counter, amount]) => counter.startsWith(prefix) && amount !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([counter, amount]) => amountOf(amount, counter.slice(prefix.length)));
