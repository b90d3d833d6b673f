import { openPrivacyShop } from '../support/privacy.ts';
import { scan } from '../support/scan.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Orders over HTTP: the list, the table, and one order with all that is known of it. */
const shop = await openShop([
  siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR' }),
  siteOf('busy', { zone: 'Europe/Madrid', currency: 'EUR' }),
]);
const madrid = shop.client('madrid');

const at = (timestamp: string, fields: object) => ({ timestamp, backfill: true, ...fields });
const tea = { item_id: 'tea', item_name: 'Green tea', item_category: 'Tea', price: 25, quantity: 2 };

beforeAll(async () => {
  await shop.send(
    'madrid',
    at('2026-03-28T22:40:00Z', {
      ...{ id: 'v1', name: 'view_item', anonymous_id: 'cookie', items: [tea], page: '/te' },
      ...{ source: 'newsletter', medium: 'email' },
    }),
    // Five minutes before midnight in Madrid.
    at('2026-03-28T22:55:00Z', {
      ...{ id: 'p1', name: 'purchase', anonymous_id: 'cookie', transaction_id: 'T-1', currency: 'EUR' },
      ...{ items: [{ ...tea, discount: 2 }], country: 'ES' },
    }),
    // The shop's server says more, and as whom the visitor is known.
    at('2026-03-28T23:10:00Z', {
      ...{ id: 'p2', name: 'purchase', user_id: 'ana', transaction_id: 'T-1', currency: 'EUR', value: 54.9 },
      ...{ server: true, shipping: 4.9, discount: 5, coupon: '=SPRING' },
    }),
    at('2026-03-29T09:00:00Z', { id: 'i', name: 'identify', anonymous_id: 'cookie', user_id: 'ana' }),
    at('2026-03-30T10:00:00Z', {
      ...{ id: 'r1', name: 'refund', user_id: 'office', server: true, transaction_id: 'T-1' },
      items: [{ item_id: 'tea', quantity: 1 }],
    }),
    // One without a transaction id, and without money.
    at('2026-03-30T11:00:00Z', { id: 'lone', name: 'purchase', user_id: 'ben', items: [{ item_id: 'pot' }] }),
    at('2026-03-31T11:00:00Z', { id: 'r2', name: 'refund', user_id: 'ben', transaction_id: 'T-none' }),
  );
});

const march = { from: '2026-03-28', to: '2026-03-31' };

test('an order is listed once, by its earliest copy, with what all copies say', async () => {
  const { data } = await madrid.GET('/v1/orders', { params: { query: march } });
  expect(data?.data.orders).toEqual([
    {
      ...{ id: 'lone', transaction_id: null, currency: null },
      ...{ time: '2026-03-30T11:00:00.000Z', local_time: '2026-03-30 13:00:00' },
      ...{
        gross: null,
        discounts: null,
        revenue: null,
        refunded: null,
        net: null,
        shipping: null,
        tax: null,
      },
      ...{ gross_minor: null, discounts_minor: null, revenue_minor: null, refunded_minor: null },
      ...{ net_minor: null, shipping_minor: null, tax_minor: null },
      ...{ units: 1, lines: 1, user_id: 'ben', is_first: true, coupon: null, country: null, copies: 1 },
      ...{ source: '(not set)', medium: '(not set)', channel: 'Direct' },
    },
    {
      ...{ id: 'T-1', transaction_id: 'T-1', currency: 'EUR' },
      ...{ time: '2026-03-28T22:55:00.000Z', local_time: '2026-03-28 23:55:00' },
      // The browser's copy came first: its lines say the amount, and the discount.
      ...{ gross: '54.00', discounts: '4.00', revenue: '50.00', refunded: '25.00', net: '25.00' },
      ...{ shipping: '4.90', tax: null },
      ...{ gross_minor: 5_400, discounts_minor: 400, revenue_minor: 5_000, refunded_minor: 2_500 },
      ...{ net_minor: 2_500, shipping_minor: 490, tax_minor: null },
      ...{ units: 2, lines: 1, user_id: 'ana', is_first: true, coupon: '=SPRING', country: 'ES', copies: 2 },
      ...{ source: 'newsletter', medium: 'email', channel: 'Email' },
    },
  ]);
  expect(data?.meta).toMatchObject({ cache: 'none', complete: true });
  const none = await madrid.GET('/v1/orders', {
    params: { query: { from: '2026-03-29', to: '2026-03-29' } },
  });
  expect(none.data?.data).toEqual({ orders: [] });
});

