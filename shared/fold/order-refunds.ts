import type { OrderMoney } from '../event/order-note.ts';
import { shareOf } from '../platform/money.ts';
import type { OrderLine } from './order-copy.ts';
import type { OrderRefund, OrderState } from './order-state.ts';

/** A refund with what it gives back. */
export interface GivenBack {
  refund: OrderRefund;
  /** Undefined when it gives back no money that is known. */
  money: OrderMoney | undefined;
  lines: readonly OrderLine[];
}

/** What is left of a product in an order. */
interface Rest {
  quantity: number;
  amount: number;
  readonly category: string | null;
  readonly brand: string | null;
}

/**
 * What each refund of an order gives back, in the order in which they happened. The order decides: a refund that names
 * nothing gives back all that is left, a line without an amount is worth what the order says, and all together give
 * back at most what the order was worth. GA4: "refund" with `items` is a partial one, without it a full one (Google
 * Analytics, "Measure ecommerce", Refunds).
 */
export function refundsOf({
  money,
  lines,
  refunds,
}: Pick<OrderState, 'money' | 'lines' | 'refunds'>): GivenBack[] {
  const [currency, total] = money?.said ?? [undefined, 0];
  let left = total;
  const rests = restsOf(lines?.said ?? []);
  return refunds.map((refund) => {
    const isFull = refund.value === undefined && refund.lines.length === 0;
    // One that names an amount in another currency counts as it says.
    const isOfOrder = isFull || refund.currency === undefined || refund.currency === currency;
    const given = isFull ? all(rests) : refund.lines.map((line) => priced(line, isOfOrder ? rests : NOTHING));
    const said = refund.value ?? given.reduce((sum, [, , amount]) => sum + amount, 0);
    if (!isOfOrder) return { refund, money: [refund.currency!, said], lines: given };
    for (const line of given) takeOff(rests, line);
    const amount = isFull ? left : Math.min(said, Math.max(0, left));
    left -= amount;
    return { refund, money: currency === undefined ? undefined : [currency, amount], lines: given };
  });
}

const NOTHING: ReadonlyMap<string, Rest> = new Map();

function restsOf(lines: readonly OrderLine[]): Map<string, Rest> {
  const rests = new Map<string, Rest>();
  for (const [product, quantity, amount, category, brand] of lines) {
    const rest = rests.get(product);
    if (rest) {
      rest.quantity += quantity;
      rest.amount += amount;
    } else rests.set(product, { quantity, amount, category, brand });
  }
  return rests;
}

const all = (rests: ReadonlyMap<string, Rest>): OrderLine[] =>
  [...rests]
    .filter(([, { quantity, amount }]) => quantity !== 0 || amount !== 0)
    .map(([product, { quantity, amount, category, brand }]) => [product, quantity, amount, category, brand]);

/** A refund's line with what it leaves to the order. */
function priced(
  [product, quantity, amount, category, brand]: OrderRefund['lines'][number],
  rests: ReadonlyMap<string, Rest>,
): OrderLine {
  const rest = rests.get(product);
  return [
    product,
    quantity,
    amount ?? (rest ? worthOf(rest, quantity) : 0),
    category ?? rest?.category ?? null,
    brand ?? rest?.brand ?? null,
  ];
}

const worthOf = (rest: Rest, quantity: number) =>
  rest.quantity <= 0 ? 0 : shareOf(rest.amount, Math.min(quantity, rest.quantity), rest.quantity);

function takeOff(rests: ReadonlyMap<string, Rest>, [product, quantity, amount]: OrderLine): void {
  const rest = rests.get(product);
  if (!rest) return;
  rest.quantity = Math.max(0, rest.quantity - quantity);
  rest.amount = Math.max(0, rest.amount - amount);
}
