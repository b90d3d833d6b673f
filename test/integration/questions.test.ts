import { gunzipSync } from 'node:zlib';
import { commandsOf } from '../support/commands.ts';
import { requestOf } from '../support/http.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** What all questions have in common: ranges, comparison, CSV, ETags and the cache, over HTTP with the document's client. */
const shop = await openShop(
  [
    siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR' }),
    siteOf('kabul', { zone: 'Asia/Kabul' }),
    siteOf('kiritimati', { zone: 'Pacific/Kiritimati' }),
  ],
  { answerMaxAgeMs: 1_000 },
);
const madrid = shop.client('madrid');
const admin = shop.client('madrid', 'admin');

const at = (timestamp: string, fields: object) => ({ timestamp, backfill: true, ...fields });
const view = (timestamp: string, user_id: string, fields: object = {}) =>
  at(timestamp, { name: 'view_item', user_id, items: [{ item_id: 'tea', item_name: '=tea()' }], ...fields });

beforeAll(async () => {
  await shop.send(
    'madrid',
    view('2026-03-01T10:00:00Z', 'ana', { page: '/te' }),
    view('2026-03-02T10:00:00Z', 'ana'),
    view('2026-03-02T11:00:00Z', 'ben'),
    at('2026-03-02T12:00:00Z', {
      name: 'purchase',
      user_id: 'ben',
      transaction_id: 'o-1',
      items: [{ item_id: 'tea', price: '12.50', quantity: 2 }],
    }),
    view('2026-03-03T10:00:00Z', 'eva'),
  );
});

const march = { from: '2026-03-02', to: '2026-03-03' };

test('every question answers in the documented shape', async () => {
  const query = { query: march };
  const answers = await Promise.all([
    madrid.GET('/v1/overview', { params: query }),
    madrid.GET('/v1/series', { params: query }),
    madrid.GET('/v1/events', { params: query }),
    madrid.GET('/v1/breakdowns/{dimension}', { params: { ...query, path: { dimension: 'page' } } }),
    madrid.GET('/v1/products', { params: query }),
    madrid.GET('/v1/products/{product}', { params: { ...query, path: { product: 'tea' } } }),
    madrid.GET('/v1/revenue', { params: query }),
    madrid.GET('/v1/orders', { params: query }),
    madrid.GET('/v1/orders/{transaction_id}', { params: { path: { transaction_id: 'o-1' } } }),
    madrid.GET('/v1/sessions', { params: query }),
    madrid.GET('/v1/users/unique', { params: query }),
    madrid.GET('/v1/retention', { params: query }),
    madrid.GET('/v1/customers', { params: query }),
    madrid.GET('/v1/customers/cohorts', { params: query }),
    madrid.GET('/v1/funnels'),
    madrid.GET('/v1/funnels/{funnel}', { params: { ...query, path: { funnel: 'shop' } } }),
    madrid.GET('/v1/carts/abandoned', { params: query }),
    madrid.GET('/v1/carts/daily', { params: query }),
    madrid.GET('/v1/live'),
    madrid.GET('/v1/trending'),
    madrid.GET('/v1/ledger'),
    madrid.GET('/v1/users/{user}', { params: { path: { user: 'ana' } } }),
    madrid.GET('/v1/users/{user}/interactions', { params: { ...query, path: { user: 'ana' } } }),
  ]);
  for (const { response, data } of answers) {
    expect(response.status).toBe(200);
    expect(data?.meta).toMatchObject({ site: 'madrid', complete: true, lag_events: 0 });
  }
});

test('a series of several metrics has each as it is alone', async () => {
  const seriesOf = async (query: string) =>
    (
      await shop.get<{ data: Record<string, unknown> & { points: object[] } }>(
        'madrid',
        `/v1/series?${query}`,
      )
    ).body.data;
  const days = 'from=2026-03-02&to=2026-03-03';
  const alone = await Promise.all(
    ['net', 'users', 'carts_filled'].map((metric) => seriesOf(`${days}&metric=${metric}`)),
  );
  const [net, users, carts] = alone.map(({ grain: _, zone: __, ...one }) => one);
  expect(net).toMatchObject({ metric: 'net', currency: 'EUR', points: [{ value: 2_500 }, { value: 0 }] });
  expect(users).toMatchObject({ metric: 'users', points: [{ value: 2 }, { value: 1 }] });
  expect(await seriesOf(`${days}&metric=net&also=users,carts_filled`)).toEqual({
    ...alone[0],
    also: [users, carts],
  });
  expect(await seriesOf(`${days}&metric=users&also=net&also=users`)).toEqual({
    ...alone[1],
    also: [net, users],
  });
  const csv = await shop.get<string>('madrid', `/v1/series?${days}&metric=net&also=users&format=csv`);
  expect(csv.body.split('\r\n')).toEqual([
    'start,value,amount,metric',
    '2026-03-02,2500,25.00,net',
    '2026-03-03,0,0.00,net',
    '2026-03-02,2,,users',
    '2026-03-03,1,,users',
    '',
  ]);
});

