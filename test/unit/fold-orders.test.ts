import { erasureEvent } from '../../shared/event/erasure.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { toldAfter } from '../oracle/erased.ts';
import { FoldedLog, inTurn } from '../oracle/folded.ts';
import { recount } from '../oracle/naive.ts';
import { eventOf, NOON, shop } from '../support/events.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TODAY = 'day / shop / 2026-06-10';

let count = 0;
/** Each has an id of its own. By default at noon, and received at once. */
const event = (fields: Partial<FootfallEvent>) => eventOf({ id: `e${count++}`, ...fields });
const purchase = (fields: Partial<FootfallEvent> = {}) =>
  event({ name: 'purchase', transaction_id: 'T-1', ...fields });
const refund = (fields: Partial<FootfallEvent> = {}) =>
  event({ name: 'refund', transaction_id: 'T-1', ts: NOON + HOUR, ...fields });
const identify = (user: string, identifies: string) =>
  event({ name: 'identify', user, identifies, ts: NOON + 2 * HOUR });

const SHOES = { currency: 'EUR', items: [{ id: 'shoe', quantity: 1, amount: 5_000 }] };
/** Two of A and one of B: 49.80. */
const TWO_LINES = {
  currency: 'EUR',
  value: 4_980,
  items: [
    { id: 'A', quantity: 2, amount: 3_980, category: 'tea' },
    { id: 'B', quantity: 1, amount: 1_000 },
  ],
};

/** Expects these numbers, zeros included, in any order of arrival and with any number of partitions. */
function expectNumbers(events: readonly FootfallEvent[], expected: Record<string, number>): void {
  const middle = Math.floor(events.length / 2);
  for (const list of [events, events.toReversed(), [...events.slice(middle), ...events.slice(0, middle)]]) {
    const right = recount(list, [shop]);
    const picked = Object.keys(expected).map((name) => [name, right[name] ?? 0]);
    expect(Object.fromEntries(picked)).toEqual(expected);
    for (const partitions of [1, 3, 16]) {
      for (const rest of [1, 20]) {
        const numbers = new FoldedLog([shop], partitions).append(list).read(inTurn(rest)).numbers();
        expect(numbers).toEqual(right);
      }
    }
  }
}

describe("the parts of an order's money", () => {
  const parts = (expected: Record<string, number>) =>
    Object.fromEntries(Object.entries(expected).map(([name, sum]) => [`${TODAY} / ${name}`, sum]));

  test('are counted with their orders, and so is how many say them', () => {
    expectNumbers(
      [
        purchase({ ...SHOES, discount: 500, shipping: 0, tax: 867, coupon: 'MAY' }),
        purchase({ ...SHOES, transaction_id: 'T-2', tax: 133 }),
        purchase({ ...SHOES, transaction_id: undefined as never, discount: 100 }),
      ],
      {
        ...parts({ 'revenue:EUR': 15_000, 'orders:EUR': 3, 'discount:EUR': 600, 'discount_orders:EUR': 2 }),
        ...parts({ 'shipping:EUR': 0, 'shipping_orders:EUR': 1, 'tax:EUR': 1_000, 'tax_orders:EUR': 2 }),
        'breakdown / shop / 2026-06-10 / coupon / orders / MAY': 1,
        'breakdown / shop / 2026-06-10 / coupon / discount:EUR / MAY': 500,
        'breakdown / shop / 2026-06-10 / coupon / events / MAY': 0,
      },
    );
  });

  test('come from the earliest copy that says them, and the discount from its lines when it says none', () => {
    const lines = SHOES.items.map((item) => ({ ...item, discount: 70, coupon: 'LINE' }));
    expectNumbers(
      [
        purchase({ ...SHOES, items: [...lines, ...lines], user: 'tab' }),
        purchase({ ...SHOES, user: 'ana', ts: NOON + 1, discount: 500, shipping: 490, coupon: 'LATER' }),
        purchase({ ...SHOES, user: 'ben', ts: NOON + 2, shipping: 999, tax: 1 }),
      ],
      {
        ...parts({ orders: 1, 'discount:EUR': 140, 'shipping:EUR': 490, 'tax:EUR': 1 }),
        'breakdown / shop / 2026-06-10 / coupon / orders / LINE': 1,
        'breakdown / shop / 2026-06-10 / coupon / orders / LATER': 0,
      },
    );
  });

  test('are unknown in another currency than the money', () => {
    expectNumbers([purchase({ ...SHOES, ts: NOON + 1 }), purchase({ currency: 'USD', tax: 300 })], {
      ...parts({ 'revenue:EUR': 5_000, 'tax:USD': 0, 'tax:EUR': 0, 'tax_orders:EUR': 0 }),
    });
  });

  test('a refund counts under the coupon of its order, and without one under its own', () => {
    const back = { value: 1_000, currency: 'EUR', coupon: 'OTHER' };
    const lone = refund({ ...back, transaction_id: undefined as never });
    expectNumbers([refund(back), lone, purchase({ ...SHOES, coupon: 'MAY' })], {
      'breakdown / shop / 2026-06-10 / coupon / refunded:EUR / MAY': 1_000,
      'breakdown / shop / 2026-06-10 / coupon / refunded:EUR / OTHER': 1_000,
    });
  });
});

