import fc from 'fast-check';
import { questions } from '../../shared/questions/questions.ts';
import { type Answer, ask } from '../support/http.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Which keys may ask what, and the answers to invalid questions: 4xx, never 5xx. */

const strangeUsers = [
  ':{}*?/%',
  '😀',
  'a/b',
  'a b',
  '100%',
  '%41',
  '100%25',
  'a\0b',
  '__proto__',
  'constructor',
  '{p1}:head',
];
const shop = await openShop([siteOf('mine', { zone: 'Europe/Madrid', currency: 'EUR' }), siteOf('theirs')]);

beforeAll(async () => {
  const view = (user_id: string, more = {}) => ({
    name: 'view_item',
    user_id,
    items: [{ item_id: user_id }],
    ...more,
  });
  await shop.send('mine', ...strangeUsers.map((user) => view(user)), view('ada'), {
    ...view('ada'),
    name: 'constructor',
  });
  await shop.send('theirs', view('secret'), view('ada'), view('ada'), view('ada'));
  // Both sites have an order of this id.
  const purchase = { name: 'purchase', transaction_id: 'order' };
  await shop.send('mine', { ...purchase, user_id: 'buyer' });
  await shop.send('theirs', { ...purchase, user_id: 'secret' });
});

/** A valid path for every question, but search, which needs a text. */
const paths = questions
  .filter(({ path }) => path !== '/v1/search')
  .map(({ path }) =>
    path
      .replace('{user}', 'ada')
      .replace('{product}', 'ada')
      .replace('{funnel}', 'shop')
      .replace('{dimension}', 'page')
      .replace('{transaction_id}', 'order')
      .replace('{limit}', '5')
      .replace('{event}', 'view')
      .replaceAll(/\{date\}|\{start\}|\{end\}/g, new Date().toISOString().slice(0, 10)),
  );
type Problem = {
  code: string;
  status: number;
  detail: string;
  errors?: { path: string }[];
  limit_days?: number;
};
const get = (target: string) => shop.get<Problem>('mine', target);