test('the typed client asks for several metrics of a series', async () => {
  const { data } = await madrid.GET('/v1/series', {
    params: { query: { ...march, metric: 'orders', also: ['sessions', 'net'] } },
  });
  expect(data?.data.also?.map(({ metric, points }) => [metric, points.length])).toEqual([
    ['sessions', 2],
    ['net', 2],
  ]);
});

test('compare=previous answers for the same number of days before', async () => {
  const { data } = await madrid.GET('/v1/users/unique', {
    params: { query: { from: '2026-03-02', to: '2026-03-02', compare: 'previous' } },
  });
  expect(data?.data).toMatchObject({ users: 2, new_users: 1, returning_users: 1 });
  expect(data?.previous).toEqual({
    from: '2026-03-01',
    to: '2026-03-01',
    data: { from: '2026-03-01', to: '2026-03-01', users: 1, new_users: 1, returning_users: 0 },
  });
  // Answers that name users are not kept, and can be compared as well.
  const carts = await madrid.GET('/v1/carts/abandoned', {
    params: { query: { from: '2026-03-02', to: '2026-03-02', compare: 'previous' } },
  });
  expect(carts.data).toMatchObject({
    previous: { from: '2026-03-01', to: '2026-03-01' },
    meta: { cache: 'none' },
  });
  const { error } = await madrid.GET('/v1/users/unique', { params: { query: { compare: 'previous' } } });
  expect(error).toMatchObject({ code: 'compare_without_from' });
});

