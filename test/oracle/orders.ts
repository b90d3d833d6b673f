import { createHash } from 'node:crypto';
import type { FootfallEvent, Item } from '../../shared/event/event.ts';
import { isOfPerson } from './nobody.ts';

/**
 * The naive program's orders. Each is made of the whole list of a site's events under the ids of their people: its
 * copies are the purchases that name it, whoever sent them.
 */

/** The longest transaction id that names an order. A longer one is as good as none, and so is one that is not UTF-16. */
const LONGEST_ID = 128;

/** Quantities are counted in thousandths, of which there are no parts. */
export const thousandths = (quantity: number) => Number(`${quantity}e3`);

/**
 * What counts of an order, or of a refund, beside the events: written as an event, with the money, the lines and the
 * values that the shop counts.
 */
export interface Trade extends FootfallEvent {
  name: 'purchase' | 'refund';
  /** Tells it from the event. */
  trade: true;
  /** The person whose profile has it. */
  buyer: string | undefined;
}

export interface Order {
  /** Names it among a person's orders. */
  key: string;
  /** The purchases, the earliest first. None when only refunds have come. */
  copies: FootfallEvent[];
  sale: Trade | undefined;
  refunds: Trade[];
  /** The copy whose session the order belongs to. */
  visit: FootfallEvent | undefined;
  /** The person who bought it, also when they were erased since. */
  customer: string | undefined;
}

/** The earliest first. */
const inTime = (events: readonly FootfallEvent[]) =>
  [...events].sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.user < b.user ? -1 : 1));

/** All orders of one site, with their refunds. Events that name no order are orders and refunds of their own. */
export function ordersOf(events: readonly FootfallEvent[]): Order[] {
  const trades = events.filter(({ name }) => name === 'purchase' || name === 'refund');
  const groups = Map.groupBy(trades, (event) =>
    hasOrder(event)
      ? JSON.stringify(['order', event.transaction_id])
      : JSON.stringify(['event', event.user, event.id]),
  );
  return [...groups].map(([name, own]) => {
    const [kind, ...names] = JSON.parse(name) as string[];
    const key = kind === 'order' ? `t${names[0]}` : loneKey(names[0]!, names[1]!);
    return { key, ...orderOf(own, kind === 'event') };
  });
}

/** Of two orders of the same time, the one with the smaller key is the first. */
function loneKey(user: string, id: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([user, id]))
    .digest('base64url');
  return `e${id.toWellFormed()}|${digest.slice(0, 22)}`;
}

/** Whether a purchase or refund names its order. */
export const hasOrder = ({ transaction_id: order }: FootfallEvent): boolean =>
  order !== undefined && order.length <= LONGEST_ID && order.isWellFormed();

/** The orders of each person's visits. */
export function ordersByVisitor(orders: readonly Order[]): Map<string, Order[]> {
  const visited = orders.filter(({ visit }) => visit !== undefined);
  return Map.groupBy(visited, ({ visit }) => visit!.user);
}

function orderOf(own: readonly FootfallEvent[], isAlone: boolean): Omit<Order, 'key'> {
  const copies = inTime(own.filter(({ name }) => name === 'purchase'));
  const told = inTime(own.filter(({ name }) => name === 'refund'));
  // Several senders may tell of one refund.
  const refunds = told.filter(({ id }, i) => isAlone || told.findIndex((one) => one.id === id) === i);
  // What an erased person bought and visited stays theirs, without their name.
  const withPerson = copies.filter(({ personless }) => !personless);
  const bought = withPerson.find(({ known }) => known) ?? withPerson[0];
  const buyer = bought && isOfPerson(bought) ? bought.user : undefined;
  const sale = copies.length === 0 ? undefined : saleOf(copies, buyer);
  return {
    copies,
    sale,
    refunds: isAlone ? refunds.map(asItSays) : refundsOf(refunds, sale, buyer),
    customer: bought?.user,
    visit: withPerson.find(({ server }) => !server) ?? withPerson[0],
  };
}

/** What the copies say together: of each thing what the earliest copy says that says it. */
function saleOf(copies: readonly FootfallEvent[], buyer: string | undefined): Trade {
  const { v, id, site, user, ts, received } = copies[0]!;
  const sale: Trade = { v, id, site, user, ts, received, name: 'purchase', trade: true, buyer };
  // A currency alone says no amount.
  const paid = copies.find(saysAmount) ?? copies.find(({ currency }) => currency !== undefined);
  if (paid) {
    sale.currency = paid.currency!;
    sale.value = paid.value ?? (paid.items ?? []).reduce((sum, { amount = 0 }) => sum + amount, 0);
  }
  const listed = copies.find(({ items = [] }) => items.length > 0);
  if (listed) sale.items = listed.items!;
  for (const dimension of ['country', 'page', 'search_term'] as const) {
    const told = copies.find((copy) => copy[dimension] !== undefined);
    if (told) sale[dimension] = told[dimension]!;
  }
  const coupon = copies.map(couponOf).find((one) => one !== undefined);
  if (coupon !== undefined) sale.coupon = coupon;
  for (const part of PARTS) {
    const told = copies.find((copy) => copy.currency !== undefined && partOf(copy, part) !== undefined);
    if (told && told.currency === sale.currency) sale[part] = partOf(told, part)!;
  }
  return sale;
}

