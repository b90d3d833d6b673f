import { z } from 'zod';
import { ordersIn, refundedIn, revenueIn } from '../fold/counter-names.ts';
import type { Counters } from '../platform/counters.ts';
import { fromMinor } from '../platform/money.ts';
import { average } from './arithmetic.ts';

export const moneySchema = z
  .object({
    currency: z.string(),
    revenue: z.string().meta({ description: 'Orders, in units of the currency' }),
    refunded: z.string(),
    net: z.string().meta({ description: 'revenue − refunded' }),
    revenue_minor: z.number().int().meta({ description: 'The same in minor units (ISO 4217)' }),
    refunded_minor: z.number().int(),
    net_minor: z.number().int(),
  })
  .meta({ id: 'Money' });

/** One amount of money. */
export const amountSchema = z.object({
  currency: z.string(),
  amount: z.string().meta({ description: 'In units of the currency' }),
  amount_minor: z.number().int().meta({ description: 'The same in minor units (ISO 4217)' }),
});

export function amountOf(minor: number, currency: string): z.infer<typeof amountSchema> {
  const amount_minor = bounded(minor);
  return { currency, amount: fromMinor(amount_minor, currency), amount_minor };
}

/** Amounts by currency as rows. A sum of 0 has no row: whether it is stored depends on the order of the events. */
export const amountRows = (sums: Counters): z.infer<typeof amountSchema>[] =>
  [...sums]
    .filter(([, minor]) => minor !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => amountOf(minor, currency));

/** For the OpenAPI document. */
export const moneyExample: z.infer<typeof moneySchema> = {
  currency: 'EUR',
  revenue: '52340.90',
  refunded: '1210.00',
  net: '51130.90',
  revenue_minor: 5_234_090,
  refunded_minor: 121_000,
  net_minor: 5_113_090,
};

/**
 * The money among some counters, a row for each currency. A sum of 0 has no row: whether it is stored depends on the
 * order of the events.
 */
export function moneyRows(sums: Counters): z.infer<typeof moneySchema>[] {
  const currencies = new Set<string>();
  for (const [counter, amount] of sums) {
    const match = amount === 0 ? null : /^(?:revenue|refunded):([A-Z]{3})$/.exec(counter);
    if (match) currencies.add(match[1]!);
  }
  return [...currencies].sort().map((currency) => {
    const revenue = bounded(sums.get(revenueIn(currency)) ?? 0);
    const refunded = bounded(sums.get(refundedIn(currency)) ?? 0);
    const net = bounded(revenue - refunded);
    return {
      currency,
      revenue: fromMinor(revenue, currency),
      refunded: fromMinor(refunded, currency),
      net: fromMinor(net, currency),
      revenue_minor: revenue,
      refunded_minor: refunded,
      net_minor: net,
    };
  });
}

/** Limits a sum to what a number holds exactly: one absurd import must not make a site unreadable. */
export const bounded = (minor: number) =>
  Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, minor));

export const averageOrderSchema = z.array(amountSchema).meta({
  description:
    'Revenue / orders with an amount, by currency, rounded to minor units; refunds are not subtracted',
});

/** The average value of an order, by currency. */
export function averageOrders(sums: Counters): z.infer<typeof amountSchema>[] {
  return moneyRows(sums).flatMap(({ currency, revenue_minor }) => {
    const amount = average(revenue_minor, sums.get(ordersIn(currency)) ?? 0);
    return amount === null ? [] : [amountOf(amount, currency)];
  });
}
