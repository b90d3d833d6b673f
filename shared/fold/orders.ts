import { cutValue, dimensionValue, EVENT_DIMENSIONS } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { toThousandths } from '../event/quantity.ts';
import { RESOLUTIONS, type Resolution } from './sessions.ts';

/**
 * A refund that names its order and nothing else refunds all of it (GA4's full refund; Google Analytics, "Measure
 * ecommerce", Refunds). It may come before its purchase: its amount is known once both have come. An order counts its
 * first purchase and its first full refund: the earliest, and of several at the same time the one with the smallest id.
 */

/** A user's latest orders, by transaction id. */
export type Orders = Map<string, Order>;

export interface Order {
  purchase?: Purchase | undefined;
  refund?: FullRefund | undefined;
}

/** Immutable, as are full refunds: they are replaced as a whole. */
export interface Purchase {
  readonly ts: number;
  readonly id: string;
  /** Undefined when there was no money in it. */
  readonly currency: string | undefined;
  /** Minor units. */
  readonly total: number;
  readonly lines: readonly OrderLine[];
}

/** Quantities in thousandths, amounts in minor units. */
export type OrderLine = readonly [
  product: string,
  quantity: number,
  amount: number,
  category: string | null,
  brand: string | null,
];

export interface FullRefund {
  readonly ts: number;
  readonly id: string;
  /** The resolution by which it is counted, as an index of RESOLUTIONS. */
  readonly grain: number;
  /** In the order of EVENT_DIMENSIONS. */
  readonly values: readonly (string | null)[];
}

/** An order whose purchase and full refund have both come. */
export type RefundedOrder = Required<{ [K in keyof Order]: NonNullable<Order[K]> }>;

export const isRefunded = (order: Order | undefined): order is RefundedOrder =>
  order?.purchase !== undefined && order.refund !== undefined;

/** How many of a user's latest orders are remembered, and how many lines they have together. */
const MAX_ORDERS = 50;
const MAX_LINES = 200;
/** collect accepts no longer ones. */
const MAX_TRANSACTION_LENGTH = 128;

/**
 * What one event says of an order; undefined when it says nothing of one.
 * @param total of a purchase, in minor units
 */
export function orderOf(
  event: FootfallEvent,
  total: number,
  grain: Resolution,
): [transaction: string, Order] | undefined {
  const { name, transaction_id, ts, id, items = [], value, currency } = event;
  if (transaction_id === undefined || transaction_id.length > MAX_TRANSACTION_LENGTH) return undefined;
  if (name === 'purchase') {
    if (items.length > MAX_LINES) return undefined;
    const lines = items.map(
      ({ id, quantity, amount = 0, category, brand }): OrderLine => [
        id,
        toThousandths(quantity),
        amount,
        category === undefined ? null : cutValue(category),
        brand === undefined ? null : cutValue(brand),
      ],
    );
    return [transaction_id, { purchase: { ts, id, currency, total, lines } }];
  }
  if (name !== 'refund' || value !== undefined || items.length > 0) return undefined;
  const values = EVENT_DIMENSIONS.map((dimension) => dimensionValue(event, dimension) ?? null);
  return [transaction_id, { refund: { ts, id, grain: RESOLUTIONS.indexOf(grain), values } }];
}

export const mergeOrders = (a: Order | undefined, b: Order): Order => ({
  purchase: first(a?.purchase, b.purchase),
  refund: first(a?.refund, b.refund),
});

function first<T extends { ts: number; id: string }>(a: T | undefined, b: T | undefined): T | undefined {
  if (!a || !b) return a ?? b;
  if (a.ts !== b.ts) return a.ts < b.ts ? a : b;
  return b.id < a.id ? b : a;
}

/** Forgets the oldest orders once there are too many. What was counted of them stays counted. */
export function keepLatestOrders(orders: Orders): void {
  let lines = 0;
  for (const { purchase } of orders.values()) lines += purchase?.lines.length ?? 0;
  while (orders.size > MAX_ORDERS || lines > MAX_LINES) {
    const oldest = [...orders].reduce((a, b) => (timeOf(b[1]) < timeOf(a[1]) ? b : a));
    orders.delete(oldest[0]);
    lines -= oldest[1].purchase?.lines.length ?? 0;
  }
}

const timeOf = ({ purchase, refund }: Order) => Math.max(purchase?.ts ?? -Infinity, refund?.ts ?? -Infinity);

type PackedOrder = [
  transaction: string,
  purchase: [ts: number, id: string, currency: string | null, total: number, lines: OrderLine[]] | null,
  refund: [ts: number, id: string, grain: number, values: (string | null)[]] | null,
];

export const packOrders = (orders: Orders): PackedOrder[] =>
  [...orders].map(([transaction, { purchase, refund }]) => [
    transaction,
    purchase
      ? [purchase.ts, purchase.id, purchase.currency ?? null, purchase.total, [...purchase.lines]]
      : null,
    refund ? [refund.ts, refund.id, refund.grain, [...refund.values]] : null,
  ]);

export const unpackOrders = (packed: readonly PackedOrder[]): Orders =>
  new Map(
    packed.map(([transaction, purchase, refund]) => [
      transaction,
      {
        purchase: purchase
          ? {
              ts: purchase[0],
              id: purchase[1],
              currency: purchase[2] ?? undefined,
              total: purchase[3],
              lines: purchase[4],
            }
          : undefined,
        refund: refund ? { ts: refund[0], id: refund[1], grain: refund[2], values: refund[3] } : undefined,
      },
    ]),
  );
