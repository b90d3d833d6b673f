import { type Customer, dateOf, FOLLOWED, periodsOf, secondOrder } from './customers.ts';
import { average, decimal, median, money, rate, sum } from './figures.ts';
import type { Trade } from './orders.ts';
import { periodStart, periodsBetween } from './people.ts';
import type { NaiveShop, Range } from './shop.ts';

/** The naive program's answers about customers: who bought for the first time, who again, and what they are worth. */

/** What was paid for some orders, by currency. */
const paid = (sales: readonly Trade[]) =>
  money(sales)
    .filter(({ revenue_minor }) => revenue_minor !== 0)
    .map(({ currency, revenue, revenue_minor }) => ({
      currency,
      amount: revenue,
      amount_minor: revenue_minor,
    }));

export function newAndRepeat(shop: NaiveShop, range: Range) {
  const { first, repeat } = salesWithin(shop, range);
  return {
    new_customers: first.length,
    first_orders: first.length,
    first_revenue: paid(first),
    repeat_orders: repeat.length,
    repeat_revenue: paid(repeat),
  };
}

function salesWithin(shop: NaiveShop, range: Range) {
  const sales = shop.tradesWithin(range).filter(({ name }) => name === 'purchase');
  return {
    first: sales.filter((sale) => shop.kinds.get(sale) === 'first'),
    repeat: sales.filter((sale) => shop.kinds.get(sale) === 'repeat'),
    unknown: sales.filter((sale) => !shop.kinds.has(sale)),
  };
}

export function customers(shop: NaiveShop, range: Range) {
  const { from, to } = shop.covered(range);
  const { unknown } = salesWithin(shop, range);
  const news = shop.customers.filter(([first]) => {
    const date = dateOf(first!, shop.site);
    return date >= from && date <= to;
  });
  const gaps = news.flatMap((customer) => secondOrder(customer, shop.site)?.days ?? []);
  const spans = [
    [0, 7],
    [8, 30],
    [31, 60],
    [61, 90],
    [91, null],
  ] as const;
  return {
    from,
    to,
    ...newAndRepeat(shop, range),
    unknown_orders: sum(unknown, 'orders'),
    unknown_revenue: paid(unknown),
    repeat_customers: gaps.length,
    repeat_rate: rate(gaps.length, news.length),
    days_to_second_order: {
      median: median(gaps),
      spans: spans.map(([from_days, to_days]) => ({
        from_days,
        to_days,
        customers: gaps.filter((gap) => gap >= from_days && gap <= (to_days ?? Infinity)).length,
      })),
    },
  };
}

/** Cohorts of the periods that a range touches, and what their customers have bought until each later period. */
export function customerCohorts(
  shop: NaiveShop,
  range: Range,
  { period, periods }: { period: 'week' | 'month'; periods: number },
) {
  const { from, to } = shop.covered(range);
  const startOf = (date: string) => periodStart(date, period);
  const groups = Map.groupBy(shop.customers, ([first]) => startOf(dateOf(first!, shop.site)));
  const cohorts = [...groups]
    .filter(([start]) => start >= startOf(from) && start <= startOf(to))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([start, members]) => {
      const begun = periodsBetween(start, startOf(shop.today), period) + 1;
      const length = Math.max(1, Math.min(periods, begun, FOLLOWED[period] + 1));
      return {
        start,
        customers: members.length,
        periods: Array.from({ length }, (_, n) => cohortPeriod(shop, members, period, n)),
      };
    });
  return { period, cohorts };
}

function cohortPeriod(shop: NaiveShop, members: readonly Customer[], period: 'week' | 'month', n: number) {
  const lists = members.map((customer) => periodsOf(customer, period, shop.site));
  const trades = lists
    .flat()
    .filter((one) => one.n <= n)
    .flatMap(({ order }) => [order.sale, ...order.refunds]);
  const net = money(trades).filter(({ net_minor }) => net_minor !== 0);
  const amountOf = (currency: string, minor: number) => ({
    currency,
    amount: decimal(minor, currency),
    amount_minor: minor,
  });
  return {
    period: n,
    customers: lists.filter((list) => list.some((one) => one.n === n)).length,
    orders: lists.flat().filter((one) => one.n === n).length,
    net_revenue: net.map(({ currency, net_minor }) => amountOf(currency, net_minor)),
    net_revenue_per_customer: net.map(({ currency, net_minor }) =>
      amountOf(currency, average(net_minor, members.length)!),
    ),
  };
}
