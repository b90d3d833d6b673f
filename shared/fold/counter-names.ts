/**
 * The names of the counters that the fold keeps and the questions read. Money counters carry their currency
 * and are in its minor units.
 */
/** All events, whatever their name. In breakdowns. */
export const EVENTS = 'events';
/** Events of bots, which no other counter has. */
export const BOTS = 'bots';
export const ORDERS = 'orders';
export const REFUNDS = 'refunds';
/** Pieces bought, and pieces given back, in thousandths (event/quantity.ts). */
export const UNITS = 'units';
export const UNITS_REFUNDED = 'units_refunded';
/** Users whose first event ever is on the day. The sum over all days is all users. */
export const NEW_USERS = 'new_users';
/** Users whose first event under the shop's own user id is on the day. */
export const NEW_ACCOUNTS = 'new_accounts';
/**
 * Orders that are the first one of their buyer, and later ones, with their revenue. Orders without a buyer are neither.
 */
export const FIRST_ORDERS = 'first_orders';
export const REPEAT_ORDERS = 'repeat_orders';
export const firstRevenueIn = (currency: string) => `first_revenue:${currency}`;
export const repeatRevenueIn = (currency: string) => `repeat_revenue:${currency}`;
/**
 * Sessions that began in the time; those that were not engaged; their length (last − first event) in ms; those with an
 * order; those with a view_item, an add_to_cart, a begin_checkout.
 */
export const SESSIONS = 'sessions';
export const BOUNCES = 'bounces';
export const SESSION_MS = 'session_ms';
export const CONVERTED_SESSIONS = 'converted_sessions';
export const VIEWED_SESSIONS = 'viewed_sessions';
export const CARTED_SESSIONS = 'carted_sessions';
export const CHECKOUT_SESSIONS = 'checkout_sessions';
/** Events of products in breakdowns by category and brand, see PRODUCT_EVENTS. */
export const INTERACTIONS = 'interactions';
/** Orders in a currency: the divisor of an average order value. */
export const ordersIn = (currency: string) => `orders:${currency}`;
export const revenueIn = (currency: string) => `revenue:${currency}`;
export const refundedIn = (currency: string) => `refunded:${currency}`;
/** The parts of an order's money that a sender may say. */
export const ORDER_PARTS = ['discount', 'shipping', 'tax'] as const;
export type OrderPart = (typeof ORDER_PARTS)[number];
/** What the orders in a currency say of a part, and how many of them say it. */
export const partIn = (part: OrderPart, currency: string) => `${part}:${currency}`;
export const partOrdersIn = (part: OrderPart, currency: string) => `${part}_orders:${currency}`;

const eventCounts = new Map<string, string>();

/** The counter of an event's name. Always the same string object, so its hash is computed once. */
export function eventCount(name: string): string {
  let counter = eventCounts.get(name);
  if (counter === undefined) {
    if (eventCounts.size > 10_000) eventCounts.clear();
    counter = `n:${name}`;
    eventCounts.set(name, counter);
  }
  return counter;
}

/** Whether a counter is one of {@link eventCount}. */
export const isEventCount = (counter: string): boolean => counter.startsWith('n:');

/**
 * What is counted for each product. An event adds to one of the first six, so their sum is the product's interactions,
 * without a counter of its own.
 */
export const PRODUCT_EVENTS = ['views', 'clicks', 'carts', 'purchases', 'refunds', 'others'] as const;
export const PRODUCT_COUNTS = [...PRODUCT_EVENTS, 'units', 'units_refunded'] as const;
export type ProductCount = (typeof PRODUCT_COUNTS)[number];

/** Which of the six an event's name adds to. Names that are not here add to `others`. */
export const PRODUCT_COUNT_OF_EVENT: ReadonlyMap<string, ProductCount> = new Map([
  ['view_item', 'views'],
  ['select_item', 'clicks'],
  ['add_to_cart', 'carts'],
  ['purchase', 'purchases'],
  ['refund', 'refunds'],
]);

/** Events that show many products at once. Being listed is not an interaction with a product. */
export const IMPRESSIONS: ReadonlySet<string> = new Set(['view_item_list', 'view_promotion']);

/** The counters by which trending products can be ranked. */
export const TRENDING_METRICS = ['views', 'carts', 'purchases'] as const;
export type TrendingMetric = (typeof TRENDING_METRICS)[number];

/** What is counted by the minute it was viewed in, for half an hour. */
export const VIEWED = ['page', 'product'] as const;
export type Viewed = (typeof VIEWED)[number];