test('money has its parts wherever it is answered by orders', async () => {
  const money = {
    ...{ currency: 'EUR', gross: '54.00', discounts: '4.00', revenue: '50.00', refunded: '25.00' },
    ...{ net: '25.00', shipping: '4.90', tax: '0.00' },
    unknown: { discounts: 0, shipping: 0, tax: 1 },
  };
  const query = { query: march };
  const overview = await madrid.GET('/v1/overview', { params: query });
  expect(overview.data?.data.money).toMatchObject([money]);
  const coupons = await madrid.GET('/v1/breakdowns/{dimension}', {
    params: { ...query, path: { dimension: 'coupon' } },
  });
  expect(coupons.data?.data.rows).toMatchObject([
    { value: '(not set)', orders: 1, refunds: 1, money: [] },
    { value: '=SPRING', orders: 1, refunds: 1, money: [money] },
  ]);
  const points = async (metric: 'gross' | 'discounts' | 'shipping' | 'tax') => {
    const { data } = await madrid.GET('/v1/series', { params: { query: { ...march, metric } } });
    return data?.data.points.map(({ value }) => value);
  };
  expect(await points('gross')).toEqual([5_400, 0, 0, 0]);
  expect(await points('discounts')).toEqual([400, 0, 0, 0]);
  expect(await points('shipping')).toEqual([490, 0, 0, 0]);
  expect(await points('tax')).toEqual([0, 0, 0, 0]);
});

test('the table has flat columns, whatever a page would hold', async () => {
  const target = '/v1/orders?from=2026-03-28&to=2026-03-31&limit=1&format=csv';
  const { body, headers } = await shop.get<string>('madrid', target);
  expect(body.split('\r\n')).toEqual([
    'id,transaction_id,local_time,time,currency,gross,discounts,revenue,refunded,net,shipping,tax,' +
      'units,lines,user_id,is_first,coupon,country,source,medium,channel,copies',
    'lone,,2026-03-30 13:00:00,2026-03-30T11:00:00.000Z,,,,,,,,,1,1,ben,true,,,(not set),(not set),Direct,1',
    'T-1,T-1,2026-03-28 23:55:00,2026-03-28T22:55:00.000Z,EUR,54.00,4.00,50.00,25.00,25.00,4.90,,' +
      "2,1,ana,true,'=SPRING,ES,newsletter,email,Email,2",
    '',
  ]);
  expect(headers).not.toHaveProperty('footfall-next-cursor');
  const none = await shop.get<string>('madrid', '/v1/orders?from=2026-03-29&to=2026-03-29&format=csv');
  expect(none.body.trim().split(',')).toHaveLength(22);
});

test('one order has its lines, refunds, visit and copies', async () => {
  const { data } = await madrid.GET('/v1/orders/{transaction_id}', {
    params: { path: { transaction_id: 'T-1' } },
  });
  const line = { product_id: 'tea', name: 'Green tea', category: 'Tea', brand: null };
  expect(data?.data).toMatchObject({
    ...{ id: 'T-1', net: '25.00', user_id: 'ana' },
    lines: [
      {
        ...line,
        ...{ quantity: 2, amount: '50.00', amount_minor: 5_000, discount: '4.00', discount_minor: 400 },
      },
    ],
    refunds: [
      {
        ...{ id: 'r1', time: '2026-03-30T10:00:00.000Z', local_time: '2026-03-30 12:00:00' },
        ...{ currency: 'EUR', amount: '25.00', amount_minor: 2_500 },
        lines: [{ ...line, quantity: 1, amount: '25.00', amount_minor: 2_500 }],
      },
    ],
    visit: { start: '2026-03-28T22:40:00.000Z', landing_page: '/te', source: 'newsletter' },
    copies: [
      { id: 'p1', time: '2026-03-28T22:55:00.000Z', user_id: 'ana', way_in: 'plain', server: false },
      { id: 'p2', time: '2026-03-28T23:10:00.000Z', user_id: 'ana', way_in: 'plain', server: true },
    ],
  });
  expect(data?.data.refunds[0]?.lines[0]).not.toHaveProperty('discount');
  const { body } = await shop.get<string>('madrid', '/v1/orders/T-1?format=csv');
  expect(body.split('\r\n')).toEqual([
    'transaction_id,local_time,product_id,name,quantity,amount,discount,category,brand',
    'T-1,2026-03-28 23:55:00,tea,Green tea,2,50.00,4.00,Tea,',
    '',
  ]);
});

test.each(['T-none', 'lone', 'unheard-of'])('%s is no order', async (transaction_id) => {
  const { response, error } = await madrid.GET('/v1/orders/{transaction_id}', {
    params: { path: { transaction_id } },
  });
  expect([response.status, error]).toMatchObject([404, { code: 'unknown_order' }]);
});

