import type { FootfallEvent } from '../event/event.ts';
import { fromThousandths, toThousandths } from '../event/quantity.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { bytesOfTexts } from './bytes-of-texts.ts';
import { packTimes, unpackTimes } from './pack-times.ts';

/**
 * What a user put into carts, took out and bought, in whatever order its events come. The carts follow from it, see
 * {@link followCarts}: the present one, and earlier ones that late events may still change.
 */
export interface CartState {
  /** ts of the purchases, in order, each once. Of those that are settled the last one. */
  purchases: number[];
  /** ts of other events that have to do with carts and change no line, in order, each once. */
  touches: number[];
  /** Lines put in and taken out, in order. */
  changes: CartChange[];
  /** Carts that ended until then are settled, ms: no event changes them any more. */
  settledUntil: number;
}

/** The quantity (thousandths) is negative for what was taken out, which has no amount (minor units) of its own. */
export type CartChange = [
  ts: number,
  product: string,
  quantity: number,
  currency: string | null,
  amount: number,
];

/**
 * A cart begins with the line that fills it. It ends when a purchase takes what is in it, or when it is empty again. A
 * further line then begins another one.
 */
export interface CartCourse {
  /** ts of the last event that has to do with it: of a bought cart, before the purchase or with it. */
  lastTouch: number;
  /** What ended it, and when, ms; undefined while it is open. */
  end: { by: 'purchase' | 'removal'; at: number } | undefined;
  /** What was in it when it ended, or is in it, in minor units by currency. */
  value: Counters;
}

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
export function cartValue(lines: Iterable<CartLine>): Counters {
  const total: Counters = new Map();
  for (const { amounts } of lines) {
    for (const [currency, amount] of amounts) increase(total, currency, amount);
  }
  return total;
}

/** When more than that is remembered, carts that have ended are settled; then the newest lines stay. */
const MAX_CHANGES = 200;
const MAX_TOUCHES = 200;
const MAX_PURCHASES = 100;
const MAX_CHANGES_BYTES = 50_000;
/** About what a change takes, packed, beside its product. */
const CHANGE_BYTES = 20;

/** Events that change a cart, or show that the user still looks at it. */
const ACTIVITIES: ReadonlySet<string> = new Set([
  'add_to_cart',
  'remove_from_cart',
  'view_cart',
  'begin_checkout',
  'add_shipping_info',
  'add_payment_info',
]);

/** Whether events of this name have to do with carts. */
export const isAboutCarts = (name: string): boolean => name === 'purchase' || ACTIVITIES.has(name);

export const newCart = (): CartState => ({
  purchases: [],
  touches: [],
  changes: [],
  settledUntil: -Infinity,
});

/** ts of the user's last purchase; -Infinity when there was none. */
export const lastPurchase = ({ purchases }: CartState): number => purchases.at(-1) ?? -Infinity;

/**
 * Applies an event to the user's carts.
 * @returns 'bought' when it is a purchase that took lines out of the present cart, 'touched' for any other event about
 *   carts, undefined when it is about none.
 */
export function addToCart(cart: CartState, event: FootfallEvent): 'touched' | 'bought' | undefined {
  const { name, ts } = event;
  if (!isAboutCarts(name)) return undefined;
  const last = lastPurchase(cart);
  const takes = name === 'purchase' && ts > last && cart.changes.some(([at]) => at > last && at <= ts);
  if (ts <= cart.settledUntil) return takes ? 'bought' : 'touched';
  const lines = changesOf(event);
  if (name === 'purchase') insertOnce(cart.purchases, ts);
  else if (lines.length === 0) insertOnce(cart.touches, ts);
  else {
    let at = cart.changes.length;
    while (at > 0 && cart.changes[at - 1]![0] > ts) at--;
    cart.changes.splice(at, 0, ...lines);
  }
  return takes ? 'bought' : 'touched';
}

/** A removal takes out, also where its sender counts what is gone below zero. A line of no quantity changes nothing. */
function changesOf({ name, ts, items = [], currency }: FootfallEvent): CartChange[] {
  if (name !== 'add_to_cart' && name !== 'remove_from_cart') return [];
  return items.flatMap(({ id, quantity, amount = 0 }): CartChange[] => {
    const added = name === 'add_to_cart' ? toThousandths(quantity) : -Math.abs(toThousandths(quantity));
    if (added === 0) return [];
    return [[ts, id, added, currency ?? null, added > 0 ? amount : 0]];
  });
}

