import fc from 'fast-check';
import { propertiesOf } from '../../shared/intake/formats/common/flatten-properties.ts';
import { eventNameOf, trackedName } from '../../shared/intake/formats/segment/event-names.ts';
import { happenedAt } from '../../shared/intake/formats/segment/happened-at.ts';
import { fromSegment } from '../../shared/intake/formats/segment/message.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { expectStorable, openCollecting } from '../support/collecting.ts';
import { ask } from '../support/http.ts';
import { runs } from '../support/runs.ts';

const sites = new Sites([
  siteSchema.parse({ id: 'shop', currency: 'EUR', keys: [storedKey('write', 'a-write-key', 0)] }),
]);
const { handler, published } = openCollecting(sites);

interface Body {
  code?: string;
  success?: boolean;
  errors?: { code: string; path: string }[];
}
const basic = (credentials: string) => ({ authorization: `Basic ${btoa(credentials)}` });
const post = (path: string, body: unknown, headers: Record<string, string> = basic('a-write-key:')) =>
  ask<Body>(handler, 'POST', path, { headers, body: JSON.stringify(body) });
const track = async (event: string, properties?: object, more: object = {}) => {
  published.length = 0;
  const answer = await post('/v1/track', { userId: 'ada', event, properties, ...more });
  return { ...answer, event: published[0], paths: answer.body.errors?.map(({ path }) => path) };
};

describe('names', () => {
  test.each([
    ['Signed Up!', 'signed_up'],
    ['  signed   up ', 'signed_up'],
    ['signed_up', 'signed_up'],
    ['addToFavourites', 'addToFavourites'],
    ['Subscribed', 'subscribed'],
    ['Vidéo démarrée', 'video_demarree'],
    ['3D View', 'event_3d_view'],
    ['_private', 'private'],
    ['$pageview', 'pageview'],
    [`${'Very '.repeat(20)}long`, 'very_very_very_very_very_very_very_very'],
  ])('%j is %s', (name, expected) => {
    expect(eventNameOf(name)).toBe(expected);
    expect(trackedName(name)).toBe(expected);
  });

  test('any text becomes a valid name that stays the same when converted again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), (text) => {
        const name = eventNameOf(text);
        expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_]{0,39}$/);
        expect(eventNameOf(name)).toBe(name);
      }),
      { numRuns: runs(400) },
    );
    expect(eventNameOf('Заказ')).not.toBe(eventNameOf('Товар'));
  });

  test.each([[undefined], [''], ['  '], [7], [{}]])('%j is refused as a name', async (event) => {
    const { status, body } = await post('/v1/track', { userId: 'ada', event });
    expect([status, body.errors?.[0]?.path]).toEqual([400, 'event']);
  });
});

describe('the time of a message', () => {
  const received = Date.parse('2026-03-10T12:00:00.000Z');
  test.each([
    [
      'a clock that is an hour fast',
      '2026-03-10T12:59:50Z',
      '2026-03-10T13:00:00Z',
      '2026-03-10T11:59:50.000Z',
    ],
    [
      'a clock that is a year slow',
      '2025-03-10T11:00:00Z',
      '2025-03-10T11:00:05Z',
      '2026-03-10T11:59:55.000Z',
    ],
    ['no sentAt', '2026-03-10T11:00:00+01:00', undefined, '2026-03-10T10:00:00.000Z'],
    ['a sentAt that is none', '2026-03-10T11:00:00Z', 'soon', '2026-03-10T11:00:00.000Z'],
    ['Python, microseconds', '2026-03-10T11:00:00.123456+00:00', undefined, '2026-03-10T11:00:00.123Z'],
    ['no offset: UTC', '2026-03-10T11:00:00', undefined, '2026-03-10T11:00:00.000Z'],
    ['ms', 1_773_140_400_000, undefined, '2026-03-10T11:00:00.000Z'],
    ['seconds as text', '1773140400.5', undefined, '2026-03-10T11:00:00.500Z'],
    ['no time: when it came', undefined, '2026-03-10T13:00:00Z', undefined],
    ['no time that makes sense', 'yesterday', '2026-03-10T13:00:00Z', 'yesterday'],
    ['beyond time', 1e300, undefined, 1e300],
  ])('%s', (_, timestamp, sentAt, expected) => {
    expect(happenedAt(timestamp, sentAt, received)).toBe(expected);
  });

  test("a batch's sentAt applies to all its messages", async () => {
    const now = Date.now();
    const at = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
    const message = { type: 'track', userId: 'ada', event: 'a', timestamp: at(23) };
    await post('/v1/batch', { sentAt: at(24), batch: [message, { ...message, sentAt: at(23) }] });
    for (const { ts, received: came, clamped } of published) {
      expect(clamped).toBeUndefined();
      expect(came - ts).toBe(3_600_000);
    }
    expect(published).toHaveLength(2);
  });

  test('an invalid time is refused, and one too long ago dead-lettered, each with its path', async () => {
    expect((await track('a', {}, { timestamp: 'yesterday' })).paths).toEqual(['timestamp']);
    const late = await track('a', {}, { originalTimestamp: '2020-01-01T00:00:00Z' });
    expect(late.body).toMatchObject({
      success: true,
      events: [{ status: 'dead_lettered', errors: [{ code: 'too_late', path: 'originalTimestamp' }] }],
    });
  });
});

