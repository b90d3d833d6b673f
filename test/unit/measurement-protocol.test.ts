import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expectStorable, openCollecting } from '../support/collecting.ts';
import { type Ga4Body, ga4Sites } from '../support/ga4.ts';
import { ask } from '../support/http.ts';
import { runs } from '../support/runs.ts';

const { handler, published } = openCollecting(ga4Sites);

const QUERY = '?measurement_id=G-SHOP1&api_secret=a-write-key';
const send = (body: unknown, query = QUERY, path = '/mp/collect') =>
  ask<Ga4Body>(handler, 'POST', `${path}${query}`, {
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const request = (event: object, more: object = {}) => ({ client_id: 'c-1', events: [event], ...more });
const many = (count: number, make: (n: number) => [string, unknown]) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => make(n)));

describe('the Measurement Protocol', () => {
  test('answers 204 without a body when everything is stored', async () => {
    const { status, body } = await send({
      client_id: '1341572211.1713295019',
      user_id: 'ada',
      user_properties: { tier: { value: 'gold' } },
      user_data: { sha256_email_address: ['x'] },
      ip_override: '203.0.113.9',
      consent: { ad_user_data: 'DENIED' },
      events: [
        {
          name: 'login',
          params: { method: 'mail', session_id: '1', engagement_time_msec: 100, debug_mode: 1 },
        },
        {
          name: 'purchase',
          params: { transaction_id: 'o-1', value: '12.50', items: [{ item_name: 'Tea' }] },
        },
      ],
    });
    expect([status, body]).toEqual([204, undefined]);
    expect(published).toMatchObject([
      { user: 'ada', known: true, name: 'login', props: { method: 'mail' } },
      { user: 'ada', id: 'purchase:o-1', value: 1_250, items: [{ id: 'Tea', name: 'Tea', quantity: 1 }] },
    ]);
    expect(Object.keys(published[0]!.props!)).toEqual(['method']);
    expect(JSON.stringify(published)).not.toMatch(/203\.0\.113|sha256|gold|DENIED|1341572211/);
  });

  test.each([
    ['that another site lists', '&measurement_id=G-OTHER'],
    ['that no site lists', '&measurement_id=G-ANYONE'],
    ['that is missing', ''],
  ])('the write key decides whose an event is, also with a stream %s', async (_, stream) => {
    const event = JSON.stringify({ client_id: 'c-1', events: [{ name: 'level_up' }] });
    for (const [key, site] of [
      ['a-write-key', 'shop'],
      ['quiet-key', 'quiet'],
    ] as const) {
      expect((await send(event, `?api_secret=${key}${stream}`)).status).toBe(204);
      expect(published.at(-1)).toMatchObject({ site, name: 'level_up' });
    }
  });

  test.each([
    ['that the site does not list', '&measurement_id=G-OTHER', 'measurement_id', 'VALUE_INVALID'],
    [
      'of an app that the site does not list',
      '&firebase_app_id=1:2:ios:33333333',
      'firebase_app_id',
      'VALUE_INVALID',
    ],
    ['that is missing', '', 'measurement_id', 'VALUE_REQUIRED'],
  ])('/debug reports a stream %s', async (_, stream, fieldPath, validationCode) => {
    const { status, body } = await send(
      request({ name: 'level_up' }),
      `?api_secret=a-write-key${stream}`,
      '/debug/mp/collect',
    );
    expect(status).toBe(200);
    expect(body.validationMessages).toMatchObject([{ fieldPath, validationCode }]);
    expect(published).toEqual([]);
  });

  test('accepts gzip from an app', async () => {
    const body = gzipSync(JSON.stringify({ app_instance_id: 'a-1', events: [{ name: 'level_up' }] }));
    const { status } = await send(
      body,
      '?firebase_app_id=1:1234567890:ios:321abc456def7890&api_secret=a-write-key',
    );
    expect(status).toBe(204);
    expect(published).toMatchObject([{ user: 'a-1', name: 'level_up' }]);
  });

  test("an event's own time wins over the request's, and an event that is too late is dead-lettered", async () => {
    const now = Date.now();
    const hoursAgo = (hours: number) => (now - hours * 3_600_000) * 1_000;
    const { status, body } = await send({
      client_id: 'c-1',
      timestamp_micros: String(hoursAgo(71)),
      events: [
        { name: 'a' },
        { name: 'b', timestamp_micros: hoursAgo(1) },
        { name: 'c', timestamp_micros: hoursAgo(73) },
      ],
    });
    expect(published.map(({ ts }) => (now - ts) / 3_600_000)).toEqual([71, 1, 73]);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accepted: 2,
      dead_lettered: 1,
      events: [
        { status: 'accepted' },
        { status: 'accepted' },
        { status: 'dead_lettered', errors: [{ code: 'too_late', path: 'events[2].timestamp_micros' }] },
      ],
    });
    // Milliseconds instead of microseconds are told by their size.
    expect((await send(request({ name: 'a', timestamp_micros: now }))).status).toBe(204);
    expect(published.at(-1)!.ts).toBe(now);
  });

  test('/debug reports an event that would be too late', async () => {
    const debug = await send(
      request({ name: 'a', timestamp_micros: 1_500_000_000_000_000 }),
      QUERY,
      '/debug/mp/collect',
    );
    expect(debug.body.validationMessages).toMatchObject([
      { fieldPath: 'events[0].timestamp_micros', validationCode: 'VALUE_OUT_OF_BOUNDS' },
    ]);
    expect(published).toEqual([]);
  });

  test.each([
    ['no secret', '?measurement_id=G-SHOP1', 401, 'unauthorized'],
    ['a wrong secret', '?measurement_id=G-SHOP1&api_secret=unknown-key', 401, 'unauthorized'],
    ['a read key', '?measurement_id=G-SHOP1&api_secret=a-read-key', 401, 'unauthorized'],
  ])('%s is refused, also by /debug', async (_, query, status, code) => {
    for (const path of ['/mp/collect', '/debug/mp/collect']) {
      const answer = await send(request({ name: 'a' }), query, path);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
    expect(published).toEqual([]);
  });

  const long = 'x'.repeat(101);
  /** What is wrong, its path, and Google's code for it. /mp/collect refuses all of these. */
  const wrong: [string, unknown, string, string][] = [
    ['a list as body', [], '', 'VALUE_INVALID'],
    ['no client id', { events: [{ name: 'a' }] }, 'client_id', 'VALUE_REQUIRED'],
    ['no events', { client_id: 'c' }, 'events', 'VALUE_REQUIRED'],
    ['an empty list of events', { client_id: 'c', events: [] }, 'events', 'VALUE_REQUIRED'],
    [
      '26 events',
      { client_id: 'c', events: Array.from({ length: 26 }, () => ({ name: 'a' })) },
      'events',
      'EXCEEDED_MAX_ENTITIES',
    ],
    ['an event that is a text', { client_id: 'c', events: ['a'] }, 'events[0]', 'VALUE_INVALID'],
    ['no name', request({ params: {} }), 'events[0].name', 'VALUE_REQUIRED'],
    [
      'a name with an underscore in front',
      request({ name: '_badEventName' }),
      'events[0].name',
      'NAME_INVALID',
    ],
    ['a long name', request({ name: 'a'.repeat(41) }), 'events[0].name', 'NAME_INVALID'],
    ['a reserved name', request({ name: 'session_start' }), 'events[0].name', 'NAME_RESERVED'],
    ['a reserved prefix', request({ name: 'firebase_x' }), 'events[0].name', 'NAME_RESERVED'],
    [
      '26 parameters',
      request({ name: 'a', params: many(26, (n) => [`p${n}`, n]) }),
      'events[0].params',
      'EXCEEDED_MAX_ENTITIES',
    ],
    [
      'a wrong name of a parameter',
      request({ name: 'a', params: { 'a-b': 1 } }),
      'events[0].params.a-b',
      'NAME_INVALID',
    ],
    [
      'a reserved parameter',
      request({ name: 'a', params: { google_x: 1 } }),
      'events[0].params.google_x',
      'NAME_RESERVED',
    ],
    [
      'items that are a word',
      request({ name: 'a', params: { items: 'tea' } }),
      'events[0].params.items',
      'VALUE_INVALID',
    ],
    [
      'an item without id and name',
      request({ name: 'a', params: { items: [{ item_id: 'x' }, { price: 1 }] } }),
      'events[0].params.items[1].item_id',
      'VALUE_REQUIRED',
    ],
    [
      "an order's price that is a word",
      request({ name: 'purchase', params: { items: [{ item_id: 'x', price: 'dear' }] } }),
      'events[0].params.items[0].price',
      'VALUE_INVALID',
    ],
    [
      'too large a value',
      request({ name: 'purchase', params: { value: 1e300 } }),
      'events[0].params.value',
      'VALUE_OUT_OF_BOUNDS',
    ],
    [
      'a wrong currency',
      request({ name: 'a', params: { currency: 'gold' } }),
      'events[0].params.currency',
      'VALUE_INVALID',
    ],
    [
      'a wrong time of an event',
      request({ name: 'a', timestamp_micros: 'noon' }),
      'events[0].timestamp_micros',
      'VALUE_INVALID',
    ],
    [
      'a wrong time of the request',
      request({ name: 'a' }, { timestamp_micros: -1 }),
      'timestamp_micros',
      'VALUE_INVALID',
    ],
    [
      '26 user properties',
      request({ name: 'a' }, { user_properties: many(26, (n) => [`p${n}`, { value: n }]) }),
      'user_properties',
      'EXCEEDED_MAX_ENTITIES',
    ],
    [
      'a wrong name of a user property',
      request({ name: 'a' }, { user_properties: { [`a${'b'.repeat(24)}`]: { value: 1 } } }),
      `user_properties.a${'b'.repeat(24)}`,
      'NAME_INVALID',
    ],
    [
      'a reserved user property',
      request({ name: 'a' }, { user_properties: { first_open_time: { value: 1 } } }),
      'user_properties.first_open_time',
      'NAME_RESERVED',
    ],
  ];
  test.each(wrong)('%s: 400 with the path, which /debug reports with a code', async (_, body, path, code) => {
    const answer = await send(body);
    expect([answer.status, answer.body.errors[0]?.path]).toEqual([400, path]);
    const debug = await send(body, QUERY, '/debug/mp/collect');
    expect(debug.status).toBe(200);
    expect(debug.body.validationMessages[0]).toEqual({
      fieldPath: path,
      validationCode: code,
      description: expect.stringMatching(/\w/),
    });
    expect(published).toEqual([]);
  });

  test.each([
    ['a long text', { name: 'a', params: { note: long } }, 'events[0].params.note', 'VALUE_OUT_OF_BOUNDS'],
    [
      'a long text of an item',
      { name: 'a', params: { items: [{ item_id: 'x', item_variant: long }] } },
      'events[0].params.items[0].item_variant',
      'VALUE_OUT_OF_BOUNDS',
    ],
    [
      '201 items',
      { name: 'a', params: { items: Array.from({ length: 201 }, () => ({ item_id: 'x' })) } },
      'events[0].params.items',
      'EXCEEDED_MAX_ENTITIES',
    ],
    ['an object', { name: 'a', params: { note: { a: 1 } } }, 'events[0].params.note', 'VALUE_INVALID'],
    [
      '11 custom parameters of an item',
      { name: 'a', params: { items: [{ item_id: 'x', ...many(11, (n) => [`p${n}`, n]) }] } },
      'events[0].params.items[0]',
      'EXCEEDED_MAX_ENTITIES',
    ],
  ])(
    '%s is reported by /debug, and refused only when recommendations are enforced',
    async (_, event, path, code) => {
      const debug = await send(request(event), QUERY, '/debug/mp/collect');
      expect(debug.body.validationMessages).toMatchObject([{ fieldPath: path, validationCode: code }]);
      expect((await send(request(event))).status).toBe(204);
      const enforced = await send(request(event, { validation_behavior: 'ENFORCE_RECOMMENDATIONS' }));
      expect([enforced.status, enforced.body.errors[0]!.path]).toEqual([400, path]);
      expect(published).toHaveLength(1);
    },
  );

  test('/debug has no message about a valid request, and stores nothing', async () => {
    const location = `https://shop.example/${'x'.repeat(900)}`;
    const body = request({
      name: 'purchase',
      params: {
        transaction_id: 'o',
        currency: 'EUR',
        value: 1,
        page_location: location,
        items: [{ item_id: 'x' }],
      },
    });
    const { status, body: answer } = await send(body, QUERY, '/debug/mp/collect');
    expect([status, answer]).toEqual([200, { validationMessages: [] }]);
    expect(published).toEqual([]);
    expect((await send('{', QUERY, '/debug/mp/collect')).body.code).toBe('invalid_body');
    expect((await send(' '.repeat(130_001))).status).toBe(413);
  });
});

