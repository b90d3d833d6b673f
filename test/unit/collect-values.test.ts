import fc from 'fast-check';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { runs } from '../support/runs.ts';
import { type Body, hit, measure, plain, published, segment } from '../support/ways-in.ts';

/** The values of an event are read in the same way, whichever format brings them. */

/** An order as a shop's code may write it. Values are as in the request. */
interface Order {
  user: unknown;
  visitor: unknown;
  transaction: unknown;
  currency: unknown;
  value: unknown;
  items: { id: unknown; price: unknown; quantity: unknown }[];
}
const order = (changes: Partial<Order> = {}): Order => ({
  user: 'ada',
  visitor: 'v-1',
  transaction: 'T-1',
  currency: 'EUR',
  value: 10,
  items: [{ id: 'TEA', price: 10, quantity: 1 }],
  ...changes,
});

const SEND: Record<string, (order: Order) => Promise<{ status: number; body: Body }>> = {
  plain: ({ user, visitor, transaction, items, ...money }) =>
    plain({
      name: 'purchase',
      user_id: user,
      anonymous_id: visitor,
      transaction_id: transaction,
      ...money,
      items: items.map(({ id, ...line }) => ({ item_id: id, ...line })),
    }),
  segment: ({ user, visitor, transaction, currency, value, items }) =>
    segment('track', {
      event: 'Order Completed',
      userId: user,
      anonymousId: visitor,
      properties: {
        order_id: transaction,
        currency,
        total: value,
        products: items.map(({ id, ...line }) => ({ product_id: id, ...line })),
      },
    }),
  measurement_protocol: ({ user, visitor, transaction, currency, value, items }) =>
    measure({
      client_id: visitor,
      user_id: user,
      events: [
        {
          name: 'purchase',
          params: {
            transaction_id: transaction,
            currency,
            value,
            items: items.map(({ id, ...line }) => ({ item_id: id, ...line })),
          },
        },
      ],
    }),
  gtag: ({ user, visitor, transaction, currency, value, items }) => {
    const query = new URLSearchParams({ en: 'purchase' });
    const put = (name: string, of: unknown) => of != null && query.set(name, String(of));
    put('uid', user);
    put('cid', visitor);
    put('ep.transaction_id', transaction);
    put('cu', currency);
    put('epn.value', value);
    for (const [index, { id, price, quantity }] of items.entries()) {
      const parts = [
        `id${id}`,
        ...(price == null ? [] : [`pr${price}`]),
        ...(quantity == null ? [] : [`qt${quantity}`]),
      ];
      put(`pr${index + 1}`, parts.join('~'));
    }
    return hit(String(query));
  },
};
const WAYS = Object.keys(SEND);

async function eventOf(way: string, changes: Partial<Order>): Promise<FootfallEvent | undefined> {
  published.length = 0;
  await SEND[way]!(order(changes));
  return published[0];
}

