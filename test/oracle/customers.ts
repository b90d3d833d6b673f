import type { Site } from '../../shared/sites/site.ts';
import { wallClock } from './clock.ts';
import type { Order, Trade } from './orders.ts';
import { periodStart, periodsBetween } from './people.ts';

/** The naive program's customers: each of them is the list of what they bought. */

/** What someone bought, the first order first. Of those of the same time the one with the smaller key is. */
export type Customer = (Order & { sale: Trade })[];

export function customersOf(orders: readonly Order[]): Customer[] {
  const bought = orders.filter((order): order is Order & { sale: Trade } => {
    return order.sale !== undefined && order.customer !== undefined;
  });
  return [...Map.groupBy(bought, ({ customer }) => customer).values()].map((own) =>
    own.sort((a, b) => a.sale.ts - b.sale.ts || (a.key < b.key ? -1 : 1)),
  );
}

export const dateOf = ({ sale }: Customer[number], site: Site) => wallClock(sale.ts, site.zone).date;

/** For how long customers are followed. */
export const FOLLOWED = { month: 36, week: 53 };

/** The dates of the first two orders, and the days between them. */
export function secondOrder(customer: Customer, site: Site): { date: string; days: number } | undefined {
  const [date, second] = customer.map((order) => dateOf(order, site));
  if (second === undefined) return undefined;
  return { date: date!, days: (Date.parse(second) - Date.parse(date!)) / 86_400_000 };
}

/** Where a customer's orders lie: the start of the period of the first one, and how much later each of them is. */
export function periodsOf(customer: Customer, period: 'month' | 'week', site: Site) {
  const starts = customer.map((order) => periodStart(dateOf(order, site), period));
  return customer
    .map((order, i) => ({ start: starts[0]!, n: periodsBetween(starts[0]!, starts[i]!, period), order }))
    .filter(({ n }) => n <= FOLLOWED[period]);
}