describe('an order counts once', () => {
  test('when the thank-you page is loaded again', () => {
    const load = (minutes: number) => purchase({ ...SHOES, user: 'tab', ts: NOON + minutes * MINUTE });
    expectNumbers([load(0), load(1), load(45)], {
      [`${TODAY} / n:purchase`]: 3,
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / revenue:EUR`]: 5_000,
      [`${TODAY} / orders:EUR`]: 1,
      [`${TODAY} / units`]: 1_000,
      [`${TODAY} / sessions`]: 2,
      [`${TODAY} / converted_sessions`]: 1,
      'product / shop / 2026-06-10 / purchases / shoe': 1,
      'product / shop / 2026-06-10 / revenue:EUR / shoe': 5_000,
      'user / shop / tab / n:purchase': 3,
      'user / shop / tab / orders': 1,
      'user / shop / tab / revenue:EUR': 5_000,
    });
  });

  test('when the browser and the server send it, and when they turn out to be one person', () => {
    const browser = purchase({ ...SHOES, user: 'cookie', source: 'newsletter' });
    const server = purchase({ ...SHOES, user: 'ana', known: true, server: true, ts: NOON + 3_000 });
    const once = {
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / revenue:EUR`]: 5_000,
      [`${TODAY} / sessions`]: 1,
      [`${TODAY} / converted_sessions`]: 1,
      'breakdown / shop / 2026-06-10 / source / revenue:EUR / newsletter': 5_000,
      'user / shop / ana / orders': 1,
      'user / shop / ana / revenue:EUR': 5_000,
      'user / shop / cookie / orders': 0,
    };
    expectNumbers([browser, server], { ...once, 'user / shop / cookie / n:purchase': 1 });
    expectNumbers([browser, server, identify('cookie', 'ana')], {
      ...once,
      [`${TODAY} / sessions`]: 2,
      'user / shop / ana / n:purchase': 2,
    });
  });

  test('when two visitors have sent it who are one user later', () => {
    const [one, other] = ['phone', 'laptop'].map((user, i) => purchase({ ...SHOES, user, ts: NOON + i }));
    expectNumbers([one!, other!, identify('phone', 'ana'), identify('laptop', 'ana')], {
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / revenue:EUR`]: 5_000,
      [`${TODAY} / converted_sessions`]: 1,
      'user / shop / ana / orders': 1,
      'user / shop / ana / revenue:EUR': 5_000,
    });
    expectNumbers([one!, other!, identify('laptop', 'ana')], {
      [`${TODAY} / orders`]: 1,
      'user / shop / phone / orders': 1,
      'user / shop / ana / orders': 0,
    });
  });

  test('when eight people of different shards have sent it', () => {
    const copies = Array.from({ length: 8 }, (_, i) => purchase({ ...SHOES, user: `u${i}`, ts: NOON - i }));
    expectNumbers(copies, {
      [`${TODAY} / n:purchase`]: 8,
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / revenue:EUR`]: 5_000,
      [`${TODAY} / sessions`]: 8,
      [`${TODAY} / converted_sessions`]: 1,
      'user / shop / u7 / orders': 1,
      'user / shop / u0 / orders': 0,
    });
  });

  test('and belongs to a user rather than to an earlier visitor or to nobody', () => {
    expectNumbers(
      [
        purchase({ user: '~nobody-1', personless: true, ts: NOON - 2, country: 'ES' }),
        purchase({ ...SHOES, user: 'cookie', ts: NOON - 1 }),
        purchase({ user: 'ana', known: true, server: true }),
      ],
      {
        [`${TODAY} / orders`]: 1,
        [`${TODAY} / revenue:EUR`]: 5_000,
        [`${TODAY} / new_users`]: 2,
        [`${TODAY} / converted_sessions`]: 1,
        'breakdown / shop / 2026-06-10 / country / revenue:EUR / ES': 5_000,
        'user / shop / ana / orders': 1,
        'user / shop / cookie / orders': 0,
      },
    );
    expectNumbers([purchase({ ...SHOES, user: '~nobody-1', personless: true })], {
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / revenue:EUR`]: 5_000,
      [`${TODAY} / units`]: 1_000,
      [`${TODAY} / new_users`]: 0,
      [`${TODAY} / sessions`]: 0,
    });
  });

  test("on the earliest copy's day, with what only another copy says", () => {
    const late = { ts: NOON + DAY, country: 'ES', device: 'mobile' };
    expectNumbers(
      [
        purchase({ user: 'ana', known: true, currency: 'EUR', value: 7_000 }),
        purchase({ ...SHOES, ...late, user: 'cookie', page: '/thanks' }),
        purchase({ user: 'cookie', ts: NOON + 2 * DAY, country: 'PT', ...TWO_LINES }),
      ],
      {
        [`${TODAY} / orders`]: 1,
        [`${TODAY} / revenue:EUR`]: 7_000,
        [`${TODAY} / units`]: 1_000,
        'day / shop / 2026-06-11 / orders': 0,
        'day / shop / 2026-06-11 / n:purchase': 1,
        'product / shop / 2026-06-10 / revenue:EUR / shoe': 5_000,
        'product / shop / 2026-06-12 / purchases / A': 0,
        'breakdown / shop / 2026-06-10 / country / orders / ES': 1,
        'breakdown / shop / 2026-06-10 / country / revenue:EUR / ES': 7_000,
        'breakdown / shop / 2026-06-10 / country / events / ES': 0,
        'breakdown / shop / 2026-06-11 / country / events / ES': 1,
        'breakdown / shop / 2026-06-10 / country / orders / PT': 0,
        'breakdown / shop / 2026-06-10 / page / orders / /thanks': 1,
      },
    );
  });

  test("of a user who is called as the order's home is", () => {
    const user = 'order:T-1';
    expectNumbers([purchase({ ...SHOES, user }), purchase({ user: 'ana', ts: NOON + 1 }), event({ user })], {
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / new_users`]: 2,
      [`user / shop / ${user} / orders`]: 1,
      [`user / shop / ${user} / n:view_item`]: 1,
    });
  });

  test('in its site, and without a usable name each time', () => {
    const long = 'x'.repeat(129);
    expectNumbers(
      [purchase(SHOES), purchase(SHOES)].map(({ transaction_id: _, ...rest }) => rest),
      {
        [`${TODAY} / orders`]: 2,
        'user / shop / ana / orders': 2,
      },
    );
    // Half a surrogate pair has no bytes of its own, so no key.
    for (const transaction_id of [long, '\ud800']) {
      expectNumbers([purchase({ ...SHOES, transaction_id }), purchase({ ...SHOES, transaction_id })], {
        [`${TODAY} / orders`]: 2,
      });
    }
    expectNumbers([purchase(SHOES), purchase({ ...SHOES, transaction_id: '__proto__' })], {
      [`${TODAY} / orders`]: 2,
      [`${TODAY} / revenue:EUR`]: 10_000,
    });
  });
});