describe('the person of a message', () => {
  test.each([
    ['identify with both', 'identify', { userId: 'ada', anonymousId: 'c' }, { user: 'c', identifies: 'ada' }],
    ['identify of a user', 'identify', { userId: 'ada' }, { user: 'ada', known: true }],
    ['alias', 'alias', { previousId: 'c', userId: 'ada' }, { user: 'c', identifies: 'ada' }],
    ['an old alias', 'alias', { from: 'c', to: 'ada' }, { user: 'c', identifies: 'ada' }],
    ['numbers', 'group', { userId: 7, anonymousId: '' }, { user: '7', known: true }],
  ])('%s', async (_, type, message, expected) => {
    expect((await post(`/v1/${type}`, message)).status).toBe(200);
    expect(published).toMatchObject([expected]);
  });

  test.each([
    ['no id', 'track', { event: 'a' }, 'userId'],
    ['alias without a previous id', 'alias', { userId: 'ada' }, 'previousId'],
    ['alias without a user id', 'alias', { previousId: 'c' }, 'userId'],
    ['an id that is too long', 'track', { event: 'a', userId: 'x'.repeat(257) }, 'userId'],
  ])('%s is refused', async (_, type, message, path) => {
    const { status, body } = await post(`/v1/${type}`, message);
    expect([status, body.code, body.errors?.map((error) => error.path)]).toEqual([
      400,
      'invalid_events',
      [path],
    ]);
  });

  test('the key may come with or without a colon, as Bearer, or in the body', async () => {
    const message = { userId: 'ada', event: 'a' };
    for (const headers of [
      basic('a-write-key'),
      basic('a-write-key:x'),
      { authorization: 'Bearer a-write-key' },
    ]) {
      expect((await post('/v1/track', message, headers)).status).toBe(200);
    }
    expect((await post('/v1/track', { ...message, writeKey: 'a-write-key' }, {})).status).toBe(200);
    const refused = [
      await post('/v1/track', message, {}),
      await post('/v1/track', message, basic(':a-write-key')),
      await post('/v1/track', message, { authorization: 'Basic %%%' }),
      await post('/v1/track', { ...message, writeKey: ['a-write-key'] }, {}),
      await post('/v1/track', { ...message, writeKey: '__proto__' }, {}),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });

  test("the visitor's user agent is used, an address is never stored", async () => {
    const context = { ip: '203.0.113.9', userAgent: 'Mozilla/5.0 (X11)', traits: { email: 'a@b.c' } };
    const one = fromSegment(
      { event: 'a', userId: 'ada', context },
      { type: 'track', place: '', received: 0 },
    );
    expect(one).toMatchObject({ userAgent: 'Mozilla/5.0 (X11)' });
    expect(JSON.stringify(one)).not.toMatch(/203\.0|a@b/);
  });
});

describe('the contents of a message', () => {
  test.each([
    [{ total: 30.2, revenue: 25.2, value: 1, subtotal: 2 }, 3_020],
    [{ revenue: 25.2, subtotal: 2 }, 2_520],
    [{ subtotal: '22.50' }, 2_250],
    [{ total: '$1,299.00' }, 129_900],
    [{ total: '', revenue: '€5' }, 500],
  ])('an order of %j', async (properties, value) => {
    expect((await track('Order Completed', properties)).event!.value).toBe(value);
    expect((await track('Order Refunded', properties)).event!.value).toBe(value);
  });

  test.each([['19,99'], ['1,299'], ['a lot'], [{}], [true], ['1,29'], ['1 2']])(
    'an order of %j is refused, anything else is not',
    async (total) => {
      expect((await track('Order Completed', { total })).paths).toEqual(['properties.total']);
      const { status, event } = await track('Checkout Started', { total });
      expect([status, event!.value]).toEqual([200, undefined]);
    },
  );

  test('wrong prices are refused only in orders, wrong quantities always', async () => {
    const products = [{ product_id: 'a', price: 'on request' }];
    expect((await track('Product List Viewed', { products })).event!.items).toEqual([
      { id: 'a', quantity: 1 },
    ]);
    expect((await track('Order Completed', { products })).paths).toEqual(['properties.products[0].price']);
    expect((await track('Product Added', { sku: 'a', quantity: 'two' })).paths).toEqual([
      'properties.quantity',
    ]);
    expect((await track('Cart Viewed', { products: [{ product_id: 'a' }, { price: 1 }, 7] })).paths).toEqual([
      'properties.products[1].product_id',
      'properties.products[2]',
    ]);
  });

  test('a cancelled order refunds what was bought, or without an id what the message says', async () => {
    const properties = { total: 5, products: [{ product_id: 'a', price: 5 }], reason: 'late' };
    const { event } = await track('Order Cancelled', { order_id: 'o', ...properties });
    expect(event).toMatchObject({ name: 'refund', transaction_id: 'o', props: { total: 5, reason: 'late' } });
    expect(event).not.toHaveProperty('value');
    expect(event).not.toHaveProperty('items');
    expect((await track('Order Cancelled', properties)).event).toMatchObject({
      value: 500,
      items: [{ id: 'a', amount: 500 }],
    });
  });

  test('a custom event keeps its properties, and has an item only when it names one', async () => {
    expect(
      (await track('Song Played', { name: 'Tea', id: 7, value: 3, currency: 'gold' })).event,
    ).toMatchObject({
      name: 'song_played',
      props: { name: 'Tea', id: 7, value: 3, currency: 'gold' },
    });
    expect((await track('Product Reviewed', { product_id: 7, rating: 5 })).event).toMatchObject({
      items: [{ id: '7', quantity: 1 }],
      props: { rating: 5 },
    });
    expect((await track('Upgraded', { revenue: 9.5, currency: 'usd' })).event).toMatchObject({
      value: 950,
      currency: 'USD',
    });
  });

  test('properties are flattened, joined and cut, and those beyond the limit dropped', async () => {
    const { event } = await track('a', {
      deep: { a: { b: { c: { d: 'too deep' } }, n: 1 } },
      list: ['a', 1, true],
      objects: [{ a: 1 }],
      empty: [],
      none: null,
      yes: true,
      long: `${'x'.repeat(999)}😀`,
      half: '\ud800',
    });
    expect(event!.props).toEqual({
      'deep.a.n': 1,
      list: 'a,1,true',
      yes: true,
      long: 'x'.repeat(999),
      half: '\ufffd',
    });
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`p${n}`, n]));
    const full = await track('a', many);
    expect(Object.keys(full.event!.props!)).toEqual(Object.keys(many).slice(0, 50));
  });

  test('long names of items and pages are cut', async () => {
    const long = 'x'.repeat(5_000);
    const { status, event } = await track(
      'Product Viewed',
      { product_id: 'a', name: long, brand: long, category: long },
      {
        context: {
          page: { url: long, referrer: long },
          campaign: { name: long, source: long, medium: long },
        },
      },
    );
    expect(status).toBe(200);
    expect(event!.items![0]!.name).toHaveLength(500);
    expect([event!.page!.length, event!.referrer!.length, event!.campaign!.length]).toEqual([
      2_000, 2_000, 200,
    ]);
  });

  test('an id that is too long still identifies a retry', async () => {
    const messageId = 'm'.repeat(500);
    const first = (await track('a', {}, { messageId })).event!.id;
    expect((await track('a', {}, { messageId })).event!.id).toBe(first);
    expect((await track('a', {}, { messageId: `${messageId}x` })).event!.id).not.toBe(first);
  });
});

