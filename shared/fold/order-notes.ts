import { EVENT_VERSION, type FootfallEvent, type Origin } from '../event/event.ts';
import { homeOfOrder, transactionOfKey, type Verdict } from '../event/order-note.ts';
import type { Forwarded } from './identity.ts';
import { namesIn, orderKey, type PersonOrder } from './person-orders.ts';
import type { Erased } from './user-state.ts';

/** The records by which shards tell each other of orders, see order-note.ts. */

/**
 * A purchase or refund for its order's home.
 * @param by the id of the person; undefined when it belongs to no person
 */
export function forwardCopy(event: FootfallEvent, by: string | undefined, origin: Origin): Forwarded {
  // The home needs none of these: `by` names the person, if there is one.
  const { replays: _, identifies: __, props: ___, visitor: ____, ...rest } = event;
  return {
    ...rest,
    user: homeOfOrder(orderKey(event)),
    // It was in time for the person's shard.
    backfill: true,
    origin,
    order: { kind: 'copy', ...(by !== undefined && { by }) },
  };
}

/** What an order's home decided, for one of its people. @param event the one that led to it */
export const forwardVerdict = (
  { site, received, transaction_id }: FootfallEvent,
  person: string,
  verdict: Verdict,
  origin: Origin,
): Forwarded => ({
  ...noteFields(site, received, transaction_id),
  user: person,
  origin,
  order: { kind: 'verdict', ...verdict },
});

/**
 * Tells an order's home that the shard of its people has forgotten it.
 * @param key the order's
 * @param erasure when they were erased
 */
export const forwardRelease = (
  { site, received }: { site: string; received: number },
  key: string,
  order: PersonOrder,
  origin: Origin,
  erasure: Erased | undefined,
): Forwarded => ({
  ...noteFields(site, received, transactionOfKey(key)),
  user: homeOfOrder(key),
  origin,
  order: { kind: 'release', people: namesIn(order), ...(erasure && { erasure }) },
});

/** Every record has them. A note is not an event, so they mean nothing here. */
const noteFields = (site: string, received: number, transaction: string | undefined) => ({
  v: EVENT_VERSION as typeof EVENT_VERSION,
  id: 'order',
  site,
  name: 'purchase',
  ts: received,
  received,
  backfill: true as const,
  ...(transaction !== undefined && { transaction_id: transaction }),
});
