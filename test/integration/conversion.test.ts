import { openShop, siteOf } from '../support/shop.ts';

/** Conversion by what a visit is, from the request to the answer: a shop whose server sends its orders. */

const shop = await openShop([siteOf('shop', { currency: 'EUR' })]);

interface Row extends Record<string, unknown> {
  value: string;
}
interface Answer {
  total_values: number;
  rows: Row[];
  outside_visits?: { orders: number; revenue: { currency: string; amount: string }[] };
}

const ask = async (query: string): Promise<Answer> => {
  const { status, body } = await shop.get<{ data: Answer }>('shop', `/v1/breakdowns/${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body.data;
};

const march = 'from=2026-03-03&to=2026-03-03';
const at = (timestamp: string, fields: object) => ({
  timestamp: `2026-03-${timestamp}Z`,
  backfill: true,
  ...fields,
});
const order = (id: string, price: number, fields: object = {}) => ({
  ...{ name: 'purchase', transaction_id: id, items: [{ item_id: 'tea', price }] },
  ...fields,
});

beforeAll(async () => {
  const phone = { device: 'mobile', os: 'iOS', country: 'ES' };
  const laptop = { device: 'desktop', os: 'macOS', country: 'PT' };
  const verdicts = await shop.send(
    'shop',
    // Three visits with a phone: one sees a product, one begins to pay, and one buys.
    at('03T10:00:00', { name: 'view_item', anonymous_id: 'a', ...phone }),
    at('03T10:00:00', { name: 'view_item', anonymous_id: 'b', ...phone }),
    at('03T10:01:00', { name: 'add_to_cart', anonymous_id: 'b' }),
    at('03T10:02:00', { name: 'begin_checkout', anonymous_id: 'b' }),
    at('03T10:00:00', { name: 'view_item', user_id: 'ana', session_id: '17', ...phone }),
    at('03T10:05:00', order('T-1', 20, { user_id: 'ana', server: true, session_id: '17', country: 'DE' })),
    // One with a laptop that buys after midnight.
    at('03T23:55:00', { name: 'page_view', user_id: 'ben', ...laptop }),
    at('04T00:05:00', order('T-2', 30, { user_id: 'ben' })),
    // What a till sends has no visit.
    at('03T12:00:00', order('T-3', 5, { user_id: 'till', server: true })),
  );
  expect(verdicts.map(({ status }) => status)).toEqual(Array(9).fill('accepted'));
});

test('a device has its visits, how far they came, and what they bought', async () => {
  const { rows, total_values, outside_visits } = await ask(`device?${march}&metric=conversion_rate`);
  expect(total_values).toBe(3);
  expect(rows).toMatchObject([
    {
      value: 'desktop',
      events: 1,
      sessions: 1,
      conversion_rate: 1,
      orders: 1,
      revenue: [{ amount: '30.00' }],
    },
    {
      ...{ value: 'mobile', events: 3, sessions: 3, engaged_sessions: 2, bounces: 1 },
      ...{ viewed_sessions: 3, view_rate: 1, carted_sessions: 1, cart_rate: 0.3333 },
      ...{ checkout_sessions: 1, checkout_rate: 0.3333, converted_sessions: 1, conversion_rate: 0.3333 },
      ...{ orders: 1, revenue: [{ amount: '20.00' }] },
    },
    // Events that say no device, and no visit without one.
    { value: '(not set)', events: 4, sessions: 0, conversion_rate: null, orders: 0, revenue: [] },
  ]);
  for (const row of rows) expect(row).not.toHaveProperty('refunds');
  // The till's order is outside of all visits; that after midnight counts on the next day, and on its visit's day.
  expect(outside_visits).toEqual({
    orders: 0,
    revenue: [{ currency: 'EUR', amount: '-25.00', amount_minor: -2_500 }],
  });
});

test('a range with both days has the orders without a visit', async () => {
  for (const dimension of ['device', 'channel', 'country', 'landing_page']) {
    const { outside_visits } = await ask(`${dimension}?from=2026-03-03&to=2026-03-04`);
    expect(outside_visits).toEqual({
      orders: 1,
      revenue: [{ currency: 'EUR', amount: '5.00', amount_minor: 500 }],
    });
  }
});

test('the country of a visit is told from that of an order', async () => {
  const { rows } = await ask(`country?${march}&metric=revenue`);
  const shown = rows.map(({ value, events, sessions, orders }) => [value, events, sessions, orders]);
  expect(shown).toEqual([
    ['PT', 1, 1, 1],
    ['ES', 3, 3, 1],
    ['(not set)', 3, 0, 0],
    ['DE', 1, 0, 0],
  ]);
  const { body } = await shop.get<{ data: { rows: { key: string; orders: number }[] } }>(
    'shop',
    `/v1/revenue?by=country&${march}`,
  );
  expect(body.data.rows.map(({ key, orders }) => [key, orders])).toEqual([
    ['(not set)', 1],
    ['DE', 1],
  ]);
});

test('equal rates are ranked by their sessions', async () => {
  const { rows } = await ask(`os?from=2026-03-03&to=2026-03-04&metric=bounce_rate`);
  const shown = rows.map(({ value, bounce_rate, sessions }) => [value, bounce_rate, sessions]);
  expect(shown).toEqual([
    ['iOS', 0.3333, 3],
    ['macOS', 0, 1],
    ['(not set)', null, 0],
  ]);
  const byCart = await ask(`channel?${march}&metric=cart_rate`);
  expect(byCart.rows).toMatchObject([{ value: 'Direct', sessions: 4, cart_rate: 0.25 }]);
});

test.each(['refunds', 'refunded', 'views'])('a device has no metric %s', async (metric) => {
  const { status, body } = await shop.get('shop', `/v1/breakdowns/device?metric=${metric}`);
  expect([status, body]).toMatchObject([400, { code: 'unsupported_metric' }]);
});

test('the profile has the device of each visit', async () => {
  const { body } = await shop.get<{ data: { visits: object[] } }>('shop', '/v1/users/ana');
  expect(body.data.visits).toMatchObject([
    { device: 'mobile', os: 'iOS', country: 'ES', browser: '(not set)' },
  ]);
});

test('a product whose order turns out to be of another day is not on the former one', async () => {
  const productsOn = async (day: string) => {
    const { body } = await shop.get<{ data: { products: number } }>(
      'shop',
      `/v1/overview?from=${day}&to=${day}`,
    );
    return body.data.products;
  };
  await shop.send('shop', at('21T10:00:00', order('T-9', 20, { id: 'late', user_id: 'eva' })));
  expect([await productsOn('2026-03-20'), await productsOn('2026-03-21')]).toEqual([0, 1]);
  await shop.send('shop', at('20T10:00:00', order('T-9', 20, { id: 'early', user_id: 'eva' })));
  expect([await productsOn('2026-03-20'), await productsOn('2026-03-21')]).toEqual([1, 0]);
});
