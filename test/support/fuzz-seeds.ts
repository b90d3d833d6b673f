/** A good request to one of the ways in, to be spoilt. */
export interface Seed {
  target: string;
  headers: Record<string, string>;
  body?: string;
}

const bearer = { authorization: 'Bearer shop-write-key' };

const plain: unknown[] = [
  {
    id: 'e-1',
    name: 'purchase',
    user_id: 'ada',
    anonymous_id: 'c0ffee',
    timestamp: '2026-11-20T10:00:00+01:00',
    backfill: true,
    transaction_id: 'o-1',
    currency: 'EUR',
    value: '19.90',
    country: 'ES',
    page: 'https://shop.example/thanks?utm_source=news&utm_medium=email',
    referrer: 'https://www.google.com/',
    items: [
      { item_id: 'tea', item_name: 'Tea', item_brand: 'B', item_category: 'C', price: 5.5, quantity: 2 },
      { item_id: 7, price: '8.90' },
    ],
    properties: { a: 1, b: 'x', c: true },
  },
  { name: 'identify', user_id: 'ada', anonymous_id: 'c0ffee' },
  {
    events: [
      { name: 'search', anonymous_id: 'v', search_term: 'tea', timestamp: 1.7e9 },
      { name: 'refund', user_id: 1 },
    ],
  },
  {
    user_id: 1,
    site_id: 1,
    site_name: 'S',
    interaction_type: 'view',
    product_id: 42,
    timestamp: 1774980312.25,
  },
];

const SEEDS: Record<string, () => Seed[]> = {
  'POST /v1/events': () =>
    plain.map((body) => ({ target: '/v1/events', headers: bearer, body: JSON.stringify(body) })),
};

/** @returns none when nobody has said what a good request to this endpoint is. */
export const seedsOf = (method: string, path: string): Seed[] => SEEDS[`${method} ${path}`]?.() ?? [];
