import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { ask } from '../support/http.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Quantities of up to three decimals, from the request to every answer that shows them. */

const shop = await openShop([siteOf('shop', { currency: 'EUR' })]);

const at = (timestamp: string, fields: object) => ({ timestamp, backfill: true, ...fields });
const cloth = (quantity: number | string) => ({
  item_id: 'cloth',
  item_brand: 'Loom',
  item_category: 'Fabric',
  price: 10,
  quantity,
});

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

const data = async (target: string): Promise<object> => {
  const { status, body } = await shop.get<{ data: object }>('shop', target);
  expect([target, status]).toEqual([target, 200]);
  return body.data;
};
const csv = async (target: string): Promise<string[]> =>
  (await shop.get<string>('shop', `${target}&format=csv`)).body.trim().split('\r\n');

const march = 'from=2026-03-01&to=2026-03-02';

beforeAll(async () => {
  const verdicts = await shop.send(
    'shop',
    at('2026-03-01T10:00:00Z', {
      ...{ name: 'purchase', user_id: 'ana', transaction_id: 'o-1' },
      items: [cloth(1.5), cloth('0.25')],
    }),
    at('2026-03-01T11:00:00Z', {
      ...{ name: 'purchase', user_id: 'ben', transaction_id: 'o-2' },
      items: [cloth(3), { item_id: 'button', quantity: 0.1 + 0.2 }],
    }),
    at('2026-03-02T10:00:00Z', { id: 'r1', name: 'refund', user_id: 'ben', items: [cloth(-0.125)] }),
    at('2026-03-02T11:00:00Z', { id: 'r2', name: 'refund', user_id: 'ana', transaction_id: 'o-1' }),
    ...[1.5, 0.25, 3].map((quantity, n) => ({
      ...{ id: `c${n}`, name: 'add_to_cart', user_id: 'eva', timestamp: hoursAgo(4) },
      items: [cloth(quantity)],
    })),
    { id: 'c5', name: 'remove_from_cart', user_id: 'eva', timestamp: hoursAgo(3), items: [cloth(0.1)] },
  );
  expect(verdicts.map(({ status }) => status)).toEqual(Array(8).fill('accepted'));
});

test('the overview has exact sums', async () => {
  expect(await data(`/v1/overview?${march}`)).toMatchObject({
    orders: 2,
    units: 5.05,
    units_refunded: 1.875,
    money: [{ revenue: '47.50', refunded: '18.75' }],
  });
  const [names, row] = (await csv(`/v1/overview?${march}`)).map((line) => line.split(','));
  const cell = (name: string) => row![names!.indexOf(name)];
  expect([cell('units'), cell('units_refunded')]).toEqual(['5.05', '1.875']);
});

test('a comparison has those of both ranges', async () => {
  const target = '/v1/overview?from=2026-03-02&to=2026-03-02&compare=previous';
  const { body } = await shop.get<{ data: object; previous: object }>('shop', target);
  expect(body).toMatchObject({
    data: { units: 0, units_refunded: 1.875 },
    previous: { data: { units: 5.05, units_refunded: 0 } },
  });
});

test('a series has those of each day and hour', async () => {
  const valuesOf = async (query: string) =>
    ((await data(`/v1/series?${query}`)) as { points: { value: number }[] }).points.map(({ value }) => value);
  expect(await valuesOf(`${march}&metric=units`)).toEqual([5.05, 0]);
  expect(await valuesOf(`${march}&metric=units_refunded`)).toEqual([0, 1.875]);
  expect(await valuesOf('from=2026-03-01&to=2026-03-31&grain=month&metric=units')).toEqual([5.05]);
});

test('products have theirs, and are ranked by them', async () => {
  expect(await data(`/v1/products?${march}&metric=units`)).toMatchObject({
    products: [
      { product_id: 'cloth', value: 4.75, units: 4.75, purchases: 3 },
      { product_id: 'button', value: 0.3, units: 0.3 },
    ],
  });
  expect(await data(`/v1/products?${march}&metric=units_refunded`)).toMatchObject({
    products: [{ product_id: 'cloth', value: 1.875 }],
  });
  expect(await data(`/v1/products/cloth?${march}`)).toMatchObject({
    units: 4.75,
    units_refunded: 1.875,
    money: [{ revenue: '47.50', refunded: '18.75' }],
    days: [
      { units: 4.75, units_refunded: 0 },
      { units: 0, units_refunded: 1.875 },
    ],
  });
  expect((await csv(`/v1/products?${march}&metric=units`))[1]).toMatch(/^1,cloth,,4\.75,/);
});

test.each([
  ['category', 'Fabric'],
  ['brand', 'Loom'],
])('a breakdown by %s has those of each value', async (dimension, value) => {
  expect(await data(`/v1/breakdowns/${dimension}?${march}&metric=units`)).toMatchObject({
    rows: [
      { value, units: 4.75, units_refunded: 1.875 },
      { value: '(not set)', units: 0.3, units_refunded: 0 },
    ],
  });
});

test('a cart has what is left in it', async () => {
  const lines = [{ product_id: 'cloth', quantity: 4.65 }];
  const value = [{ currency: 'EUR', amount: '46.50', amount_minor: 4_650 }];
  expect(await data('/v1/carts/abandoned')).toMatchObject({
    carts: [{ user_id: 'eva', lines, value }],
  });
  expect(await data('/v1/users/eva')).toMatchObject({ cart: { lines, value } });
});

test("a person's interactions and export have the quantities as they came", async () => {
  expect(await data(`/v1/users/ana/interactions?${march}`)).toMatchObject({
    interactions: [{ items: [{ quantity: 1.5 }, { quantity: 0.25 }] }, { name: 'refund' }],
  });
  const options = { headers: { authorization: 'Bearer shop-admin-key' } };
  const ana = await ask<object>(shop.handler, 'GET', '/v1/privacy/ana', options);
  expect(ana.body).toMatchObject({
    data: { interactions: [{ items: [{ quantity: 1.5 }, { quantity: 0.25 }] }, { name: 'refund' }] },
  });
  const eva = await ask<object>(shop.handler, 'GET', '/v1/privacy/eva', options);
  expect(eva.body).toMatchObject({
    data: {
      held: [{ state: { cart: { changes: [1.5, 0.25, 3, -0.1].map((quantity) => ({ quantity })) } } }],
    },
  });
});

test('records with whole quantities, as they were written before, count the same', async () => {
  const ts = Date.parse('2026-02-01T10:00:00Z');
  const order = (id: string, quantity: number): FootfallEvent => ({
    ...{
      v: EVENT_VERSION,
      id,
      site: 'shop',
      user: 'old',
      name: 'purchase',
      ts,
      received: ts,
      backfill: true,
    },
    ...{ currency: 'EUR', items: [{ id: 'thread', quantity, amount: 100 * quantity }] },
  });
  await shop.count([order('a', 2), order('b', 0), order('c', 40), order('d', -1)]);
  expect(await data('/v1/products/thread?from=2026-02-01&to=2026-02-01')).toMatchObject({
    purchases: 4,
    units: 41,
    money: [{ revenue: '41.00' }],
  });
});