function insertOnce(times: number[], ts: number): void {
  let at = times.length;
  while (at > 0 && times[at - 1]! > ts) at--;
  if (times[at - 1] !== ts) times.splice(at, 0, ts);
}

/** Adds the carts of another id of the same person. */
export function mergeCarts(cart: CartState, other: CartState): void {
  for (const ts of other.purchases) insertOnce(cart.purchases, ts);
  for (const ts of other.touches) insertOnce(cart.touches, ts);
  if (other.changes.length > 0) cart.changes = [...cart.changes, ...other.changes].sort(([a], [b]) => a - b);
  cart.settledUntil = Math.max(cart.settledUntil, other.settledUntil);
}

/** The lines of a cart that hold something. */
class Lines {
  readonly byProduct = new Map<string, CartLine>();
  /** ts of the last change of each. */
  readonly changed = new Map<string, number>();

  /** Applies all changes of one instant: which of them came first is not known. */
  apply(changes: readonly CartChange[]): void {
    const taken: Counters = new Map();
    for (const change of changes) {
      if (isAddition(change)) this.#add(change);
      else increase(taken, change[1], -change[2]);
    }
    for (const [product, quantity] of taken) this.#take(product, quantity, changes[0]![0]);
  }

  #add([ts, product, quantity, currency, amount]: CartChange): void {
    let line = this.byProduct.get(product);
    if (!line) {
      if (quantity === 0) return;
      line = { product, quantity: 0, amounts: new Map() };
      this.byProduct.set(product, line);
    }
    // Thousandths here; whole numbers add up without a rest.
    line.quantity += quantity;
    if (currency !== null) increase(line.amounts, currency, amount);
    this.changed.set(product, ts);
  }

  /**
   * Takes what is there: a button that is pressed twice takes nothing out of the next cart. The line loses that share of
   * its worth, whatever price its removal names.
   */
  #take(product: string, quantity: number, ts: number): void {
    const line = this.byProduct.get(product);
    if (!line) return;
    if (quantity >= line.quantity) {
      this.byProduct.delete(product);
      return;
    }
    for (const [currency, amount] of line.amounts) {
      line.amounts.set(currency, amount - Math.round((amount * quantity) / line.quantity));
    }
    line.quantity -= quantity;
    this.changed.set(product, ts);
  }

  clear(): void {
    this.byProduct.clear();
  }

  /** The same lines as changes, one for each currency, in order. The first of a product has its whole quantity. */
  asChanges(): CartChange[] {
    const lines = [...this.byProduct.values()].flatMap(({ product, quantity, amounts }) => {
      const worth = amounts.size > 0 ? [...amounts] : [[null, 0] as const];
      const ts = this.changed.get(product)!;
      return worth.map(
        ([currency, amount], i): CartChange => [ts, product, i === 0 ? quantity : 0, currency, amount],
      );
    });
    return lines.sort(([a], [b]) => a - b);
  }
}

/** Further currencies of a line add no quantity, see {@link Lines.asChanges}. */
const isAddition = ([, , quantity]: CartChange): boolean => quantity >= 0;

/** Follows a user's carts from the first event that is remembered to the last. */
function follow({ purchases, touches, changes }: CartState) {
  const courses: CartCourse[] = [];
  const lines = new Lines();
  /** The instants after which no cart is open, in order. */
  const quiet: number[] = [];
  let open: CartCourse | undefined;
  for (let [p, t, c] = [0, 0, 0]; p < purchases.length || t < touches.length || c < changes.length; ) {
    // All of one instant together: which of them came first is not known.
    const ts = Math.min(purchases[p] ?? Infinity, touches[t] ?? Infinity, changes[c]?.[0] ?? Infinity);
    const isTouched = touches[t] === ts || changes[c]?.[0] === ts;
    const from = c;
    while (changes[c]?.[0] === ts) c++;
    if (c > from) lines.apply(changes.slice(from, c));
    if (touches[t] === ts) t++;
    const isFilled = lines.byProduct.size > 0;
    if (isFilled && !open) {
      open = { lastTouch: ts, end: undefined, value: new Map() };
      courses.push(open);
    }
    if (open && isTouched) open.lastTouch = ts;
    if (open && !isFilled) {
      open.end = { by: 'removal', at: ts };
      open = undefined;
    }
    if (purchases[p] === ts) {
      p++;
      if (open) {
        open.value = cartValue(lines.byProduct.values());
        open.end = { by: 'purchase', at: ts };
        open = undefined;
      }
      lines.clear();
    }
    if (!open) quiet.push(ts);
  }
  if (open) open.value = cartValue(lines.byProduct.values());
  return { courses, lines, quiet, open };
}

