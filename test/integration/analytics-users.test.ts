import { at, averageOrder, euros, openSampleShop } from '../support/sample-shop.ts';

/** What is told of one user: their profile and their interactions. */

const { shop, data } = await openSampleShop();

/** A visit of one event, to which nothing led. @param minute UTC */
const directVisit = (minute: string, country = 'ES') => ({
  start: `${minute}:00.000Z`,
  end: `${minute}:00.000Z`,
  source: '(not set)',
  medium: '(not set)',
  campaign: '(not set)',
  referrer: '(not set)',
  landing_page: '(not set)',
  channel: 'Direct',
  device: '(not set)',
  browser: '(not set)',
  os: '(not set)',
  country,
});

test('a profile has the counts, money and products of a user', async () => {
  expect(await data('/v1/users/ana')).toEqual({
    user_id: 'ana',
    asked: 'ana',
    known: true,
    first_seen: '2026-03-28T22:30:00.000Z',
    last_seen: '2026-03-29T22:00:00.000Z',
    active_days: 3,
    sessions: 4,
    visits: [
      directVisit('2026-03-29T10:00'),
      directVisit('2026-03-29T08:00', '(not set)'),
      directVisit('2026-03-28T23:30'),
      directVisit('2026-03-28T22:30'),
    ],
    total_events: 5,
    events: { view_item: 2, add_to_cart: 1, purchase: 1, refund: 1 },
    orders: 1,
    refunds: 1,
    money: [euros(45.5, 10)],
    average_order: [averageOrder],
    products: [
      { product_id: 'tea', name: 'Green tea', last_seen: '2026-03-29T22:00:00.000Z' },
      { product_id: 'pot', last_seen: '2026-03-29T10:00:00.000Z' },
    ],
    cart: null,
    aliases: [],
  });
  expect(await data('/v1/users/cookie')).toMatchObject({ known: false, total_events: 1 });
  const unknown = await shop.get<{ code: string }>('madrid', '/v1/users/unknown');
  expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_user']);
});

test('interactions are those of a day or a range of days', async () => {
  expect(await data('/v1/users/ana/interactions?date=2026-03-29')).toEqual({
    user_id: 'ana',
    asked: 'ana',
    total: 3,
    truncated: false,
    interactions: [
      {
        id: 'v2',
        name: 'view_item',
        timestamp: '2026-03-28T23:30:00.000Z',
        items: [{ item_id: 'tea', item_name: 'Green tea', quantity: 1 }],
      },
      {
        id: 'c1',
        name: 'add_to_cart',
        timestamp: '2026-03-29T08:00:00.000Z',
        currency: 'EUR',
        items: [{ item_id: 'tea', item_name: 'Green tea', quantity: 2, amount: '20.00' }],
      },
      {
        id: 'purchase:o-1',
        name: 'purchase',
        timestamp: '2026-03-29T10:00:00.000Z',
        currency: 'EUR',
        transaction_id: 'o-1',
        items: [
          { item_id: 'tea', item_name: 'Green tea', quantity: 2, amount: '20.00' },
          { item_id: 'pot', quantity: 1, amount: '25.50' },
        ],
      },
    ],
  });
  expect(await data('/v1/users/ana/interactions?from=2026-03-28&to=2026-03-30')).toMatchObject({ total: 5 });
  expect(await data('/v1/users/ana/interactions')).toMatchObject({ total: 5 });
  expect(await data('/v1/users/ana/interactions?date=2026-03-31')).toMatchObject({
    total: 0,
    interactions: [],
  });
  expect(await data('/v1/users/ben/interactions?date=2026-04-01')).toMatchObject({
    interactions: [{ value: '1200' }, { search_term: 'té 😀' }],
  });
});

test('pages have each interaction once, also when several have the same timestamp', async () => {
  const wide = '語'.repeat(120);
  const events = Array.from({ length: 45 }, (_, i) => ({
    id: `${wide}${i}`,
    name: 'view_item',
    user_id: 'pages',
    timestamp: Date.parse('2026-03-29T10:00:00Z') + Math.floor(i / 9),
    backfill: true,
  }));
  await shop.send('madrid', ...events);
  for (const limit of [1, 7, 9, 44, 45, 1_000]) {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = `limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
      const page = (await data(`/v1/users/pages/interactions?${query}`)) as {
        total: number;
        interactions: { id: string }[];
        next_cursor?: string;
      };
      expect(page.total).toBe(45);
      seen.push(...page.interactions.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor);
    expect(seen).toHaveLength(45);
    expect(new Set(seen).size).toBe(45);
  }
});

test('pages of large interactions are shorter, and none is lost', async () => {
  const items = Array.from({ length: 200 }, (_, i) => ({ item_id: `${i}`, item_name: 'x'.repeat(500) }));
  for (let batch = 0; batch < 9; batch++) {
    // Over three months, since a month keeps at most 4 MB.
    const day = `2026-0${1 + (batch % 3)}-28T10:00:00Z`;
    const ids = Array.from({ length: 8 }, (_, i) => `large-${batch}-${i}`);
    await shop.send('large', ...ids.map((id) => at(day, { id, name: 'view_item', user_id: 'large', items })));
  }
  const seen: string[] = [];
  let pages = 0;
  for (let cursor = ''; ; pages++) {
    const page = (await data(`/v1/users/large/interactions?limit=1000${cursor}`, 'large')) as {
      interactions: { id: string }[];
      next_cursor?: string;
    };
    expect(JSON.stringify(page).length).toBeLessThan(5_000_000);
    seen.push(...page.interactions.map(({ id }) => id));
    if (!page.next_cursor) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  expect(pages).toBeGreaterThan(0);
  expect([seen.length, new Set(seen).size]).toEqual([72, 72]);
});

test('a month keeps 4 MB of interactions, counts all of them, and says that it is truncated', async () => {
  const items = Array.from({ length: 200 }, (_, i) => ({ item_id: `${i}`, item_name: 'x'.repeat(500) }));
  for (let batch = 0; batch < 6; batch++) {
    const ids = Array.from({ length: 8 }, (_, i) => `full-${batch}-${i}`);
    await shop.send(
      'large',
      ...ids.map((id) => at('2026-03-30T10:00:00Z', { id, name: 'view_item', user_id: 'full', items })),
    );
  }
  expect(await data('/v1/users/full', 'large')).toMatchObject({ events: { view_item: 48 } });
  const { total, truncated } = (await data('/v1/users/full/interactions?limit=1', 'large')) as {
    total: number;
    truncated: boolean;
  };
  expect(truncated).toBe(true);
  expect(total).toBeGreaterThan(35);
  expect(total).toBeLessThan(42);
});