describe('a refund finds its order', () => {
  test('when the back office sends it', () => {
    const events = [
      purchase({ ...SHOES, user: 'ana', known: true }),
      refund({ user: 'office', known: true, server: true, country: 'ES', ts: NOON + DAY }),
    ];
    expectNumbers(events, {
      [`${TODAY} / revenue:EUR`]: 5_000,
      'day / shop / 2026-06-11 / refunds': 1,
      'day / shop / 2026-06-11 / refunded:EUR': 5_000,
      'day / shop / 2026-06-11 / units_refunded': 1_000,
      'day / shop / 2026-06-11 / sessions': 0,
      'day / shop / 2026-06-11 / new_users': 1,
      'breakdown / shop / 2026-06-11 / country / refunded:EUR / ES': 5_000,
      'product / shop / 2026-06-11 / refunded:EUR / shoe': 5_000,
      'user / shop / ana / refunded:EUR': 5_000,
      'user / shop / office / n:refund': 1,
      'user / shop / office / refunded:EUR': 0,
    });
  });

  test('when it comes first, and while the purchase has not come', () => {
    const whole = refund({ user: 'ana', ts: NOON - HOUR });
    const part = refund({ user: 'ben', ts: NOON - 1, value: 1_000, currency: 'EUR' });
    expectNumbers([part, whole], {
      [`${TODAY} / refunds`]: 2,
      [`${TODAY} / refunded:EUR`]: 1_000,
      'user / shop / ben / refunded:EUR': 0,
    });
    expectNumbers([part, whole, purchase({ ...SHOES, user: 'eve' })], {
      [`${TODAY} / refunds`]: 2,
      [`${TODAY} / refunded:EUR`]: 5_000,
      'user / shop / ben / refunded:EUR': 0,
      'user / shop / eve / refunded:EUR': 5_000,
    });
  });

  test('a part, at the price of the order, and then the rest', () => {
    const part = refund({ currency: 'EUR', items: [{ id: 'A', quantity: 1 }] });
    expectNumbers([purchase(TWO_LINES), part], {
      [`${TODAY} / refunded:EUR`]: 1_990,
      [`${TODAY} / units_refunded`]: 1_000,
      'product / shop / 2026-06-10 / refunded:EUR / A': 1_990,
      'breakdown / shop / 2026-06-10 / category / refunded:EUR / tea': 1_990,
    });
    expectNumbers([purchase(TWO_LINES), part, refund({ ts: NOON + 2 * DAY, user: 'office' })], {
      [`${TODAY} / refunded:EUR`]: 1_990,
      'day / shop / 2026-06-12 / refunded:EUR': 2_990,
      'day / shop / 2026-06-12 / units_refunded': 2_000,
      'product / shop / 2026-06-12 / refunded:EUR / A': 1_990,
      'product / shop / 2026-06-12 / refunded:EUR / B': 1_000,
      'user / shop / ana / refunded:EUR': 4_980,
    });
  });

  test('nothing is given back after the whole order, and never more than it cost', () => {
    const whole = refund({ ts: NOON + HOUR });
    const later = { ts: NOON + DAY };
    expectNumbers(
      [
        purchase(TWO_LINES),
        whole,
        refund({ ...later, user: 'office' }),
        refund({ ...later, currency: 'EUR', items: [{ id: 'A', quantity: 1 }] }),
        refund({ ...later, currency: 'EUR', value: 300 }),
      ],
      {
        [`${TODAY} / refunded:EUR`]: 4_980,
        [`${TODAY} / units_refunded`]: 3_000,
        'day / shop / 2026-06-11 / refunds': 3,
        'day / shop / 2026-06-11 / refunded:EUR': 0,
        'day / shop / 2026-06-11 / units_refunded': 1_000,
      },
    );
    expectNumbers([purchase(TWO_LINES), refund({ currency: 'EUR', value: 9_000 })], {
      [`${TODAY} / refunded:EUR`]: 4_980,
    });
  });

  test('of no money, in another currency, and of an order without money', () => {
    expectNumbers([purchase(SHOES), refund({ currency: 'EUR', value: 0, items: [] })], {
      [`${TODAY} / refunds`]: 1,
      [`${TODAY} / refunded:EUR`]: 0,
      [`${TODAY} / units_refunded`]: 0,
    });
    expectNumbers([purchase(SHOES), refund({ currency: 'USD', value: 700 }), refund({ ts: NOON + DAY })], {
      [`${TODAY} / refunded:USD`]: 700,
      'day / shop / 2026-06-11 / refunded:EUR': 5_000,
    });
    const unpriced = purchase({ items: [{ id: 'shoe', quantity: 2 }] });
    expectNumbers([unpriced, refund(), refund({ currency: 'USD', ts: NOON + DAY })], {
      [`${TODAY} / units`]: 2_000,
      [`${TODAY} / refunds`]: 1,
      [`${TODAY} / units_refunded`]: 2_000,
      'day / shop / 2026-06-11 / refunds': 1,
      'day / shop / 2026-06-11 / units_refunded': 0,
    });
    expectNumbers([purchase(SHOES), refund({ currency: 'USD' })], {
      [`${TODAY} / refunded:EUR`]: 5_000,
      [`${TODAY} / refunded:USD`]: 0,
    });
  });

  test('pieces cost their share, halves away from zero', () => {
    const three = { currency: 'EUR', items: [{ id: 'A', quantity: 3, amount: 1_000 }] };
    const one = (days: number) => refund({ items: [{ id: 'A', quantity: 1 }], ts: NOON + days * DAY });
    expectNumbers([purchase(three), one(1), one(2), one(3), one(4)], {
      'day / shop / 2026-06-11 / refunded:EUR': 333,
      'day / shop / 2026-06-12 / refunded:EUR': 334,
      'day / shop / 2026-06-13 / refunded:EUR': 333,
      'day / shop / 2026-06-14 / refunded:EUR': 0,
    });
    const half = { currency: 'EUR', items: [{ id: 'A', quantity: 2, amount: 5 }] };
    expectNumbers([purchase(half), one(1)], { 'day / shop / 2026-06-11 / refunded:EUR': 3 });
  });
});

