import { openApi } from '../../deploy/openapi.ts';
import { ask } from '../support/http.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** What each kind of key may read, and that the answers of one site never reach the reader of another. */

const INSTALLATION_KEY = 'the-installation-key';
const sites = [
  siteOf('tea', { name: 'Tea house', zone: 'Europe/Madrid', currency: 'EUR' }),
  siteOf('hats', { zone: 'Asia/Tokyo', currency: 'JPY' }),
  siteOf('empty'),
  siteOf('bare'),
];
const shop = await openShop(sites, { adminKey: INSTALLATION_KEY });
/** It keeps an open range's answers for a minute, so that every question is answered from a cache. */
const caching = await openShop(sites, { adminKey: INSTALLATION_KEY, answerMaxAgeMs: 60_000 });

interface Body {
  data: never;
  meta: { site: string; cache: string };
  code: string;
  detail: string;
}

const get = (target: string, key: string, { headers = {}, of = shop } = {}) =>
  ask<Body>(of.handler, 'GET', target, {
    headers: { ...(key !== '' && { authorization: `Bearer ${key}` }), ...headers },
  });
const codeOf = ({ status, body }: { status: number; body: Body }) => [status, body.code];

beforeAll(async () => {
  // The same in both, to the millisecond.
  const timestamp = new Date(Date.now() - 5_000).toISOString();
  const viewOf = (user: string) => ({
    ...{ id: `${user}-view`, timestamp, name: 'view_item', user_id: user, items: [{ item_id: 'x' }] },
  });
  for (const one of [shop, caching]) {
    await one.send('tea', viewOf('tea-ana'));
    await one.send('hats', viewOf('hats-bea'), viewOf('hats-cid'), viewOf('hats-dan'));
  }
});

/** An answer without the scores of trending products, which fall by the millisecond. */
const lasting = (data: unknown): unknown =>
  data && JSON.parse(JSON.stringify(data, (name, value) => (name === 'score' ? undefined : value)));

/** Every question of the document, with values for what it needs. */
const questions = Object.entries(
  openApi().paths as unknown as Record<string, { get?: { tags: string[]; security: object[] } }>,
)
  .filter(([, { get }]) => get && ['analytics', 'original'].includes(get.tags[0]!))
  .map(([path]) => {
    const target = path
      .replace('{date}', '2026-11-01')
      .replace('{start}', '2026-11-01')
      .replace('{end}', '2026-11-02')
      .replace('{limit}', '5')
      .replace('{dimension}', 'country')
      .replace('{funnel}', 'shop')
      .replace('{event}', 'view_item')
      .replace('{product}', 'x')
      .replace('{user}', 'tea-ana');
    const needed: Record<string, string> = { '/v1/series': 'metric=events&', '/v1/search': 'q=tea&' };
    return `${target}?${needed[path] ?? ''}`;
  });

describe('GET /v1/access', () => {
  const tea = {
    id: 'tea',
    name: 'Tea house',
    zone: 'Europe/Madrid',
    currency: 'EUR',
    retention_days: 3_650,
    created_at: sites[0]!.created_at,
  };

  test.each(['read', 'admin'] as const)("says of a site's %s key which it is, and its site", async (kind) => {
    const { status, body, headers } = await get('/v1/access', `tea-${kind}-key`);
    const { id, hint } = sites[0]!.keys.find((one) => one.kind === kind)!;
    expect([status, body]).toEqual([200, { data: { kind, key: { id, hint }, sites: [tea] } }]);
    expect(headers['cache-control']).toBe('no-store');
  });

  test("gives the holder of the installation's key all sites, and no key", async () => {
    const { body } = await get('/v1/access', INSTALLATION_KEY);
    const { kind, sites: known, ...rest } = body.data as { kind: string; sites: { id: string }[] };
    expect([kind, rest]).toEqual(['installation', {}]);
    expect(known.map(({ id }) => id)).toEqual(['tea', 'hats', 'empty', 'bare']);
    expect(known[0]).toEqual(tea);
    expect(JSON.stringify(body)).not.toContain(sites[0]!.keys[0]!.hash);
  });

  test('says of a write key that it only sends', async () => {
    const answer = await get('/v1/access', 'tea-write-key');
    expect(codeOf(answer)).toEqual([401, 'unauthorized']);
    expect(answer.body.detail).toMatch(/^This is a write key: it only sends events\./);
    const unknown = await get('/v1/access', 'no-such-key');
    expect(codeOf(unknown)).toEqual([401, 'unauthorized']);
    expect(unknown.body.detail).not.toContain('write key');
  });

  test.each(['', '?read_key=tea-read-key', '?read_key=the-installation-key'])(
    'is refused without a key in the header: %s',
    async (query) => {
      expect(codeOf(await get(`/v1/access${query}`, ''))).toEqual([401, 'unauthorized']);
    },
  );
});

