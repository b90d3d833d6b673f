/**
 * GA4's limits for events of the Measurement Protocol (Google, "Send Measurement Protocol events to Google
 * Analytics", "Limitations") and its reserved names ("Measurement Protocol reference", "Reserved names").
 */
export const MAX_EVENTS = 25;
export const MAX_PARAMS = 25;
export const MAX_USER_PROPERTIES = 25;
export const MAX_USER_PROPERTY_NAME = 24;
export const MAX_USER_PROPERTY_VALUE = 36;
/** Only with ENFORCE_RECOMMENDATIONS: a shop cannot send a large order in two. */
export const MAX_ITEMS = 200;
export const MAX_CUSTOM_ITEM_PARAMS = 10;
const MAX_VALUE = 100;

/**
 * Most characters of a parameter's text. Page parameters have limits of their own (Analytics Help,
 * "Collection limits").
 */
export const longestOf = (param: string): number => LONGEST.get(param) ?? MAX_VALUE;

const LONGEST = new Map([
  ['page_location', 1_000],
  ['page_referrer', 420],
  ['page_title', 300],
  ['session_id', 1_000],
  ['session_number', 1_000],
]);

const PREFIXES = ['_', 'firebase_', 'ga_', 'google_', 'gtag.'];

const isReservedBy = (names: ReadonlySet<string>) => (name: string) =>
  names.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));

/** Events that only Google's own libraries may send. */
export const isReservedEvent = isReservedBy(
  new Set([
    'ad_activeview',
    'ad_click',
    'ad_exposure',
    'ad_impression',
    'ad_query',
    'ad_reward',
    'adunit_exposure',
    'app_background',
    'app_clear_data',
    'app_exception',
    'app_install',
    'app_remove',
    'app_store_refund',
    'app_store_subscription_cancel',
    'app_store_subscription_convert',
    'app_store_subscription_renew',
    'app_uninstall',
    'app_update',
    'app_upgrade',
    'dynamic_link_app_open',
    'dynamic_link_app_update',
    'dynamic_link_first_open',
    'error',
    'first_open',
    'first_visit',
    'in_app_purchase',
    'notification_dismiss',
    'notification_foreground',
    'notification_open',
    'notification_receive',
    'notification_send',
    'os_update',
    'session_start',
    'session_start_with_rollout',
    'user_engagement',
  ]),
);

export const isReservedParam = isReservedBy(new Set(['firebase_conversion']));

export const isReservedUserProperty = isReservedBy(
  new Set([
    'first_open_after_install',
    'first_open_time',
    'first_visit_time',
    'last_deep_link_referrer',
    'user_id',
  ]),
);

/** Item parameters that GA4 knows; all others are custom. */
export const ITEM_PARAMS: ReadonlySet<string> = new Set([
  'affiliation',
  'coupon',
  'creative_name',
  'creative_slot',
  'currency',
  'discount',
  'index',
  'item_brand',
  'item_category',
  'item_category2',
  'item_category3',
  'item_category4',
  'item_category5',
  'item_id',
  'item_list_id',
  'item_list_name',
  'item_name',
  'item_variant',
  'location_id',
  'price',
  'promotion_id',
  'promotion_name',
  'quantity',
]);
