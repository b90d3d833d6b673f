import { createHash } from 'node:crypto';

/**
 * What Segment's e-commerce events are called here: by GA4's names. Of the names that Segment documents as
 * aliases (the first spec's, and those of its Google Analytics destinations) both orders of words are there.
 * Sources: Segment, "Spec: V2 Ecommerce Events" and "Spec: V1 Ecommerce Events".
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
  // Aliases of events that GA4 has no name for.
  checkout_step_viewed: ['Viewed Checkout Step'],
  checkout_step_completed: ['Completed Checkout Step'],
  order_updated: ['Updated Order'],
};

/** They give back a whole order. */
const CANCELLATIONS = ['Order Cancelled', 'Order Canceled', 'Cancelled Order', 'Canceled Order'];

/** Names are told apart by their letters and digits alone: `Order Completed`, `order_completed`, `OrderCompleted`. */
const keyOf = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

const nameOfKey = new Map(
  Object.entries(NAMES).flatMap(([name, spellings]) =>
    spellings.map((spelling) => [keyOf(spelling), name] as const),
  ),
);
const cancellations = new Set(CANCELLATIONS.map(keyOf));

/** Whether a tracked event says that an order is not to be. */
export const isCancellation = (name: string): boolean => cancellations.has(keyOf(name));

/** The event name of what was tracked; undefined when it has no name. */
export function trackedName(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.trim() === '') return undefined;
  return isCancellation(name) ? 'refund' : (nameOfKey.get(keyOf(name)) ?? eventNameOf(name));
}

/**
 * A valid event name (see EVENT_NAME) out of any text: one that is valid and begins with a small letter stays;
 * others go to small letters, accents off, with an underscore for whatever is no letter or digit, cut at 40
 * characters. `Signed Up!` is `signed_up`, so two names can become one. One that begins with a digit gets
 * `event_` before it, and one without any Latin letter or digit is `event_` with a digest, the same each time.
 */
export function eventNameOf(name: string): string {
  if (/^[a-z][A-Za-z0-9_]{0,39}$/.test(name)) return name;
  const plain = name.slice(0, 200).normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const words = plain.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
  if (words === '') return `event_${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
  return (/^[a-z]/.test(words) ? words : `event_${words}`).slice(0, 40).replace(/_+$/, '');
}
