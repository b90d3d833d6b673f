import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { collecting } from '../support/collecting.ts';
import { ask } from '../support/http.ts';

const sites = new Sites([
  siteSchema.parse({
    id: 'shop',
    currency: 'EUR',
    measurement_ids: ['G-SHOP1', '1:1234567890:ios:321abc456def7890'],
    keys: [storedKey('write', 'a-write-key', 0), storedKey('read', 'a-read-key', 0)],
  }),
  siteSchema.parse({
    id: 'other',
    measurement_ids: ['G-OTHER'],
    keys: [storedKey('write', 'another-key', 0)],
  }),
  siteSchema.parse({ id: 'quiet', keys: [storedKey('write', 'quiet-key', 0)] }),
]);
let published: FootfallEvent[] = [];
const handler = collecting(sites, async (events) => {
  published.push(...events);
});
beforeEach(() => {
  published = [];
});

interface Body {
  code: string;
  errors: { code: string; path: string; message: string }[];
  accepted: number;
  refused: number;
  events: { status: string; errors?: { path: string }[] }[];
  validationMessages: { fieldPath: string; validationCode: string; description: string }[];
}
const QUERY = '?measurement_id=G-SHOP1&api_secret=a-write-key';
const send = (body: unknown, query = QUERY, path = '/mp/collect') =>
  ask<Body>(handler, 'POST', `${path}${query}`, {
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const request = (event: object, more: object = {}) => ({ client_id: 'c-1', events: [event], ...more });
const many = (count: number, make: (n: number) => [string, unknown]) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => make(n)));

