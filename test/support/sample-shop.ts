import { openShop, type Shop, siteOf } from './shop.ts';

/** An event of history at an instant. */
export const at = (timestamp: string, fields: object) => ({ timestamp, backfill: true, ...fields });
const tea = (fields: object = {}) => ({ item_id: 'tea', item_name: 'Green tea', ...fields });

/** A shop with a few events of one week, whose answers can be worked out by hand, and sites without events. */
export interface SampleShop {
  shop: Shop;
  /** The `data` of an answer with status 200; from `madrid` unless another site is named. */
  data: (target: string, site?: string) => Promise<object>;
}

/** The sites `madrid`, with eight events, `auckland`, with one, and `empty` and `large`, with none. */
export async function openSampleShop(): Promise<SampleShop> {
  const shop = await openShop([
    siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR' }),
    siteOf('auckland', { zone: 'Pacific/Auckland', currency: 'NZD' }),
    siteOf('empty'),
    siteOf('large'),
  ]);
  const verdicts = await shop.send(
    'madrid',
    // Saturday the 28th in Madrid (UTC+1), half an hour before midnight.
    at('2026-03-28T22:30:00Z', {
      id: 'v1',
      name: 'view_item',
      user_id: 'ana',
      items: [tea()],
      country: 'ES',
    }),
    // Sunday the 29th in Madrid, Saturday in UTC. The clocks go forward that night.
    at('2026-03-28T23:30:00Z', {
      id: 'v2',
      name: 'view_item',
      user_id: 'ana',
      items: [tea()],
      country: 'ES',
    }),
    at('2026-03-29T08:00:00Z', {
      id: 'c1',
      name: 'add_to_cart',
      user_id: 'ana',
      items: [tea({ price: 10, quantity: 2 })],
    }),
    at('2026-03-29T10:00:00Z', {
      name: 'purchase',
      user_id: 'ana',
      transaction_id: 'o-1',
      items: [tea({ price: '10.00', quantity: 2 }), { item_id: 'pot', price: 25.5 }],
      country: 'ES',
    }),
    // The last millisecond of the 29th in summer time (UTC+2).
    at('2026-03-29T21:59:59.999Z', {
      id: 'v3',
      name: 'view_item',
      anonymous_id: 'cookie',
      items: [{ item_id: 'pot' }],
    }),
    at('2026-03-29T22:00:00Z', {
      id: 'r1',
      name: 'refund',
      user_id: 'ana',
      transaction_id: 'o-1',
      items: [tea({ price: 10 })],
      country: 'ES',
    }),
    at('2026-04-01T10:00:00Z', {
      name: 'purchase',
      user_id: 'ben',
      transaction_id: 'o-2',
      currency: 'JPY',
      value: 1_200,
      items: [tea({ price: 600, quantity: 2 })],
      country: 'JP',
    }),
    at('2026-04-01T11:00:00Z', { id: 's1', name: 'search', user_id: 'ben', search_term: 'té 😀' }),
  );
  expect(verdicts.map(({ status }) => status)).toEqual(Array(8).fill('accepted'));
  // Repeated ids: each event counts once.
  await shop.send(
    'madrid',
    at('2026-03-28T22:30:00Z', { id: 'v1', name: 'view_item', user_id: 'ana', items: [tea()] }),
  );
  await shop.send(
    'madrid',
    at('2026-03-29T10:00:00Z', { name: 'purchase', user_id: 'ana', transaction_id: 'o-1', value: 9 }),
  );
  await shop.send(
    'auckland',
    at('2026-03-28T22:30:00Z', { id: 'v1', name: 'view_item', user_id: 'ana', items: [tea()] }),
  );
  const data = async (target: string, site = 'madrid') => {
    const { status, body } = await shop.get<{ data: object }>(site, target);
    expect(status).toBe(200);
    return body.data;
  };
  return { shop, data };
}

/** The money of an answer for amounts in euros. */
export const euros = (revenue: number, refunded: number) => ({
  currency: 'EUR',
  revenue: revenue.toFixed(2),
  refunded: refunded.toFixed(2),
  net: (revenue - refunded).toFixed(2),
  revenue_minor: revenue * 100,
  refunded_minor: refunded * 100,
  net_minor: (revenue - refunded) * 100,
});
/** The money of order o-2. */
const yen = {
  currency: 'JPY',
  revenue: '1200',
  refunded: '0',
  net: '1200',
  revenue_minor: 1_200,
  refunded_minor: 0,
  net_minor: 1_200,
};

/** The same for some orders that say no discount, no shipping and no tax. */
export const orderEuros = (revenue: number, refunded: number, orders: number) => ({
  ...euros(revenue, refunded),
  ...undivided(revenue.toFixed(2), revenue * 100, orders, '0.00'),
});
export const orderYen = { ...yen, ...undivided('1200', 1_200, 1, '0') };

function undivided(gross: string, gross_minor: number, orders: number, none: string) {
  return {
    ...{ gross, discounts: none, shipping: none, tax: none },
    ...{ gross_minor, discounts_minor: 0, shipping_minor: 0, tax_minor: 0 },
    unknown: { discounts: orders, shipping: orders, tax: orders },
  };
}

export const averageOrder = { currency: 'EUR', amount: '45.50', amount_minor: 4_550 };
export const averageInYen = { currency: 'JPY', amount: '1200', amount_minor: 1_200 };
