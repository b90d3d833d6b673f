import {
  newOrderState,
  type OrderState,
  packOrder,
  refundOf,
  withRefund,
} from '../../shared/fold/order-state.ts';
import {
  mergePersonOrders,
  orderKey,
  type PersonOrder,
  type PersonOrders,
  takeOldestOrders,
  withPersonCopy,
} from '../../shared/fold/person-orders.ts';
import { FoldedLog, inTurn } from '../oracle/folded.ts';
import { eventOf, NOON, shop } from '../support/events.ts';

const MINUTE = 60_000;
const TODAY = 'day / shop / 2026-06-10';
/** Three bytes a letter. */
const wide = (n: number, length: number) => `${n}`.padEnd(length, '語');
const purchase = (fields: object) =>
  eventOf({ name: 'purchase', transaction_id: 'T-1', currency: 'EUR', value: 100, ...fields });

/** Copies that come later and happened earlier: none of them is redundant. */
const copiesOf = (user: string, count: number): PersonOrder =>
  Array.from({ length: count }, (_, n) => purchase({ id: wide(n, 128), user, ts: NOON - n * MINUTE })).reduce(
    (order: PersonOrder | undefined, event) => withPersonCopy(order, event, 'minute') ?? order,
    undefined,
  )!;

test('the refunds of an order have at most 500 kB together, and the first one whatever it has', () => {
  const refund = (n: number, lines: number) =>
    refundOf(
      eventOf({
        ...{ name: 'refund', id: `r-${n}`, ts: NOON + n },
        items: Array.from({ length: lines }, (_, i) => ({ id: wide(i, 100), quantity: 1 })),
      }),
      'minute',
    );
  const add = (order: OrderState, n: number, lines: number) => withRefund(order, refund(n, lines));
  let order = newOrderState();
  for (let n = 0; n < 20; n++) order = add(order, n, 300);
  expect(order.refunds.length).toBeGreaterThan(3);
  expect(packOrder(order).length).toBeLessThan(510_000);
  expect(add(newOrderState(), 0, 2_000).refunds).toHaveLength(1);
});

test("a person's orders have at most 150 kB together: the oldest are taken out, never the first and the last one", () => {
  const orders: PersonOrders = new Map();
  for (let n = 0; n < 50; n++) {
    const key = orderKey(purchase({ transaction_id: `T-${n}` }));
    const { copies, ...rest } = copiesOf(wide(n, 256), 10);
    orders.set(key, { ...rest, copies: copies.map((copy) => ({ ...copy, ts: copy.ts + n * 1_000_000 })) });
  }
  const taken = takeOldestOrders(orders);
  expect(taken.map(([key]) => key)).toEqual(Array.from({ length: taken.length }, (_, n) => `tT-${n + 1}`));
  expect([...orders.keys()].at(0)).toBe('tT-0');
  expect([...orders.keys()].at(-1)).toBe('tT-49');
  expect(orders.size).toBeGreaterThan(5);
  expect(orders.size).toBeLessThan(15);
});

test('two ids of a person have at most 50 copies of one order together', () => {
  let order: PersonOrder | undefined = copiesOf('v-0', 10);
  for (let n = 1; n < 5; n++) order = mergePersonOrders(order!, copiesOf(`v-${n}`, 10));
  expect(order?.copies).toHaveLength(50);
  expect(mergePersonOrders(order!, copiesOf('v-5', 1))).toBeUndefined();
});

test('an order that has too many copies still counts once, in one visit', () => {
  const visitors = Array.from({ length: 8 }, (_, n) => `visitor-${n}`);
  const events = visitors.flatMap((user, v) => [
    ...Array.from({ length: 10 }, (_, n) =>
      purchase({ id: `${user}-${n}`, user, ts: NOON - (v * 10 + n) * 1_000 }),
    ),
    eventOf({ name: 'identify', id: `${user}-i`, user, identifies: 'ana', ts: NOON + MINUTE + v }),
  ]);
  for (const partitions of [1, 3, 16]) {
    const numbers = new FoldedLog([shop], partitions).append(events).read(inTurn(7)).numbers();
    expect(numbers).toMatchObject({
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / revenue:EUR`]: 100,
      [`${TODAY} / n:purchase`]: 80,
      [`${TODAY} / sessions`]: 1,
      [`${TODAY} / converted_sessions`]: 1,
    });
  }
});