describe.each(WAYS)('an order by %s', (way) => {
  test.each([
    [836.9999999999998, 'EUR', 83_700],
    ['836.9999999999998', 'EUR', 83_700],
    ['59.97000000000001', 'EUR', 5_997],
    ['0.30000000000000004', 'EUR', 30],
    [183.60000000000002, 'EUR', 18_360],
    ['1.0049999999999999', 'EUR', 101],
    ['59.90', 'EUR', 5_990],
    ['1,299.00', 'EUR', 129_900],
    ['1,299,000', 'EUR', 129_900_000],
    ['1.299,00', 'EUR', 129_900],
    ['$19.99', 'usd', 1_999],
    ['19.99 €', ' eur ', 1_999],
    [12.5, 'JPY', 13],
    ['1.2345', 'KWD', 1_235],
    [0.125, 'EUR', 13],
  ])('of %p %s is worth %i minor units', async (value, currency, minor) => {
    const items = [{ id: 'TEA', price: value, quantity: '1' }];
    expect(await eventOf(way, { value, currency, items })).toMatchObject({
      value: minor,
      currency: currency.trim().toUpperCase(),
      items: [{ id: 'TEA', quantity: 1, amount: minor }],
    });
  });

  test.each([['13,95'], ['1,299'], ['1,29'], ['1,2990.00'], ['a lot'], ['NaN'], ['Infinity'], ['1e3']])(
    'of %p is refused with the path',
    async (value) => {
      const { status, body } = await SEND[way]!(order({ value }));
      expect([status, body.errors?.map(({ path }) => path)]).toEqual([
        400,
        [expect.stringMatching(/value$|total$/)],
      ]);
      expect(published).toEqual([]);
    },
  );

  test.each([
    ['2', 2, 2_000],
    [3, 3, 3_000],
    ['1.5', 1.5, 1_500],
    [0.125, 0.125, 125],
    ['0.001', 0.001, 1],
    [0.1 + 0.2, 0.3, 300],
    ['1.0015', 1.002, 1_002],
    ['0.0004', 0.001, 0],
    ['1,000.0', 1_000, 1_000_000],
    [0, 0, 0],
    ['', 1, 1_000],
    [null, 1, 1_000],
  ])('of %p pieces has %p units, and exact money', async (quantity, units, minor) => {
    const items = [{ id: 'TEA', price: 10, quantity }];
    expect((await eventOf(way, { value: '', items }))!.items).toEqual([
      { id: 'TEA', quantity: units, amount: minor },
    ]);
  });

  test('of negative quantities alone is a refund', async () => {
    const items = [{ id: 'TEA', price: 10, quantity: -2 }];
    expect(await eventOf(way, { value: null, items })).toMatchObject({
      name: 'refund',
      items: [{ id: 'TEA', quantity: 2, amount: 2_000 }],
    });
    expect(await eventOf(way, { value: -20, items })).toMatchObject({ name: 'refund', value: 2_000 });
  });

  test('counts what came back within it as a refund', async () => {
    const items = [
      { id: 'TEA', price: 10, quantity: 3 },
      { id: 'CUP', price: 8, quantity: -1 },
    ];
    const bought = { name: 'purchase', items: [{ id: 'TEA', quantity: 3, amount: 3_000 }] };
    const back = { name: 'refund', items: [{ id: 'CUP', quantity: 1, amount: 800 }] };
    for (const [said, value] of [
      [null, undefined],
      [24.5, 3_250],
    ]) {
      published.length = 0;
      await SEND[way]!(order({ value: said, items }));
      expect(published).toMatchObject([bought, back]);
      expect(published.map((event) => event.value)).toEqual([value, undefined]);
      expect(new Set(published.map(({ id }) => id)).size).toBe(2);
      expect(published[1]!.transaction_id).toBe(published[0]!.transaction_id);
    }
  });

  test('has 2,000 lines, and with more keeps the value of all', async () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ id: `P${n}`, price: '0.01', quantity: 1 }));
    expect((await eventOf(way, { value: 250, items: lines(250) }))!.items).toHaveLength(250);
    const most = await eventOf(way, { value: null, items: lines(2_000) });
    expect([most!.items!.length, most!.value]).toEqual([2_000, undefined]);
    const more = await eventOf(way, { value: null, items: lines(2_345) });
    expect([more!.items!.length, more!.value]).toEqual([2_000, 2_345]);
    expect((await eventOf(way, { value: 9, items: lines(2_001) }))!.value).toBe(900);
  });

  test.each([
    ['undefined'],
    ['UNDEFINED'],
    ['null'],
    ['[object Object]'],
    ['NaN'],
    ['0'],
    [0],
    ['00000000-0000-0000-0000-000000000000'],
    ['anonymous'],
    ['Guest'],
    ['none'],
    ['unknown'],
    ['(not set)'],
    [''],
    [' '],
  ])('of the user %p counts under the visitor', async (user) => {
    expect(await eventOf(way, { user })).toMatchObject({ user: 'v-1' });
    expect(published[0]).not.toHaveProperty('known');
    expect(await eventOf(way, { visitor: user === '' ? 'guest' : user })).toMatchObject({
      user: 'ada',
      known: true,
    });
    // A guest's order counts, for no person.
    expect(await eventOf(way, { user, visitor: 'null' })).toMatchObject({ personless: true });
  });

  test('of blanks around its ids is the same order of the same user', async () => {
    expect(await eventOf(way, { user: ' ada\n', transaction: ' T-1 ' })).toMatchObject({
      user: 'ada',
      transaction_id: 'T-1',
    });
  });

  test('of a whole cookie of Google belongs to the client id in it', async () => {
    expect(await eventOf(way, { user: null, visitor: 'GA1.1.123456.1700000000' })).toMatchObject({
      user: '123456.1700000000',
    });
  });

  test.each([
    ['{{ customer.id }}'],
    ['<nil>'],
    ['-1'],
    ['Array'],
    ['undefined undefined'],
    // SHA-256 and MD5 of an empty email address
    ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['d41d8cd98f00b204e9800998ecf8427e'],
  ])('of the user %p is of the visitor', async (user) => {
    expect(await eventOf(way, { user })).toMatchObject({ user: 'v-1' });
  });

  test.each([['undefined'], ['(not set)'], ['€'], ['Euro']])(
    'in the currency %p is in euros',
    async (currency) => {
      expect(await eventOf(way, { currency })).toMatchObject({ currency: 'EUR', value: 1_000 });
    },
  );

  test.each([['10.00 EUR'], ['EUR 10.00'], ['10.00\u00a0eur'], ['10 €']])(
    'of %p is worth 10.00',
    async (value) => {
      expect(await eventOf(way, { value, items: [{ id: 'TEA', price: value, quantity: 1 }] })).toMatchObject({
        value: 1_000,
        items: [{ amount: 1_000 }],
      });
    },
  );

  test('of another currency than its amount says is refused', async () => {
    expect((await SEND[way]!(order({ value: '10.00 USD' }))).status).toBe(400);
  });

  test('with a discount as a line is worth less', async () => {
    const items = [
      { id: 'TEA', price: 20, quantity: 1 },
      { id: 'COUPON', price: -5, quantity: 1 },
    ];
    for (const value of [15, null]) {
      expect((await eventOf(way, { value, items }))!.items).toMatchObject([
        { amount: 2_000 },
        { amount: -500 },
      ]);
    }
    expect(
      (
        await SEND[way]!(
          order({ value: null, items: items.slice(1).concat({ id: 'A', price: 1, quantity: 1 }) }),
        )
      ).status,
    ).toBe(400);
  });

  test('that is taken back by negative amounts is a refund', async () => {
    const back = { name: 'refund', transaction_id: 'T-1', value: 5_000 };
    expect(await eventOf(way, { value: -50, items: [] })).toMatchObject(back);
    expect(
      await eventOf(way, { value: '-50.00', items: [{ id: 'TEA', price: -50, quantity: 1 }] }),
    ).toMatchObject({
      ...back,
      items: [{ id: 'TEA', amount: 5_000 }],
    });
  });

  test('with a placeholder as its id is an order of its own', async () => {
    for (const transaction of ['undefined', 'null', '0', '']) {
      const event = await eventOf(way, { transaction });
      expect(event!.transaction_id).toBeUndefined();
      expect(event!.id).not.toMatch(/^purchase/);
    }
  });
});

