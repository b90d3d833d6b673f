import type { FootfallEvent, Item } from '../../shared/event/event.ts';
import { namesIn } from './answers-shop.ts';
import { decimal } from './figures.ts';
import { isNobody, isOfPerson } from './nobody.ts';
import {
  couponOf,
  hasOrder,
  type Order,
  PARTS,
  partOf,
  saysAmount,
  type Trade,
  thousandths,
} from './orders.ts';
import type { NaiveShop, Range } from './shop.ts';

/** The naive program's list of orders, and one order. */

/** The latest first; those of the same ms by their ids, first those without a transaction id. */
export function orders(shop: NaiveShop, range: Range) {
  const { from, to } = shop.covered(range);
  return shop.orders
    .filter(({ sale }) => sale && shop.date(sale.ts) >= from && shop.date(sale.ts) <= to)
    .sort((a, b) => b.sale!.ts - a.sale!.ts || Buffer.compare(keyOf(a), keyOf(b)))
    .map((order) => ({
      ...figuresOf(shop, order),
      lines: order.sale!.items?.length ?? 0,
      copies: mergedCopies(order).length,
    }));
}

/** One with a transaction id; undefined while none of its purchases has come. */
export function order(shop: NaiveShop, transaction: string) {
  const found = shop.orders.find(
    ({ sale, copies }) => sale && copies[0]!.transaction_id === transaction && hasOrder(copies[0]!),
  );
  if (!found) return undefined;
  const { sale, refunds } = found;
  const months = [sale!, ...refunds].map(({ ts }) => shop.date(ts).slice(0, 7));
  const names = namesIn(shop, [...new Set(months)].sort().slice(-3));
  const visit = visitOf(shop, found);
  return {
    ...figuresOf(shop, found),
    lines: (sale!.items ?? []).map((item) => lineOf(item, names, sale!.currency)),
    refunds: refunds.map((refund) => {
      const { id, ts, currency = null, items = [] } = refund;
      const total = refund.value ?? items.reduce((sum, { amount = 0 }) => sum + amount, 0);
      return {
        id,
        ...timesOf(shop, ts),
        currency,
        amount: currency && decimal(total, currency),
        amount_minor: currency && total,
        lines: items.map(({ discount: _, ...item }) => lineOf(item, names, currency ?? undefined)),
      };
    }),
    visit: visit ? { start: new Date(visit.events[0]!.ts).toISOString(), ...visit.values } : null,
    copies: mergedCopies(found).map((copy) => ({
      id: copy.id,
      ...timesOf(shop, copy.ts),
      user_id: personOf(copy) ?? null,
      way_in: copy.via ?? null,
      server: copy.server === true,
    })),
  };
}

const keyOf = ({ copies: [first] }: Order) =>
  Buffer.from(hasOrder(first!) ? `t${first!.transaction_id}` : `e${first!.id}|`);

const AMOUNTS = ['gross', 'discounts', 'revenue', 'refunded', 'net', 'shipping', 'tax'];

function figuresOf(shop: NaiveShop, order: Order) {
  const { copies, sale, refunds } = order as Order & { sale: Trade };
  const transaction_id = hasOrder(copies[0]!) ? copies[0]!.transaction_id! : null;
  const { currency, value: revenue = 0, items = [] } = sale;
  const refunded = refunds
    .filter((one) => one.currency === currency)
    .reduce((sum, { value = 0 }) => sum + value, 0);
  const minor: Record<string, number | null> =
    currency === undefined
      ? {}
      : {
          gross: revenue + (sale.discount ?? 0),
          discounts: sale.discount ?? null,
          ...{ revenue, refunded, net: revenue - refunded },
          shipping: sale.shipping ?? null,
          tax: sale.tax ?? null,
        };
  const visit = visitOf(shop, order);
  return {
    id: transaction_id ?? copies[0]!.id,
    transaction_id,
    ...timesOf(shop, sale.ts),
    currency: currency ?? null,
    ...Object.fromEntries(
      AMOUNTS.map((name) => [name, minor[name] == null ? null : decimal(minor[name], currency!)]),
    ),
    ...Object.fromEntries(AMOUNTS.map((name) => [`${name}_minor`, minor[name] ?? null])),
    units: Number(`${items.reduce((sum, { quantity }) => sum + thousandths(quantity), 0)}e-3`),
    user_id: sale.buyer ?? null,
    is_first: sale.buyer === undefined ? null : shop.kinds.get(sale) === 'first',
    coupon: sale.coupon ?? null,
    country: sale.country ?? null,
    source: visit?.values.source ?? null,
    medium: visit?.values.medium ?? null,
    channel: visit?.values.channel ?? null,
  };
}

/** The session of an order's visit. What led an erased person there is forgotten. */
function visitOf(shop: NaiveShop, { visit, sale }: Order) {
  if (!visit || isNobody(visit.user)) return undefined;
  return shop.sessions.find(({ orders }) => orders.includes(sale!));
}

const personOf = (copy: FootfallEvent) => (isOfPerson(copy) ? copy.user : undefined);

/** The copies without those of a person that say nothing more than an earlier one of theirs. */
function mergedCopies({ copies }: Order): FootfallEvent[] {
  return copies.filter(
    (copy, i) =>
      !copies.slice(0, i).some((other) => personOf(other) === personOf(copy) && saysAllOf(other, copy)),
  );
}

/** Whether a copy says all that another one does, from as good a place. */
function saysAllOf(one: FootfallEvent, other: FootfallEvent): boolean {
  if (one.server && !other.server) return false;
  if (!one.known && other.known) return false;
  if (saysAmount(other) && other.currency !== undefined && !saysAmount(one)) return false;
  return thingsIn(other).every((thing) => thingsIn(one).includes(thing));
}

function thingsIn(copy: FootfallEvent): string[] {
  return [
    ...(copy.currency === undefined
      ? []
      : ['currency', ...PARTS.filter((part) => partOf(copy, part) !== undefined)]),
    ...((copy.items ?? []).length > 0 ? ['items'] : []),
    ...(couponOf(copy) === undefined ? [] : ['coupon']),
    ...(['country', 'page', 'search_term'] as const).filter((dimension) => copy[dimension] !== undefined),
  ];
}

function timesOf({ site }: NaiveShop, ts: number) {
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: site.zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return { time: new Date(ts).toISOString(), local_time: local.format(ts) };
}

function lineOf(
  { id, quantity, amount = 0, discount, category, brand }: Item,
  names: ReadonlyMap<string, string>,
  currency: string | undefined,
) {
  const money = (minor: number) => (currency === undefined ? null : decimal(minor, currency));
  return {
    product_id: id,
    ...(names.has(id) && { name: names.get(id) }),
    quantity,
    amount: money(amount),
    amount_minor: currency === undefined ? null : amount,
    ...(discount !== undefined && {
      discount: money(discount),
      discount_minor: currency === undefined ? null : discount,
    }),
    category: category ?? null,
    brand: brand ?? null,
  };
}