test('an event named like a member of every object keeps its properties', async () => {
  await track('constructor', { name: 'n', length: 2, keys: 'k' });
  expect(published.at(-1)).toMatchObject({ name: 'constructor', props: { name: 'n', length: 2, keys: 'k' } });
});

test('only a limited number of properties without values is examined', () => {
  let looks = 0;
  const nothing = new Proxy(Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`k${i}`, ''])), {
    get: () => {
      looks++;
      return '';
    },
  });
  const fields = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`o${i}`, nothing]));
  expect(propertiesOf(fields, new Set())).toBeUndefined();
  expect(looks).toBeLessThan(3_000);
});

describe('a batch', () => {
  test('gives each message its own verdict and path', async () => {
    const batch = [
      { type: 'track', userId: 'ada', event: 'a' },
      null,
      { type: 'page' },
      { userId: 'ada' },
      'x',
    ];
    const { status, body } = await post('/v1/batch', { batch });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, accepted: 1, refused: 4 });
    const { body: none } = await post('/v1/batch', { batch: batch.slice(1) });
    expect(none.errors?.map(({ path }) => path)).toEqual([
      'batch[0]',
      'batch[1].userId',
      'batch[2].type',
      'batch[3]',
    ]);
  });

  test('has a context for all messages, which their own context overrides', async () => {
    const message = { type: 'track', userId: 'ada', event: 'a' };
    const own = { ...message, context: { os: { name: 'iOS' } } };
    const context = { os: { name: 'Android' }, campaign: { source: 'mail' } };
    await post('/v1/batch', { batch: [message, own], context });
    expect(published.map(({ os, source }) => [os, source])).toEqual([
      ['Android', 'mail'],
      ['iOS', 'mail'],
    ]);
  });

  test.each([[{}], [{ batch: [] }], [{ batch: {} }], [[]], [7]])('%j is not a batch', async (body) => {
    const answer = await post('/v1/batch', body);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, 'batch']);
  });

  test('has at most 500 messages', async () => {
    const batch = Array.from({ length: 501 }, () => ({ type: 'track', userId: 'ada', event: 'a' }));
    expect((await post('/v1/batch', { batch })).status).toBe(413);
    expect((await post('/v1/batch', { batch: batch.slice(1) })).status).toBe(200);
    expect(published).toHaveLength(500);
  });
});

