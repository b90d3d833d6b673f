import * as z from 'zod';
import {
  type OrderPart,
  ordersIn,
  partIn,
  partOrdersIn,
  refundedIn,
  revenueIn,
} from '../fold/counter-names.ts';
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

const minor = z.number().int();
const orders = z.number().int();

/** Money of whole orders, with the parts that senders say. */
export const orderMoneySchema = moneySchema
  .extend({
    gross: z.string().meta({
      description:
        'revenue + discounts, so gross − discounts − refunded = net. An order that says no discount counts with its revenue',
    }),
    discounts: z.string().meta({ description: 'Of the orders that say theirs; revenue is without them' }),
    shipping: z.string().meta({
      description: 'Of the orders that say theirs. Whether revenue includes it is the choice of the sender',
    }),
    tax: z.string().meta({ description: 'As shipping' }),
    gross_minor: minor,
    discounts_minor: minor,
    shipping_minor: minor,
    tax_minor: minor,
    unknown: z
      .object({ discounts: orders, shipping: orders, tax: orders })
      .meta({ description: 'Orders in the currency that do not say the part' }),
  })
  .meta({ id: 'OrderMoney' });

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

/** For the OpenAPI document. */
export const orderMoneyExample: z.infer<typeof orderMoneySchema> = {
  ...moneyExample,
  gross: '54090.40',
  discounts: '1749.50',
  shipping: '2620.00',
  tax: '9083.80',
  gross_minor: 5_409_040,
  discounts_minor: 174_950,
  shipping_minor: 262_000,
  tax_minor: 908_380,
  unknown: { discounts: 12, shipping: 0, tax: 0 },
};

/** The currencies of money counters, sorted. A sum of 0 counts for none: whether it is stored depends on the order of the events. */
function currenciesIn(sums: Counters, counters: RegExp): string[] {
  const currencies = new Set<string>();
  for (const [counter, amount] of sums) {
    const match = amount === 0 ? null : counters.exec(counter);
    if (match) currencies.add(match[1]!);
  }
  return [...currencies].sort();
}

const MONEY_COUNTERS = /^(?:revenue|refunded):([A-Z]{3})$/;
const ORDER_COUNTERS = /^(?:revenue|refunded|discount|shipping|tax):([A-Z]{3})$/;

/** The money among some counters, a row for each currency with an amount. */
export const moneyRows = (sums: Counters) => rowsFor(sums, currenciesIn(sums, MONEY_COUNTERS));

/** The same of whole orders, with their parts. */
export function orderMoneyRows(sums: Counters): z.infer<typeof orderMoneySchema>[] {
  return rowsFor(sums, currenciesIn(sums, ORDER_COUNTERS)).map((row) => {
    const { currency } = row;
    const [discounts, shipping, tax] = (['discount', 'shipping', 'tax'] as const).map((part) =>
      bounded(sums.get(partIn(part, currency)) ?? 0),
    ) as [number, number, number];
    const gross = bounded(row.revenue_minor + discounts);
    const silent = (part: OrderPart) =>
      (sums.get(ordersIn(currency)) ?? 0) - (sums.get(partOrdersIn(part, currency)) ?? 0);
    return {
      ...row,
      gross: fromMinor(gross, currency),
      discounts: fromMinor(discounts, currency),
      shipping: fromMinor(shipping, currency),
      tax: fromMinor(tax, currency),
      gross_minor: gross,
      discounts_minor: discounts,
      shipping_minor: shipping,
      tax_minor: tax,
      unknown: { discounts: silent('discount'), shipping: silent('shipping'), tax: silent('tax') },
    };
  });
}

function rowsFor(sums: Counters, currencies: readonly string[]): z.infer<typeof moneySchema>[] {
  return currencies.map((currency) => {
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
