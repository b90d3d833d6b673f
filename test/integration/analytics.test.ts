import { writeOpenApi } from '../../deploy/openapi.ts';
import { formatDay, localDay } from '../../shared/platform/time.ts';
import { ask } from '../support/http.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Each question once, with events so few that the answers can be worked out by hand. */

const shop = await openShop([
  siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR' }),
  siteOf('auckland', { zone: 'Pacific/Auckland', currency: 'NZD' }),
  siteOf('empty'),
  siteOf('large'),
]);

const at = (timestamp: string, fields: object) => ({ timestamp, backfill: true, ...fields });
const tea = (fields: object = {}) => ({ item_id: 'tea', item_name: 'Green tea', ...fields });

beforeAll(async () => {
  const verdicts = await shop.send(
    'madrid',
    // Saturday the 28th in Madrid (UTC+1), in the half hour before midnight.
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
    // The last moment of the 29th, with the clock of the summer (UTC+2).
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
  // All of it again, with the same ids: counted once.
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
});

const data = async (target: string, site = 'madrid') => {
  const { status, body } = await shop.get<{ data: object }>(site, target);
  expect(status).toBe(200);
  return body.data;
};
const euros = (revenue: number, refunded: number) => ({
  currency: 'EUR',
  revenue: revenue.toFixed(2),
  refunded: refunded.toFixed(2),
  net: (revenue - refunded).toFixed(2),
  revenue_minor: revenue * 100,
  refunded_minor: refunded * 100,
  net_minor: (revenue - refunded) * 100,
});
const yen = {
  currency: 'JPY',
  revenue: '1200',
  refunded: '0',
  net: '1200',
  revenue_minor: 1_200,
  refunded_minor: 0,
  net_minor: 1_200,
};

const averageOrder = { currency: 'EUR', amount: '45.50', amount_minor: 4_550 };
const averageInYen = { currency: 'JPY', amount: '1200', amount_minor: 1_200 };

test('the overview of two days, both of them in it', async () => {
  expect(await data('/v1/overview?from=2026-03-28&to=2026-03-29')).toEqual({
    from: '2026-03-28',
    to: '2026-03-29',
    total_events: 5,
    bots: 0,
    users: 2,
    new_users: 2,
    returning_users: 0,
    new_customers: 1,
    orders: 1,
    refunds: 0,
    units: 3,
    units_refunded: 0,
    products: 2,
    money: [euros(45.5, 0)],
    average_order: [averageOrder],
    sessions: 5,
    bounces: 5,
    bounce_rate: 1,
    session_ms_average: 0,
    converted_sessions: 1,
    conversion_rate: 0.2,
  });
  expect(await data('/v1/overview?from=2026-03-30&to=2026-04-01')).toMatchObject({
    total_events: 3,
    new_users: 1,
    orders: 1,
    refunds: 1,
    units: 2,
    units_refunded: 1,
    money: [euros(0, 10), yen],
  });
});

test('the overview of everything begins with the first day and ends today', async () => {
  expect(await data('/v1/overview')).toMatchObject({
    from: '2026-03-28',
    to: formatDay(localDay(Date.now(), 'Europe/Madrid')),
    total_events: 8,
    new_users: 3,
    money: [euros(45.5, 10), yen],
  });
});

test('how often events happened, day for day in the zone of the site', async () => {
  expect(await data('/v1/events?from=2026-03-28&to=2026-03-31&grain=day')).toEqual({
    from: '2026-03-28',
    to: '2026-03-31',
    total: 6,
    events: { view_item: 3, add_to_cart: 1, purchase: 1, refund: 1 },
    series: [
      { start: '2026-03-28', total: 1, events: { view_item: 1 } },
      { start: '2026-03-29', total: 4, events: { view_item: 2, add_to_cart: 1, purchase: 1 } },
      { start: '2026-03-30', total: 1, events: { refund: 1 } },
      { start: '2026-03-31', total: 0, events: {} },
    ],
  });
  expect(await data('/v1/events?from=2026-03-28&to=2026-03-29&event=view_item')).toEqual({
    from: '2026-03-28',
    to: '2026-03-29',
    total: 3,
    events: { view_item: 3 },
  });
  expect(await data('/v1/events?event=constructor')).toMatchObject({ total: 0, events: { constructor: 0 } });
});

test('the same instant is another day of another site, whatever the zone of this machine', async () => {
  expect(await data('/v1/events?grain=day&to=2026-03-29', 'auckland')).toMatchObject({
    series: [{ start: '2026-03-29', total: 1 }],
  });
});

test('what is popular, by every metric', async () => {
  const ranks = async (query: string) => {
    const { products } = (await data(`/v1/products?${query}`)) as {
      products: { product_id: string; value: number; amount?: string }[];
    };
    return products.map(({ product_id, value, amount }) => [product_id, value, ...(amount ? [amount] : [])]);
  };
  expect(await ranks('')).toEqual([
    ['tea', 6],
    ['pot', 2],
  ]);
  expect(await ranks('metric=views')).toEqual([
    ['tea', 2],
    ['pot', 1],
  ]);
  expect(await ranks('metric=carts')).toEqual([['tea', 1]]);
  expect(await ranks('metric=purchases')).toEqual([
    ['tea', 2],
    ['pot', 1],
  ]);
  expect(await ranks('metric=refunds')).toEqual([['tea', 1]]);
  expect(await ranks('metric=clicks')).toEqual([]);
  expect(await ranks('metric=others')).toEqual([]);
  expect(await ranks('metric=units')).toEqual([
    ['tea', 4],
    ['pot', 1],
  ]);
  expect(await ranks('metric=revenue')).toEqual([
    ['pot', 2_550, '25.50'],
    ['tea', 2_000, '20.00'],
  ]);
  expect(await ranks('metric=revenue&currency=JPY')).toEqual([['tea', 1_200, '1200']]);
  expect(await ranks('metric=refunded')).toEqual([['tea', 1_000, '10.00']]);
  expect(await ranks('limit=1')).toEqual([['tea', 6]]);
  expect(await ranks('from=2026-03-29&to=2026-03-29&metric=views')).toEqual([
    ['pot', 1],
    ['tea', 1],
  ]);
});

test('revenue by day, month and country', async () => {
  expect(await data('/v1/revenue')).toEqual({
    by: 'day',
    rows: [
      { key: '2026-03-29', orders: 1, refunds: 0, money: [euros(45.5, 0)], average_order: [averageOrder] },
      { key: '2026-03-30', orders: 0, refunds: 1, money: [euros(0, 10)], average_order: [] },
      { key: '2026-04-01', orders: 1, refunds: 0, money: [yen], average_order: [averageInYen] },
    ],
  });
  expect(await data('/v1/revenue?by=month')).toEqual({
    by: 'month',
    rows: [
      { key: '2026-03', orders: 1, refunds: 1, money: [euros(45.5, 10)], average_order: [averageOrder] },
      { key: '2026-04', orders: 1, refunds: 0, money: [yen], average_order: [averageInYen] },
    ],
  });
  expect(await data('/v1/revenue?by=country')).toEqual({
    by: 'country',
    rows: [
      { key: 'ES', orders: 1, refunds: 1, money: [euros(45.5, 10)], average_order: [averageOrder] },
      { key: 'JP', orders: 1, refunds: 0, money: [yen], average_order: [averageInYen] },
    ],
  });
});

test('a user', async () => {
  expect(await data('/v1/users/ana')).toEqual({
    user_id: 'ana',
    asked: 'ana',
    known: true,
    first_seen: '2026-03-28T22:30:00.000Z',
    last_seen: '2026-03-29T22:00:00.000Z',
    active_days: 3,
    sessions: 5,
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
  const unknown = await shop.get<{ code: string }>('madrid', '/v1/users/nobody');
  expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_user']);
});

test('what a user did on a day', async () => {
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

test('pages have every interaction, each once, also those of one instant', async () => {
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

test('pages of large interactions are shorter, and have every one', async () => {
  const items = Array.from({ length: 200 }, (_, i) => ({ item_id: `${i}`, item_name: 'x'.repeat(500) }));
  for (let batch = 0; batch < 9; batch++) {
    // Over three months, since one keeps at most 4 MB.
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

test('a month keeps 4 MB of interactions, counts all, and says that it is not whole', async () => {
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

test('a site without events has empty answers, not none', async () => {
  expect(await data('/v1/overview', 'empty')).toMatchObject({ total_events: 0, products: 0, money: [] });
  expect(await data('/v1/products', 'empty')).toMatchObject({ total_products: 0, products: [] });
  expect(await data('/v1/revenue', 'empty')).toMatchObject({ rows: [] });
  expect(await data('/v1/events?grain=day', 'empty')).toMatchObject({ total: 0, events: {} });
});

test('hours and minutes of what is fresh, the empty ones as well', async () => {
  const now = Date.now();
  await shop.send('empty', { name: 'view_item', user_id: 'u', timestamp: now });
  const day = formatDay(localDay(now, 'UTC'));
  const series = async (grain: string) =>
    (
      (await data(`/v1/events?from=${day}&to=${day}&grain=${grain}`, 'empty')) as {
        series: { start: string; total: number }[];
      }
    ).series;
  for (const [grain, ms] of [
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const) {
    const points = await series(grain);
    const midnight = Date.parse(`${day}T00:00:00Z`);
    expect(points.map(({ start }) => Date.parse(start))).toEqual(points.map((_, i) => midnight + i * ms));
    expect(points.filter(({ total }) => total > 0)).toEqual([
      expect.objectContaining({ start: new Date(Math.floor(now / ms) * ms).toISOString(), total: 1 }),
    ]);
  }
});

test('a series ends with today, however far in the future the range does', async () => {
  const today = formatDay(localDay(Date.now(), 'Europe/Madrid'));
  for (const query of ['to=9999-12-31&grain=day', 'from=2026-03-28&to=2030-01-01&grain=day']) {
    const { series } = (await data(`/v1/events?${query}`)) as { series: { start: string }[] };
    expect([series[0]!.start, series.at(-1)!.start]).toEqual(['2026-03-28', today]);
  }
  expect(await data('/v1/events?from=2099-01-01&to=2099-01-02&grain=day')).toMatchObject({
    total: 0,
    series: [],
  });
  expect(await data('/v1/events?from=2099-01-01&to=2099-01-02&grain=minute')).toMatchObject({ series: [] });
});

test('sums beyond what a number holds exactly can still be read', async () => {
  // Through collect no amount is so large; another producer's may be.
  const events = Array.from({ length: 500 }, (_, i) => ({
    name: 'purchase',
    user_id: 'rich',
    transaction_id: `rich-${i}`,
    value: '10000000000.00',
    items: Array.from({ length: 20 }, () => ({ item_id: 'gold', price: '10000000000.00' })),
  }));
  await shop.send('auckland', ...events);
  expect(await data('/v1/products?metric=revenue', 'auckland')).toMatchObject({
    products: [{ product_id: 'gold', value: Number.MAX_SAFE_INTEGER }],
  });
  expect(await data('/v1/overview', 'auckland')).toMatchObject({
    money: [{ currency: 'NZD', revenue_minor: 5e14 }],
  });
});

describe('how fresh it is', () => {
  const meta = async () =>
    (await shop.get<{ meta: { complete: boolean } }>('madrid', '/v1/overview')).body.meta;

  test('complete only when nothing waits', async () => {
    expect(await meta()).toMatchObject({
      site: 'madrid',
      time_zone: 'Europe/Madrid',
      lag_events: 0,
      lag_ms: 0,
      complete: true,
    });
    await shop.leave('madrid', { name: 'view_item', user_id: 'ana' }, { name: 'view_item', user_id: 'zoe' });
    expect(await meta()).toMatchObject({ lag_events: 2, complete: false });
    expect((await shop.get('madrid', '/v1/health')).body).toMatchObject({
      data: { status: 'ok', freshness: { lag_events: 2 } },
    });
    await shop.apply();
    expect(await meta()).toMatchObject({ lag_events: 0, lag_ms: 0, complete: true });
  });
});

describe('the paths of the original program', () => {
  test.each([
    ['/get_user_engagement/ana', '/v1/users/ana'],
    ['/get_popular_products/1', '/v1/products?limit=1'],
    ['/get_popular_products/5?metric=views', '/v1/products?limit=5&metric=views'],
    ['/get_event_frequency/view', '/v1/events?event=view_item'],
    ['/get_event_frequency/click', '/v1/events?event=select_item'],
    ['/get_event_frequency/purchase', '/v1/events?event=purchase'],
    ['/get_event_frequency/add_to_cart', '/v1/events?event=add_to_cart'],
    ['/get_user_data_by_date/ana/2026-03-29', '/v1/users/ana/interactions?date=2026-03-29'],
    [
      '/get_user_data_between_dates/ana/2026-03-28/2026-03-29',
      '/v1/users/ana/interactions?from=2026-03-28&to=2026-03-29',
    ],
  ])('%s answers as %s', async (original, today) => {
    expect(await data(original)).toEqual(await data(today));
  });
});

test('the document needs no key', async () => {
  writeOpenApi();
  const { status, body } = await ask<{ openapi: string }>(shop.handler, 'GET', '/v1/openapi.json');
  expect([status, body.openapi]).toEqual([200, '3.1.0']);
});