describe('an order of two people, of whom one is erased', () => {
  const at = NOON + 3 * HOUR;
  const copies = [
    purchase({ ...SHOES, user: 'ana', known: true }),
    purchase({ user: 'cookie', ts: NOON + 5_000, country: 'ES' }),
  ];
  const back = refund({ user: 'office', known: true, server: true, ts: NOON + DAY });

  /** @param missed numbers that do not change any more once the buyer is erased */
  function expectErased(user: string, expected: Record<string, number>, missed?: RegExp): void {
    const erasure = { site: shop.id, asked: [user], at, before: copies, after: [back] };
    const all = Object.entries(recount([...copies, back], [shop], [], toldAfter(erasure)));
    const right = Object.fromEntries(all.filter(([name]) => !missed?.test(name)));
    expect(Object.keys(right)).toHaveLength(all.length - (missed ? 2 : 0));
    const picked = Object.keys(expected).map((name) => [name, right[name] ?? 0]);
    expect(Object.fromEntries(picked)).toEqual(expected);
    const erases = { receipt: 'receipt', of: 1 };
    for (const partitions of [1, 3, 16]) {
      for (const loss of [null, 2]) {
        const log = new FoldedLog([shop], partitions).append(copies);
        log.read(inTurn(1));
        log.append([erasureEvent({ site: shop.id, user, at, erases }), back]);
        const turns = Array.from({ length: 9 }, (_, partition) => ({ partition, size: 1 }));
        expect(log.read({ ...inTurn(2), turns, loss }).numbers()).toEqual(right);
      }
    }
  }

  const kept = {
    [`${TODAY} / orders`]: 1,
    [`${TODAY} / revenue:EUR`]: 5_000,
    [`${TODAY} / units`]: 1_000,
    [`${TODAY} / sessions`]: 2,
    [`${TODAY} / converted_sessions`]: 1,
    [`${TODAY} / new_users`]: 1,
    'breakdown / shop / 2026-06-10 / country / revenue:EUR / ES': 5_000,
    'day / shop / 2026-06-11 / refunded:EUR': 5_000,
    'day / shop / 2026-06-11 / units_refunded': 1_000,
  };

  test("stays the shop's, and is not the other one's", () => {
    const expected = {
      ...kept,
      [`${TODAY} / first_orders`]: 1,
      'user / shop / ana / orders': 0,
      'user / shop / cookie / n:purchase': 1,
      'user / shop / cookie / orders': 0,
      'user / shop / cookie / refunded:EUR': 0,
    };
    // The refund came after the erasure, when nothing said any more whose cohort has the order.
    expectErased('ana', expected, /^buyers .* f0:EUR$/);
  });

  test('stays with its buyer when the other one is erased', () => {
    expectErased('cookie', {
      ...kept,
      'user / shop / ana / orders': 1,
      'user / shop / ana / refunded:EUR': 5_000,
      'user / shop / cookie / n:purchase': 0,
    });
  });
});

