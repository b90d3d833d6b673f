import type { InvalidEvent } from '../../shared/event/invalid.ts';
import { isPersonlessUser } from '../../shared/event/personless.ts';
import { collecting, openCollecting } from '../support/collecting.ts';
import { ga4Sites } from '../support/ga4.ts';
import { ask } from '../support/http.ts';

/** A visitor who refused consent is in events, products and money, and nothing recognizes them. */

const { handler, published } = openCollecting(ga4Sites);

const plain = (event: object) =>
  ask<{ events: { status: string; errors?: { path: string }[] }[] }>(handler, 'POST', '/v1/events', {
    headers: { authorization: 'Bearer a-write-key' },
    body: JSON.stringify(event),
  });
const segment = (type: string, message: object) =>
  ask(handler, 'POST', `/v1/${type}`, {
    headers: { authorization: `Basic ${btoa('a-write-key:')}` },
    body: JSON.stringify(message),
  });
const gtag = (query: string) => ask(handler, 'GET', `/g/collect?v=2&tid=G-SHOP1&${query}`);

/** Whether the latest event has a person. */
const hasPerson = () => published.at(-1)!.personless !== true;

describe('a plain event with consent: false', () => {
  const ORDER = {
    name: 'purchase',
    consent: false,
    user_id: 'ana',
    anonymous_id: 'cookie-7',
    session_id: '1700000001',
    engagement_time_msec: 5_000,
    transaction_id: 'T-1',
    page: 'https://shop.example/thanks?gclid=Cj0K&email=ana%40example.org#top',
    referrer: 'https://blog.example/post?reader=ana',
    currency: 'EUR',
    value: 50,
    items: [{ item_id: 'tea-1', price: 25, quantity: 2 }],
    properties: { email: 'ana@example.org' },
  };

  test('keeps what was bought, and nothing of who bought it', async () => {
    expect((await plain(ORDER)).status).toBe(202);
    const { id, user, ts, received, via, ...said } = published[0]!;
    expect(isPersonlessUser(user)).toBe(true);
    expect(said).toEqual({
      v: 1,
      site: 'shop',
      personless: true,
      name: 'purchase',
      transaction_id: 'T-1',
      page: 'https://shop.example/thanks',
      referrer: 'https://blog.example/',
      source: 'google',
      medium: 'cpc',
      channel: 'Paid Search',
      currency: 'EUR',
      value: 5_000,
      items: [{ id: 'tea-1', quantity: 2, amount: 5_000 }],
    });
    expect(id).toBe('purchase:T-1');
  });

  test('needs no id of a person', async () => {
    expect((await plain({ name: 'page_view', consent: false })).status).toBe(202);
    expect(hasPerson()).toBe(false);
  });

  test('reaches the same shard when it is sent again with its id, and others spread', async () => {
    const names = new Set<string>();
    for (let i = 0; i < 200; i++) {
      await plain({ id: `e-${i}`, name: 'page_view', consent: false, anonymous_id: `a-${i}` });
      await plain({ id: `e-${i}`, name: 'page_view', consent: false, anonymous_id: `b-${i}` });
    }
    for (let i = 0; i < published.length; i += 2) {
      expect(published[i + 1]!.user).toBe(published[i]!.user);
      names.add(published[i]!.user);
    }
    expect(names.size).toBeGreaterThan(50);
    expect(names.size).toBeLessThanOrEqual(64);
  });

  test('identifies no person', async () => {
    await plain({ name: 'identify', consent: false, user_id: 'ana', anonymous_id: 'cookie-7' });
    expect(published[0]).not.toHaveProperty('identifies');
    expect(published[0]).not.toHaveProperty('known');
    expect(hasPerson()).toBe(false);
  });

  test.each<[unknown, boolean]>([
    [false, false],
    ['false', false],
    ['0', false],
    ['Denied', false],
    [true, true],
    ['true', true],
    ['granted', true],
    ['', true],
    [null, true],
  ])('consent %j: the event has a person: %j', async (consent, expected) => {
    expect((await plain({ name: 'page_view', consent, anonymous_id: 'a' })).status).toBe(202);
    expect(hasPerson()).toBe(expected);
  });

  test('a consent that cannot be read is refused, never guessed', async () => {
    const { status, body } = await plain({ name: 'page_view', consent: 'perhaps', anonymous_id: 'a' });
    expect([status, body]).toMatchObject([400, { errors: [{ path: 'consent' }] }]);
  });

  test('an event without consent and without an id is refused', async () => {
    expect((await plain({ name: 'page_view', consent: true })).status).toBe(400);
  });
});

describe('ids that look like the names of such events', () => {
  test.each(['user_id', 'anonymous_id'])('%s is ignored', async (field) => {
    const { body } = await plain({
      name: 'page_view',
      anonymous_id: 'a',
      user_id: 'b',
      [field]: '~nobody-17',
    });
    expect(body.events[0]).toMatchObject({ warnings: [{ code: 'placeholder_id', path: field }] });
    expect(['a', 'b']).toContain(published[0]!.user);
  });
});

