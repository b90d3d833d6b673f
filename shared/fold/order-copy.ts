import { cutValue, dimensionValue, ORDER_DIMENSIONS } from '../event/dimensions.ts';
import type { FootfallEvent, Item } from '../event/event.ts';
import type { OrderMoney } from '../event/order-note.ts';
import { toThousandths } from '../event/quantity.ts';

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

/** Amounts in minor units, pieces in thousandths. */
export type OrderLine = readonly [
  product: string,
  quantity: number,
  amount: number,
  category: string | null,
  brand: string | null,
];

/** The ranks of a visit copy: one that must stay, one from the visitor's device, one from a server. */
export const [PINNED, FROM_DEVICE] = [-1, 0];
const FROM_SERVER = 1;
/** The ranks of a buyer's copy. */
const [KNOWN, UNKNOWN] = [0, 1];
/** The ranks of money: an amount that was said; a currency alone. */
const [SAID, UNSAID] = [0, 1];

/** What one copy says of an order. Homes and people's shards compare copies by it. */
export interface OrderCopy extends Stamp {
  readonly visitRank: number;
  readonly buyerRank: number;
  readonly money: Said<OrderMoney> | undefined;
  readonly lines: Said<readonly OrderLine[]> | undefined;
  readonly values: readonly (Said<string> | undefined)[];
}

/** Reads a purchase as a copy of its order. */
export function copyOf(event: FootfallEvent): OrderCopy {
  const { ts, id, items = [], value, currency, server, known } = event;
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
    values: ORDER_DIMENSIONS.map((dimension) => {
      const value = dimensionValue(event, dimension);
      return value === undefined ? undefined : say(value);
    }),
  };
}

export const lineOf = ({ id, quantity, amount = 0, category, brand }: Item): OrderLine => [
  id,
  toThousandths(quantity),
  amount,
  category === undefined ? null : cutValue(category),
  brand === undefined ? null : cutValue(brand),
];

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