describe('the Measurement Protocol', () => {
  test('204 without a body when all is stored', async () => {
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

  test('a site that lists no streams takes all but those of others', async () => {
    const event = JSON.stringify({ client_id: 'c-1', events: [{ name: 'level_up' }] });
    expect((await send(event, '?measurement_id=G-ANYONE&api_secret=quiet-key')).status).toBe(204);
    expect(published).toMatchObject([{ site: 'quiet', name: 'level_up' }]);
    expect((await send(event, '?measurement_id=G-SHOP1&api_secret=quiet-key')).status).toBe(403);
    expect((await ask(handler, 'GET', '/g/collect?v=2&tid=G-ANYONE&cid=c&en=a')).status).toBe(401);
  });

  test('an app, packed', async () => {
    const body = gzipSync(JSON.stringify({ app_instance_id: 'a-1', events: [{ name: 'level_up' }] }));
    const { status } = await send(
      body,
      '?firebase_app_id=1:1234567890:ios:321abc456def7890&api_secret=a-write-key',
    );
    expect(status).toBe(204);
    expect(published).toMatchObject([{ user: 'a-1', name: 'level_up' }]);
  });

  test("an event's time before the request's, as number and as text; too late is dead-lettered", async () => {
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
    // Milliseconds where microseconds belong are of 1970, not of today.
    const wrong = await send(request({ name: 'a', timestamp_micros: now }));
    expect([wrong.status, wrong.body]).toMatchObject([
      200,
      { events: [{ status: 'dead_lettered', errors: [{ code: 'too_late' }] }] },
    ]);
  });

  test('what would be too late is told by /debug', async () => {
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
    ['a wrong secret', '?measurement_id=G-SHOP1&api_secret=nobodys-key', 401, 'unauthorized'],
    ['a read key', '?measurement_id=G-SHOP1&api_secret=a-read-key', 401, 'unauthorized'],
    [
      'a stream that the site does not list',
      '?measurement_id=G-NOBODY&api_secret=a-write-key',
      403,
      'wrong_site',
    ],
    ["another site's stream", '?measurement_id=G-OTHER&api_secret=a-write-key', 403, 'wrong_site'],
    ['no stream', '?api_secret=a-write-key', 403, 'wrong_site'],
  ])('%s is refused, here and where it is only checked', async (_, query, status, code) => {
    for (const path of ['/mp/collect', '/debug/mp/collect']) {
      const answer = await send(request({ name: 'a' }), query, path);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
    expect(published).toEqual([]);
  });

  const long = 'x'.repeat(101);
  /** What is wrong, where, and what Google calls it. All of it makes /mp/collect refuse. */
  const wrong: [string, unknown, string, string][] = [
    ['no object', [], '', 'VALUE_INVALID'],
    ['nobody', { events: [{ name: 'a' }] }, 'client_id', 'VALUE_REQUIRED'],
    ['no events', { client_id: 'c' }, 'events', 'VALUE_REQUIRED'],
    ['an empty list', { client_id: 'c', events: [] }, 'events', 'VALUE_REQUIRED'],
    [
      '26 events',
      { client_id: 'c', events: Array.from({ length: 26 }, () => ({ name: 'a' })) },
      'events',
      'EXCEEDED_MAX_ENTITIES',
    ],
    ['an event that is none', { client_id: 'c', events: ['a'] }, 'events[0]', 'VALUE_INVALID'],
    ['no name', request({ params: {} }), 'events[0].name', 'VALUE_REQUIRED'],
    ['a name with a sign', request({ name: '_badEventName' }), 'events[0].name', 'NAME_INVALID'],
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
      "a parameter's name",
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
      'items of another kind',
      request({ name: 'a', params: { items: {} } }),
      'events[0].params.items',
      'VALUE_INVALID',
    ],
    [
      '201 items',
      request({ name: 'a', params: { items: Array.from({ length: 201 }, () => ({ item_id: 'x' })) } }),
      'events[0].params.items',
      'EXCEEDED_MAX_ENTITIES',
    ],
    [
      'an item of nothing',
      request({ name: 'a', params: { items: [{ item_id: 'x' }, { price: 1 }] } }),
      'events[0].params.items[1].item_id',
      'VALUE_REQUIRED',
    ],
    [
      "an order's price",
      request({ name: 'purchase', params: { items: [{ item_id: 'x', price: 'dear' }] } }),
      'events[0].params.items[0].price',
      'VALUE_INVALID',
    ],
    [
      'too much money',
      request({ name: 'purchase', params: { value: 1e300 } }),
      'events[0].params.value',
      'VALUE_OUT_OF_BOUNDS',
    ],
    [
      'a currency',
      request({ name: 'a', params: { currency: 'gold' } }),
      'events[0].params.currency',
      'VALUE_INVALID',
    ],
    [
      'a time',
      request({ name: 'a', timestamp_micros: 'noon' }),
      'events[0].timestamp_micros',
      'VALUE_INVALID',
    ],
    ['its time', request({ name: 'a' }, { timestamp_micros: -1 }), 'timestamp_micros', 'VALUE_INVALID'],
    [
      '26 user properties',
      request({ name: 'a' }, { user_properties: many(26, (n) => [`p${n}`, { value: n }]) }),
      'user_properties',
      'EXCEEDED_MAX_ENTITIES',
    ],
    [
      "a user property's name",
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
  test.each(wrong)(
    '%s: 400 with the path, and the same path with a code from /debug',
    async (_, body, path, code) => {
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
    },
  );

  test.each([
    ['a long text', { name: 'a', params: { note: long } }, 'events[0].params.note', 'VALUE_OUT_OF_BOUNDS'],
    [
      'a long text of an item',
      { name: 'a', params: { items: [{ item_id: 'x', item_variant: long }] } },
      'events[0].params.items[0].item_variant',
      'VALUE_OUT_OF_BOUNDS',
    ],
    ['an object', { name: 'a', params: { note: { a: 1 } } }, 'events[0].params.note', 'VALUE_INVALID'],
    [
      '11 custom parameters of an item',
      { name: 'a', params: { items: [{ item_id: 'x', ...many(11, (n) => [`p${n}`, n]) }] } },
      'events[0].params.items[0]',
      'EXCEEDED_MAX_ENTITIES',
    ],
  ])('%s is told, but refused only when recommendations are enforced', async (_, event, path, code) => {
    const debug = await send(request(event), QUERY, '/debug/mp/collect');
    expect(debug.body.validationMessages).toMatchObject([{ fieldPath: path, validationCode: code }]);
    expect((await send(request(event))).status).toBe(204);
    const enforced = await send(request(event, { validation_behavior: 'ENFORCE_RECOMMENDATIONS' }));
    expect([enforced.status, enforced.body.errors[0]!.path]).toEqual([400, path]);
    expect(published).toHaveLength(1);
  });

  test('what is right gives no message, and nothing is stored', async () => {
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

describe('gtag.js', () => {
  /** As Chrome sent it, but for the site. */
  const COMMON =
    'v=2&tid=G-SHOP1&gtm=45je44f0v9173726675za200&_p=1713297017393&gcd=13l3l3l2l1&npa=1&dma=1&cid=1341572211.1713295019' +
    '&ul=it-it&sr=1440x900&uaa=x86&uab=64&uafvl=Chromium%3B120.0.6099.216&uamb=0&uam=&uap=macOS&uapv=11.7.3&uaw=0' +
    '&are=1&pscdl=noapi&_s=3&sid=1713295019&sct=1&seg=1';
  const hit = (method: 'GET' | 'POST', query: string, body?: string) =>
    ask<Body>(handler, method, `/g/collect?${query}`, {
      ...(body !== undefined && { body, headers: { 'content-type': 'text/plain;charset=UTF-8' } }),
    });

  test('an order: items, money and words', async () => {
    const { status, body } = await hit(
      'GET',
      `${COMMON}&dl=https%3A%2F%2Fshop.example%2Fthanks&dr=https%3A%2F%2Fpay.example%2F&dt=Thank%20you&en=purchase&_ee=1` +
        '&cu=EUR&ep.transaction_id=o-1&epn.value=31.8&epn.tax=2&ep.coupon=MAY+%26+JUNE&up.tier=gold&uip=203.0.113.9' +
        '&pr2=idpot-7~nmPot~~ty%20%E2%98%95~pr10.8~qt1' +
        '&pr1=idtea-1~nmGreen%20tea~brKyo~caTea~c2Green~lp0~k0origin~v0Uji~pr10.5~qt2',
    );
    expect([status, body]).toEqual([204, undefined]);
    const [{ ts, received, ...event } = {} as FootfallEvent] = published;
    expect(event).toEqual({
      v: 1,
      id: 'purchase:o-1',
      site: 'shop',
      user: '1341572211.1713295019',
      name: 'purchase',
      page: 'https://shop.example/thanks',
      referrer: 'https://pay.example/',
      transaction_id: 'o-1',
      currency: 'EUR',
      value: 3_180,
      items: [
        { id: 'tea-1', name: 'Green tea', brand: 'Kyo', category: 'Tea', quantity: 2, amount: 2_100 },
        { id: 'pot-7', name: 'Pot~ty ☕', quantity: 1, amount: 1_080 },
      ],
      props: { page_title: 'Thank you', tax: 2, coupon: 'MAY & JUNE' },
      source: 'pay.example',
      medium: 'referral',
      channel: 'Referral',
    });
  });

  test('several hits in one request inherit what the query says', async () => {
    const { status } = await hit(
      'POST',
      `${COMMON}&dl=https%3A%2F%2Fshop.example%2F`,
      'en=scroll&epn.percent_scrolled=90&_et=6&uid=ada\r\nen=user_engagement&_et=5123\r\nen=first_visit&dl=https%3A%2F%2Fshop.example%2Ftea\r\n',
    );
    expect(status).toBe(204);
    expect(published.map(({ name, user, page }) => [name, user, page])).toEqual([
      ['scroll', 'ada', 'https://shop.example/'],
      ['user_engagement', '1341572211.1713295019', 'https://shop.example/'],
      ['first_visit', '1341572211.1713295019', 'https://shop.example/tea'],
    ]);
    expect(published[0]!.props).toEqual({ percent_scrolled: 90 });
  });

  test('one hit whose words are in the body, since its address would be too long', async () => {
    await hit('POST', COMMON, 'en=page_view&dl=https%3A%2F%2Fshop.example%2Flong');
    await hit('POST', `${COMMON}&en=page_view`);
    expect(published.map(({ name, page }) => [name, page])).toEqual([
      ['page_view', 'https://shop.example/long'],
      ['page_view', undefined],
    ]);
  });

  test('more lines than a request may have are refused before the query is copied for each', async () => {
    const query = `tid=G-SHOP1&cid=c&${'ep.p=x&'.repeat(600)}`;
    const { status, body } = await hit('POST', query, 'en=a\n'.repeat(150_000));
    expect([status, body]).toMatchObject([413, { code: 'too_many_events' }]);
  });

  test('the same beacon again is the same event; another hit of the page is not', async () => {
    const view = `${COMMON}&en=page_view&dl=https%3A%2F%2Fshop.example%2F`;
    const ids = async (query: string, body?: string) => {
      published = [];
      await hit('POST', query, body);
      return published.map(({ id }) => id);
    };
    const [first] = await ids(view);
    expect(await ids(view)).toEqual([first]);
    expect(await ids(view.replace('_s=3', '_s=4'))).not.toEqual([first]);
    expect(await ids(view.replace('_p=1713297017393', '_p=1713297017394'))).not.toEqual([first]);
    expect(await ids(view.replace('1341572211', '1341572212'))).not.toEqual([first]);
    const [one, two] = await ids(COMMON, 'en=click\nen=click');
    expect(one).not.toBe(two);
    expect(await ids(COMMON, 'en=click\nen=click')).toEqual([one, two]);
    // Without the page's own numbers nobody can tell a repetition from the same once more.
    const bare = 'v=2&tid=G-SHOP1&cid=c&en=click';
    expect(await ids(bare)).not.toEqual(await ids(bare));
  });

  test('a stream of a list, and of none', async () => {
    expect((await hit('GET', 'v=2&tid=G-NOBODY,G-OTHER&cid=c&en=a')).status).toBe(204);
    expect(published.map(({ site }) => site)).toEqual(['other']);
    for (const query of ['v=2&cid=c&en=a', 'v=2&tid=G-NOBODY&cid=c&en=a', 'v=2&tid=a-write-key&cid=c&en=a']) {
      expect((await hit('GET', query)).status).toBe(401);
    }
  });

  test.each([
    ['no event', 'cid=c', 'en'],
    ['nobody', 'en=a', 'cid'],
    ['a wrong name', 'cid=c&en=gtm.js', 'en'],
    ["an order's price", 'cid=c&en=purchase&pr1=ida~pr1&pr2=idb~prdear', 'pr2.pr'],
    ["an order's value", 'cid=c&en=purchase&epn.value=dear', 'epn.value'],
    ['an item of nothing', 'cid=c&en=view_item&pr1=brKyo', 'pr1.id'],
    ['a currency', 'cid=c&en=view_item&cu=gold', 'cu'],
  ])('%s is 400 with the parameter', async (_, query, path) => {
    const { status, body } = await hit('GET', `v=2&tid=G-SHOP1&${query}`);
    expect([status, body.errors.map((error) => error.path)]).toEqual([400, [path]]);
  });

  test('of several hits the wrong one is refused alone', async () => {
    expect((await hit('POST', 'tid=G-SHOP1&cid=c', 'en=a\nen=?\nen=b')).status).toBe(204);
    expect(published.map(({ name }) => name)).toEqual(['a', 'b']);
    const { body } = await hit('POST', 'tid=G-SHOP1&cid=c', 'en=?\nen=purchase&pr1=ida~prx');
    expect(body.errors.map(({ path }) => path)).toEqual(['hits[0].en', 'hits[1].pr1.pr']);
  });
});

describe('whatever comes', () => {
  const isSound = (event: FootfallEvent) => {
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
    expect(event.user.isWellFormed()).toBe(true);
  };
  const nasty = fc.oneof(
    fc.constantFrom('__proto__', 'toString', '\ud800', '', '😀', 'x'.repeat(3_000), '1e9', '-1', '$5'),
    fc.constantFrom(1e308, -1, 0, 1.5, 2 ** 53, 5e-324),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const key = (...keys: string[]) => fc.constantFrom(...keys, '__proto__', 'constructor');

  test('mutated bodies of the Measurement Protocol: an answer as documented, and /debug agrees', async () => {
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
        published = [];
        const text = JSON.stringify(body);
        const { status } = await send(text);
        expect([200, 204, 400]).toContain(status);
        published.forEach(isSound);
        const debug = await send(text, QUERY, '/debug/mp/collect');
        expect(debug.status).toBe(200);
        if (status !== 204) expect(debug.body.validationMessages.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  test('mutated hits', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('~', '~~', 'id', '%', '%ff', '\r\n'),
    );
    const pairs = fc.array(
      fc.tuple(
        fc.constantFrom(
          'en',
          'cid',
          'uid',
          'cu',
          'pr1',
          'pr2',
          'epn.value',
          'ep.__proto__',
          '__proto__',
          'dl',
          '_p',
          '_s',
        ),
        fc.oneof(text, fc.constantFrom('purchase', 'c', 'EUR', 'ida~pr1~qt2', '12.5')),
      ),
      { maxLength: 8 },
    );
    const query = pairs.map((all) => new URLSearchParams(all).toString());
    await fc.assert(
      fc.asyncProperty(query, fc.option(fc.oneof(query, text)), async (common, body) => {
        published = [];
        const { status } = await ask(handler, 'POST', `/g/collect?tid=G-SHOP1&${common}`, {
          ...(body !== null && { body }),
        });
        expect([204, 400]).toContain(status);
        published.forEach(isSound);
      }),
      { numRuns: 2_000 },
    );
  });
});