describe('gtag.js', () => {
  test.each<[string, boolean]>([
    ['gcs=G100', false],
    ['gcs=G110', false],
    ['gcs=G101', true],
    ['gcs=G111', true],
    ['gcs=G1--', true],
    ['gcd=13p3p3p2p5', false],
    ['gcd=13l3q3p2p5', false],
    ['gcd=11r1u1r1r5', false],
    ['gcd=11m1m1m1m5', false],
    ['gcd=13l3l3l2l1', true],
    ['gcd=11t1t1t1t5', true],
    ['gcd=11p1r1p1p5', true],
    ['gcd=11v1n1v1v5', true],
    ['gcs=G111&gcd=13p3p3p2p5', true],
    ['gcs=G100&gcd=11t1t1t1t5', false],
    ['', true],
  ])('%s: the event has a person: %j', async (consent, expected) => {
    const query = `cid=777.1&uid=ana&sid=17&_et=100&_p=1&_s=1&en=page_view&ep.email=x&${consent}`;
    expect((await gtag(query)).status).toBe(204);
    expect(hasPerson()).toBe(expected);
    expect(JSON.stringify(published[0]).includes('777.1')).toBe(false);
    expect(JSON.stringify(published[0]).includes('ana')).toBe(expected);
  });
});

describe('Segment', () => {
  test.each<[object, boolean]>([
    [{ consent: { categoryPreferences: { Advertising: true, Analytics: false, Functional: true } } }, false],
    [{ consent: { categoryPreferences: { Advertising: false, Analytics: true } } }, true],
    [{ consent: { categoryPreferences: { analytics_storage: false, Advertising: true } } }, false],
    [{ consent: { categoryPreferences: { Statistics: false, Marketing: true } } }, false],
    [{ consent: { categoryPreferences: { C0001: true, C0002: false, C0004: true } } }, false],
    [{ consent: { categoryPreferences: { C0001: true, C0002: true, C0004: false } } }, true],
    [{ consent: { categoryPreferences: { Necessary: true, Marketing: false } } }, false],
    [{ consent: { categoryPreferences: { Advertising: false, DataSharing: false } } }, false],
    [{ consent: { categoryPreferences: { Advertising: true, DataSharing: false } } }, true],
    [{ consent: { categoryPreferences: { Performance: false, Analytics: true } } }, true],
    [{ consent: { categoryPreferences: {} } }, true],
    [{ consent: {} }, true],
    [{ consentManagement: { allowedConsentIds: [], deniedConsentIds: ['analytics', 'ads'] } }, false],
    [{ consentManagement: { allowedConsentIds: ['C0001'], deniedConsentIds: ['C0002'] } }, false],
    [{ consentManagement: { allowedConsentIds: ['C0002'], deniedConsentIds: ['C0004'] } }, true],
    [{}, true],
  ])('%j: the event has a person: %j', async (context, expected) => {
    const message = { event: 'Product Viewed', userId: 'ana', anonymousId: 'c0ffee', context };
    expect((await segment('track', message)).status).toBe(200);
    expect(hasPerson()).toBe(expected);
  });

  test('an identify keeps no traits', async () => {
    const context = { consent: { categoryPreferences: { Analytics: false } } };
    await segment('identify', { userId: 'ana', anonymousId: 'c0ffee', traits: { email: 'a@b.c' }, context });
    expect(published[0]).toMatchObject({ name: 'identify', personless: true });
    expect(JSON.stringify(published[0])).not.toMatch(/ana|c0ffee|a@b\.c/);
  });
});

test('the Measurement Protocol says consent for ads alone, so it changes nothing', async () => {
  await ask(handler, 'POST', '/mp/collect?measurement_id=G-SHOP1&api_secret=a-write-key', {
    body: JSON.stringify({
      client_id: '1.1',
      consent: { ad_user_data: 'DENIED', ad_personalization: 'DENIED' },
      events: [{ name: 'page_view' }],
    }),
  });
  expect(published[0]).toMatchObject({ user: '1.1' });
  expect(hasPerson()).toBe(true);
});

describe('an event that is not understood, of a visitor who refused consent', () => {
  const kept: InvalidEvent[] = [];
  const keeping = collecting(ga4Sites, async (_, invalid) => {
    kept.push(...invalid);
  });
  const denied = { consent: { categoryPreferences: { Analytics: false } } };

  test.each([
    ['/v1/events', '{"name":"purchase","consent":false,"user_id":"ana","value":NaN}'],
    ['/v1/events', '{"name":"purchase","consent":"denied","user_id":"ana","value":"13,95"}'],
    ['/v1/track', `{"event":"Order Completed","userId":"ana","context":${JSON.stringify(denied)},"x":NaN}`],
    ['/v1/batch', `{"batch":[{"type":"?","userId":"ana","context":${JSON.stringify(denied)}}]}`],
    ['/v1/batch', `{"batch":[{"type":"alias","userId":"ana"}],"context":${JSON.stringify(denied)}}`],
  ])('is kept without what recognizes them: %s %s', async (path, body) => {
    kept.length = 0;
    const authorization = path === '/v1/events' ? 'Bearer a-write-key' : `Basic ${btoa('a-write-key:')}`;
    await ask(keeping, 'POST', path, { headers: { authorization }, body });
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain('ana');
  });
});
