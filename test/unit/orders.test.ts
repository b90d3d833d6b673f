import type { FootfallEvent } from '../../shared/event/event.ts';
import {
  isRefunded,
  keepLatestOrders,
  mergeOrders,
  type Order,
  type Orders,
  orderOf,
  packOrders,
  unpackOrders,
} from '../../shared/fold/orders.ts';
import { eventOf, NOON } from '../support/events.ts';

const items = [{ id: 'shoe', quantity: 2, amount: 5_000, category: 'shoes' }];

const purchase = (fields: Partial<FootfallEvent> = {}) =>
  eventOf({ id: 'p', name: 'purchase', transaction_id: 'o-1', currency: 'EUR', items, ...fields });
const refund = (fields: Partial<FootfallEvent> = {}) =>
  eventOf({ id: 'r', name: 'refund', ts: NOON + 1, transaction_id: 'o-1', ...fields });

const orderBy = (event: FootfallEvent): Order => orderOf(event, 5_000, 'minute')![1];

describe('what an event says of its order', () => {
  test('a purchase: its total, and a line for each item', () => {
    expect(orderOf(purchase(), 5_000, 'minute')).toEqual([
      'o-1',
      {
        purchase: {
          ...{ ts: NOON, id: 'p', currency: 'EUR', total: 5_000 },
          lines: [['shoe', 2_000, 5_000, 'shoes', null]],
        },
      },
    ]);
  });

  test('a refund that names nothing else: that all of it was given back', () => {
    expect(orderBy(refund({ country: 'ES' })).refund).toMatchObject({ ts: NOON + 1, id: 'r' });
    expect(orderBy(refund({ country: 'ES' })).refund!.values).toContain('ES');
  });

  test.each([
    ['a refund of some items', refund({ items, currency: 'EUR' })],
    ['a refund of an amount', refund({ value: 100, currency: 'EUR' })],
    ['an event without a transaction id', eventOf({ name: 'purchase', items, currency: 'EUR' })],
    ['a transaction id of more than 128 characters', purchase({ transaction_id: 'x'.repeat(129) })],
    ['an order of more than 200 lines', purchase({ items: Array.from({ length: 201 }, () => items[0]!) })],
    ['another event', eventOf({ transaction_id: 'o-1' })],
  ])('%s: nothing', (_, event) => {
    expect(orderOf(event, 0, 'minute')).toBeUndefined();
  });
});

describe('an order with several events', () => {
  test('is refunded once a purchase and a full refund have come, in any order', () => {
    const [bought, back] = [orderBy(purchase()), orderBy(refund())];
    expect(isRefunded(bought)).toBe(false);
    expect(isRefunded(mergeOrders(bought, back))).toBe(true);
    expect(mergeOrders(back, bought)).toEqual(mergeOrders(bought, back));
  });

  test('has the earliest purchase', () => {
    const [early, late] = [orderBy(purchase({ ts: NOON - 5 })), orderBy(purchase())];
    expect(mergeOrders(late, early).purchase).toBe(early.purchase);
    expect(mergeOrders(early, late).purchase).toBe(early.purchase);
  });

  test('has the one of the smaller id where two are of the same time', () => {
    const [a, b] = [orderBy(purchase({ id: 'a' })), orderBy(purchase({ id: 'b' }))];
    expect(mergeOrders(b, a).purchase).toBe(a.purchase);
    expect(mergeOrders(a, b).purchase).toBe(a.purchase);
  });
});

describe('the orders that are remembered of a user', () => {
  const ordersOf = (...events: FootfallEvent[]): Orders =>
    new Map(events.map((event) => orderOf(event, 5_000, 'minute')!));

  test('are the latest 50', () => {
    const many = Array.from({ length: 60 }, (_, n) => purchase({ ts: NOON + n, transaction_id: `o-${n}` }));
    const orders = ordersOf(...many.toReversed());
    keepLatestOrders(orders);
    expect(orders.size).toBe(50);
    expect([orders.has('o-9'), orders.has('o-10')]).toEqual([false, true]);
  });

  test('have 200 lines together', () => {
    const long = Array.from({ length: 150 }, () => items[0]!);
    const orders = ordersOf(
      purchase({ ts: NOON, transaction_id: 'old', items: long }),
      purchase({ ts: NOON + 1, transaction_id: 'new', items: long }),
    );
    keepLatestOrders(orders);
    expect([...orders.keys()]).toEqual(['new']);
  });

  test('come back from their packed form as they were', () => {
    const orders = ordersOf(purchase(), refund({ transaction_id: 'o-2' }));
    expect(unpackOrders(packOrders(orders))).toEqual(
      new Map([
        ['o-1', { ...orders.get('o-1'), refund: undefined }],
        ['o-2', { ...orders.get('o-2'), purchase: undefined }],
      ]),
    );
  });
});
