import type { FootfallEvent } from './event.ts';

/**
 * The dimensions of breakdowns, by where their values come from. Values of events count events. Values of orders count
 * orders, refunds and money; only orders have a coupon. Values of items count interactions with products. Values of
 * sessions (from the earliest event that has one) count sessions and what was bought in them. A bot's name counts its
 * events.
 */
export const EVENT_DIMENSIONS = ['country', 'device', 'browser', 'os', 'page', 'search_term'] as const;
/** What an order and a refund have a value of. The packed order has the values in this order. */
export const ORDER_DIMENSIONS = ['country', 'page', 'search_term', 'coupon'] as const;
const ITEM_DIMENSIONS = ['category', 'brand'] as const;
const ORIGINS = ['source', 'medium', 'campaign', 'referrer', 'landing_page', 'channel'] as const;
/** What a session has a value of. The packed session has the values in this order. */
export const SESSION_DIMENSIONS = [...ORIGINS, 'device', 'browser', 'os', 'country'] as const;
const BOT_DIMENSIONS = ['bot'] as const;
export const DIMENSIONS = [
  ...EVENT_DIMENSIONS,
  'coupon',
  ...ITEM_DIMENSIONS,
  ...ORIGINS,
  ...BOT_DIMENSIONS,
] as const;

export type EventDimension = (typeof EVENT_DIMENSIONS)[number];
export type OrderDimension = (typeof ORDER_DIMENSIONS)[number];
export type SessionDimension = (typeof SESSION_DIMENSIONS)[number];
export type Dimension = (typeof DIMENSIONS)[number];

/**
 * The name of a breakdown as it is stored. Of what events and sessions both have a value of, the sessions have a
 * breakdown of their own: `visit_device` beside `device`.
 */
export type StoredDimension = Dimension | `visit_${EventDimension & SessionDimension}`;

/** Under which name the sessions by a dimension are stored. */
export const storedForSessions = (dimension: SessionDimension): StoredDimension =>
  isEventDimension(dimension) ? `visit_${dimension}` : dimension;

export const isEventDimension = isOneOf(EVENT_DIMENSIONS);
export const isOrderDimension = isOneOf(ORDER_DIMENSIONS);
export const isItemDimension = isOneOf(ITEM_DIMENSIONS);
export const isSessionDimension = isOneOf(SESSION_DIMENSIONS);
export const isBotDimension = isOneOf(BOT_DIMENSIONS);

/** The names of all breakdowns as they are stored. */
export const STORED_DIMENSIONS: readonly StoredDimension[] = [
  ...new Set([...DIMENSIONS, ...SESSION_DIMENSIONS.map(storedForSessions)]),
];

function isOneOf<T extends string>(list: readonly T[]) {
  return <D extends string>(dimension: D): dimension is D & T =>
    (list as readonly string[]).includes(dimension);
}

/**
 * How many values of a dimension are counted separately, for each day and shard; further ones are added up as
 * `(other)`. The first ones to come are kept for good: otherwise a correction could be subtracted where it was never
 * added.
 */
export const MAX_VALUES = 500;
/** The value of items and sessions that have none. Events without a value are not counted here: they are the rest. */
export const NOT_SET = '(not set)';
/** The value that further ones are added up as. */
export const OTHER = '(other)';
/** The field of a breakdown's hash that holds how many values it has. */
export const VALUES = '#';

/** Longer values are cut, in UTF-16 code units, and never within a surrogate pair. They are for people to read. */
const MAX_VALUE_LENGTH = 200;

export function cutValue(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : text.slice(0, MAX_VALUE_LENGTH).toWellFormed();
}

/** A page without its origin, query and fragment: `/shoes` of `https://shop.example/shoes?page=2#top`. */
function pagePath(page: string): string {
  const path = page.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return cutValue(path === '' ? '/' : path);
}

/** The host of a referrer: `www.example.org` of `https://www.example.org/a?b`. What is not a URL stays as it is. */
function referrerHost(referrer: string): string {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(referrer)?.[1];
  return cutValue(host?.toLowerCase() ?? referrer);
}

/** The value of an event or of its session, as it is counted; undefined when it has none. */
export function dimensionValue(
  event: FootfallEvent,
  dimension: EventDimension | OrderDimension | SessionDimension,
): string | undefined {
  if (dimension === 'coupon') return couponOf(event);
  if (dimension === 'page' || dimension === 'landing_page') {
    return event.page === undefined ? undefined : pagePath(event.page);
  }
  const value = event[dimension];
  if (value === undefined) return undefined;
  return dimension === 'referrer' ? referrerHost(value) : cutValue(value);
}

/** The order's coupon, else that of the first line that names one. */
function couponOf({ coupon, items = [] }: FootfallEvent): string | undefined {
  const named = coupon ?? items.find((item) => item.coupon !== undefined)?.coupon;
  return named === undefined ? undefined : cutValue(named);
}
