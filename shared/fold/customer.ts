import type { OrderMoney } from '../event/order-note.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { type Day, localDay } from '../platform/time.ts';
import { PERIODS_KEPT, periodOf, periodStart } from './cohorts.ts';
import { firstOrder, type PersonOrder, type PersonOrders, shareOfPerson } from './person-orders.ts';

/**
 * What a person's orders add to the numbers of customers. The earliest order that the person bought is the first one,
 * and all others are later ones. All of it follows from the orders that the person has now, so it is taken back and
 * added again when an earlier one comes late, or when two ids turn out to be one person.
 */

/** By which periods buyers are grouped. */
export const BUYER_PERIODS = ['month', 'week'] as const;
export type BuyerPeriod = (typeof BUYER_PERIODS)[number];

/** The fields of a cohort: buyers with an order `n` periods after their first one; and these orders with their money. */
export const buyersIn = (n: number) => `b${n}`;
export const ordersAfter = (n: number) => `o${n}`;
export const revenueAfter = (n: number, currency: string) => `v${n}:${currency}`;
export const refundedAfter = (n: number, currency: string) => `f${n}:${currency}`;

/** An order that a person bought. */
export interface Sale {
  /** ms */
  readonly ts: number;
  /** The resolution by which it is counted, as an index of RESOLUTIONS. */
  readonly grain: number;
  readonly money: OrderMoney | undefined;
  readonly refunded: readonly OrderMoney[];
}

/**
 * Later orders of a person that are no longer remembered one by one. They stay counted as they were. What is here
 * decides where the person stands in cohorts.
 */
export interface OlderOrders {
  /** The local day of the earliest one. */
  readonly first: Day;
  /** By BUYER_PERIODS: period → orders and money, under the names of a cohort's fields of period 0. */
  readonly periods: readonly ReadonlyMap<number, Counters>[];
}

/** Of each kind of period the earliest are remembered: no cohort is followed for longer. */
const MAX_PERIODS = Math.max(PERIODS_KEPT.month, PERIODS_KEPT.week) + 1;

/** What a person adds to the numbers of customers. */
export interface Customer {
  /** The key of the first order; undefined when the person has bought nothing. */
  readonly first: string | undefined;
  /** By the order's key. */
  readonly sales: ReadonlyMap<string, Sale>;
  /** The day of the first order, and the days until the second one; undefined when there is none. */
  readonly second: readonly [day: Day, days: number] | undefined;
  /** By BUYER_PERIODS. */
  readonly cohorts: readonly Cohort[];
}

interface Cohort {
  readonly start: Day;
  readonly fields: Counters;
}

/** Receives what changes of a customer. */
export interface CustomerChanges {
  order(sale: Sale, isFirst: boolean, amount: 1 | -1): void;
  /** A buyer whose first order is on a day, and how many days later the second one is. */
  second(day: Day, days: number, amount: 1 | -1): void;
  cohort(period: BuyerPeriod, start: Day, field: string, amount: number): void;
}

/** What a person's order is to its buyer; undefined when someone else bought it. */
export function saleOf(order: PersonOrder): Sale | undefined {
  const { isBuyer, time, money, refunded } = shareOfPerson(order);
  return isBuyer ? { ts: time[0], grain: time[1], money, refunded } : undefined;
}

/** What a person adds. @param zone of the site */
export function customerOf(orders: PersonOrders, older: OlderOrders | undefined, zone: string): Customer {
  const sales = new Map<string, Sale>();
  for (const [key, order] of orders) {
    const sale = saleOf(order);
    if (sale) sales.set(key, sale);
  }
  const first = firstOrder(orders);
  if (first === undefined) return { first, sales, second: undefined, cohorts: [] };
  const day = localDay(sales.get(first)!.ts, zone);
  let next = older ? older.first : Infinity;
  const cohorts = BUYER_PERIODS.map((period, i): Cohort => {
    const own = periodOf(day, period);
    const fields: Counters = new Map();
    const isFollowed = (n: number) => n >= 0 && n <= PERIODS_KEPT[period];
    for (const [other, sums] of older?.periods[i] ?? []) {
      if (isFollowed(other - own)) addSums(fields, other - own, sums);
    }
    for (const [key, sale] of sales) {
      const saleDay = key === first ? day : localDay(sale.ts, zone);
      if (key !== first) next = Math.min(next, saleDay);
      const n = periodOf(saleDay, period) - own;
      if (isFollowed(n)) addSale(fields, n, sale);
    }
    return { start: periodStart(own, period), fields };
  });
  return { first, sales, second: next === Infinity ? undefined : [day, Math.max(0, next - day)], cohorts };
}

