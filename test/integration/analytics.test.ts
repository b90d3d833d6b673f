import { writeOpenApi } from '../../deploy/openapi.ts';
import { formatDay, localDay } from '../../shared/platform/time.ts';
import { eventOf } from '../support/events.ts';
import { ask } from '../support/http.ts';
import { averageInYen, averageOrder, openSampleShop, orderEuros, orderYen } from '../support/sample-shop.ts';

/** Each question once, with so few events that the answers can be worked out by hand. */

const { shop, data } = await openSampleShop();

test('the overview of a range includes its first and its last day', async () => {
  expect(await data('/v1/overview?from=2026-03-28&to=2026-03-29')).toEqual({
    from: '2026-03-28',
    to: '2026-03-29',
    total_events: 5,
    bots: 0,
    users: 2,
    new_users: 2,
    returning_users: 0,
    new_accounts: 1,
    new_customers: 1,
    first_orders: 1,
    first_revenue: [averageOrder],
    repeat_orders: 0,
    repeat_revenue: [],
    orders: 1,
    refunds: 0,
    units: 3,
    units_refunded: 0,
    products: 2,
    money: [orderEuros(45.5, 0, 1)],
    average_order: [averageOrder],
    sessions: 5,
    // The order is the only thing that engages one of these sessions of a single event.
    engaged_sessions: 1,
    engagement_rate: 0.2,
    bounces: 4,
    bounce_rate: 0.8,
    session_ms_average: 0,
    viewed_sessions: 3,
    view_rate: 0.6,
    carted_sessions: 1,
    cart_rate: 0.2,
    checkout_sessions: 0,
    checkout_rate: 0,
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
    money: [orderEuros(0, 10, 0), orderYen],
  });
});

test('the overview without a range begins with the first event and ends today', async () => {
  expect(await data('/v1/overview')).toMatchObject({
    from: '2026-03-28',
    to: formatDay(localDay(Date.now(), 'Europe/Madrid')),
    total_events: 8,
    new_users: 3,
    money: [orderEuros(45.5, 10, 1), orderYen],
  });
});

test('customers are new on the day of their first order', async () => {
  expect(await data('/v1/customers?from=2026-03-28&to=2026-04-01')).toEqual({
    from: '2026-03-28',
    to: '2026-04-01',
    new_customers: 2,
    first_orders: 2,
    first_revenue: [averageOrder, averageInYen],
    repeat_orders: 0,
    repeat_revenue: [],
    unknown_orders: 0,
    unknown_revenue: [],
    repeat_customers: 0,
    repeat_rate: 0,
    days_to_second_order: {
      median: null,
      spans: [
        { from_days: 0, to_days: 7, customers: 0 },
        { from_days: 8, to_days: 30, customers: 0 },
        { from_days: 31, to_days: 60, customers: 0 },
        { from_days: 61, to_days: 90, customers: 0 },
        { from_days: 91, to_days: null, customers: 0 },
      ],
    },
  });
});

test("a cohort's net revenue grows from period to period, less what was refunded of its orders", async () => {
  const { cohorts } = (await data('/v1/customers/cohorts?periods=2')) as { cohorts: object[] };
  const left = { currency: 'EUR', amount: '35.50', amount_minor: 3_550 };
  const period = (n: number, customers: number, net: object) => ({
    ...{ period: n, customers, orders: customers },
    ...{ net_revenue: [net], net_revenue_per_customer: [net] },
  });
  expect(cohorts).toEqual([
    { start: '2026-03-01', customers: 1, periods: [period(0, 1, left), period(1, 0, left)] },
    { start: '2026-04-01', customers: 1, periods: [period(0, 1, averageInYen), period(1, 0, averageInYen)] },
  ]);
  const { body } = await shop.get<string>('madrid', '/v1/customers/cohorts?periods=1&format=csv');
  expect(body.split('\r\n')).toEqual([
    ...['start,cohort_customers,period,customers,orders,net_revenue_EUR,net_revenue_JPY'].map(
      (columns) => `${columns},net_revenue_per_customer_EUR,net_revenue_per_customer_JPY`,
    ),
    '2026-03-01,1,0,1,1,35.50,,35.50,',
    '2026-04-01,1,0,1,1,,1200,,1200',
    '',
  ]);
});

