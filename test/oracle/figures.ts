import { type Counted, counted } from './naive.ts';

/** The arithmetic of the naive program: sums over lists, rates, money. */

/** ISO 4217's decimals of the currencies that tests use. */
const DECIMALS: Record<string, number> = { EUR: 2, USD: 2, JPY: 0, KWD: 3 };

type Rows = readonly (readonly [name: string, amount: number])[];

/** Units come in thousandths, and are answered in pieces. */
export function sumRows(rows: Rows, wanted: string): number {
  const sum = rows.filter(([name]) => name === wanted).reduce((total, [, amount]) => total + amount, 0);
  return wanted === 'units' || wanted === 'units_refunded' ? Number(`${sum}e-3`) : sum;
}

export const sum = (list: readonly Counted[], counter: string): number =>
  sumRows(list.flatMap(counted), counter);

export function byName(events: readonly { name: string }[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(events, ({ name }) => name)].map(([name, list]) => [name, list.length]),
  );
}

/** Minor units as text in units of the currency. */
export function decimal(minor: number, currency: string): string {
  const decimals = DECIMALS[currency]!;
  return (minor / 10 ** decimals).toFixed(decimals);
}

/** A row for each currency with a payment or a refund. */
export function moneyOf(rows: Rows) {
  const currencies = rows.map(([name]) => /^(?:revenue|refunded):(.*)$/.exec(name)?.[1]);
  return [...new Set(currencies.filter((one) => one !== undefined))].sort().flatMap((currency) => {
    const revenue = sumRows(rows, `revenue:${currency}`);
    const refunded = sumRows(rows, `refunded:${currency}`);
    if (revenue === 0 && refunded === 0) return [];
    return [
      {
        currency,
        revenue: decimal(revenue, currency),
        refunded: decimal(refunded, currency),
        net: decimal(revenue - refunded, currency),
        revenue_minor: revenue,
        refunded_minor: refunded,
        net_minor: revenue - refunded,
      },
    ];
  });
}

/** The same of whole orders, with the parts that their senders say. Without any amount there is no row. */
export function orderMoney(list: readonly Counted[]) {
  const rows = list.flatMap(counted);
  const named = rows.map(([name]) => /^(?:revenue|refunded|discount|shipping|tax):(.*)$/.exec(name)?.[1]);
  return [...new Set(named.filter((one) => one !== undefined))].sort().flatMap((currency) => {
    const of = (name: string) => sumRows(rows, `${name}:${currency}`);
    const [revenue, refunded, orders] = [of('revenue'), of('refunded'), of('orders')];
    const [discounts, shipping, tax] = [of('discount'), of('shipping'), of('tax')];
    if ([revenue, refunded, discounts, shipping, tax].every((one) => one === 0)) return [];
    const [gross, net] = [revenue + discounts, revenue - refunded];
    const text = (minor: number) => decimal(minor, currency);
    return [
      {
        currency,
        gross: text(gross),
        discounts: text(discounts),
        revenue: text(revenue),
        refunded: text(refunded),
        net: text(net),
        shipping: text(shipping),
        tax: text(tax),
        gross_minor: gross,
        discounts_minor: discounts,
        revenue_minor: revenue,
        refunded_minor: refunded,
        net_minor: net,
        shipping_minor: shipping,
        tax_minor: tax,
        unknown: {
          discounts: orders - of('discount_orders'),
          shipping: orders - of('shipping_orders'),
          tax: orders - of('tax_orders'),
        },
      },
    ];
  });
}

/** The average order in each currency of the money rows. */
export function averageOrder(list: readonly Counted[]) {
  return money(list).flatMap(({ currency, revenue_minor }) => {
    const minor = average(revenue_minor, sum(list, `orders:${currency}`));
    return minor === null ? [] : [{ currency, amount: decimal(minor, currency), amount_minor: minor }];
  });
}

export const money = (list: readonly Counted[]) => moneyOf(list.flatMap(counted));

/** With four decimals, halves up; in whole numbers, so that no half is missed. Null: nothing to divide by. */
export function rate(part: number, whole: number): number | null {
  if (whole === 0) return null;
  return Math.floor((2 * 10_000 * part + whole) / (2 * whole)) / 10_000;
}

/** Whole, halves away from zero. */
export function average(total: number, count: number): number | null {
  if (count === 0) return null;
  const size = Math.floor((2 * Math.abs(total) + count) / (2 * count));
  return total < 0 && size > 0 ? -size : size;
}

/** The one in the middle; of two the lower. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.ceil(sorted.length / 2) - 1]!;
}

/** The largest first, equal ones by name. */
export const byMost = ([a, x]: readonly [string, number], [b, y]: readonly [string, number]) =>
  y - x || (a < b ? -1 : 1);