test('CSV comes by parameter and by Accept, and contains no formula', async () => {
  const byParameter = await shop.get<string>(
    'madrid',
    '/v1/products?from=2026-03-02&to=2026-03-03&format=csv',
  );
  expect(byParameter.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(byParameter.body).toBe(
    'rank,product_id,name,value,amount,views,carts,purchases,units,view_to_cart_rate,cart_to_purchase_rate\r\n' +
      "1,tea,'=tea(),4,,3,0,1,2,0,\r\n",
  );
  expect(byParameter.headers['footfall-complete']).toBe('true');
  const headers = { accept: 'text/csv' };
  const byAccept = await shop.get<string>('madrid', '/v1/revenue?from=2026-03-02&to=2026-03-03', { headers });
  expect(byAccept.body).toBe(
    'key,orders,refunds,revenue_EUR,refunded_EUR,net_EUR,gross_EUR,discounts_EUR,shipping_EUR,tax_EUR,' +
      'unknown_discounts_EUR,unknown_shipping_EUR,unknown_tax_EUR,average_order_EUR\r\n' +
      '2026-03-02,1,0,25.00,0.00,25.00,25.00,0.00,0.00,0.00,1,1,1,25.00\r\n',
  );
  const browser = { accept: 'text/html,application/json,text/csv;q=0.5' };
  const { body } = await shop.get<object>('madrid', '/v1/revenue?from=2026-03-02', { headers: browser });
  expect(body).toHaveProperty('data');
  const compared = await shop.get<string>(
    'madrid',
    '/v1/users/unique?from=2026-03-02&to=2026-03-02&compare=previous&format=csv',
  );
  expect(compared.body.split('\r\n').map((line) => line.split(',').slice(0, 4).join())).toEqual([
    'period,from,to,users',
    'current,2026-03-02,2026-03-02,2',
    'previous,2026-03-01,2026-03-01,1',
    '',
  ]);
});

test('a client that has the answer gets 304 until it changes', async () => {
  const target = '/v1/overview?from=2026-03-01&to=2026-03-03';
  const first = await shop.get('madrid', target);
  const tag = first.headers.etag!;
  const again = await shop.get('madrid', target, { headers: { 'if-none-match': `"other", ${tag}` } });
  expect([again.status, again.body, again.headers.etag]).toEqual([304, undefined, tag]);
  const asCsv = await shop.get('madrid', `${target}&format=csv`, { headers: { 'if-none-match': tag } });
  expect(asCsv.status).toBe(200);
  await shop.send('madrid', view('2026-03-02T09:00:00Z', 'zoe'));
  const later = await shop.get('madrid', target, { headers: { 'if-none-match': tag } });
  expect(later.status).toBe(200);
  expect(later.headers.etag).not.toBe(tag);
});

describe('kept answers', () => {
  const closed = '/v1/products?from=2026-03-01&to=2026-03-02&metric=views';
  const asked = (target: string, site = 'madrid') =>
    shop.get<{ data: { products: { value: number }[] }; meta: { cache: string; complete: boolean } }>(
      site,
      target,
    );

  test('of past days are computed once, and again when a late event changes one', async () => {
    expect((await asked(closed)).body.meta.cache).toBe('miss');
    expect((await asked(closed)).body.meta.cache).toBe('hit');
    // A day outside the range.
    await shop.send('madrid', view('2026-03-10T10:00:00Z', 'ana'));
    expect((await asked(closed)).body).toMatchObject({ meta: { cache: 'hit', complete: true } });
    const [before] = (await asked(closed)).body.data.products;
    await shop.send('madrid', view('2026-03-02T13:00:00Z', 'ana'));
    const late = (await asked(closed)).body;
    expect(late.meta).toMatchObject({ cache: 'miss', complete: true });
    expect(late.data.products[0]!.value).toBe(before!.value + 1);
  });

  test('are separate for each site', async () => {
    await asked(closed);
    const { body } = await asked(closed, 'kabul');
    expect(body.meta.cache).toBe('miss');
    expect(body.data.products).toEqual([]);
  });

  test('of past days of another zone are made again after a change on any day that these touch', async () => {
    // The day in Pago Pago (UTC−11) ends in the second day after it in Kiritimati (UTC+14).
    const today = Date.parse(new Date().toISOString().slice(0, 10));
    const day = (after: number) => new Date(today + (after - 10) * 86_400_000).toISOString().slice(0, 10);
    const target = `/v1/series?metric=events&from=${day(0)}&to=${day(0)}&zone=Pacific/Pago_Pago`;
    const series = async () => {
      const { body } = await shop.get<{ data: { points: { value: number }[] }; meta: { cache: string } }>(
        'kiritimati',
        target,
      );
      return [body.meta.cache, body.data.points.map(({ value }) => value)];
    };
    await shop.send('kiritimati', view(`${day(1)}T08:00:00Z`, 'ana'));
    expect(await series()).toEqual(['miss', [1]]);
    expect(await series()).toEqual(['hit', [1]]);
    await shop.send('kiritimati', view(`${day(1)}T10:30:00Z`, 'ana'));
    expect(await series()).toEqual(['miss', [2]]);
  });

  test('of today that are older than new events say that they are not complete', async () => {
    const open = '/v1/overview?from=2026-03-01';
    await shop.get('madrid', open);
    expect((await asked(open)).body.meta).toMatchObject({ cache: 'hit', complete: true });
    const now = new Date().toISOString();
    await shop.send('madrid', { timestamp: now, name: 'page_view', user_id: 'ana', page: '/' });
    const answers = await shop.get<{ data: { total_events: number }; meta: { complete: boolean } }>(
      'madrid',
      open,
    );
    // Either the old answer, which says that it is not complete, or a new one with the event.
    const { rest } = await freshly(open);
    expect(answers.body.data.total_events).toBe(answers.body.meta.complete ? rest : rest - 1);
  });

  async function freshly(target: string) {
    for (;;) {
      const { body } = await shop.get<{ data: { total_events: number }; meta: { complete: boolean } }>(
        'madrid',
        target,
      );
      if (body.meta.complete) return { rest: body.data.total_events };
    }
  }

  test('are computed once for concurrent requests to two processes', async () => {
    await shop.send('madrid', view('2026-03-05T10:00:00Z', 'ana'));
    const other = shop.process();
    const target = '/v1/breakdowns/page?from=2026-03-04&to=2026-03-06';
    const before = await commandsOf(shop.redis, 'hgetall');
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => (i % 2 ? asked(target) : other.get('madrid', target))),
    );
    const sources = answers.map(({ body }) => (body as { meta: { cache: string } }).meta.cache);
    expect(sources.filter((source) => source === 'miss').length).toBeGreaterThan(0);
    const reads = (await commandsOf(shop.redis, 'hgetall')) - before;
    // One request reads the breakdown and the totals of one day in four shards.
    expect(reads).toBe(8);
  });
});