describe('a question', () => {
  test('is in the document with every key that reads', () => {
    expect(questions.length).toBeGreaterThan(20);
  });

  test.each(questions)('%s answers all keys of a site alike', async (target) => {
    const withKeys = [
      await get(target, 'tea-read-key'),
      await get(target, 'tea-admin-key'),
      await get(`${target}site=tea`, INSTALLATION_KEY),
    ];
    const [read, ...others] = withKeys.map(({ status, body }) => [
      status,
      lasting(body.data),
      body.meta?.site,
    ]);
    expect([200, 404]).toContain(read![0]);
    for (const other of others) expect(other).toEqual(read);
    expect(codeOf(await get(target, INSTALLATION_KEY))).toEqual([400, 'site_required']);
    expect(codeOf(await get(`${target}site=nowhere`, INSTALLATION_KEY))).toEqual([404, 'unknown_site']);
    expect(codeOf(await get(`${target}site=hats`, 'tea-admin-key'))).toEqual([403, 'wrong_site']);
  });

  test('says what is missing when the installation names no site', async () => {
    const { body } = await get('/v1/overview', INSTALLATION_KEY);
    expect(body.detail).toBe(
      "The installation's admin key belongs to no site. Name one in the query: ?site=ID.",
    );
  });

  test('does not tell whether another site exists', async () => {
    for (const site of ['hats', 'nowhere']) {
      for (const key of ['tea-read-key', 'tea-admin-key']) {
        expect(codeOf(await get(`/v1/overview?site=${site}`, key))).toEqual([403, 'wrong_site']);
      }
    }
  });

  test.each(['tea-admin-key', INSTALLATION_KEY, 'tea-write-key'])(
    'takes no other key than a read key in the query: %s',
    async (key) => {
      const target = `/v1/overview?site=tea&read_key=${key}`;
      expect(codeOf(await get(target, ''))).toEqual([401, 'unauthorized']);
      // The key in the header decides.
      expect((await get(target, 'tea-read-key')).status).toBe(200);
      expect(codeOf(await get(target, 'no-such-key'))).toEqual([401, 'unauthorized']);
    },
  );

  test("goes by the header's key when the query has a key of another site", async () => {
    const { body } = await get('/v1/overview?read_key=hats-read-key', 'tea-admin-key');
    expect(body.meta.site).toBe('tea');
  });

  test('refuses every key that ended with an installation that has no admin key', async () => {
    const without = await openShop(sites);
    for (const key of [INSTALLATION_KEY, 'undefined', '']) {
      const answer = await get('/v1/overview?site=tea', key, { of: without });
      expect(codeOf(answer)).toEqual([401, 'unauthorized']);
    }
  });
});

describe('a cached answer', () => {
  const days = '/v1/overview?from=2026-11-01&to=2026-11-02';
  const targets = ['/v1/live?', '/v1/overview?', '/v1/products?metric=views&', `${days}&`];

  test.each(targets)('to %s serves every key of its site', async (target) => {
    const first = await get(target, 'tea-admin-key', { of: caching });
    expect(first.body.meta.cache).toBe('miss');
    expect(first.headers).toMatchObject({
      vary: 'authorization, accept',
      'cache-control': 'private, no-cache',
    });
    for (const [key, query] of [
      ['tea-read-key', ''],
      ['tea-read-key', 'site=tea'],
      [INSTALLATION_KEY, 'site=tea'],
    ] as const) {
      const { body, headers } = await get(`${target}${query}`, key, { of: caching });
      expect([body.meta.cache, body.data]).toEqual(['hit', first.body.data]);
      expect(headers.etag).toBe(first.headers.etag);
      // Another process has it from Redis.
      const elsewhere = await caching.process().get<Body>('tea', `${target}${query}`, {
        headers: { authorization: `Bearer ${key}` },
      });
      expect([elsewhere.body.meta.cache, elsewhere.body.data]).toEqual(['hit', first.body.data]);
    }
  });

  test.each([...targets, ...questions])('to %s never reaches another site', async (target) => {
    const asked = ['tea', 'hats', 'empty', 'bare'].flatMap((site) => [
      { site, key: INSTALLATION_KEY },
      { site, key: `${site}-admin-key` },
      { site, key: `${site}-read-key` },
    ]);
    const truth = new Map<string, unknown>();
    for (const site of ['tea', 'hats', 'empty', 'bare']) {
      truth.set(site, lasting((await get(target, `${site}-read-key`)).body.data));
    }
    // At once and in turn: answers under way are shared, too.
    for (const round of [asked, [...asked].reverse()]) {
      const answers = await Promise.all(
        round.map(({ site, key }) => get(`${target}site=${site}`, key, { of: caching })),
      );
      for (const [i, { status, body }] of answers.entries()) {
        const { site } = round[i]!;
        expect([site, lasting(body.data) ?? body.code]).toEqual([site, truth.get(site) ?? body.code]);
        if (status === 200) expect(body.meta.site).toBe(site);
      }
    }
  });

  test("is never a 304 for another site's tag, also where the answers are equal", async () => {
    const of = (site: string, headers = {}) =>
      get(`${days}&site=${site}`, INSTALLATION_KEY, { of: caching, headers });
    const [empty, bare] = [await of('empty'), await of('bare')];
    expect(empty.body.data).toEqual(bare.body.data);
    expect((await of('empty', { 'if-none-match': empty.headers.etag })).status).toBe(304);
    expect((await of('bare', { 'if-none-match': empty.headers.etag })).status).toBe(200);
    // The tag does not open anything without a key.
    const headers = { 'if-none-match': empty.headers.etag! };
    expect((await get(`${days}&site=empty`, 'bare-admin-key', { of: caching, headers })).status).toBe(403);
    expect((await get(`${days}&site=empty`, '', { of: caching, headers })).status).toBe(401);
  });
});