describe('a visit', () => {
  const visit = { source: 'newsletter', session_id: '17', user: 'cookie' };
  const view = (fields: Partial<FootfallEvent> = {}) => event({ ...visit, name: 'page_view', ...fields });

  test("has the order that a server sends later under the visit's name, and refunds make none", () => {
    const server = { user: 'cookie', server: true as const };
    expectNumbers(
      [
        view(),
        purchase({ ...SHOES, ...server, session_id: '17', ts: NOON + 55 * MINUTE }),
        refund({ ...server, value: 500, currency: 'EUR', ts: NOON + 56 * MINUTE }),
        refund({ user: 'cookie', ts: NOON + 2 * DAY }),
      ],
      {
        [`${TODAY} / sessions`]: 1,
        [`${TODAY} / converted_sessions`]: 1,
        [`${TODAY} / bounces`]: 0,
        [`${TODAY} / session_ms`]: 0,
        'day / shop / 2026-06-12 / sessions': 0,
        'breakdown / shop / 2026-06-10 / source / revenue:EUR / newsletter': 5_000,
        'user / shop / cookie / sessions': 1,
        'user / shop / cookie / last': NOON + 2 * DAY,
      },
    );
  });

  test.each([
    ['the one under way', 20, 'newsletter'],
    ['the last one, half an hour later', 30, 'newsletter'],
    ['the next one, half an hour earlier', -30, 'newsletter'],
    ['none', 30.001, undefined],
    ['none', -30.001, undefined],
  ])('is %s for an order of a server that names none', (_, minutes, source) => {
    const ts = NOON + minutes * MINUTE;
    expectNumbers([view(), purchase({ ...SHOES, user: 'cookie', server: true, session_id: 'other', ts })], {
      [`${TODAY} / orders`]: 1,
      [`${TODAY} / sessions`]: 1,
      [`${TODAY} / converted_sessions`]: source ? 1 : 0,
      'breakdown / shop / 2026-06-10 / source / orders / newsletter': source ? 1 : 0,
    });
  });

  test.each<[string, Partial<FootfallEvent>[], number]>([
    ['one view and what nobody does', [{ name: 'user_engagement', ts: NOON + 60_000, engaged_ms: 2_100 }], 1],
    ['ten seconds in the foreground', [{ name: 'user_engagement', engaged_ms: 10_000 }], 0],
    ['a little less', [{ name: 'user_engagement', engaged_ms: 9_999 }], 1],
    ['two views', [{ name: 'screen_view' }], 0],
    ['something ten seconds later', [{ name: 'search', ts: NOON + 10_000 }], 0],
    ['something a little earlier', [{ name: 'search', ts: NOON + 9_999 }], 1],
    ['a refund', [{ name: 'refund', ts: NOON + 20_000 }], 1],
    ["a server's event", [{ name: 'search', server: true, ts: NOON + 20_000 }], 1],
    ['an order', [{ name: 'purchase' }], 0],
  ])('of a view and %s', (_, others, bounces) => {
    expectNumbers([view(), ...others.map((fields) => event({ ...visit, ...fields }))], {
      [`${TODAY} / sessions`]: 1,
      [`${TODAY} / bounces`]: bounces,
    });
  });
});

test('quality says how many copies of orders came', () => {
  const copies = ['tab', 'tab', 'ana', 'bob'].map((user, i) => purchase({ ...SHOES, user, ts: NOON + i }));
  const other = purchase({ ...SHOES, transaction_id: 'T-2', user: 'tab' });
  const { notes } = new FoldedLog([shop], 3).append([...copies, other]).read(inTurn(1));
  expect(Object.fromEntries(notes)).toEqual({ order_copy: 3 });
});

test('two senders who tell of one refund by the same id give back once', () => {
  const back = { name: 'refund', id: 'refund:purchase:T-1', currency: 'EUR', value: 1_000 };
  const events = [
    purchase({ ...SHOES, user: 'tab' }),
    refund({ ...back, user: 'tab', ts: NOON + HOUR }),
    refund({ ...back, user: 'ana', ts: NOON + 2 * HOUR }),
  ];
  expectNumbers(events, {
    [`${TODAY} / refunds`]: 1,
    [`${TODAY} / refunded:EUR`]: 1_000,
    [`${TODAY} / n:refund`]: 2,
  });
});
