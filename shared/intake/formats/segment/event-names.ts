import { createHash } from 'node:crypto';

/**
 * GA4's names for Segment's e-commerce events. Includes documented aliases (of the first spec and of
 * Segment's Google Analytics destinations) in both word orders. Sources: Segment, "Spec: V2 Ecommerce Events"
 * and "Spec: V1 Ecommerce Events".
 */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  search: ['Products Searched', 'Searched Products', 'Product Searched'],
  view_item_list: ['Product List Viewed', 'Viewed Product List', 'Viewed Product Category'],
  view_promotion: ['Promotion Viewed', 'Viewed Promotion'],
  select_promotion: ['Promotion Clicked', 'Clicked Promotion'],
  select_item: ['Product Clicked', 'Clicked Product'],
  view_item: ['Product Viewed', 'Viewed Product'],
  add_to_cart: ['Product Added', 'Added Product', 'Wishlist Product Added to Cart'],
  remove_from_cart: ['Product Removed', 'Removed Product'],
  view_cart: ['Cart Viewed', 'Viewed Cart'],
  begin_checkout: ['Checkout Started', 'Started Checkout', 'Started Order', 'Order Started'],
  add_payment_info: ['Payment Info Entered', 'Payment Info Added', 'Entered Payment Info'],
  purchase: ['Order Completed', 'Completed Order'],
  refund: ['Order Refunded', 'Refunded Order'],
  add_to_wishlist: ['Product Added to Wishlist', 'Added Product to Wishlist'],
  share: ['Product Shared', 'Cart Shared', 'Shared Product', 'Shared Cart'],
  // Aliases of events without a GA4 name.
  checkout_step_viewed: ['Viewed Checkout Step'],
  checkout_step_completed: ['Completed Checkout Step'],
  order_updated: ['Updated Order'],
};

/** Events that refund a whole order. */
const CANCELLATIONS = ['Order Cancelled', 'Order Canceled', 'Cancelled Order', 'Canceled Order'];

/** Compares names by letters and digits only: `Order Completed`, `order_completed`, `OrderCompleted`. */
const keyOf = (name: string) =>
  name.length > MAX_NAME ? undefined : name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
/** Characters of a name that are looked at. */
const MAX_NAME = 200;

const nameOfKey = new Map(
  Object.entries(NAMES).flatMap(([name, spellings]) =>
    spellings.map((spelling) => [keyOf(spelling), name] as const),
  ),
);
const cancellations = new Set(CANCELLATIONS.map(keyOf));

/** Whether a tracked event cancels an order. */
export const isCancellation = (name: string): boolean => cancellations.has(keyOf(name));

/** The event name for a tracked event; undefined when it has none. */
export function trackedName(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.trim() === '') return undefined;
  return isCancellation(name) ? 'refund' : (nameOfKey.get(keyOf(name)) ?? eventNameOf(name));
}

/**
 * Makes a valid event name (see EVENT_NAME) of any text. A valid name that begins with a lower-case letter
 * stays. Otherwise: lower case, no accents, an underscore for anything but letters and digits, at most 40
 * characters. Different texts can give the same name. Adds `event_` before a digit; text without Latin
 * letters or digits becomes `event_` and a digest.
 * @example eventNameOf('Signed Up!') // 'signed_up'
 * @example eventNameOf('2 for 1') // 'event_2_for_1'
 */
export function eventNameOf(name: string): string {
  if (/^[a-z][A-Za-z0-9_]{0,39}$/.test(name)) return name;
  const plain = name.slice(0, MAX_NAME).normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const words = plain.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
  if (words === '') return `event_${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
  return (/^[a-z]/.test(words) ? words : `event_${words}`).slice(0, 40).replace(/_+$/, '');
}