test("events are counted by the day of the site's time zone", async () => {
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

test("an instant belongs to the day of the site's time zone, not of this machine's", async () => {
  expect(await data('/v1/events?grain=day&to=2026-03-29', 'auckland')).toMatchObject({
    series: [{ start: '2026-03-29', total: 1 }],
  });
});

test('products are ranked by every metric', async () => {
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

test('revenue is grouped by day, month or country', async () => {
  expect(await data('/v1/revenue')).toEqual({
    by: 'day',
    rows: [
      {
        key: '2026-03-29',
        orders: 1,
        refunds: 0,
        money: [orderEuros(45.5, 0, 1)],
        average_order: [averageOrder],
      },
      { key: '2026-03-30', orders: 0, refunds: 1, money: [orderEuros(0, 10, 0)], average_order: [] },
      { key: '2026-04-01', orders: 1, refunds: 0, money: [orderYen], average_order: [averageInYen] },
    ],
  });
  expect(await data('/v1/revenue?by=month')).toEqual({
    by: 'month',
    rows: [
      {
        key: '2026-03',
        orders: 1,
        refunds: 1,
        money: [orderEuros(45.5, 10, 1)],
        average_order: [averageOrder],
      },
      { key: '2026-04', orders: 1, refunds: 0, money: [orderYen], average_order: [averageInYen] },
    ],
  });
  expect(await data('/v1/revenue?by=country')).toEqual({
    by: 'country',
    rows: [
      { key: 'ES', orders: 1, refunds: 1, money: [orderEuros(45.5, 10, 1)], average_order: [averageOrder] },
      { key: 'JP', orders: 1, refunds: 0, money: [orderYen], average_order: [averageInYen] },
    ],
  });
});

test('a site without events gets empty answers', async () => {
  expect(await data('/v1/overview', 'empty')).toMatchObject({ total_events: 0, products: 0, money: [] });
  expect(await data('/v1/products', 'empty')).toMatchObject({ total_products: 0, products: [] });
  expect(await data('/v1/revenue', 'empty')).toMatchObject({ rows: [] });
  expect(await data('/v1/events?grain=day', 'empty')).toMatchObject({ total: 0, events: {} });
});

test('a series by hour or minute includes the empty ones', async () => {
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

test('a series ends today, even when the range ends later', async () => {
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

test('a sum above the largest exact number is given as that number', async () => {
  // Through collect no amount is so large; another producer's may be.
  const ts = Date.now();
  const events = Array.from({ length: 500 }, (_, i) =>
    eventOf({
      ...{ id: `rich-${i}`, site: 'auckland', user: 'rich', name: 'purchase', ts, received: ts },
      ...{ transaction_id: `rich-${i}`, currency: 'NZD', value: 1e12 },
      items: [{ id: 'gold', quantity: 20, amount: 2e13 }],
    }),
  );
  await shop.count(events);
  await shop.apply();
  expect(await data('/v1/products?metric=revenue', 'auckland')).toMatchObject({
    products: [{ product_id: 'gold', value: Number.MAX_SAFE_INTEGER }],
  });
  expect(await data('/v1/overview', 'auckland')).toMatchObject({
    money: [{ currency: 'NZD', revenue_minor: 5e14 }],
  });
});

describe('freshness', () => {
  const meta = async () =>
    (await shop.get<{ meta: { complete: boolean } }>('madrid', '/v1/overview')).body.meta;

  test('an answer is complete only when no event waits to be counted', async () => {
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

describe('paths of the original program', () => {
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
  ])('%s answers like %s', async (original, today) => {
    expect(await data(original)).toEqual(await data(today));
  });
});

test('the OpenAPI document needs no key', async () => {
  writeOpenApi();
  const { status, body } = await ask<{ openapi: string }>(shop.handler, 'GET', '/v1/openapi.json');
  expect([status, body.openapi]).toEqual([200, '3.1.0']);
});
