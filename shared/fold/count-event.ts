import { cutValue, dimensionValue, EVENT_DIMENSIONS, NOT_SET } from '../event/dimensions.ts';
import type { FootfallEvent, Item } from '../event/event.ts';
import { fromThousandths, toThousandths } from '../event/quantity.ts';
import { type Counters, getOrMake } from '../platform/counters.ts';
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
import type { DeltaBuilder } from './delta-builder.ts';
import type { RefundedOrder } from './orders.ts';

/** Cost of a write to a sorted set, which moves the member to its new place, in writes to a hash. */
export const RANKING_COST = 3;

/** What an event adds to a money counter, in minor units. */
export interface Money {
  counter: string;
  total: number;
  /** The counter of orders in its currency; undefined for a refund. */
  orders: string | undefined;
}

/**
 * The money of a purchase or a refund: its own value, else the sum of its lines. Undefined for other events: the value
 * of a cart is not revenue.
 */
export function moneyOf({ name, currency, value, items }: FootfallEvent): Money | undefined {
  if (currency === undefined || (name !== 'purchase' && name !== 'refund')) return undefined;
  let total = value ?? 0;
  if (value === undefined && items) for (const { amount } of items) total += amount ?? 0;
  return name === 'purchase'
    ? { counter: revenueIn(currency), total, orders: ordersIn(currency) }
    : { counter: refundedIn(currency), total, orders: undefined };
}

/** Counts what does not depend on the user: the event's minute, its products, its breakdowns. */
export function countEvent(
  event: FootfallEvent,
  money: Money | undefined,
  { minute, site, builder }: { minute: MinuteDelta; site: SiteDelta; builder: DeltaBuilder },
): void {
  const { counters, dayDelta } = minute;
  builder.add(counters, eventCount(event.name), 1);
  if (event.name === 'purchase') {
    builder.add(counters, ORDERS, 1);
    builder.add(counters, UNITS, unitsOf(event));
  } else if (event.name === 'refund') {
    builder.add(counters, REFUNDS, 1);
    builder.add(counters, UNITS_REFUNDED, unitsOf(event));
  }
  addMoney(counters, money, builder);
  for (const dimension of EVENT_DIMENSIONS) {
    const value = dimensionValue(event, dimension);
    if (value === undefined) continue;
    const sums = builder.breakdown(dayDelta, dimension, value);
    builder.add(sums, EVENTS, 1);
    if (event.name === 'purchase') builder.add(sums, ORDERS, 1);
    else if (event.name === 'refund') builder.add(sums, REFUNDS, 1);
    addMoney(sums, money, builder);
  }
  if (!event.items || IMPRESSIONS.has(event.name)) return;
  const count = PRODUCT_COUNT_OF_EVENT.get(event.name) ?? 'others';
  for (const item of event.items) {
    countProduct(item, count, money, minute, builder);
    countItemValues(item, count, money, minute, builder);
    if (item.name !== undefined) getOrMake(site.names, minute.month, () => new Map()).set(item.id, item.name);
    if (minute.resolution === 'minute' && isTrending(count)) {
      const hour = getOrMake(site.trending, Math.floor(event.ts / HOUR_MS) * HOUR_MS, () => new Map());
      const products = getOrMake(hour, count, () => new Map<string, number>());
      builder.add(products, item.id, 1, RANKING_COST);
    }
  }
}

/** Counts a bot's event by the bot's name. */
export function countBot(bot: string, { counters, dayDelta }: MinuteDelta, builder: DeltaBuilder): void {
  builder.add(counters, BOTS, 1);
  builder.add(builder.breakdown(dayDelta, 'bot', cutValue(bot)), EVENTS, 1);
}

/**
 * Counts the money and units that a full refund gives back, or (sign −1) takes that back. Both events are counted
 * already.
 */
export function countFullRefund(
  { purchase: { currency, total, lines }, refund: { values } }: RefundedOrder,
  minute: MinuteDelta,
  builder: DeltaBuilder,
  sign: 1 | -1,
): void {
  const money =
    currency === undefined
      ? undefined
      : { counter: refundedIn(currency), total: sign * total, orders: undefined };
  addMoney(minute.counters, money, builder);
  EVENT_DIMENSIONS.forEach((dimension, i) => {
    const value = values[i];
    if (value != null) addMoney(builder.breakdown(minute.dayDelta, dimension, value), money, builder);
  });
  for (const [id, quantity, amount, category, brand] of lines) {
    builder.add(minute.counters, UNITS_REFUNDED, sign * quantity);
    const item: Item = {
      id,
      quantity: fromThousandths(quantity),
      amount,
      ...(category !== null && { category }),
      ...(brand !== null && { brand }),
    };
    countProduct(item, 'refunds', money, minute, builder, sign);
    countItemValues(item, 'refunds', money, minute, builder, sign);
  }
}

const trending: ReadonlySet<string> = new Set(TRENDING_METRICS);
const isTrending = (count: ProductCount): count is TrendingMetric => trending.has(count);

function addMoney(sums: Counters, money: Money | undefined, builder: DeltaBuilder): void {
  if (!money) return;
  builder.add(sums, money.counter, money.total);
  if (money.orders) builder.add(sums, money.orders, 1);
}

function countProduct(
  { id, quantity, amount = 0 }: Item,
  count: ProductCount,
  money: Money | undefined,
  { dayDelta: { products } }: MinuteDelta,
  builder: DeltaBuilder,
  sign: 1 | -1 = 1,
): void {
  const { delta } = builder;
  let product = products.get(id);
  if (!product) {
    product = newProductDelta();
    products.set(id, product);
  }
  if (product[count] === 0) delta.cost += RANKING_COST;
  product[count] += sign;
  if (count === 'purchases') {
    if (product.units === 0) delta.cost += RANKING_COST;
    product.units += sign * toThousandths(quantity);
  } else if (count === 'refunds') {
    if (product.units_refunded === 0) delta.cost += RANKING_COST;
    product.units_refunded += sign * toThousandths(quantity);
  }
  if (money) {
    product.money ??= new Map();
    builder.add(product.money, money.counter, sign * amount, RANKING_COST);
  }
}

function countItemValues(
  { brand, category, quantity, amount = 0 }: Item,
  count: ProductCount,
  money: Money | undefined,
  { dayDelta }: MinuteDelta,
  builder: DeltaBuilder,
  sign: 1 | -1 = 1,
): void {
  for (const [dimension, value] of [
    ['category', category],
    ['brand', brand],
  ] as const) {
    const sums = builder.breakdown(dayDelta, dimension, value === undefined ? NOT_SET : cutValue(value));
    builder.add(sums, INTERACTIONS, sign);
    if (count === 'views' || count === 'carts' || count === 'purchases') builder.add(sums, count, sign);
    if (count === 'purchases') builder.add(sums, UNITS, sign * toThousandths(quantity));
    else if (count === 'refunds') builder.add(sums, UNITS_REFUNDED, sign * toThousandths(quantity));
    if (money) builder.add(sums, money.counter, sign * amount);
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

/** In thousandths. */
function unitsOf({ items = [] }: FootfallEvent): number {
  let units = 0;
  for (const { quantity } of items) units += toThousandths(quantity);
  return units;
}
