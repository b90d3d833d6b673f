import { gzipSync } from 'node:zlib';
import { Analytics } from '@segment/analytics-node';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { KafkaOutage } from '../../shared/platform/kafka/outage.ts';
import { Sites } from '../../shared/sites/site.ts';
import { closing } from '../support/closing.ts';
import { collecting } from '../support/collecting.ts';
import { serve } from '../support/serve.ts';
import { siteOf } from '../support/shop.ts';

/** Segment's own unchanged library, and requests as its other libraries write them. */

let published: FootfallEvent[] = [];
let isAway = false;
const sites = new Sites([siteOf('shop', { currency: 'EUR' })]);
const { url, received } = await serve(
  collecting(sites, async (events) => {
    if (isAway) throw new KafkaOutage('away');
    published.push(...events);
  }),
);
beforeEach(() => {
  published = [];
  received.length = 0;
  isAway = false;
});

const WRITE_KEY = 'shop-write-key';
const library = (settings: Partial<ConstructorParameters<typeof Analytics>[0]> = {}) =>
  closing(new Analytics({ writeKey: WRITE_KEY, host: url, flushInterval: 50, ...settings }), (one) =>
    one.closeAndFlush({ timeout: 1_000 }),
  );

/** Without times and random ids. */
const said = ({ id, ts, received: at, via, ...event }: FootfallEvent) => ({ via, ...event });

const products = [
  {
    product_id: 'tea-1',
    sku: 'T-1',
    name: 'Green tea',
    price: 19,
    quantity: 1,
    category: 'Tea',
    brand: 'Kyo',
  },
  { product_id: 'pot-7', sku: 'P-7', name: 'Teapot', price: '3.10', quantity: 2, category: 'Pots' },
];
const lines = [
  { id: 'tea-1', name: 'Green tea', brand: 'Kyo', category: 'Tea', quantity: 1, amount: 1_900 },
  { id: 'pot-7', name: 'Teapot', category: 'Pots', quantity: 2, amount: 620 },
];
const shop = { v: 1, site: 'shop' };
const ada = { ...shop, user: 'ada', known: true };