export const PARTS = ['discount', 'shipping', 'tax'] as const;

/** What a copy says of a part of the money: of the discount as a whole, or else for its lines. */
export function partOf(copy: FootfallEvent, part: (typeof PARTS)[number]): number | undefined {
  if (part !== 'discount' || copy.discount !== undefined) return copy[part];
  const told = (copy.items ?? []).flatMap(({ discount }) => (discount === undefined ? [] : [discount]));
  return told.length === 0 ? undefined : told.reduce((sum, one) => sum + one);
}

export const couponOf = ({ coupon, items = [] }: FootfallEvent): string | undefined =>
  [coupon, ...items.map((item) => item.coupon)].find((one) => one !== undefined);

export const saysAmount = ({ value, items = [] }: FootfallEvent) =>
  value !== undefined || items.some(({ amount }) => amount !== undefined);

/** A refund of nothing that is known: what it says of money and lines is all there is. */
function asItSays(refund: FootfallEvent): Trade {
  const coupon = couponOf(refund);
  return {
    ...refund,
    ...(coupon !== undefined && { coupon }),
    name: 'refund',
    trade: true,
    buyer: isOfPerson(refund) ? refund.user : undefined,
  };
}

/** What an order has of a product, and later what has not been given back of it. */
interface Line extends Pick<Item, 'id' | 'category' | 'brand'> {
  /** Thousandths. */
  pieces: number;
  amount: number;
}

/** What each of an order's refunds gives back. */
function refundsOf(
  refunds: readonly FootfallEvent[],
  sale: Trade | undefined,
  buyer: string | undefined,
): Trade[] {
  const { currency, value: total = 0, items = [] } = sale ?? {};
  let remaining = total;
  const lines = linesOf(items);
  return refunds.map((refund) => {
    // Without a purchase it is nobody's.
    const told: Trade = { ...asItSays(refund), buyer };
    // It gives back what was bought there and with that coupon.
    for (const dimension of ['country', 'page', 'search_term', 'coupon'] as const) {
      if (sale?.[dimension] !== undefined) told[dimension] = sale[dimension];
    }
    const isFull = refund.value === undefined && (refund.items ?? []).length === 0;
    const isOfOrder = isFull || refund.currency === undefined || refund.currency === currency;
    if (!isOfOrder) return told;
    told.items = isFull
      ? lines
          .filter(({ pieces, amount }) => pieces !== 0 || amount !== 0)
          .map(({ pieces, ...line }) => ({ ...line, quantity: pieces / 1_000 }))
      : (refund.items ?? []).map((item) => asInOrder(item, lines));
    const sum = told.items.reduce((all, { amount = 0 }) => all + amount, 0);
    told.value = isFull ? remaining : Math.min(refund.value ?? sum, Math.max(0, remaining));
    remaining -= told.value;
    for (const { id, quantity, amount = 0 } of told.items) {
      const line = lines.find((one) => one.id === id);
      if (!line) continue;
      line.pieces = Math.max(0, line.pieces - thousandths(quantity));
      line.amount = Math.max(0, line.amount - amount);
    }
    const { currency: _, ...without } = told;
    return currency === undefined ? without : { ...without, currency };
  });
}

/** A refund's line, with what only the order says. */
function asInOrder(item: Item, lines: readonly Line[]): Item {
  const line = lines.find(({ id }) => id === item.id);
  const { category = line?.category, brand = line?.brand } = item;
  const { amount = shareOf(line, thousandths(item.quantity)) } = item;
  return { ...item, amount, ...(category && { category }), ...(brand && { brand }) };
}

/** The order's products: the lines of each one together, with what the first one says. */
function linesOf(items: readonly Item[]): Line[] {
  return [...Map.groupBy(items, ({ id }) => id)].map(([id, own]) => {
    const { category, brand } = own[0]!;
    return {
      id,
      pieces: own.reduce((sum, { quantity }) => sum + thousandths(quantity), 0),
      amount: own.reduce((sum, { amount = 0 }) => sum + amount, 0),
      ...(category && { category }),
      ...(brand && { brand }),
    };
  });
}

/** What some pieces of a line are worth, halves away from zero. */
function shareOf(line: Line | undefined, pieces: number): number {
  if (!line || line.pieces <= 0) return 0;
  const share = line.amount * Math.min(pieces, line.pieces);
  const size = Math.floor((2 * Math.abs(share) + line.pieces) / (2 * line.pieces));
  return share < 0 && size > 0 ? -size : size;
}
