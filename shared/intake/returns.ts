import { createHash } from 'node:crypto';
import type { FootfallEvent, Item } from '../event/event.ts';

/**
 * Separates what came back from an order in which other lines were bought, such as an exchange. What came back counts as
 * a refund, never as negative revenue.
 *
 * The refund names the order, unless more came back than was bought: then it belongs to an earlier order, which would
 * otherwise give back no more than this one's total.
 * @param order a `purchase` with the lines that were bought. Its value, if it has one, is that of all lines: what came
 *   back has been taken off.
 * @param returned what came back, in positive quantities and amounts.
 * @param ts when it came back, ms since the epoch.
 * @returns the order with the value of what was bought, and the refund.
 */
export function separateReturns(
  order: FootfallEvent,
  returned: readonly Item[],
  ts = order.ts,
): { order: FootfallEvent; refund: FootfallEvent } {
  const back = sumOf(returned);
  const bought = order.value === undefined ? sumOf(order.items ?? []) : order.value + back;
  const { items: _, value: __, props: ___, transaction_id, ...rest } = order;
  const isOfOrder = transaction_id !== undefined && back <= bought;
  return {
    order: { ...order, ...(order.value !== undefined && { value: bought }) },
    refund: {
      ...rest,
      // All copies of the order give the refund the same id.
      id: refundIdOf(isOfOrder ? `purchase:${transaction_id}` : order.id),
      name: 'refund',
      ts,
      items: [...returned],
      ...(isOfOrder && { transaction_id }),
    },
  };
}

const sumOf = (items: readonly Item[]) => items.reduce((sum, { amount = 0 }) => sum + amount, 0);

/** The id of the refund that comes with an order. A long id is replaced by its digest. */
export function refundIdOf(orderId: string): string {
  const id = `refund:${orderId}`;
  return id.length <= 128 ? id : `refund:${createHash('sha256').update(orderId).digest('base64url')}`;
}