test('the same order in all ways in is the same event', async () => {
  const cents = fc.integer({ min: 0, max: 10_000_000 });
  const amount = cents.chain((minor) => {
    const text = (minor / 100).toFixed(2);
    const grouped = text.replace(/\B(?=(\d{3})+\.)/g, ',');
    return fc.constantFrom<unknown>(
      minor / 100,
      text,
      grouped,
      `$${text}`,
      `${grouped} €`,
      minor / 100 + 1e-13,
    );
  });
  const quantity = fc.oneof(
    fc.constantFrom<unknown>('', null, '2', 1.5, '0.25', 3),
    fc.integer({ min: 0, max: 500 }),
    fc.integer({ min: 1, max: 9_999 }).map((thousandths) => thousandths / 1_000),
  );
  const orders = fc.record({
    user: fc.constantFrom<unknown>('ada', 7, 'undefined', '', 0, 'guest'),
    visitor: fc.constantFrom<unknown>('v-1', 'v-2'),
    transaction: fc.constantFrom<unknown>('T-1', 'T-2', 'undefined', ''),
    currency: fc.constantFrom<unknown>('EUR', 'eur', 'jpy', 'KWD', ''),
    value: fc.oneof(amount, fc.constantFrom(null, '')),
    items: fc.array(fc.record({ id: fc.constantFrom('a', 'b'), price: amount, quantity }), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(orders, async (one) => {
      const events = [];
      for (const way of WAYS) {
        published.length = 0;
        const { status } = await SEND[way]!(one);
        expect([way, status < 300]).toEqual([way, true]);
        const { id, ts, received, server, via, put_right, ...said } = published[0]!;
        events.push({ ...said, id: id.startsWith('purchase:') ? id : 'made here' });
      }
      for (const event of events) expect(event).toEqual(events[0]);
    }),
    { numRuns: runs(200) },
  );
});

describe('what was put right', () => {
  const warningsOf = async (changes: object) => {
    const { status, body } = await plain({ name: 'purchase', user_id: 'ada', ...changes });
    expect(status).toBe(202);
    return body.events[0]!.warnings?.map(({ code, path }) => [code, path]);
  };

  test('is said in the answer, with the path', async () => {
    expect(await warningsOf({ value: 12.5, items: [{ item_id: 'a', price: '3.10' }] })).toBeUndefined();
    expect(await warningsOf({ value: 836.9999999999998 })).toEqual([['float_tail', 'value']]);
    expect(await warningsOf({ value: '$1,299.00' })).toEqual([['number_text', 'value']]);
    expect(await warningsOf({ value: 1.005 })).toEqual([['rounded_amount', 'value']]);
    expect(await warningsOf({ items: [{ item_id: 'a', price: 10, quantity: 1.125 }] })).toBeUndefined();
    expect(await warningsOf({ items: [{ item_id: 'a', price: 1000, quantity: 1.2345 }] })).toEqual([
      ['rounded_quantity', 'items[0].quantity'],
    ]);
    expect(await warningsOf({ anonymous_id: 'undefined' })).toEqual([['placeholder_id', 'anonymous_id']]);
    expect(await warningsOf({ items: Array(2_001).fill({ item_id: 'a' }) })).toEqual([
      ['items_cut', 'items'],
    ]);
    expect(await warningsOf({ timestamp: Date.now() * 1_000 })).toEqual([['time_unit', 'timestamp']]);
    expect(await warningsOf({ timestamp: Date.now() + 3_600_000 })).toEqual([['clamped', 'timestamp']]);
    expect(await warningsOf({ user_agent: 'Stripe/1.0 (+https://stripe.com/docs/webhooks)' })).toEqual([
      ['not_a_bot', 'user_agent'],
    ]);
  });

  test('has at most 20 warnings for an event', async () => {
    const items = Array.from({ length: 500 }, () => ({ item_id: 'a', price: '$1', quantity: 1.5 }));
    expect(await warningsOf({ items })).toHaveLength(20);
  });

  test('is said by Segment with the path of the message, and by /debug', async () => {
    const { body } = await segment('batch', {
      batch: [
        { type: 'track', userId: 'ada', event: 'Checkout Started', properties: { total: '19,99' } },
        { type: 'track', userId: 'ada', event: 'Order Completed', properties: { total: '€5' } },
      ],
    });
    expect(body).toMatchObject({
      success: true,
      accepted: 2,
      events: [
        { warnings: [{ code: 'left_out', path: 'batch[0].properties.total' }] },
        { warnings: [{ code: 'number_text', path: 'batch[1].properties.total' }] },
      ],
    });
    const event = { name: 'purchase', params: { value: '$5' } };
    expect((await measure({ client_id: 'c', events: [event] })).status).toBe(204);
    const debug = await measure({ client_id: 'c', events: [event] }, '/debug/mp/collect');
    expect(debug.body.validationMessages).toMatchObject([
      { fieldPath: 'events[0].params.value', description: expect.stringContaining('5') },
    ]);
  });

  test('a refund may say with a negative quantity what came back', async () => {
    const { body } = await plain({
      name: 'refund',
      user_id: 'ada',
      items: [{ item_id: 'a', price: 5, quantity: -2 }],
    });
    expect(body.events[0]!.warnings).toMatchObject([
      { code: 'negative_quantity', path: 'items[0].quantity' },
    ]);
    expect(published[0]!.items).toEqual([{ id: 'a', quantity: 2, amount: 1_000 }]);
  });
});

describe('a refund', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['plain', () => plain({ name: 'refund', user_id: 'ada', transaction_id: 'T-1', value: -10 })],
    [
      'segment',
      () =>
        segment('track', {
          event: 'Order Refunded',
          userId: 'ada',
          properties: { order_id: 'T-1', total: '-10.00' },
        }),
    ],
    [
      'measurement_protocol',
      () =>
        measure({
          client_id: 'a',
          events: [{ name: 'refund', params: { transaction_id: 'T-1', value: -10 } }],
        }),
    ],
    ['gtag', () => hit('cid=a&en=refund&ep.transaction_id=T-1&epn.value=-10')],
  ])('of a negative amount by %s gives it back', async (_, send) => {
    published.length = 0;
    await send();
    expect(published).toMatchObject([{ name: 'refund', transaction_id: 'T-1', value: 1_000 }]);
  });

  test('of a discount beside others leaves its price to the order', async () => {
    published.length = 0;
    const items = [
      { item_id: 'TEA', price: 20 },
      { item_id: 'COUPON', price: -5 },
    ];
    await plain({ name: 'refund', user_id: 'ada', transaction_id: 'T-1', items });
    expect(published[0]!.items).toEqual([
      { id: 'TEA', quantity: 1, amount: 2_000 },
      { id: 'COUPON', quantity: 1 },
    ]);
  });
});