describe('mutated bodies', () => {
  const nasty = fc.oneof(
    fc.constantFrom('__proto__', 'toString', '\ud800', '', '😀', 'x'.repeat(3_000), '1e9', '-1', '$5'),
    fc.constantFrom(1e308, -1, 0, 1.5, 2 ** 53, 5e-324),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const key = (...keys: string[]) => fc.constantFrom(...keys, '__proto__', 'constructor');

  test('get a documented status, and /debug agrees with it', async () => {
    const params = fc.dictionary(
      key('items', 'value', 'currency', 'transaction_id', 'page_location', 'search_term', 'a', 'screen_name'),
      fc.oneof(nasty, fc.array(fc.dictionary(key('item_id', 'item_name', 'price', 'quantity'), nasty))),
      { maxKeys: 4 },
    );
    const event = fc.oneof(
      fc.record({ name: fc.oneof(fc.constantFrom('purchase', 'a'), nasty), params: fc.oneof(params, nasty) }),
      fc.dictionary(key('name', 'params', 'timestamp_micros'), nasty),
      nasty,
    );
    const bodies = fc.oneof(
      fc.record({ client_id: fc.constant('c'), events: fc.array(event, { maxLength: 3 }) }),
      fc.dictionary(
        key(
          'client_id',
          'user_id',
          'events',
          'user_properties',
          'timestamp_micros',
          'device',
          'user_location',
        ),
        fc.oneof(nasty, fc.array(event, { maxLength: 2 })),
      ),
      nasty,
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        published.length = 0;
        const text = JSON.stringify(body);
        const { status } = await send(text);
        expect([200, 204, 400]).toContain(status);
        published.forEach(expectStorable);
        const debug = await send(text, QUERY, '/debug/mp/collect');
        expect(debug.status).toBe(200);
        if (status !== 204) expect(debug.body.validationMessages.length).toBeGreaterThan(0);
      }),
      { numRuns: runs(400) },
    );
  });
});
