import type { FootfallEvent, Item } from './event.ts';

/**
 * Fields of an event that are kept and shown. Few of them are counted, with a purchase's order. An own list, since ways
 * in, checks and answers treat them alike: they are descriptive, and a wrong one never costs the event.
 */

/** What a kept field holds. `text` has 1 to {@link MAX_KEPT_TEXT} characters; `amount` is money in minor units. */
export type KeptKind = 'text' | 'amount' | 'index' | 'customer_type';

export const MAX_KEPT_TEXT = 200;

/** The largest position in a list. */
export const MAX_INDEX = 1e9;

/** Kept fields of an event. The way in calls them the same. */
export const KEPT_FIELDS = {
  item_list_id: 'text',
  item_list_name: 'text',
  promotion_id: 'text',
  promotion_name: 'text',
  creative_name: 'text',
  creative_slot: 'text',
  coupon: 'text',
  affiliation: 'text',
  location_id: 'text',
  tax: 'amount',
  shipping: 'amount',
  discount: 'amount',
  payment_type: 'text',
  shipping_tier: 'text',
  customer_type: 'customer_type',
} as const satisfies { [F in keyof FootfallEvent]?: KeptKind };

export type KeptField = keyof typeof KEPT_FIELDS;

/** Kept fields of an item: what each holds, and its name in plain events and in GA4. */
export const KEPT_ITEM_FIELDS = {
  variant: ['text', 'item_variant'],
  category2: ['text', 'item_category2'],
  category3: ['text', 'item_category3'],
  category4: ['text', 'item_category4'],
  category5: ['text', 'item_category5'],
  coupon: ['text', 'coupon'],
  discount: ['amount', 'discount'],
  index: ['index', 'index'],
  list_id: ['text', 'item_list_id'],
  list_name: ['text', 'item_list_name'],
  promotion_id: ['text', 'promotion_id'],
  promotion_name: ['text', 'promotion_name'],
  creative_name: ['text', 'creative_name'],
  creative_slot: ['text', 'creative_slot'],
  affiliation: ['text', 'affiliation'],
  location_id: ['text', 'location_id'],
} as const satisfies { [F in keyof Item]?: readonly [KeptKind, string] };

export type KeptItemField = keyof typeof KEPT_ITEM_FIELDS;