describe('lines of an order', () => {
  const money = { transaction_id: 'T-1', currency: 'EUR', value: 20 };
  const plainOrder = (items: unknown) => plain({ name: 'purchase', user_id: 'ada', ...money, items });
  const mpOrder = (items: unknown) =>
    measure({ client_id: 'a', events: [{ name: 'purchase', params: { ...money, items } }] });
  const segmentOrder = (products: unknown) =>
    segment('track', {
      event: 'Order Completed',
      userId: 'ada',
      properties: { order_id: 'T-1', total: 20, products },
    });

  describe.each([
    ['plain', plainOrder],
    ['measurement_protocol', mpOrder],
    ['segment', segmentOrder],
  ])('by %s', (_, send) => {
    const line = { price: 10, quantity: 2 };
    test.each<[string, unknown, string]>([
      ["with Universal Analytics' names", [{ id: 'A', name: 'Tea', ...line }], 'A'],
      ["with GA4's names", [{ item_id: 'A', item_name: 'Tea', ...line }], 'A'],
      ['with a SKU', [{ sku: 'A', name: 'Tea', ...line }], 'A'],
      ['with a name alone', [{ item_name: 'Tea', ...line }], 'Tea'],
      ['with neither id nor name', [line], '(not set)'],
      ['as JSON in a text', JSON.stringify([{ product_id: 'A', ...line }]), 'A'],
      ['without a list', { product_id: 'A', ...line }, 'A'],
    ])('%s', async (_, items, id) => {
      published.length = 0;
      await send(items);
      expect(published[0]?.items).toMatchObject([{ id, quantity: 2, amount: 2_000 }]);
    });
  });
});

