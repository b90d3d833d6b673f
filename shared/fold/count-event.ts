import { cutValue, dimensionValue, EVENT_DIMENSIONS, NOT_SET } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { getOrMake } from '../platform/counters.ts';
import { HOUR_MS } from '../platform/time.ts';
import type { MinuteDelta, ProductDelta, SiteDelta } from './chunk-delta.ts';
import {
  BOTS,
  EVENTS,
  eventCount,
  IMPRESSIONS,
  INTERACTIONS,
  PRODUCT_COUNT_OF_EVENT,
  type ProductCount,
  TRENDING_METRICS,
  type TrendingMetric,
  UNITS,
  UNITS_REFUNDED,
} from './counter-names.ts';
import type { DeltaBuilder } from './delta-builder.ts';
import type { OrderLine } from './order-copy.ts';
import { isView } from './sessions.ts';

/** Cost of a write to a sorted set, which moves the member to its new place, in writes to a hash. */
export const RANKING_COST = 3;

/** Where amounts are counted. */
export interface Place {
  minute: MinuteDelta;
  builder: DeltaBuilder;
}

/**
 * Counts what does not depend on the user: the event's minute, its breakdowns, its products. Purchases and refunds are
 * counted here as events only; their orders are in count-order.ts.
 */
export function countEvent(event: FootfallEvent, site: SiteDelta, { minute, builder }: Place): void {
  const { counters, dayDelta } = minute;
  builder.add(counters, eventCount(event.name), 1);
  for (const dimension of EVENT_DIMENSIONS) {
    const value = dimensionValue(event, dimension);
    if (value === undefined) continue;
    builder.add(builder.breakdown(dayDelta, dimension, value), EVENTS, 1);
    if (dimension === 'page' && isView(event.name)) builder.view(minute, 'page', value, event.received);
  }
  if (!event.items || IMPRESSIONS.has(event.name)) return;
  for (const item of event.items) {
    if (item.name === undefined) continue;
    const names = getOrMake(site.names, minute.month, () => new Map());
    if (!names.has(item.id)) builder.delta.cost++;
    names.set(item.id, item.name);
  }
  if (isOfOrder(event)) return;
  const count = PRODUCT_COUNT_OF_EVENT.get(event.name) ?? 'others';
  for (const { id, brand = null, category = null } of event.items) {
    const line = [id, 0, 0, category && cutValue(category), brand && cutValue(brand)] as const;
    countLine(line, count, { minute, builder });
    countTrend(id, count, event.ts, site, { minute, builder });
    if (count === 'views') builder.view(minute, 'product', id, event.received);
  }
}

/** Whether the event is counted with its order, too. */
export const isOfOrder = ({ name }: FootfallEvent): boolean => name === 'purchase' || name === 'refund';

/** Counts a bot's event by the bot's name. */
export function countBot(bot: string, { counters, dayDelta }: MinuteDelta, builder: DeltaBuilder): void {
  builder.add(counters, BOTS, 1);
  builder.add(builder.breakdown(dayDelta, 'bot', cutValue(bot)), EVENTS, 1);
}

const trending: ReadonlySet<string> = new Set(TRENDING_METRICS);
const isTrending = (count: ProductCount): count is TrendingMetric => trending.has(count);

/** Counts a product of an event at `ts` (ms) for the products that trend. */
export function countTrend(
  product: string,
  count: ProductCount,
  ts: number,
  site: SiteDelta,
  { minute, builder }: Place,
  sign: 1 | -1 = 1,
): void {
  if (minute.resolution !== 'minute' || !isTrending(count)) return;
  const hour = getOrMake(site.trending, Math.floor(ts / HOUR_MS) * HOUR_MS, () => new Map());
  const products = getOrMake(hour, count, () => new Map<string, number>());
  builder.add(products, product, sign, RANKING_COST);
}

/**
 * Counts one line of an event for its product, category and brand.
 * @param options.money the counter of the line's amount; absent when there is no money
 * @param options.sign −1 takes back what was counted
 */
export function countLine(
  [id, quantity, amount, category, brand]: OrderLine,
  count: ProductCount,
  { minute: { dayDelta }, builder }: Place,
  { money, sign = 1 }: { money?: string | undefined; sign?: 1 | -1 } = {},
): void {
  const { delta } = builder;
  const product = getOrMake(dayDelta.products, id, newProductDelta);
  if (product[count] === 0) delta.cost += RANKING_COST;
  product[count] += sign;
  const units = count === 'purchases' ? 'units' : count === 'refunds' ? 'units_refunded' : undefined;
  if (units) {
    if (product[units] === 0) delta.cost += RANKING_COST;
    product[units] += sign * quantity;
  }
  if (money) {
    product.money ??= new Map();
    builder.add(product.money, money, sign * amount, RANKING_COST);
  }
  for (const [dimension, value] of [
    ['category', category],
    ['brand', brand],
  ] as const) {
    const sums = builder.breakdown(dayDelta, dimension, value ?? NOT_SET);
    builder.add(sums, INTERACTIONS, sign);
    if (count === 'views' || count === 'carts' || count === 'purchases') builder.add(sums, count, sign);
    if (units) builder.add(sums, units === 'units' ? UNITS : UNITS_REFUNDED, sign * quantity);
    if (money) builder.add(sums, money, sign * amount);
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
