import type { FootfallEvent } from '../event/event.ts';
import { fromThousandths, toThousandths } from '../event/quantity.ts';
import { type Counters, increase } from '../platform/counters.ts';

/** A user's cart since their last purchase, in whatever order its events come. */
export interface CartState {
  /** ts of the last purchase; -Infinity when there was none. */
  purchase: number;
  /** ts of the last event that has to do with the cart; -Infinity when there was none. */
  activity: number;
  /** Lines put in and taken out after the last purchase, the newest ones. */
  changes: CartChange[];
}

/** Quantity (thousandths) and amount (minor units) are negative for what was taken out. */
export type CartChange = [
  ts: number,
  product: string,
  quantity: number,
  currency: string | null,
  amount: number,
];

export interface Cart {
  /** ms. */
  lastActivity: number;
  lines: CartLine[];
}

/** Amounts in minor units by currency. */
export interface CartLine {
  product: string;
  /** Pieces, with at most three decimals. */
  quantity: number;
  amounts: Counters;
}

/** What the lines are worth together, in minor units by currency. */
export function cartValue(lines: readonly CartLine[]): Counters {
  const total: Counters = new Map();
  for (const { amounts } of lines) {
    for (const [currency, amount] of amounts) increase(total, currency, amount);
  }
  return total;
}

/** The most lines that are remembered of a cart. */
const MAX_CHANGES = 200;

/** Events that change a cart, or show that the user still looks at it. */
const ACTIVITIES: ReadonlySet<string> = new Set([
  'add_to_cart',
  'remove_from_cart',
  'view_cart',
  'begin_checkout',
  'add_shipping_info',
  'add_payment_info',
]);

export const newCart = (): CartState => ({ purchase: -Infinity, activity: -Infinity, changes: [] });

/**
 * Applies an event to the cart.
 * @returns 'bought' when it is a purchase that took lines out of the cart, 'touched' for any other event about carts,
 *   undefined when it is about none. A purchase from before the cart's first line takes nothing.
 */
export function addToCart(
  cart: CartState,
  { name, ts, items = [], currency }: FootfallEvent,
): 'touched' | 'bought' | undefined {
  if (name === 'purchase') {
    if (ts <= cart.purchase) return 'touched';
    const before = cart.changes.length;
    cart.purchase = ts;
    cart.changes = cart.changes.filter(([at]) => at > ts);
    return cart.changes.length < before ? 'bought' : 'touched';
  }
  if (!ACTIVITIES.has(name)) return undefined;
  cart.activity = Math.max(cart.activity, ts);
  if (ts <= cart.purchase || (name !== 'add_to_cart' && name !== 'remove_from_cart')) return 'touched';
  const sign = name === 'add_to_cart' ? 1 : -1;
  for (const { id, quantity, amount = 0 } of items) {
    cart.changes.push([ts, id, sign * toThousandths(quantity), currency ?? null, sign * amount]);
  }
  keepNewest(cart);
  return 'touched';
}

/** Adds the cart of another id of the same person. */
export function mergeCarts(cart: CartState, other: CartState): void {
  cart.purchase = Math.max(cart.purchase, other.purchase);
  cart.activity = Math.max(cart.activity, other.activity);
  cart.changes = [...cart.changes, ...other.changes].filter(([ts]) => ts > cart.purchase);
  keepNewest(cart);
}

function keepNewest({ changes }: CartState): void {
  if (changes.length <= MAX_CHANGES) return;
  changes.sort(([a], [b]) => a - b);
  changes.splice(0, changes.length - MAX_CHANGES);
}

/** What the cart holds, in the order of the products; undefined when it is empty. */
export function cartOf({ activity, changes }: CartState): Cart | undefined {
  const lines = new Map<string, CartLine>();
  for (const [, product, quantity, currency, amount] of changes) {
    const line = lines.get(product) ?? { product, quantity: 0, amounts: new Map() };
    lines.set(product, line);
    line.quantity += quantity;
    if (currency !== null) increase(line.amounts, currency, amount);
  }
  const filled = [...lines.values()].filter(({ quantity }) => quantity > 0);
  if (filled.length === 0) return undefined;
  filled.sort((a, b) => (a.product < b.product ? -1 : 1));
  for (const line of filled) line.quantity = fromThousandths(line.quantity);
  return { lastActivity: activity, lines: filled };
}