describe('funnels that a site defines', () => {
  const definition = {
    id: 'tea',
    name: 'Tea',
    steps: [
      { event: 'view_item', filters: [{ field: 'item_id' as const, value: 'tea' }] },
      { event: 'purchase' },
    ],
    window_hours: 24,
    by: 'user' as const,
  };

  test('are counted from their definition on, and can be listed, read and removed', async () => {
    const created = await admin.POST('/v1/funnels', { body: definition });
    expect(created.response.status).toBe(201);
    expect(created.data?.data).toMatchObject(definition);
    const again = await admin.POST('/v1/funnels', { body: definition });
    expect(again.error).toMatchObject({ code: 'funnel_exists', status: 409 });
    const listed = await madrid.GET('/v1/funnels');
    expect(listed.data?.data.funnels.map(({ id }) => id)).toEqual(['shop', 'tea']);

    const from = Date.parse(created.data!.data.effective_from!);
    while (Date.now() < from) await new Promise((resolve) => setTimeout(resolve, from - Date.now()));
    const now = new Date().toISOString();
    await shop.send(
      'madrid',
      { name: 'view_item', user_id: 'fun', timestamp: now, items: [{ item_id: 'tea' }] },
      { name: 'view_item', user_id: 'gus', timestamp: now, items: [{ item_id: 'coffee' }] },
      { name: 'purchase', user_id: 'fun', timestamp: now, transaction_id: 'o-9', value: 3 },
    );
    const path = { funnel: 'tea' };
    const read = await madrid.GET('/v1/funnels/{funnel}', { params: { path } });
    expect(read.data?.data.steps.map(({ count }) => count)).toEqual([1, 1]);
    expect(read.data?.data.steps[1]).toMatchObject({ drop_off: 0, rate_from_first: 1, median_seconds: 0 });

    const removed = await admin.DELETE('/v1/funnels/{funnel}', { params: { path } });
    expect(removed.response.status).toBe(204);
    // Answers are kept for a moment.
    let gone = await madrid.GET('/v1/funnels/{funnel}', { params: { path } });
    while (gone.response.ok) gone = await madrid.GET('/v1/funnels/{funnel}', { params: { path } });
    expect(gone.error).toMatchObject({ code: 'unknown_funnel' });
    const shopFunnel = await admin.DELETE('/v1/funnels/{funnel}', { params: { path: { funnel: 'shop' } } });
    expect(shopFunnel.error).toMatchObject({ code: 'fixed_funnel' });
  });

  test('need an admin key; read and write keys are refused', async () => {
    for (const client of [madrid, shop.client('madrid', 'write')]) {
      const { error } = await client.POST('/v1/funnels', { body: definition });
      expect(error).toMatchObject({ code: 'unauthorized' });
    }
    const other = await shop.client('kabul', 'admin').DELETE('/v1/funnels/{funnel}', {
      params: { path: { funnel: 'tea' } },
    });
    expect(other.error).toMatchObject({ code: 'unknown_funnel' });
  });

  test.each([
    ['no steps', { ...definition, steps: [] }],
    ['one step', { ...definition, steps: definition.steps.slice(0, 1) }],
    ['the name of the shop funnel', { ...definition, id: 'shop' }],
    ['an invalid id', { ...definition, id: '__proto__' }],
    ['a window of nothing', { ...definition, window_hours: 0 }],
    ['an unknown field', { ...definition, colour: 'red' }],
    ['a filter of nothing', { ...definition, steps: [{ event: 'a', filters: [{}] }, { event: 'b' }] }],
  ])('with %s are refused', async (_, body) => {
    const { error, response } = await admin.POST('/v1/funnels', { body: body as never });
    expect(response.status).toBe(400);
    expect(error).toMatchObject({ code: 'invalid_parameter' });
  });
});

test('the API page loads only its own files', async () => {
  const page = await shop.handler(requestOf('GET', '/docs'), {} as never);
  expect(page.headers?.['content-type']).toBe('text/html; charset=utf-8');
  const files = [...page.body!.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, path]) => path!);
  expect(files.length).toBe(3);
  for (const path of files) {
    const file = await shop.handler(requestOf('GET', path), {} as never);
    expect(file.statusCode).toBe(200);
    const text = gunzipSync(Buffer.from(file.body!, 'base64')).toString();
    expect(text.length).toBeGreaterThan(100);
  }
  const other = await shop.handler(requestOf('GET', '/docs/package.json'), {} as never);
  expect(other.statusCode).toBe(404);
});
