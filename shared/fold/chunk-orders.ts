import type { UserRef } from '../event/decode.ts';
import type { FootfallEvent, Origin } from '../event/event.ts';
import { type CopyNote, orderOfHome, type ReleaseNote, transactionOfKey } from '../event/order-note.ts';
import { getOrMake } from '../platform/counters.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import type { Site } from '../sites/site.ts';
import type { OrderDelta } from './chunk-delta.ts';
import { recountOrder } from './count-order.ts';
import type { DeltaBuilder } from './delta-builder.ts';
import { copyOf } from './order-copy.ts';
import { forwardCopy, forwardRelease, forwardVerdict } from './order-notes.ts';
import {
  newOrderState,
  type OrderState,
  refundOf,
  withCopy,
  withRefund,
  withRelease,
} from './order-state.ts';
import { tell } from './order-verdict.ts';
import { transactionOf } from './person-orders.ts';
import { countNote } from './quality.ts';
import { resolutionOf } from './resolution.ts';
import type { NamedOrder } from './user-change.ts';
import type { Erased } from './user-state.ts';

/** The orders whose homes a batch's records name, by the key of these records. */
export type OrderStates = Map<string, OrderState>;

/** Cost of an order's state besides its bytes, in writes to a hash. */
const ORDER_COST = 2;

/** What a chunk does with orders: it sends them to their homes, and counts those whose home its shard is. */
export class ChunkOrders {
  readonly #builder: DeltaBuilder;
  readonly #known: OrderStates;
  /** Those of the chunk, by key. */
  readonly #changed = new Map<string, OrderDelta>();
  readonly #originOf: (record: KafkaRecord, part: number) => Origin;

  /**
   * @param known orders of the shard; new ones are added
   * @param originOf the origin of a record that the chunk sends
   */
  constructor(
    builder: DeltaBuilder,
    known: OrderStates,
    originOf: (record: KafkaRecord, part: number) => Origin,
  ) {
    this.#builder = builder;
    this.#known = known;
    this.#originOf = originOf;
  }

  /**
   * Sends a purchase or refund to the order's home, which counts it. What names no order is counted at once.
   * @param by the id of the person; undefined when it belongs to no person
   */
  count(event: FootfallEvent, by: string | undefined, site: Site, record: KafkaRecord): void {
    if (transactionOf(event) === undefined) {
      const order = newOrderState();
      recountOrder(order, orderWith(order, event, { by }), site, this.#builder);
      // The home of such a purchase only lists it.
      if (event.name === 'refund') return;
    }
    this.#builder.delta.forwards.push(forwardCopy(event, by, this.#originOf(record, 0)));
  }

  /**
   * Tells the homes of orders that the person's shard has forgotten them.
   * @param options.from the number of the first record among those that this one leads to
   * @param options.erasure when the person was erased
   * @returns how many homes were told
   */
  release(
    orders: readonly NamedOrder[],
    { site, received }: FootfallEvent,
    record: KafkaRecord,
    { from = 0, erasure }: { from?: number; erasure?: Erased } = {},
  ): number {
    const { forwards } = this.#builder.delta;
    let part = from;
    for (const [key, order] of orders) {
      const origin = this.#originOf(record, part++);
      forwards.push(forwardRelease({ site, received }, key, order, origin, erasure));
    }
    return part - from;
  }

  /** Keeps and counts what has come about an order, and tells people whose share of it has changed. */
  change(
    event: FootfallEvent,
    note: CopyNote | ReleaseNote,
    { record, site, user }: { record: KafkaRecord; site: Site; user: UserRef },
  ): void {
    const { delta } = this.#builder;
    if (note.kind === 'release' && note.erasure) {
      const { receipt, until: at } = note.erasure;
      delta.erasures.push({
        ...{ site, user: user.user, receipt, of: undefined, at, timestamp: record.timestamp },
        ...{ removes: undefined, sent: 0, came: 1 },
      });
    }
    const key = orderOfHome(user.user);
    if (key === undefined) return;
    const before = getOrMake(this.#known, user.key, newOrderState);
    const changed = note.kind === 'release' ? withRelease(before, note) : orderWith(before, event, note);
    if (changed === before) return;
    if (note.kind === 'copy' && event.name === 'purchase' && before.first) {
      countNote('order_copy', event, site, this.#builder);
    }
    if (transactionOfKey(key) !== undefined) recountOrder(before, changed, site, this.#builder);
    const { order, verdict, people } = tell(changed);
    this.#known.set(user.key, order);
    getOrMake(this.#changed, user.key, () => {
      const changed = { site, key, before: before.first, state: order };
      delta.orders.push(changed);
      delta.cost += ORDER_COST;
      this.#builder.addBytes(before.bytes);
      return changed;
    }).state = order;
    // An order remembers a limited number of people. It tells others with each of their copies.
    const by = note.kind === 'copy' && event.name === 'purchase' ? note.by : undefined;
    if (by !== undefined && !order.claimants.has(by)) people.push(by);
    people.forEach((person, part) => {
      delta.forwards.push(forwardVerdict(event, person, verdict, this.#originOf(record, part)));
    });
  }
}

/** The order with an event about it. */
const orderWith = (order: OrderState, event: FootfallEvent, note: Pick<CopyNote, 'by'>): OrderState =>
  event.name === 'refund'
    ? withRefund(order, refundOf(event, resolutionOf(event)))
    : withCopy(order, copyOf(event), note, resolutionOf(event));