describe('keys', () => {
  const asked = (target: string, headers: Record<string, string> = {}): Promise<Answer<Problem>> =>
    ask(shop.handler, 'GET', target, { headers });

  test.each(paths)('%s needs a read key', async (path) => {
    for (const answer of [
      await asked(path),
      await asked(path, { authorization: 'Bearer mine-write-key' }),
      await asked(path, { authorization: 'Bearer wrong' }),
      await asked(path, { authorization: 'Basic mine-read-key' }),
      await asked(`${path}?read_key=mine-write-key`),
      await asked(`${path}?write_key=mine-read-key`),
      await asked(`${path}?read_key=mine-read-key&read_key=theirs-read-key`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.headers['access-control-allow-origin']).toBe('*');
    }
    expect((await asked(path, { authorization: 'Bearer mine-read-key' })).status).toBe(200);
    expect((await asked(`${path}?read_key=mine-read-key`)).status).toBe(200);
  });

  test.each(paths)('%s shows a site nothing of another site', async (path) => {
    const [mine, theirs] = [await shop.get('mine', path), await shop.get('theirs', path)];
    expect(JSON.stringify(mine.body)).not.toContain('secret');
    expect(JSON.stringify(theirs.body)).not.toContain('constructor');
    expect(mine.body).toMatchObject({ meta: { site: 'mine' } });
    expect(theirs.body).toMatchObject({ meta: { site: 'theirs' } });
  });

  test.each(paths)('%s is refused for another site', async (path) => {
    expect((await get(`${path}?site=mine`)).status).toBe(200);
    expect(await get(`${path}?site=theirs`)).toMatchObject({ status: 403, body: { code: 'wrong_site' } });
  });

  test('a user of another site is unknown', async () => {
    expect((await get('/v1/users/secret')).status).toBe(404);
    expect(await get('/v1/users/ada')).toMatchObject({ body: { data: { total_events: 2 } } });
    expect(await shop.get('theirs', '/v1/users/ada')).toMatchObject({ body: { data: { total_events: 3 } } });
    for (const user of ['x:theirs:secret', '../theirs/secret', 'theirs:secret', '*']) {
      expect((await get(`/v1/users/${encodeURIComponent(user)}`)).status).toBe(404);
    }
  });

  test('a preflight to any path needs no key', async () => {
    for (const path of paths) {
      const { status, headers } = await ask(shop.handler, 'OPTIONS', path, {
        headers: { origin: 'https://a.example' },
      });
      expect([status, headers['access-control-allow-origin']]).toEqual([204, '*']);
      expect(headers['access-control-allow-headers']).toContain('authorization');
    }
  });

  test('private answers are kept in no shared cache', async () => {
    const { headers } = await get('/v1/overview');
    expect(headers['cache-control']).toContain('private');
    expect(headers.vary?.toLowerCase()).toContain('authorization');
  });
});

describe('unusual ids and names', () => {
  test.each(strangeUsers)('the user %j is found by every path and behind every gateway', async (user) => {
    const sent = encodeURIComponent(user);
    for (const gateway of ['aws', 'offline'] as const) {
      for (const path of [`/v1/users/${sent}`, `/get_user_engagement/${sent}`]) {
        const { status, body } = await shop.get('mine', path, { gateway });
        expect([status, body]).toMatchObject([200, { data: { user_id: user, total_events: 1 } }]);
      }
      const { body } = await shop.get('mine', `/v1/users/${sent}/interactions`, { gateway });
      expect(body).toMatchObject({
        data: { user_id: user, total: 1, interactions: [{ items: [{ item_id: user }] }] },
      });
    }
  });

  test('products keep such ids in the ranking', async () => {
    const { body } = await shop.get<{ data: { products: { product_id: string }[] } }>(
      'mine',
      '/v1/products?limit=100',
    );
    expect(body.data.products.map(({ product_id }) => product_id).sort()).toEqual(
      [...strangeUsers, 'ada'].sort(),
    );
  });

  test('an event may be named "constructor"', async () => {
    const { body } = await shop.get<{ data: { events: object } }>('mine', '/v1/events');
    expect(Object.entries(body.data.events)).toContainEqual(['constructor', 1]);
  });
});

describe('invalid parameters', () => {
  const invalid = (path: string) => ({
    status: 400,
    body: { code: 'invalid_parameter', errors: expect.arrayContaining([expect.objectContaining({ path })]) },
  });

  const wrong = [
    ['/v1/overview?form=2026-03-01', 'form'],
    ['/v1/products?cursor=x', 'cursor'],
    ['/v1/products?cursor=bnVsbA', 'cursor'],
    ['/v1/breakdowns/page?cursor=WyJfX3Byb3RvX18iXQ', 'cursor'],
    ['/v1/carts/abandoned?cursor=W10', 'cursor'],
    ['/v1/overview?format=xml', 'format'],
    ['/v1/overview?compare=next', 'compare'],
    ['/v1/live?compare=previous', 'compare'],
    ['/v1/series?metric=nothing', 'metric'],
    ['/v1/series?metric=net,orders', 'metric'],
    ['/v1/series?also=', 'also[0]'],
    ['/v1/series?also=net,nothing', 'also[1]'],
    ['/v1/series?also=net,%20orders', 'also[1]'],
    [`/v1/series?also=${Array(21).fill('net')}`, 'also'],
    ['/v1/series?grain=year', 'grain'],
    ['/v1/series?zone=Mars/Olympus', 'zone'],
    ['/v1/series?zone=%00', 'zone'],
    ['/v1/series?zone=__proto__', 'zone'],
    ['/v1/breakdowns/__proto__', 'dimension'],
    ['/v1/breakdowns/page?metric=nothing', 'metric'],
    ['/v1/breakdowns/page?limit=1e9', 'limit'],
    ['/v1/products?search=', 'search'],
    [`/v1/products?search=${'x'.repeat(10_000)}`, 'search'],
    [`/v1/products/${'x'.repeat(10_000)}`, 'product'],
    [`/v1/funnels/${'x'.repeat(10_000)}`, 'funnel'],
    ['/v1/retention?period=year', 'period'],
    ['/v1/retention?periods=0', 'periods'],
    ['/v1/customers/cohorts?period=day', 'period'],
    ['/v1/customers/cohorts?periods=55', 'periods'],
    ['/v1/trending?half_life_hours=0', 'half_life_hours'],
    ['/v1/trending?metric=clicks', 'metric'],
    ['/v1/carts/abandoned?limit=-1', 'limit'],
    ['/v1/carts/daily?limit=1', 'limit'],
    ['/v1/funnels/shop?interval=hour', 'interval'],
    ['/v1/overview?from=yesterday', 'from'],
    ['/v1/overview?from=2026-02-30', 'from'],
    ['/v1/overview?to=2026-13-01', 'to'],
    ['/v1/overview?from=', 'from'],
    ['/v1/overview?from=2026-1-1', 'from'],
    ['/v1/overview?from=2026-01-01T00:00:00Z', 'from'],
    ['/v1/overview?from=2026-01-01&from=2026-01-02', 'from'],
    ['/v1/overview?from=%00', 'from'],
    [`/v1/overview?from=${'9'.repeat(10_000)}`, 'from'],
    ['/v1/products?metric=nothing', 'metric'],
    ['/v1/products?metric=__proto__', 'metric'],
    ['/v1/products?metric=constructor', 'metric'],
    ['/v1/products?limit=0', 'limit'],
    ['/v1/products?limit=-1', 'limit'],
    ['/v1/products?limit=1e9', 'limit'],
    ['/v1/products?limit=1.5', 'limit'],
    ['/v1/products?limit=', 'limit'],
    ['/v1/products?limit=NaN', 'limit'],
    ['/v1/products?limit=Infinity', 'limit'],
    ['/v1/products?limit=ten', 'limit'],
    ['/v1/products?currency=eur', 'currency'],
    ['/v1/products?currency=ZZZ', 'currency'],
    ['/v1/revenue?by=week', 'by'],
    ['/v1/orders?limit=1001', 'limit'],
    ['/v1/orders?cursor=x', 'cursor'],
    ['/v1/orders?cursor=W10', 'cursor'],
    ['/v1/orders?cursor=WzFlOTk5LCJ0VCJd', 'cursor'],
    [`/v1/orders/${'x'.repeat(129)}`, 'transaction_id'],
    ['/v1/events?grain=second', 'grain'],
    ['/v1/events?event=no%20name', 'event'],
    ['/v1/events?event=%00', 'event'],
    [`/v1/events?event=${'x'.repeat(10_000)}`, 'event'],
    ['/v1/users/ada/interactions?date=2026-02-29', 'date'],
    ['/v1/users/ada/interactions?limit=1001', 'limit'],
    ['/v1/users/ada/interactions?cursor=x', 'cursor'],
    ['/v1/users/ada/interactions?cursor=W10', 'cursor'],
    ['/v1/users/ada/interactions?cursor=bnVsbA', 'cursor'],
    [`/v1/users/ada/interactions?cursor=${'x'.repeat(10_000)}`, 'cursor'],
    [`/v1/users/${'x'.repeat(10_000)}`, 'user'],
    ['/get_popular_products/none', 'limit'],
    ['/get_popular_products/0', 'limit'],
    ['/get_event_frequency/no%20name', 'event'],
    ['/get_user_data_by_date/ada/2026-02-30', 'date'],
    ['/get_user_data_between_dates/ada/2026-02-30/2026-03-01', 'start'],
    ['/get_user_data_between_dates/ada/2026-02-01/2026-03-32', 'end'],
  ].map(([target, path]) => [target!.slice(0, 60), target!, path!] as const);

  test.each(wrong)('%s: 400 with the parameter', async (_, target, path) => {
    const answer = await get(target);
    expect(answer).toMatchObject(invalid(path));
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body.detail.length).toBeLessThan(400);
  });

  test.each([
    ['/v1/overview?from=2026-03-02&to=2026-03-01', 'reversed_range'],
    ['/v1/overview?from=0001-01-01&to=9999-12-31', 'range_too_long'],
    ['/v1/series?from=0001-01-01&to=9999-12-31', 'range_too_long'],
    ['/v1/series?grain=minute&from=2026-01-01&to=2026-12-31', 'not_kept'],
    ['/v1/series?grain=hour&from=2020-01-01', 'not_kept'],
    ['/v1/series?zone=UTC&from=2020-01-01', 'not_kept'],
    ['/v1/series?metric=users&grain=hour', 'unsupported_grain'],
    ['/v1/series?metric=users&zone=UTC', 'unsupported_zone'],
    ['/v1/series?also=net,users&grain=hour', 'unsupported_grain'],
    ['/v1/series?also=net,carts_left&zone=UTC', 'unsupported_zone'],
    ['/v1/breakdowns/page?metric=sessions', 'unsupported_metric'],
    ['/v1/breakdowns/source?metric=views', 'unsupported_metric'],
    ['/v1/breakdowns/coupon?metric=events', 'unsupported_metric'],
    ['/v1/orders?from=2026-03-02&to=2026-03-01', 'reversed_range'],
    ['/v1/overview?compare=previous', 'compare_without_from'],
    ['/v1/users/ada/interactions?from=2026-03-02&to=2026-03-01', 'reversed_range'],
    ['/get_user_data_between_dates/ada/2026-03-02/2026-03-01', 'reversed_range'],
    ['/v1/events?grain=minute&from=2020-01-01&to=2020-01-01', 'not_kept'],
    ['/v1/events?grain=hour&from=2020-01-01&to=2020-01-02', 'not_kept'],
  ])('%s: 400 %s', async (target, code) => {
    const { status, body } = await get(target);
    expect([status, body.code]).toEqual([400, code]);
    if (code === 'range_too_long') expect(body.limit_days).toBeGreaterThan(3_000);
  });

  test.each([
    '/v1/overview?to=0001-01-01',
    '/v1/overview?from=0000-01-01&to=0000-01-10&compare=previous',
    '/v1/overview?from=9999-12-31&to=9999-12-31',
    '/v1/events?grain=day&to=0001-01-01',
    '/v1/users/ada/interactions?date=9999-12-31',
    '/v1/products?limit=%2010%20',
    '/v1/orders?from=9999-12-31&to=9999-12-31',
    '/v1/orders?cursor=WzkwMDcxOTkyNTQ3NDA5OTEsInRUIl0',
  ])('%s is accepted', async (target) => {
    expect((await get(target)).status).toBe(200);
  });

  test.each(['/v1', '/v1/nothing', '/v1/users', '/get_user_engagement', '/get_user_data_by_date/ada'])(
    '%s is not a path',
    async (target) => {
      const answer = await shop.get('mine', target, { gateway: 'offline' });
      expect(answer).toMatchObject({ status: 404, body: { code: 'unknown_path' } });
    },
  );

  test('random requests are answered or refused as documented', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }).filter((part) => part.isWellFormed()),
      fc.constantFrom('__proto__', '2026-03-01', '1e9', '-1', '\0', "' OR 1=1", '*', 'x'.repeat(10_000)),
    );
    const names = [
      'from',
      'to',
      'date',
      'limit',
      'metric',
      'also',
      'grain',
      'event',
      'by',
      'cursor',
      'currency',
      'zone',
      'search',
      'period',
      'periods',
      'half_life_hours',
      'compare',
      'format',
      '__proto__',
    ];
    const query = fc.array(fc.tuple(fc.constantFrom(...names), text), { maxLength: 4 });
    const filled = fc
      .tuple(
        fc.constantFrom(...questions.map(({ path }) => path)),
        fc.array(
          text.filter((one) => one !== ''),
          { minLength: 4, maxLength: 4 },
        ),
        fc.boolean(),
      )
      .map(([path, values, plain]) =>
        path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(plain ? 'ada' : values.pop()!)),
      );
    await fc.assert(
      fc.asyncProperty(
        filled,
        query,
        fc.constantFrom('aws', 'offline'),
        async (path, parameters, gateway) => {
          const { status } = await shop.get('mine', `${path}?${new URLSearchParams(parameters)}`, {
            gateway: gateway as 'aws',
          });
          expect([200, 400, 404]).toContain(status);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
