import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { collecting } from '../support/collecting.ts';
import { type Answer, ask, type RequestOptions } from '../support/http.ts';

const sites = new Sites([
  siteSchema.parse({
    id: 'shop',
    currency: 'EUR',
    keys: [storedKey('write', 'write-key-1', 0), storedKey('read', 'read-key-1', 0)],
  }),
  siteSchema.parse({ id: 'other', keys: [storedKey('write', 'write-key-2', 0)] }),
]);
/** What has been published; the brokers themselves are in the integration tests. */
let published: FootfallEvent[] = [];
const handler = collecting(sites, async (events) => {
  published.push(...events);
});
beforeEach(() => {
  published = [];
});

interface Body {
  accepted: number;
  refused: number;
  dead_lettered: number;
  events: { index: number; status: string; id?: string; errors?: { code: string; path: string }[] }[];
  code: string;
  errors?: { code: string; path: string; message: string }[];
}
const key = { authorization: 'Bearer write-key-1' };
const post = (
  body: unknown,
  { headers = key, ...options }: RequestOptions = {},
  query = '',
): Promise<Answer<Body>> =>
  ask<Body>(handler, 'POST', `/v1/events${query}`, {
    ...options,
    headers,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const view = (fields: object = {}) => ({ name: 'view_item', user_id: 'ada', ...fields });

describe('what is sent', () => {
  test('one event, with a verdict and the id that it is known by', async () => {
    const answer = await post(view({ id: 'e-1' }));
    expect(answer.status).toBe(202);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.body).toEqual({
      accepted: 1,
      refused: 0,
      dead_lettered: 0,
      events: [{ index: 0, status: 'accepted', id: 'e-1' }],
    });
    const { body } = await post(view());
    expect(body.events[0]!.id).toBe(published[1]!.id);
    expect(published[1]!.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a batch, each event judged for itself, in its order', async () => {
    const events = [
      view({ id: 'a' }),
      null,
      view({
        id: 'b',
        items: [
          { item_id: 'x', price: 1 },
          { item_id: 'y', price: -1 },
        ],
      }),
      'text',
      view({ id: 'c', timestamp: 0 }),
      { interaction_type: 'view', user_id: 1, product_id: 2 },
      view({ id: 'd', value: 1e300 }),
      [],
    ];
    const { status, body } = await post({ events });
    expect(status).toBe(202);
    expect([body.accepted, body.refused, body.dead_lettered]).toEqual([2, 5, 1]);
    expect(
      body.events.map(({ index, status, errors }) => [index, status, errors?.[0]?.code, errors?.[0]?.path]),
    ).toEqual([
      [0, 'accepted', undefined, undefined],
      [1, 'refused', 'invalid_event', 'events[1]'],
      [2, 'refused', 'invalid_event', 'events[2].items[1].price'],
      [3, 'refused', 'invalid_event', 'events[3]'],
      [4, 'dead_lettered', 'too_late', 'events[4].timestamp'],
      [5, 'accepted', undefined, undefined],
      [6, 'refused', 'bad_amount', 'events[6].value'],
      [7, 'refused', 'invalid_event', 'events[7]'],
    ]);
    expect(published.map(({ id, ts }) => [id, ts === 0])).toEqual([
      ['a', false],
      ['c', true],
      [expect.any(String), false],
    ]);
  });

  test('nothing but late events is 202: they are stored, and it says that they will not be counted', async () => {
    const { status, body } = await post(view({ id: 'late', timestamp: 0 }));
    expect(status).toBe(202);
    expect(body).toEqual({
      accepted: 0,
      refused: 0,
      dead_lettered: 1,
      events: [
        {
          index: 0,
          status: 'dead_lettered',
          id: 'late',
          errors: [{ code: 'too_late', path: 'timestamp', message: expect.any(String) }],
        },
      ],
    });
    expect(published.map(({ id, ts }) => [id, ts])).toEqual([['late', 0]]);
  });

  test('500 events, and no more', async () => {
    const { status, body } = await post({ events: Array.from({ length: 500 }, () => view()) });
    expect([status, body.accepted]).toEqual([202, 500]);
    const tooMany = await post({ events: Array.from({ length: 501 }, () => view()) });
    expect([tooMany.status, tooMany.body.code]).toEqual([413, 'too_many_events']);
    expect(published).toHaveLength(500);
  });

  test('nulls are as if absent', async () => {
    await post({
      name: 'view_item',
      id: null,
      user_id: null,
      anonymous_id: 'c',
      items: null,
      value: null,
      page: null,
    });
    expect(published[0]).toMatchObject({ user: 'c', name: 'view_item' });
    expect(Object.keys(published[0]!).sort()).toEqual(['id', 'name', 'received', 'site', 'ts', 'user', 'v']);
  });

  test('nothing but bad events is 400, and says of each why', async () => {
    const { status, body } = await post({ events: [view({ name: '?' }), { name: 'view_item' }] });
    expect([status, body.code]).toEqual([400, 'invalid_events']);
    expect(body.errors?.map(({ path }) => path)).toEqual(['events[0].name', 'events[1].user_id']);
    const one = await post({ name: 'view_item' });
    expect(one.body.errors).toEqual([
      { code: 'invalid_event', path: 'user_id', message: expect.any(String) },
    ]);
  });

  test.each([['{"events": []}'], ['{"events": {}}'], ['{"events": "x"}'], ['{"events": 7}']])(
    '%s is no batch',
    async (body) => {
      const answer = await post(body);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_events']);
    },
  );

  test.each([['null'], ['7'], ['"x"'], ['[]'], ['{}'], ['true'], ['{"events": null}']])(
    '%s is no event',
    async (body) => {
      const answer = await post(body);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_events']);
    },
  );

  test.each([
    [''],
    ['{'],
    ['nope'],
    ["{'a':1}"],
    ['\u0000'],
    [`${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ])('what is no event and no JSON is 400 (case %#)', async (body) => {
    expect((await post(body)).status).toBe(400);
  });

  test('a request without a body is 400', async () => {
    const answer = await ask<Body>(handler, 'POST', '/v1/events', { headers: key });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
  });
});

describe('what is sent to do harm', () => {
  const MB = 1_000_000;
  const fill = (unit: string, bytes = MB) => unit.repeat(Math.floor(bytes / unit.length));
  const event = (fields: string) => `{"name":"view_item","user_id":"ada",${fields}}`;
  const batch = (fields: string, count: number) =>
    `{"events":[${Array(count).fill(event(fields)).join(',')}]}`;
  /** API Gateway's most of what a function may answer is 10 MB, Lambda's 6 MB (AWS: "Lambda quotas"). */
  const answerable = (answer: Answer<Body>) =>
    expect(JSON.stringify(answer.body).length).toBeLessThan(6 * 1024 * 1024);

  test.each<[string, string, number, string | undefined]>([
    ['brackets alone', fill('['), 400, 'invalid_body'],
    [
      'a deep nest in a field that nobody knows',
      event(`"x":${fill('[', 400_000)}${fill(']', 400_000)}`),
      400,
      'body_too_deep',
    ],
    [
      'a deep nest of objects in a batch',
      `{"events":[${fill('{"a":', 500_000)}1${fill('}', 100_000)}]}`,
      400,
      'body_too_deep',
    ],
    ['a key again and again', `{${fill('"a":1,', 999_900)}"a":1}`, 400, 'invalid_events'],
    ['nulls', `{"events":[${fill('null,', 999_900)}null]}`, 413, 'too_many_events'],
    ['lines that are none', event(`"items":[${fill('{},', 999_800)}{}]`), 400, 'invalid_events'],
    [
      'as many wrong lines as events may have',
      batch(`"items":[${Array(200).fill(7).join(',')}]`, 490),
      400,
      'invalid_events',
    ],
    ['a number without end', event(`"value":${fill('9', 999_900)}`), 400, 'invalid_events'],
    ['a number beyond numbers', event('"value":1e999999'), 400, 'invalid_events'],
    [
      'digits without end',
      event(`"timestamp":"2026-01-01T00:00:00.${fill('1', 999_000)}Z"`),
      400,
      'invalid_events',
    ],
    ['a text without end', event(`"page":"${fill('x', 999_000)}"`), 400, 'invalid_events'],
    ['a text without end in a field that nobody knows', event(`"x":"${fill('x', 999_000)}"`), 202, undefined],
    [
      'a property with a name without end',
      event(`"properties":{"${fill('x', 999_000)}":1}`),
      400,
      'invalid_events',
    ],
    ['half of a character', event('"page":"\\ud800"'), 400, 'invalid_events'],
    [
      'a prototype',
      event('"__proto__":{"user_id":"eve"},"constructor":{"prototype":{"x":1}}'),
      202,
      undefined,
    ],
  ])('%s', async (_, body, status, code) => {
    const answer = await post(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    answerable(answer);
    expect(published.map(({ user }) => user)).toEqual(status === 202 ? ['ada'] : []);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test('bytes that are no UTF-8 are replaced, and what they replace is well-formed', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"name":"view_item","user_id":"a'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('"}'),
    ]);
    expect((await post(bytes)).status).toBe(202);
    expect(published[0]!.user).toBe('a\ufffd\ufffd');
  });

  test('of each event 20 reasons at most, so that an answer can be sent', async () => {
    const answer = await post(
      `{"events":[${event('"x":1')},${event(`"items":[${Array(200).fill(7).join(',')}]`)}]}`,
    );
    expect(answer.body.events[1]!.errors).toHaveLength(20);
    const name = 'k'.repeat(150_000);
    const refused = await post(event(`"properties":{"${name}":1}`));
    expect(refused.body.errors![0]!.path).toBe(`properties.${'k'.repeat(200)}…`);
  });
});

describe('how it is packed', () => {
  const text = JSON.stringify({ events: [view({ id: 'é😀' }), view({ id: 'b' })] });

  test.each([
    ['plain', text],
    ['base64', Buffer.from(text)],
    ['gzip in base64', gzipSync(text)],
  ])('%s', async (_, body) => {
    const { status } = await post(body);
    expect(status).toBe(202);
    expect(published.map(({ id }) => id)).toEqual(['é😀', 'b']);
  });

  test('a gateway that unpacks and leaves the header is understood', async () => {
    const { status } = await post(text, { headers: { ...key, 'content-encoding': 'gzip' } });
    expect(status).toBe(202);
  });

  test('1 MB is the most, packed or not: bombs end there', async () => {
    const padded = (bytes: number) => {
      const event = JSON.stringify(view());
      return event + ' '.repeat(bytes - event.length);
    };
    for (const pack of [
      (body: string) => body,
      (body: string) => Buffer.from(body),
      (body: string) => gzipSync(body),
    ]) {
      expect((await post(pack(padded(1_000_000)))).status).toBe(202);
      const { status, body } = await post(pack(padded(1_000_001)));
      expect([status, body.code]).toEqual([413, 'body_too_large']);
    }
    const bomb = gzipSync(Buffer.alloc(200_000_000, 0x20));
    expect(bomb.length).toBeLessThan(1_000_000);
    expect((await post(bomb)).status).toBe(413);
    // A bomb in a bomb is unpacked once.
    expect((await post(gzipSync(gzipSync(text)))).status).toBe(400);
  });

  test('a stream that a gateway took for text is 400, and it says what to do', async () => {
    const { status, body } = await post(gzipSync(text).toString('utf8'));
    expect([status, body.code]).toEqual([400, 'invalid_body']);
    expect(body).toMatchObject({ detail: expect.stringContaining('application/octet-stream') });
  });

  test('a stream that was cut, or is not whole, is 400', async () => {
    const whole = gzipSync(text);
    for (let length = 2; length < whole.length; length += 7) {
      const { status, body } = await post(whole.subarray(0, length));
      expect([status, body.code]).toEqual([400, 'invalid_body']);
    }
    const damaged = Buffer.from(whole);
    damaged[whole.length - 5]! ^= 0xff;
    expect((await post(damaged)).status).toBe(400);
  });
});

describe('who may send', () => {
  test('a write key in the header, or in the query for beacons', async () => {
    expect((await post(view())).status).toBe(202);
    expect((await post(view(), { headers: { authorization: 'bearer write-key-2' } })).status).toBe(202);
    expect(
      (await post(view(), { headers: { 'content-type': 'text/plain' } }, '?write_key=write-key-1')).status,
    ).toBe(202);
    expect(published.map(({ site }) => site)).toEqual(['shop', 'other', 'shop']);
  });

  test.each([
    ['no key', {}, ''],
    ['a read key', { authorization: 'Bearer read-key-1' }, ''],
    ['a read key in the query', {}, '?write_key=read-key-1'],
    ['another scheme', { authorization: 'Basic write-key-1' }, ''],
    ['an empty key', { authorization: 'Bearer ' }, ''],
    ['a key and more', { authorization: 'Bearer write-key-1 x' }, ''],
    ['two keys', {}, '?write_key=write-key-1&write_key=write-key-2'],
    ['__proto__', { authorization: 'Bearer __proto__' }, ''],
    ["the other's parameter", {}, '?read_key=write-key-1'],
  ])('%s: 401, with the scheme to use', async (_, headers, query) => {
    const answer = await post(view(), { headers: headers as Record<string, string> }, query);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(published).toEqual([]);
  });

  test('the site is that of the key, whatever the event says', async () => {
    await post(view({ site: 'other', site_id: 'other' }));
    expect(published[0]!.site).toBe('shop');
  });
});

describe('for browsers', () => {
  test('a preflight is answered without a key', async () => {
    const answer = await ask(handler, 'OPTIONS', '/v1/events', {
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,content-encoding',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-max-age': '86400',
    });
    for (const header of ['authorization', 'content-type', 'content-encoding']) {
      expect(answer.headers['access-control-allow-headers']).toContain(header);
    }
  });

  test('every answer may be read by a page of another origin, errors too', async () => {
    const failing = collecting(sites, () => Promise.reject(new Error('away')));
    const options = { headers: { ...key, origin: 'https://shop.example' } };
    const answers = [
      await post(view(), options),
      await post('{', options),
      await post(view(), { headers: { origin: 'https://shop.example' } }),
      await post(' '.repeat(1_000_001), options),
      await ask<Body>(failing, 'POST', '/v1/events', { ...options, body: JSON.stringify(view()) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 400, 401, 413, 503]);
    for (const { headers } of answers) {
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-expose-headers']).toContain('retry-after');
    }
    expect(answers[4]!.headers['retry-after']).toBe('5');
    expect(answers[4]!.body.code).toBe('kafka_unavailable');
  });

  test('a fault of the program tells nothing of its inside', async () => {
    const broken = httpStack(() => Promise.reject(new TypeError('secret of the inside')));
    const response = (await broken(
      { requestContext: { http: { method: 'GET' } }, headers: {}, version: '2.0' } as never,
      {} as never,
    )) as { statusCode: number; headers: Record<string, string>; body: string };
    expect(response.statusCode).toBe(500);
    expect(JSON.parse(response.body)).toMatchObject({ code: 'internal', status: 500 });
    expect(response.body).not.toContain('secret');
    expect(response.headers['Access-Control-Allow-Origin']).toBe('*');
  });
});

describe('whatever comes', () => {
  const nasty = fc.oneof(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '\ud800',
      'a\0b',
      ':{}*?',
      '😀',
      '',
      'x'.repeat(10_000),
    ),
    fc.constantFrom(1e308, -1, 0, -0, 1.5, 2 ** 53, 1e21, 5e-324),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const fields = [
    'id',
    'name',
    'user_id',
    'anonymous_id',
    'timestamp',
    'backfill',
    'items',
    'currency',
    'value',
  ];
  const more = [
    'transaction_id',
    'country',
    'page',
    'referrer',
    'user_agent',
    'search_term',
    'properties',
    'interaction_type',
    'product_id',
  ];
  const good = {
    name: 'purchase',
    user_id: 'ada',
    transaction_id: 'o-1',
    currency: 'EUR',
    value: 5,
    items: [{ item_id: 'tea', price: 5, quantity: 1 }],
    properties: { a: 1 },
  };
  const mutated = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...fields, ...more, '__proto__', 'events'), nasty, { maxKeys: 4 }),
      fc.dictionary(fc.constantFrom('item_id', 'price', 'quantity', 'item_name', 'toString'), nasty, {
        maxKeys: 3,
      }),
      fc.boolean(),
    )
    .map(([change, item, inItem]) => ({
      ...good,
      ...(inItem && { items: [{ ...good.items[0], ...item }, item] }),
      ...change,
    }));
  const batches = fc.oneof(
    mutated,
    fc.record({ events: fc.array(fc.oneof(mutated, nasty), { maxLength: 5 }) }),
  );

  const isSound = async (body: string | Buffer) => {
    const { status } = await post(body);
    expect([202, 400, 413]).toContain(status);
  };

  test('mutated events: an answer as documented, and what is published can be written and read', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (body) => {
        published = [];
        await isSound(JSON.stringify(body));
        for (const event of published) {
          expect(JSON.parse(JSON.stringify(event))).toEqual(event);
          expect(event.user.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 2_500 },
    );
  });

  test('mutated bytes', async () => {
    const bytes = Buffer.from(JSON.stringify({ events: [good, good] }));
    const packed = gzipSync(bytes);
    const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(edits, fc.boolean(), fc.nat(), async (changes, isPacked, cut) => {
        const copy = Buffer.from(isPacked ? packed : bytes);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        await isSound(cut % 3 === 0 ? copy.subarray(0, cut % copy.length) : copy);
      }),
      { numRuns: 2_500 },
    );
  });
});