/** The carts that a user has had and has, in order, as far as they are not settled. */
export const followCarts = (cart: CartState): CartCourse[] =>
  cart.changes.length === 0 ? [] : follow(cart).courses;

/** What the present cart holds, in the order of the products; undefined when it is empty. */
export function cartOf(cart: CartState): Cart | undefined {
  if (cart.changes.length === 0) return undefined;
  const { open, lines } = follow(cart);
  if (!open) return undefined;
  const filled = [...lines.byProduct.values()].sort((a, b) => (a.product < b.product ? -1 : 1));
  for (const line of filled) line.quantity = fromThousandths(line.quantity);
  return { lastActivity: open.lastTouch, lines: filled };
}

/**
 * Settles carts that have ended, once much is remembered: those that no event can change any more, and when that is not
 * enough, all of them. A present cart of very many lines then keeps its newest ones.
 * @param until events that happened later may still come, ms
 * @returns the settled carts: they are no longer among {@link followCarts}, and have to stay counted. Undefined when
 *   nothing was changed.
 */
export function settleCarts(cart: CartState, until: number): CartCourse[] | undefined {
  if (!isMuch(cart)) return undefined;
  const settled: CartCourse[] = [];
  for (const limit of [until, Infinity]) if (isMuch(cart)) settled.push(...settleUntil(cart, limit));
  if (isMuch(cart)) shorten(cart);
  return settled;
}

const isMuch = ({ purchases, touches, changes }: CartState): boolean =>
  changes.length > MAX_CHANGES ||
  touches.length > MAX_TOUCHES ||
  purchases.length > MAX_PURCHASES ||
  bytesOf(changes) > MAX_CHANGES_BYTES;

const bytesOf = (changes: readonly CartChange[]): number =>
  changes.length * CHANGE_BYTES + bytesOfTexts(changes.map(([, product]) => product));

function settleUntil(cart: CartState, limit: number): CartCourse[] {
  const { courses, quiet } = follow(cart);
  const until = quiet.findLast((ts) => ts <= limit);
  if (until === undefined) return [];
  const after = (ts: number) => ts > until;
  const bought = cart.purchases.findLast((ts) => ts <= until);
  // Then no cart is open, so nothing is left of earlier changes.
  cart.changes = cart.changes.filter(([ts]) => after(ts));
  cart.touches = cart.touches.filter(after);
  cart.purchases = [...(bought === undefined ? [] : [bought]), ...cart.purchases.filter(after)];
  cart.settledUntil = Math.max(cart.settledUntil, until);
  return courses.filter(({ end }) => end !== undefined && end.at <= until);
}

/** Keeps the newest of what is remembered. Earlier carts are settled. */
function shorten(cart: CartState): void {
  const { lines, open } = follow(cart);
  // It may have been a line that was taken out, of which nothing stays.
  if (open) insertOnce(cart.touches, open.lastTouch);
  cart.touches = cart.touches.slice(-MAX_TOUCHES);
  cart.purchases = cart.purchases.slice(-MAX_PURCHASES);
  const changes = lines.asChanges().slice(-MAX_CHANGES);
  let bytes = bytesOf(changes);
  let from = 0;
  for (; bytes > MAX_CHANGES_BYTES; from++) bytes -= bytesOf([changes[from]!]);
  cart.changes = changes.slice(from);
}

/** 0: no carts at all. A change without its time. */
export type PackedCart =
  | 0
  | [
      times: number[][],
      changes: [product: string, quantity: number, currency: string | null, amount: number][],
      settledUntil: number | null,
    ];

export function packCart({ purchases, touches, changes, settledUntil }: CartState): PackedCart {
  const isSettled = Number.isFinite(settledUntil);
  if (purchases.length + touches.length + changes.length === 0 && !isSettled) return 0;
  return [
    packTimes([changes.map(([ts]) => ts), touches, purchases]),
    changes.map(([, ...change]) => change),
    isSettled ? settledUntil : null,
  ];
}

export function unpackCart(packed: PackedCart): CartState {
  if (packed === 0) return newCart();
  const [lists, changes, settledUntil] = packed;
  const [times, touches, purchases] = unpackTimes(lists) as [number[], number[], number[]];
  return {
    purchases,
    touches,
    changes: changes.map((change, i): CartChange => [times[i]!, ...change]),
    settledUntil: settledUntil ?? -Infinity,
  };
}