test('mutated messages get a documented status, and only events that can be stored are published', async () => {
  const nasty = fc.oneof(
    fc.constantFrom('__proto__', 'toString', '\ud800', '', '😀', 'x'.repeat(3_000), '$1,299.00', '-1'),
    fc.constantFrom(1e308, -1, 0, 1.5, 2 ** 53, 5e-324),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const key = (...keys: string[]) => fc.constantFrom(...keys, '__proto__', 'constructor');
  const properties = fc.dictionary(
    key('products', 'product_id', 'price', 'quantity', 'total', 'currency', 'order_id', 'query', 'url', 'a'),
    fc.oneof(nasty, fc.array(fc.dictionary(key('product_id', 'sku', 'name', 'price', 'quantity'), nasty))),
    { maxKeys: 4 },
  );
  const context = fc.dictionary(
    key('page', 'campaign', 'device', 'os', 'location', 'userAgent', 'referrer'),
    fc.oneof(nasty, fc.dictionary(key('url', 'path', 'name', 'type', 'model', 'country'), nasty)),
    { maxKeys: 3 },
  );
  const message = fc.record(
    {
      type: fc.oneof(fc.constantFrom('track', 'page', 'screen', 'identify', 'group', 'alias'), nasty),
      event: fc.oneof(fc.constantFrom('Order Completed', 'Order Cancelled', 'Product Viewed', 'x'), nasty),
      userId: fc.oneof(fc.constant('ada'), nasty),
      anonymousId: nasty,
      previousId: nasty,
      messageId: nasty,
      timestamp: nasty,
      sentAt: nasty,
      properties: fc.oneof(properties, nasty),
      traits: nasty,
      context: fc.oneof(context, nasty),
    },
    { requiredKeys: ['type', 'event', 'userId'] },
  );
  const bodies = fc.oneof(
    message,
    fc.record({
      batch: fc.oneof(fc.array(fc.oneof(message, nasty), { maxLength: 4 }), nasty),
      sentAt: nasty,
    }),
    nasty,
  );
  await fc.assert(
    fc.asyncProperty(
      bodies,
      fc.constantFrom('track', 'page', 's', 'i', 'g', 'alias', 'b'),
      async (body, path) => {
        published.length = 0;
        const { status } = await post(`/v1/${path}`, body);
        expect([200, 400]).toContain(status);
        published.forEach(expectStorable);
      },
    ),
    { numRuns: runs(600) },
  );
});
