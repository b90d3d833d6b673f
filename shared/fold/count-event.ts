import { cutValue, dimensionValue, EVENT_DIMENSIONS, NOT_SET } from '../event/dimensions.ts';
import type { FootfallEvent, Item } from '../event/event.ts';
import { getOrMake, type Sums } from '../platform/counters.ts';
import { HOUR_MS } from '../platform/time.ts';
import type { MinuteDelta, ProductDelta, SiteDelta } from './chunk-delta.ts';
import {
  BOTS,
  EVENTS,
  eventCount,
  IMPRESSIONS,
  INTERACTIONS,
  ORDERS,
  ordersIn,
  PRODUCT_COUNT_OF_EVENT,
  type ProductCount,
  REFUNDS,
  refundedIn,
  revenueIn,
  TRENDING_METRICS,
  type TrendingMetric,
  UNITS,
  UNITS_REFUNDED,
} from './counter-names.ts';
import type { Buckets } from './delta-builder.ts';
import type { RefundedOrder } from './orders.ts';

/** A ranking finds its place for a member anew. */
export const RANKING_COST = 3;

/** What an event adds to a money counter, in minor units. */
export interface Money {
  counter: string;
  total: number;
  /** The counter of orders in its currency; undefined for a refund. */
  orders: string | undefined;
}

/**
 * The money of a purchase or a refund: its own value, else the sum of its lines. Undefined for other events:
 * the value of a cart is no revenue.
 */
export function moneyOf({ name, currency, value, items }: FootfallEvent): Money | undefined {
  if (currency === undefined || (name !== 'purchase' && name !== 'refund')) return undefined;
  let total = value ?? 0;
  if (value === undefined && items) for (const { amount } of items) total += amount ?? 0;
  return name === 'purchase'
    ? { counter: revenueIn(currency), total, orders: ordersIn(currency) }
    : { counter: refundedIn(currency), total, orders: undefined };
}

/** Counts what an event is by itself, whoever's it is: its minute, its products, its breakdowns. */
export function countEvent(
  event: FootfallEvent,
  money: Money | undefined,
  { minute, site, buckets }: { minute: MinuteDelta; site: SiteDelta; buckets: Buckets },
): void {
  const { counters, dayDelta } = minute;
  buckets.add(counters, eventCount(event.name), 1);
  if (event.name === 'purchase') {
    buckets.add(counters, ORDERS, 1);
    buckets.add(counters, UNITS, unitsOf(event));
  } else if (event.name === 'refund') {
    buckets.add(counters, REFUNDS, 1);
    buckets.add(counters, UNITS_REFUNDED, unitsOf(event));
  }
  addMoney(counters, money, buckets);
  for (const dimension of EVENT_DIMENSIONS) {
    const value = dimensionValue(event, dimension);
    if (value === undefined) continue;
    const sums = buckets.breakdown(dayDelta, dimension, value);
    buckets.add(sums, EVENTS, 1);
    if (event.name === 'purchase') buckets.add(sums, ORDERS, 1);
    else if (event.name === 'refund') buckets.add(sums, REFUNDS, 1);
    addMoney(sums, money, buckets);
  }
  if (!event.items || IMPRESSIONS.has(event.name)) return;
  const count = PRODUCT_COUNT_OF_EVENT.get(event.name) ?? 'others';
  for (const item of event.items) {
    countProduct(item, count, money, minute, buckets);
    countItemValues(item, count, money, minute, buckets);
    if (item.name !== undefined) getOrMake(site.names, minute.month, () => new Map()).set(item.id, item.name);
    if (minute.keptAs === 'minute' && isTrending(count)) {
      const hour = getOrMake(site.trending, Math.floor(event.ts / HOUR_MS) * HOUR_MS, () => new Map());
      const products = getOrMake(hour, count, () => new Map<string, number>());
      buckets.add(products, item.id, 1, RANKING_COST);
    }
  }
}