function addSale(fields: Counters, n: number, { money, refunded }: Sale): void {
  fields.set(buyersIn(n), 1);
  increase(fields, ordersAfter(n), 1);
  if (money) increase(fields, revenueAfter(n, money[0]), money[1]);
  for (const [currency, amount] of refunded) increase(fields, refundedAfter(n, currency), amount);
}

/** Adds sums of one period as those of another. */
function addSums(fields: Counters, n: number, sums: Counters): void {
  fields.set(buyersIn(n), 1);
  for (const [field, amount] of sums) increase(fields, `${field[0]}${n}${field.slice(2)}`, amount);
}

/** Takes back what a person added before, and adds what the person adds now, as far as the two differ. */
export function settleCustomer(before: Customer, after: Customer, changes: CustomerChanges): void {
  const isFirst = ({ first }: Customer, key: string) => key === first;
  const isCounted = (key: string) =>
    isFirst(before, key) === isFirst(after, key) && isSameSale(before.sales.get(key), after.sales.get(key));
  for (const [key, sale] of before.sales) if (!isCounted(key)) changes.order(sale, isFirst(before, key), -1);
  for (const [key, sale] of after.sales) if (!isCounted(key)) changes.order(sale, isFirst(after, key), 1);
  if (before.second?.join() !== after.second?.join()) {
    if (before.second) changes.second(...before.second, -1);
    if (after.second) changes.second(...after.second, 1);
  }
  BUYER_PERIODS.forEach((period, i) => {
    const [from, to] = [before.cohorts[i], after.cohorts[i]];
    const isSameCohort = from?.start === to?.start;
    for (const [field, amount] of from?.fields ?? []) {
      const left = isSameCohort ? (to?.fields.get(field) ?? 0) : 0;
      if (left !== amount) changes.cohort(period, from!.start, field, left - amount);
    }
    for (const [field, amount] of to?.fields ?? []) {
      if (amount !== 0 && !(isSameCohort && from?.fields.has(field))) {
        changes.cohort(period, to!.start, field, amount);
      }
    }
  });
}

/** Whether a sale counts the same on its day. Refunds have a day of their own. */
function isSameSale(a: Sale | undefined, b: Sale | undefined): boolean {
  if (!a || !b) return false;
  const isSameMoney = a.money?.[0] === b.money?.[0] && a.money?.[1] === b.money?.[1];
  return a.ts === b.ts && a.grain === b.grain && isSameMoney;
}

/** Older orders with one more. @param zone of the site */
export function withOlder(older: OlderOrders | undefined, sale: Sale, zone: string): OlderOrders {
  const first = localDay(sale.ts, zone);
  const periods = BUYER_PERIODS.map((period) => {
    const fields: Counters = new Map();
    addSale(fields, 0, sale);
    fields.delete(buyersIn(0));
    return new Map([[periodOf(first, period), fields]]);
  });
  return mergeOlder(older, { first, periods })!;
}

/** The older orders of two ids of a person. */
export function mergeOlder(a: OlderOrders | undefined, b: OlderOrders | undefined): OlderOrders | undefined {
  if (!a || !b) return a ?? b;
  const periods = BUYER_PERIODS.map((_, i) => {
    const sums = new Map<number, Counters>();
    for (const one of [a, b]) {
      for (const [period, fields] of one.periods[i]!) {
        const own = getOrMake(sums, period, () => new Map());
        for (const [field, amount] of fields) increase(own, field, amount);
      }
    }
    return new Map([...sums].sort(([x], [y]) => x - y).slice(0, MAX_PERIODS));
  });
  return { first: Math.min(a.first, b.first), periods };
}
