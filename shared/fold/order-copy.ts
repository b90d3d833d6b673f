import { MAX_AMOUNT } from '../event/amounts.ts';
import { cutValue, dimensionValue, ORDER_DIMENSIONS } from '../event/dimensions.ts';
import type { FootfallEvent, Item } from '../event/event.ts';
import type { OrderMoney } from '../event/order-note.ts';
import { toThousandths } from '../event/quantity.ts';
import type { WayIn } from '../event/ways-in.ts';

/** What one event says of an order. Of several copies of a purchase the earliest counts, and what only others say is added. */

/** When a copy happened, and its event's id. */
export interface Stamp {
  readonly ts: number;
  readonly id: string;
}

/** What a copy says. The lowest rank counts before the earliest time. */
export interface Said<T> extends Stamp {
  readonly rank: number;
  readonly said: T;
}

/** Amounts in minor units, pieces in thousandths. Without a discount where the sender says none. */
export type OrderLine = readonly [
  product: string,
  quantity: number,
  amount: number,
  category: string | null,
  brand: string | null,
  discount?: number,
];

/** The ranks of a visit copy: one that must stay, one from the visitor's device, one from a server. */
export const [PINNED, FROM_DEVICE] = [-1, 0];
export const FROM_SERVER = 1;
/** The ranks of a buyer's copy. */
const [KNOWN, UNKNOWN] = [0, 1];
/** The ranks of money: an amount that was said; a currency alone; nothing. */
const [SAID, UNSAID, NO_MONEY] = [0, 1, 2];

/** What one copy says of an order. Homes and people's shards compare copies by it. */
export interface OrderCopy extends Stamp {
  readonly visitRank: number;
  readonly buyerRank: number;
  readonly money: Said<OrderMoney> | undefined;
  readonly lines: Said<readonly OrderLine[]> | undefined;
  /** In the order of ORDER_PARTS. */
  readonly parts: readonly (Said<OrderMoney> | undefined)[];
  /** In the order of ORDER_DIMENSIONS. */
  readonly values: readonly (Said<string> | undefined)[];
  readonly via: WayIn | undefined;
}

/** Reads a purchase as a copy of its order. */
export function copyOf(event: FootfallEvent): OrderCopy {
  const { ts, id, items = [], value, currency, server, known, shipping, tax, via } = event;
  const amountSaid = value !== undefined || items.some(({ amount }) => amount !== undefined);
  const total = value ?? items.reduce((sum, { amount = 0 }) => sum + amount, 0);
  const say = <T>(said: T, rank = 0): Said<T> => ({ ts, id, rank, said });
  return {
    ts,
    id,
    visitRank: server ? FROM_SERVER : FROM_DEVICE,
    buyerRank: known ? KNOWN : UNKNOWN,
    money: currency === undefined ? undefined : say([currency, total], amountSaid ? SAID : UNSAID),
    lines: items.length === 0 ? undefined : say(items.map(lineOf)),
    parts: [discountOf(event), shipping, tax].map((amount) =>
      amount === undefined || currency === undefined ? undefined : say([currency, amount]),
    ),
    values: ORDER_DIMENSIONS.map((dimension) => {
      const value = dimensionValue(event, dimension);
      return value === undefined ? undefined : say(value);
    }),
    via,
  };
}

/** The order's discount, else that of its lines together; undefined when none of them says one. Minor units. */
function discountOf({ discount, items = [] }: FootfallEvent): number | undefined {
  if (discount !== undefined) return discount;
  let sum: number | undefined;
  for (const item of items) if (item.discount !== undefined) sum = (sum ?? 0) + item.discount;
  // Each line may say as much as an order may.
  return sum !== undefined && Math.abs(sum) <= MAX_AMOUNT ? sum : undefined;
}

export function lineOf({ id, quantity, amount = 0, category, brand, discount }: Item): OrderLine {
  const named = [
    id,
    toThousandths(quantity),
    amount,
    category === undefined ? null : cutValue(category),
    brand === undefined ? null : cutValue(brand),
  ] as const;
  return discount === undefined ? named : [...named, discount];
}

/** The lower rank, then the earlier one, then the smaller id. */
export function earlier<T extends Stamp & { rank?: number }>(
  a: T | undefined,
  b: T | undefined,
): T | undefined {
  if (!a || !b) return a ?? b;
  const [rankA, rankB] = [a.rank ?? 0, b.rank ?? 0];
  if (rankA !== rankB) return rankA < rankB ? a : b;
  return precedes(b, a) ? b : a;
}

export const precedes = (a: Stamp, b: Stamp) => a.ts < b.ts || (a.ts === b.ts && a.id < b.id);

/** From where a copy comes, and what of an order it says, without saying it. */
export interface Telling extends Stamp {
  readonly visitRank: number;
  readonly buyerRank: number;
  readonly moneyRank: number;
  /** A bit for its lines, one for each value, and one for each part of the money that it has. */
  readonly has: number;
}

export function tellingOf(copy: OrderCopy): Telling {
  const { ts, id, visitRank, buyerRank, money, lines, values, parts } = copy;
  const bits = [lines, ...values, ...parts].map((one, i) => (one === undefined ? 0 : 1 << i));
  return { ts, id, visitRank, buyerRank, moneyRank: moneyRankOf(money), has: bits.reduce((a, b) => a | b) };
}

export const moneyRankOf = (money: { readonly rank: number } | undefined) => money?.rank ?? NO_MONEY;

/** Whether a copy came after another, from no better place, and with nothing that the other lacks. */
export const addsNothing = (copy: Telling, to: Telling): boolean =>
  !precedes(copy, to) &&
  to.visitRank <= copy.visitRank &&
  to.buyerRank <= copy.buyerRank &&
  to.moneyRank <= copy.moneyRank &&
  (copy.has & ~to.has) === 0;

/** A copy that an order's home was told of. */
export interface KeptCopy extends Telling {
  /** The id of the person under which it came; undefined when it belongs to no person, or the home has forgotten whom. */
  readonly by: string | undefined;
  readonly via: WayIn | undefined;
}

/**
 * The copies, the earliest first, without those of a person that add nothing to the person's others. A person's shard
 * tells a home of some of these, as they come before the others or after, and this makes them the same.
 * @param personOf who a copy's `by` is
 */
export function essentialCopies(
  copies: readonly KeptCopy[],
  personOf: (by: string) => string | undefined = (by) => by,
): KeptCopy[] {
  const kept: { copy: KeptCopy; person: string | undefined }[] = [];
  for (const copy of copies.toSorted(byTime)) {
    const person = copy.by === undefined ? undefined : personOf(copy.by);
    if (kept.some((one) => one.person === person && addsNothing(copy, one.copy))) continue;
    kept.push({ copy, person });
  }
  return kept.map(({ copy }) => copy);
}

function byTime(a: KeptCopy, b: KeptCopy): number {
  if (precedes(a, b)) return -1;
  if (precedes(b, a)) return 1;
  return (a.by ?? '') < (b.by ?? '') ? -1 : 1;
}
