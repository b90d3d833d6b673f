import { FootfallError } from '../../shared/platform/errors.ts';
import { checkOrigin, isAllowed } from '../../shared/sites/origin.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { KEY_KINDS, newKey, storedKey } from '../../shared/sites/site-keys.ts';
import { findSite, fixedSites, type SiteSource } from '../../shared/sites/source.ts';

const now = Date.parse('2026-11-25T12:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

test.each([
  ['an id that cannot be part of a key', { id: 'Shop:1' }],
  ['an unknown zone', { zone: 'Europe/Atlantis' }],
  ['an unknown currency', { currency: 'XXZ' }],
  ['an origin with a path', { allowed_origins: ['https://shop.example.com/'] }],
  ['an origin without a scheme', { allowed_origins: ['shop.example.com'] }],
  ['an origin that browsers send otherwise', { allowed_origins: ['https://Shop.example.com:443'] }],
  ['any origin at all', { allowed_origins: ['https://*'] }],
  ['an origin twice', { allowed_origins: ['https://a.example', 'https://a.example'] }],
  ['an id that is none of GA4', { measurement_ids: ['UA-1234-5'] }],
])('%s is refused', (_, fields) => {
  expect(siteSchema.safeParse({ id: 'shop', ...fields }).success).toBe(false);
});

test('fields left out get their defaults', () => {
  expect(siteSchema.parse({ id: 'shop', created_at: iso(now) })).toEqual({
    id: 'shop',
    zone: 'UTC',
    currency: 'USD',
    retention_days: 1_095,
    lateness_hours: 72,
    invalid_events_a_day: 10_000,
    allowed_origins: [],
    ignored_referrers: [],
    measurement_ids: [],
    created_at: iso(now),
    keys: [],
    funnels: [],
  });
});

describe('keys', () => {
  test('are new each time, name their kind, and are never stored', () => {
    const made = KEY_KINDS.flatMap((kind) => Array.from({ length: 100 }, () => newKey(kind, now)));
    expect(new Set(made.map(({ text }) => text)).size).toBe(300);
    expect(new Set(made.map(({ key }) => key.id)).size).toBe(300);
    for (const { text, key } of made) {
      expect(text).toMatch({ write: /^ffw_/, read: /^ffr_/, admin: /^ffa_/ }[key.kind]);
      // 128 random bits need at least 22 of 62 characters.
      expect(text.slice(4)).toMatch(/^[0-9A-Za-z]{22,}$/);
      expect(JSON.stringify(key)).not.toContain(text.slice(4, -4));
      expect(key.hint).toBe(text.slice(-4));
      expect(new Sites([siteSchema.parse({ id: 'shop', keys: [key] })]).forWriteKey(text, now)?.id).toBe(
        key.kind === 'write' ? 'shop' : undefined,
      );
    }
  });

  const sites = new Sites(
    ['a', 'b'].map((id) =>
      siteSchema.parse({ id, keys: KEY_KINDS.map((kind) => storedKey(kind, `${id}-${kind}-key`, now)) }),
    ),
  );
  const found = (key: string) => [
    sites.forWriteKey(key)?.id,
    sites.forReadKey(key)?.id,
    sites.forAdminKey(key)?.id,
  ];

  test('open their own site for their own kind and nothing else', () => {
    expect(found('a-write-key')).toEqual(['a', undefined, undefined]);
    expect(found('b-write-key')).toEqual(['b', undefined, undefined]);
    expect(found('a-read-key')).toEqual([undefined, 'a', undefined]);
    expect(found('b-admin-key')).toEqual([undefined, undefined, 'b']);
    for (const wrong of ['', 'a-write-ke', 'a-write-key ', 'A-write-key', 'c-write-key']) {
      expect(found(wrong)).toEqual([undefined, undefined, undefined]);
    }
  });

  test('are compared by their whole digest', () => {
    const key = storedKey('write', 'a-write-key', now);
    const last = key.hash.endsWith('0') ? '1' : '0';
    const near = { ...key, hash: key.hash.slice(0, -1) + last };
    expect(
      new Sites([siteSchema.parse({ id: 'a', keys: [near] })]).forWriteKey('a-write-key'),
    ).toBeUndefined();
    const both = new Sites([
      siteSchema.parse({ id: 'near', keys: [near] }),
      siteSchema.parse({ id: 'a', keys: [key] }),
    ]);
    expect(both.forWriteKey('a-write-key')?.id).toBe('a');
  });

  test('stop working at the moment they expire, however old the read sites are', () => {
    const ending = { ...storedKey('read', 'a-read-key', now), expires_at: iso(now + 1_000) };
    const known = new Sites([siteSchema.parse({ id: 'a', keys: [ending] })]);
    expect(known.forReadKey('a-read-key', now + 999)?.id).toBe('a');
    expect(known.forReadKey('a-read-key', now + 1_000)).toBeUndefined();
  });
});

test('a GA4 measurement id names its site', () => {
  const sites = new Sites([siteSchema.parse({ id: 'a', measurement_ids: ['G-AAAA1', 'G-AAAA2'] })]);
  expect(sites.forMeasurementId('G-AAAA2')?.id).toBe('a');
  expect(sites.forMeasurementId('G-BBBB1')).toBeUndefined();
});

test('an unknown key is looked up once more in fresher sites, a known key is not', async () => {
  const of = (...keys: string[]) =>
    new Sites([siteSchema.parse({ id: 'a', keys: keys.map((key) => storedKey('write', key, now)) })]);
  const [before, after] = [of('key-one'), of('key-one', 'key-two')];
  let refreshed = 0;
  const source: SiteSource = {
    ...fixedSites(before),
    refreshed: async () => {
      refreshed++;
      return after;
    },
  };
  const find = (key: string) =>
    findSite(source, (sites) => {
      const site = sites.forWriteKey(key);
      if (!site) throw new FootfallError('unauthorized', 401, 'No such key.');
      return site.id;
    });
  expect(await find('key-one')).toBe('a');
  expect(refreshed).toBe(0);
  expect(await find('key-two')).toBe('a');
  await expect(find('key-three')).rejects.toMatchObject({ status: 401 });
  expect(refreshed).toBe(2);
});

describe('origins', () => {
  test.each([
    ['https://shop.example.com', true],
    ['http://shop.example.com', false],
    ['https://shop.example.com:8443', false],
    ['https://shop.example.com.evil.test', false],
    ['https://evil.test', false],
    ['null', false],
    ['https://a.brand.test', true],
    ['https://a.b.brand.test', true],
    ['https://brand.test', false],
    ['https://evilbrand.test', false],
    ['https://evil.test/.brand.test', false],
    ['https://evil.test#.brand.test', false],
    ['https://.brand.test', false],
    ['http://a.brand.test', false],
  ])('%s: %s', (origin, isOk) => {
    expect(isAllowed(origin, ['https://shop.example.com', 'https://*.brand.test'])).toBe(isOk);
  });

  test('an image has no origin, so its page counts', () => {
    const site = siteSchema.parse({ id: 'shop', allowed_origins: ['https://shop.example.com'] });
    const from = (headers: Record<string, string>) => () => checkOrigin({ headers } as never, site);
    expect(from({ referer: 'https://shop.example.com/tea?a=1' })).not.toThrow();
    expect(from({ referer: 'https://evil.test/' })).toThrow('pages of this origin');
    expect(from({ origin: 'https://evil.test', referer: 'https://shop.example.com/' })).toThrow();
    expect(from({})).not.toThrow();
  });

  test('a site without origins accepts all', () => {
    expect(isAllowed('https://anything.test', [])).toBe(true);
  });
});