test('pages have each order once, also of one millisecond and of several days', async () => {
  const orders = Array.from({ length: 25 }, (_, n) =>
    at(`2026-03-${String(3 * Math.floor(n / 10) + 2).padStart(2, '0')}T10:00:00Z`, {
      ...{ id: `b${n}`, name: 'purchase', user_id: `u${n}`, currency: 'EUR', value: n },
      ...(n % 5 > 0 && { transaction_id: `T-${n}` }),
    }),
  );
  await shop.send('busy', ...orders);
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { data } = await shop.client('busy').GET('/v1/orders', {
      params: { query: { ...{ from: '2026-03-01', to: '2026-03-31' }, limit: 4, ...(cursor && { cursor }) } },
    });
    pages.push(data!.data.orders.map(({ id }) => id));
    cursor = data!.data.next_cursor;
  } while (cursor !== undefined);
  expect(pages.map(({ length }) => length)).toEqual([4, 4, 4, 4, 4, 4, 1]);
  const all = orders.map((_, n) => (n % 5 > 0 ? `T-${n}` : `b${n}`));
  expect(new Set(pages.flat())).toEqual(new Set(all));
  expect(pages.flat().slice(0, 5)).toEqual(['b20', 'T-21', 'T-22', 'T-23', 'T-24']);
});

test('an order moves to the day of a copy that comes later and happened earlier', async () => {
  const copy = (id: string, timestamp: string) =>
    at(timestamp, { id, name: 'purchase', user_id: id, transaction_id: 'T-late', currency: 'EUR', value: 7 });
  const daysOf = async () => {
    const target = '/v1/orders?from=2026-05-01&to=2026-05-31';
    const { body } = await shop.get<{ data: { orders: { local_time: string }[] } }>('busy', target);
    return body.data.orders.map(({ local_time }) => local_time);
  };
  await shop.send('busy', copy('server', '2026-05-03T10:00:00Z'));
  expect(await daysOf()).toEqual(['2026-05-03 12:00:00']);
  await shop.send('busy', copy('page', '2026-05-02T10:00:00Z'));
  expect(await daysOf()).toEqual(['2026-05-02 12:00:00']);
  await shop.send('busy', copy('tab', '2026-05-02T09:00:00Z'), copy('last', '2026-05-09T09:00:00Z'));
  expect(await daysOf()).toEqual(['2026-05-02 11:00:00']);
});

test('an erased person is in no order any more, and the orders stay', async () => {
  const { shop, erase, data, redis, ask } = await openPrivacyShop(['erased']);
  const theirs = { currency: 'EUR', value: 10 };
  await shop.send(
    'erased',
    at('2026-03-01T10:00:00Z', {
      ...theirs,
      id: 'a',
      name: 'purchase',
      user_id: 'ana-orders',
      transaction_id: 'T-1',
    }),
    at('2026-03-01T11:00:00Z', { ...theirs, id: 'b', name: 'purchase', user_id: 'ana-orders' }),
    at('2026-03-01T12:00:00Z', { ...theirs, id: 'c', name: 'purchase', anonymous_id: 'cookie-orders' }),
    at('2026-03-01T13:00:00Z', {
      ...{ id: 'i', name: 'identify', anonymous_id: 'cookie-orders', user_id: 'ana-orders' },
    }),
  );
  const usersOf = async () =>
    (
      await data<{ orders: { id: string; user_id: string | null; revenue: string }[] }>(
        'erased',
        '/v1/orders',
      )
    ).orders.map(({ id, user_id, revenue }) => [id, user_id, revenue]);
  expect(await usersOf()).toEqual([
    ['c', 'ana-orders', '10.00'],
    ['b', 'ana-orders', '10.00'],
    ['T-1', 'ana-orders', '10.00'],
  ]);
  const held = await ask<{ held: { state: { orders: { copies: object[] }[] } }[] }>(
    'erased',
    'GET',
    '/v1/privacy/ana-orders',
  );
  const copies = held.body.data.held.flatMap(({ state }) => state.orders.flatMap((order) => order.copies));
  expect(copies).toMatchObject(Array(3).fill({ way_in: 'plain', server: false }));
  await erase('erased', 'ana-orders');
  expect(await usersOf()).toEqual([
    ['c', null, '10.00'],
    ['b', null, '10.00'],
    ['T-1', null, '10.00'],
  ]);
  expect(await scan(redis, ['ana-orders', 'cookie-orders'])).toEqual([]);
  expect(await data('erased', '/v1/orders/T-1')).toMatchObject({
    user_id: null,
    visit: null,
    copies: [{ id: 'a', user_id: null, server: false }],
  });
});