describe('@segment/analytics-node, unchanged', () => {
  test('publishes what was tracked, in one batch', async () => {
    const analytics = library();
    const failures: unknown[] = [];
    analytics.on('error', (error) => failures.push(error));
    const visitor = { anonymousId: 'c0ffee' };
    const user = { userId: 'ada' };
    analytics.page({
      ...visitor,
      properties: { url: 'https://shop.example/tea', referrer: 'https://search.example/', title: 'Tea' },
      context: {
        ip: '203.0.113.9',
        campaign: { name: 'spring', source: 'newsletter', medium: 'email' },
        location: { country: 'es' },
      },
    });
    analytics.screen({ ...visitor, name: 'Cart' });
    analytics.track({ ...visitor, event: 'Products Searched', properties: { query: 'green tea' } });
    analytics.track({
      ...visitor,
      event: 'Product List Viewed',
      properties: { list_id: 'hot', category: 'Deals', products },
    });
    analytics.track({ ...visitor, event: 'Product Viewed', properties: { ...products[0], currency: 'EUR' } });
    analytics.track({ ...visitor, event: 'Product Added', properties: { cart_id: 'c-1', ...products[1] } });
    analytics.identify({ ...visitor, ...user, traits: { plan: 'gold', address: { city: 'León' } } });
    analytics.alias({ previousId: 'old-phone', userId: 'ada' });
    analytics.group({ ...user, groupId: 'g-7', traits: { name: 'Tea lovers', employees: 12 } });
    analytics.track({
      ...user,
      event: 'Coupon Applied',
      properties: { order_id: 'o-1', coupon_id: 'may', discount: 2.5 },
    });
    analytics.track({
      ...user,
      event: 'Checkout Started',
      properties: { order_id: 'o-1', value: 25.2, currency: 'EUR', products },
    });
    analytics.track({
      ...user,
      event: 'Order Completed',
      properties: {
        order_id: 'o-1',
        total: 30.2,
        revenue: 25.2,
        shipping: 3,
        tax: 2,
        currency: 'usd',
        coupon: 'may',
        products,
      },
    });
    analytics.track({ ...user, event: 'Order Refunded', properties: { order_id: 'o-1' } });
    await analytics.closeAndFlush({ timeout: 5_000 });

    expect(failures).toEqual([]);
    expect(received.map(({ path, status, answer }) => [path, status, answer])).toEqual([
      ['/v1/batch', 200, '{"success":true}'],
    ]);
    expect(received[0]!.headers.authorization).toBe(`Basic ${btoa(`${WRITE_KEY}:`)}`);
    const way = { via: 'segment' };
    // A server's library sends them. Views are a visitor's anyway.
    const tracked = { ...way, server: true };
    const seen = { ...shop, user: 'c0ffee' };
    expect(published.map(said)).toEqual([
      {
        ...way,
        ...seen,
        name: 'page_view',
        page: 'https://shop.example/tea',
        referrer: 'https://search.example/',
        source: 'newsletter',
        medium: 'email',
        channel: 'Email',
        campaign: 'spring',
        country: 'ES',
        props: { page_title: 'Tea' },
      },
      { ...way, ...seen, name: 'screen_view', page: 'Cart', props: { name: 'Cart' } },
      { ...tracked, ...seen, name: 'search', search_term: 'green tea' },
      {
        ...tracked,
        ...seen,
        name: 'view_item_list',
        items: lines,
        currency: 'EUR',
        item_list_id: 'hot',
        item_list_name: 'Deals',
      },
      { ...tracked, ...seen, name: 'view_item', items: [lines[0]], currency: 'EUR' },
      {
        ...tracked,
        ...seen,
        name: 'add_to_cart',
        items: [lines[1]],
        currency: 'EUR',
        props: { cart_id: 'c-1' },
      },
      {
        ...tracked,
        ...seen,
        name: 'identify',
        identifies: 'ada',
        props: { plan: 'gold', 'address.city': 'León' },
      },
      { ...tracked, ...shop, user: 'old-phone', name: 'identify', identifies: 'ada' },
      { ...tracked, ...ada, name: 'group', props: { group_id: 'g-7', name: 'Tea lovers', employees: 12 } },
      {
        ...tracked,
        ...ada,
        name: 'coupon_applied',
        transaction_id: 'o-1',
        coupon: 'may',
        discount: 250,
        currency: 'EUR',
      },
      {
        ...tracked,
        ...ada,
        name: 'begin_checkout',
        transaction_id: 'o-1',
        value: 2_520,
        currency: 'EUR',
        items: lines,
      },
      {
        ...tracked,
        ...ada,
        name: 'purchase',
        transaction_id: 'o-1',
        value: 3_020,
        currency: 'USD',
        items: lines,
        shipping: 300,
        tax: 200,
        coupon: 'may',
        props: { revenue: 25.2 },
      },
      { ...way, ...ada, name: 'refund', transaction_id: 'o-1' },
    ]);
    // Ids are the library's own, so its retries repeat the same events.
    const sent = JSON.parse(received[0]!.bytes.toString()) as { batch: { messageId: string }[] };
    expect(published.map(({ id }) => id)).toEqual(sent.batch.map(({ messageId }) => messageId));
  });

  test('sends several batches when one is too small', async () => {
    const analytics = library({ flushAt: 20 });
    for (let n = 0; n < 95; n++) analytics.track({ userId: `user-${n}`, event: 'Signed Up!' });
    await analytics.closeAndFlush({ timeout: 5_000 });
    expect(received).toHaveLength(5);
    expect(published).toHaveLength(95);
    expect(new Set(published.map(({ name }) => name))).toEqual(new Set(['signed_up']));
    expect(new Set(published.map(({ user }) => user)).size).toBe(95);
  });

  test('retries with the same ids while Kafka is away', async () => {
    isAway = true;
    const analytics = library();
    analytics.track({ userId: 'ada', event: 'Product Clicked', properties: { product_id: 'tea-1' } });
    const { promise: refused, resolve } = Promise.withResolvers<void>();
    analytics.on('http_response', ({ status }: { status: number }) => {
      if (status === 503) resolve();
    });
    await refused;
    isAway = false;
    await analytics.closeAndFlush({ timeout: 10_000 });
    expect(received.map(({ status }) => status)).toEqual([503, 200]);
    expect(published.map(({ name }) => name)).toEqual(['select_item']);
    expect(received[1]!.bytes.toString()).toContain(published[0]!.id);
  });

  test('reports an unknown key and does not retry', async () => {
    const failures: { reason?: { message?: string } }[] = [];
    const analytics = library({ writeKey: 'unknown-key' });
    analytics.on('error', (error) => failures.push(error as never));
    analytics.track({ userId: 'ada', event: 'x' });
    await analytics.closeAndFlush({ timeout: 5_000 });
    expect(received.map(({ status }) => status)).toEqual([401]);
    expect(failures.map(({ reason }) => reason?.message)).toEqual([expect.stringContaining('401')]);
    expect(published).toEqual([]);
  });

  test('delivers the valid events of a batch with a wrong one', async () => {
    const analytics = library();
    const order = (order_id: string, total: unknown) =>
      analytics.track({ userId: 'ada', event: 'Order Completed', properties: { order_id, total } });
    order('o-1', 10);
    order('o-2', 'a lot');
    order('o-3', 12);
    await analytics.closeAndFlush({ timeout: 5_000 });
    expect(received.map(({ status }) => status)).toEqual([200]);
    expect(JSON.parse(received[0]!.answer)).toMatchObject({
      success: true,
      accepted: 2,
      refused: 1,
      events: [
        { status: 'accepted' },
        { status: 'refused', errors: [{ code: 'invalid_event', path: 'batch[1].properties.total' }] },
        { status: 'accepted' },
      ],
    });
    expect(published.map(({ transaction_id }) => transaction_id)).toEqual(['o-1', 'o-3']);
  });
});

