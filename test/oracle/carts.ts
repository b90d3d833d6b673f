import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Site } from '../../shared/sites/site.ts';
import { wallClock } from './clock.ts';
import { thousandths } from './orders.ts';

/** The naive program's carts: a person's events are gone through again for every instant. */

const TOUCHING = [
  ...['add_to_cart', 'remove_from_cart', 'view_cart'],
  ...['begin_checkout', 'add_shipping_info', 'add_payment_info'],
];

interface Line {
  id: string;
  currency: string | undefined;
  pieces: number;
  amount: number;
}

/** A cart that a person had: when it was last touched, how it ended, and what was in it then. */
export interface NaiveCart {
  touched: number;
  ended: { how: 'bought' | 'emptied'; at: number } | undefined;
  lines: Line[];
}

/** What is in a person's cart at an instant, before purchases of that instant. */
function linesAt(theirs: readonly FootfallEvent[], ts: number): Line[] {
  const bought = theirs
    .filter((event) => event.name === 'purchase' && event.ts < ts)
    .map((event) => event.ts);
  const since = Math.max(-Infinity, ...bought);
  const changes = theirs
    .filter(({ name }) => name === 'add_to_cart' || name === 'remove_from_cart')
    .filter((event) => event.ts > since && event.ts <= ts)
    .flatMap(({ name, items = [], currency }) =>
      items.map(({ id, quantity, amount = 0 }): Line => {
        const sign = name === 'add_to_cart' ? 1 : -1;
        return { id, currency, pieces: sign * thousandths(quantity), amount: sign * amount };
      }),
    );
  const filled = (id: string) =>
    changes.filter((one) => one.id === id).reduce((sum, { pieces }) => sum + pieces, 0) > 0;
  return changes.filter(({ id }) => filled(id));
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