/** Counts a bot's event: that it was there, and whose. */
export function countBot(bot: string, { counters, dayDelta }: MinuteDelta, buckets: Buckets): void {
  buckets.add(counters, BOTS, 1);
  buckets.add(buckets.breakdown(dayDelta, 'bot', cutValue(bot)), EVENTS, 1);
}

/** Counts what a full refund gives back of its order, or takes that back. Both are counted as events already. */
export function countFullRefund(
  { purchase: { currency, total, lines }, refund: { values } }: RefundedOrder,
  minute: MinuteDelta,
  buckets: Buckets,
  sign: 1 | -1,
): void {
  const money =
    currency === undefined
      ? undefined
      : { counter: refundedIn(currency), total: sign * total, orders: undefined };
  addMoney(minute.counters, money, buckets);
  EVENT_DIMENSIONS.forEach((dimension, i) => {
    const value = values[i];
    if (value != null) addMoney(buckets.breakdown(minute.dayDelta, dimension, value), money, buckets);
  });
  for (const [id, quantity, amount, category, brand] of lines) {
    buckets.add(minute.counters, UNITS_REFUNDED, sign * quantity);
    const item: Item = {
      id,
      quantity,
      amount,
      ...(category !== null && { category }),
      ...(brand !== null && { brand }),
    };
    countProduct(item, 'refunds', money, minute, buckets, sign);
    countItemValues(item, 'refunds', money, minute, buckets, sign);
  }
}

const trending: ReadonlySet<string> = new Set(TRENDING_METRICS);
const isTrending = (count: ProductCount): count is TrendingMetric => trending.has(count);

function addMoney(sums: Sums, money: Money | undefined, buckets: Buckets): void {
  if (!money) return;
  buckets.add(sums, money.counter, money.total);
  if (money.orders) buckets.add(sums, money.orders, 1);
}

function countProduct(
  { id, quantity, amount = 0 }: Item,
  count: ProductCount,
  money: Money | undefined,
  { dayDelta: { products } }: MinuteDelta,
  buckets: Buckets,
  sign: 1 | -1 = 1,
): void {
  const { deltas } = buckets;
  let product = products.get(id);
  if (!product) {
    product = newProductDelta();
    products.set(id, product);
  }
  if (product[count] === 0) deltas.cost += RANKING_COST;
  product[count] += sign;
  if (count === 'purchases') {
    if (product.units === 0) deltas.cost += RANKING_COST;
    product.units += sign * quantity;
  } else if (count === 'refunds') {
    if (product.units_refunded === 0) deltas.cost += RANKING_COST;
    product.units_refunded += sign * quantity;
  }
  if (money) {
    product.money ??= new Map();
    buckets.add(product.money, money.counter, sign * amount, RANKING_COST);
  }
}

function countItemValues(
  { brand, category, quantity, amount = 0 }: Item,
  count: ProductCount,
  money: Money | undefined,
  { dayDelta }: MinuteDelta,
  buckets: Buckets,
  sign: 1 | -1 = 1,
): void {
  for (const [dimension, value] of [
    ['category', category],
    ['brand', brand],
  ] as const) {
    const sums = buckets.breakdown(dayDelta, dimension, value === undefined ? NOT_SET : cutValue(value));
    buckets.add(sums, INTERACTIONS, sign);
    if (count === 'views' || count === 'carts' || count === 'purchases') buckets.add(sums, count, sign);
    if (count === 'purchases') buckets.add(sums, UNITS, sign * quantity);
    else if (count === 'refunds') buckets.add(sums, UNITS_REFUNDED, sign * quantity);
    if (money) buckets.add(sums, money.counter, sign * amount);
  }
}

const newProductDelta = (): ProductDelta => ({
  views: 0,
  clicks: 0,
  carts: 0,
  purchases: 0,
  refunds: 0,
  others: 0,
  units: 0,
  units_refunded: 0,
  money: undefined,
});

function unitsOf({ items = [] }: FootfallEvent): number {
  let units = 0;
  for (const { quantity } of items) units += quantity;
  return units;
}
