import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Site } from '../../shared/sites/site.ts';
import { wallClock } from './clock.ts';
import { thousandths } from './orders.ts';

/** The naive program's carts: a person's events are gone through again for every instant. */

const TOUCHING = [
  ...['add_to_cart', 'remove_from_cart', 'view_cart'],
  ...['begin_checkout', 'add_shipping_info', 'add_payment_info'],
];

/** What a product in a cart is worth in a currency. */
interface Line {
  id: string;
  currency: string | undefined;
  /** Of the product, in thousandths. */
  pieces: number;
  amount: number;
}

/** A cart that a person had: when it was last touched, how it ended, and what was in it then. */
export interface NaiveCart {
  touched: number;
  ended: { how: 'bought' | 'emptied'; at: number } | undefined;
  lines: Line[];
}

/** What is in a person's cart at an instant, before purchases of that instant: a line for each currency. */
export function linesAt(theirs: readonly FootfallEvent[], ts: number): Line[] {
  const bought = theirs
    .filter((event) => event.name === 'purchase' && event.ts < ts)
    .map((event) => event.ts);
  const since = Math.max(-Infinity, ...bought);
  const changes = theirs
    .filter(({ name }) => name === 'add_to_cart' || name === 'remove_from_cart')
    .filter((event) => event.ts > since && event.ts <= ts)
    .flatMap(({ name, ts, items = [], currency }) =>
      items.map(({ id, quantity, amount = 0 }) => ({
        ...{ id, ts, currency, amount },
        isIn: name === 'add_to_cart' && quantity > 0,
        pieces: Math.abs(thousandths(quantity)),
      })),
    )
    .filter(({ pieces }) => pieces !== 0);
  return [...new Set(changes.map(({ id }) => id))].flatMap((id) => {
    const own = changes.filter((one) => one.id === id);
    let pieces = 0;
    let worth: [string | undefined, number][] = [];
    for (const at of [...new Set(own.map((one) => one.ts))].sort((a, b) => a - b)) {
      for (const one of own) {
        if (one.ts !== at || !one.isIn) continue;
        pieces += one.pieces;
        worth.push([one.currency, one.amount]);
      }
      const out = own.filter((one) => one.ts === at && !one.isIn).reduce((sum, one) => sum + one.pieces, 0);
      if (out === 0) continue;
      // No more can be taken out than is there, and what stays keeps its share of the worth.
      const sums = Map.groupBy(worth, ([currency]) => currency);
      worth = [...sums].map(([currency, parts]) => {
        const sum = parts.reduce((total, [, amount]) => total + amount, 0);
        return [currency, sum - Math.round((sum * out) / pieces)];
      });
      pieces -= out;
      if (pieces > 0) continue;
      pieces = 0;
      worth = [];
    }
    return pieces === 0 ? [] : worth.map(([currency, amount]) => ({ id, currency, pieces, amount }));
  });
}

/** All carts of a person, in order. */
export function cartsOf(theirs: readonly FootfallEvent[]): NaiveCart[] {
  const instants = [...new Set(theirs.map(({ ts }) => ts))].sort((a, b) => a - b);
  const carts: NaiveCart[] = [];
  let open: NaiveCart | undefined;
  for (const at of instants) {
    const now = theirs.filter(({ ts }) => ts === at);
    const before = linesAt(theirs, at);
    if (!open && before.length > 0) {
      open = { touched: at, ended: undefined, lines: [] };
      carts.push(open);
    }
    if (!open) continue;
    if (now.some(({ name }) => TOUCHING.includes(name))) open.touched = at;
    if (before.length === 0) open.ended = { how: 'emptied', at };
    else if (now.some(({ name }) => name === 'purchase')) open.ended = { how: 'bought', at };
    open.lines = before;
    if (open.ended) open = undefined;
  }
  return carts;
}

/** The worth of some lines, in minor units by currency. */
export function worthOf(lines: readonly Line[]): Map<string, number> {
  const worth = new Map<string, number>();
  for (const { currency, amount } of lines) {
    if (currency !== undefined) worth.set(currency, (worth.get(currency) ?? 0) + amount);
  }
  return worth;
}

/** Three significant digits of a whole number. */
const shortened = (whole: number) => {
  const digits = String(whole);
  return digits.length <= 3 ? whole : Number(digits.slice(0, 3).padEnd(digits.length, '0'));
};

/** Whole minutes from the last touch of a bought cart to the purchase, as they are stored. */
const minutesOf = ({ touched, ended }: NaiveCart) => shortened(Math.floor((ended!.at - touched) / 60_000));

/** What a person's carts add to the days of their last touch. */
export function countedCarts(
  theirs: readonly FootfallEvent[],
  site: Site,
): [date: string, field: string, amount: number][] {
  return cartsOf(theirs).flatMap((cart) => {
    const { date } = wallClock(cart.touched, site.zone);
    const rows: [string, string, number][] = [[date, 'filled', 1]];
    if (cart.ended?.how === 'emptied') return [...rows, [date, 'emptied', 1]];
    const isBought = cart.ended !== undefined;
    if (isBought) rows.push([date, `bought|${minutesOf(cart)}`, 1]);
    for (const [currency, minor] of worthOf(cart.lines)) {
      const field = isBought ? `bought_value|${minutesOf(cart)}:${currency}` : `open_value:${currency}`;
      rows.push([date, field, minor]);
    }
    return rows;
  });
}