describe('what only describes an order', () => {
  const long = 'x'.repeat(3_000);

  test('never costs a plain one', async () => {
    published.length = 0;
    const { status, body } = await plain({
      name: 'purchase',
      user_id: 'ada',
      value: 10,
      page: `https://shop.example/?${long}`,
      country: 'Spain',
      search_term: 123,
      device: { type: 'mobile' },
      session_id: {},
      engagement_time_msec: -5,
      items: [{ item_id: 'A', item_name: long, item_category: 12, item_brand: ['x', 'y'] }],
      properties: { tags: ['a', 'b'], deep: { x: 1 } },
    });
    expect(status).toBe(202);
    const { page, country, search_term, device, session_id, engaged_ms, items, props } = published[0]!;
    expect([page!.length, country, search_term, device, session_id, engaged_ms]).toEqual([
      ...[2_000, undefined, '123', undefined, undefined, undefined],
    ]);
    expect(items).toMatchObject([{ name: 'x'.repeat(500), category: '12', brand: 'x, y' }]);
    expect(props).toEqual({ tags: 'a, b' });
    const { warnings } = body.events![0] as { warnings: { code: string; path: string }[] };
    expect(warnings.map(({ code, path }) => `${code} ${path}`).sort()).toEqual([
      ...['cut_text items[0].item_name', 'cut_text page', 'left_out country', 'left_out device'],
      ...['left_out engagement_time_msec', 'left_out properties.deep', 'left_out session_id'],
    ]);
  });

  test('never costs one by the Measurement Protocol', async () => {
    published.length = 0;
    const params = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k-${n}`, n]));
    const { status } = await measure({
      user_id: 'ada',
      user_properties: { 'my-prop': { value: 1 } },
      events: [{ name: 'purchase', params: { ...params, transaction_id: 'T-1', value: 10 } }],
    });
    expect([status, published[0]!.user, published[0]!.value]).toEqual([204, 'ada', 1_000]);
  });
});

test('a client id keeps its digits although it came as a number', async () => {
  published.length = 0;
  await measure({ client_id: 1, events: [{ name: 'purchase', params: { value: 1 } }] });
  expect(published[0]!.user).toBe('1');
  const { readTolerantly, hasLongNumbers } = await import('../../shared/platform/http/json-text.ts');
  for (const id of ['2133506694.1448249699', '123456.1700000000']) {
    expect(hasLongNumbers(`{"client_id":${id}}`)).toBe(true);
    expect(readTolerantly(`{"client_id":${id}}`)).toEqual({ value: { client_id: id } });
  }
  expect(readTolerantly('836.9999999999998')).toEqual({ value: 836.9999999999998 });
});

test("a server's program is no bot, a crawler that it saw is", async () => {
  published.length = 0;
  const view = { name: 'view_item', user_id: 'ada', items: [{ item_id: 'A' }] };
  for (const user_agent of [
    'GuzzleHttp/7',
    'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'python-requests/2.31.0',
  ]) {
    await plain({ ...view, user_agent });
  }
  await plain({
    ...view,
    user_agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  });
  await plain({ ...view, user_agent: 'facebookexternalhit/1.1' });
  expect(published.map(({ bot }) => bot !== undefined)).toEqual([false, false, false, true, true]);
});