describe("requests of Segment's other libraries", () => {
  const basic = { authorization: `Basic ${btoa(`${WRITE_KEY}:`)}` };
  const track = { event: 'Product Clicked', messageId: 'm-1', properties: { sku: 'tea-1' } };
  const click = { name: 'select_item', items: [{ id: 'tea-1', quantity: 1 }] };
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: 'POST', body, headers });

  test('Python: gzip, Basic, the key also in the body, times in microseconds', async () => {
    const now = new Date().toISOString().replace('Z', '123+00:00');
    const message = { ...track, type: 'track', userId: 'ada', anonymousId: null, timestamp: now };
    const body = gzipSync(JSON.stringify({ batch: [message], sentAt: now, writeKey: WRITE_KEY }));
    const headers = { ...basic, 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await post('/v1/batch', body, headers);
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    expect(published).toMatchObject([{ ...click, user: 'ada', id: 'm-1' }]);
  });

  test('analytics.js: one path for each call, the key in a text/plain body, no header', async () => {
    const calls = [
      ['/v1/t', { ...track, type: 'track' }],
      ['/v1/p', { type: 'page', properties: { url: 'https://shop.example/?a=1', path: '/', referrer: '' } }],
      ['/v1/i', { type: 'identify', userId: 'ada', traits: {} }],
      ['/v1/g', { type: 'group', groupId: 'g' }],
      ['/v1/a', { type: 'alias', previousId: 'before', userId: 'ada' }],
      ['/v1/s', { type: 'screen', name: 'Home' }],
      ['/v1/b', { batch: [{ ...track, type: 'track', anonymousId: 'c0ffee' }] }],
    ] as const;
    for (const [path, call] of calls) {
      const body = { anonymousId: 'c0ffee', writeKey: WRITE_KEY, sentAt: new Date().toISOString(), ...call };
      const answer = await post(path, JSON.stringify(body), { 'content-type': 'text/plain' });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    expect(published.map(({ name, user, page }) => [name, user, page])).toEqual([
      ['select_item', 'c0ffee', undefined],
      ['page_view', 'c0ffee', 'https://shop.example/?a=1'],
      ['identify', 'c0ffee', undefined],
      ['group', 'c0ffee', undefined],
      ['identify', 'before', undefined],
      ['screen_view', 'c0ffee', 'Home'],
      ['select_item', 'c0ffee', undefined],
    ]);
  });

  test('Kotlin and React Native: gzipped text/plain to /b, the key in the batch', async () => {
    const message = {
      ...track,
      type: 'track',
      anonymousId: 'phone-1',
      context: { os: { name: 'Android', version: '14' }, device: { type: 'android', model: 'Pixel 9' } },
    };
    const body = gzipSync(JSON.stringify({ batch: [message], sentAt: new Date(), writeKey: WRITE_KEY }));
    const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip' };
    expect((await post('/v1/b', body, headers)).status).toBe(200);
    expect(published).toMatchObject([{ ...click, user: 'phone-1', os: 'Android', device: 'mobile' }]);
  });

  test('Java, Ruby and .NET: the path import, with and without a slash', async () => {
    const batch = [{ ...track, type: 'track', userId: 7 }];
    for (const path of ['/v1/import/', '/v1/import']) {
      const body = JSON.stringify({ batch, sentAt: new Date(), sequence: 1, context: { library: {} } });
      const headers = { ...basic, 'content-type': 'application/json' };
      const answer = await post(path, body, headers);
      expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    }
    expect(published.map(({ user }) => user)).toEqual(['7', '7']);
  });

  test('with OAuth the header has a token, and the body the key', async () => {
    const body = JSON.stringify({ ...track, userId: 'ada', writeKey: WRITE_KEY });
    const headers = { authorization: 'Bearer eyJhbGciOi.of.nobody', 'content-type': 'application/json' };
    expect((await post('/v1/track', body, headers)).status).toBe(200);
  });
});
