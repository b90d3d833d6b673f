import type { FootfallEvent } from './event.ts';

/**
 * What can be broken down by, and where a value comes from. An event's own values count events, orders, refunds
 * and money; an item's count interactions with products; a session's, which are those of its earliest event that
 * has one, count sessions and what was bought in them. A bot's name counts its events.
 */
export const EVENT_DIMENSIONS = ['country', 'device', 'browser', 'os', 'page', 'search_term'] as const;
export const ITEM_DIMENSIONS = ['category', 'brand'] as const;
export const SESSION_DIMENSIONS = [
  'source',
  'medium',
  'campaign',
  'referrer',
  'landing_page',
  'channel',
] as const;
export const BOT_DIMENSIONS = ['bot'] as const;
export const DIMENSIONS = [
  ...EVENT_DIMENSIONS,
  ...ITEM_DIMENSIONS,
  ...SESSION_DIMENSIONS,
  ...BOT_DIMENSIONS,
] as const;

export type SessionDimension = (typeof SESSION_DIMENSIONS)[number];
export type Dimension = (typeof DIMENSIONS)[number];

/**
 * The values kept apart of a dimension's day, in each shard; more are added up as `(other)`. Which ones is decided
 * by who comes first and stays so, or a correction could be taken from where it was never added.
 */
export const MAX_VALUES = 500;
/** Of items and sessions without a value; kept like any other. Events without one are not kept: they are the rest. */
export const NOT_SET = '(not set)';
/** A hash's field that says how many values it has. */
export const VALUES = '#';

/** Longer values are cut: they are for people to read. In UTF-16 code units; never half of a surrogate pair. */
const MAX_VALUE_LENGTH = 200;

export function cutValue(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : text.slice(0, MAX_VALUE_LENGTH).toWellFormed();
}

/** A page without its origin, query and fragment: `/shoes` of `https://shop.example/shoes?page=2#top`. */
function pagePath(page: string): string {
  const path = page.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return cutValue(path === '' ? '/' : path);
}

/** Whose page led here: `www.example.org` of `https://www.example.org/a?b`; what is no URL, as it is. */
function referrerHost(referrer: string): string {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(referrer)?.[1];
  return cutValue(host?.toLowerCase() ?? referrer);
}

/** An event's own value, or what it says of its session, as it is counted; undefined when it has none. */
export function dimensionValue(
  event: FootfallEvent,
  dimension: (typeof EVENT_DIMENSIONS)[number] | SessionDimension,
): string | undefined {
  if (dimension === 'page' || dimension === 'landing_page') {
    return event.page === undefined ? undefined : pagePath(event.page);
  }
  const value = event[dimension];
  if (value === undefined) return undefined;
  return dimension === 'referrer' ? referrerHost(value) : cutValue(value);
}
