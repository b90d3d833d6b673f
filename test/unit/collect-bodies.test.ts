import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expectStorable } from '../support/collecting.ts';
import type { Answer } from '../support/http.ts';
import { type CollectBody, key, openPlainEvents, view } from '../support/plain-events.ts';
import { runs } from '../support/runs.ts';

const { published, post } = openPlainEvents();

describe('hostile bodies', () => {
  const MB = 1_000_000;
  const fill = (unit: string, bytes = MB) => unit.repeat(Math.floor(bytes / unit.length));
  const event = (fields: string) => `{"name":"view_item","user_id":"ada",${fields}}`;
  const batch = (fields: string, count: number) =>
    `{"events":[${Array(count).fill(event(fields)).join(',')}]}`;
  /** API Gateway limits an answer to 10 MB, Lambda to 6 MB (AWS: "Lambda quotas"). */
  const answerable = (answer: Answer<CollectBody>) =>
    expect(JSON.stringify(answer.body).length).toBeLessThan(6 * 1024 * 1024);

  test.each<[string, string, number, string | undefined]>([
    ['only brackets', fill('['), 400, 'invalid_body'],
    [
      'deep nesting in an unknown field',
      event(`"x":${fill('[', 400_000)}${fill(']', 400_000)}`),
      400,
      'body_too_deep',
    ],
    [
      'deeply nested objects in a batch',
      `{"events":[${fill('{"a":', 500_000)}1${fill('}', 100_000)}]}`,
      400,
      'body_too_deep',
    ],
    ['one key repeated', `{${fill('"a":1,', 999_900)}"a":1}`, 400, 'invalid_events'],
    ['only nulls', `{"events":[${fill('null,', 999_900)}null]}`, 413, 'too_many_events'],
    ['items that are empty objects', event(`"items":[${fill('{},', 999_800)}{}]`), 400, 'invalid_events'],
    [
      'the most wrong items that events can have',
      batch(`"items":[${Array(200).fill(7).join(',')}]`, 490),
      400,
      'invalid_events',
    ],
    ['a number of a million digits', event(`"value":${fill('9', 999_900)}`), 400, 'invalid_events'],
    ['a number out of range', event('"value":1e999999'), 400, 'invalid_events'],
    [
      'a timestamp of a million digits',
      event(`"timestamp":"2026-01-01T00:00:00.${fill('1', 999_000)}Z"`),
      400,
      'invalid_events',
    ],
    ['a text of a million characters', event(`"page":"${fill('x', 999_000)}"`), 202, undefined],
    ['a long text in an unknown field', event(`"x":"${fill('x', 999_000)}"`), 202, undefined],
    [
      'a property whose name has a million characters',
      event(`"properties":{"${fill('x', 999_000)}":1}`),
      202,
      undefined,
    ],
    ['half of a surrogate pair', event('"id":"\\ud800"'), 400, 'invalid_events'],
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

  test('bytes that are not UTF-8 are refused with the place of the first, also when compressed', async () => {
    const start = Buffer.from('{"name":"view_item","user_id":"é\ufffd');
    for (const bad of [
      [0xff, 0xc3],
      [0xef, 0xbf],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
    ]) {
      const bytes = Buffer.concat([start, Buffer.from(bad), Buffer.from('"}')]);
      for (const body of [bytes, gzipSync(bytes)]) {
        const answer = await post(body);
        expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
        expect(answer.body).toMatchObject({ detail: expect.stringContaining(`byte ${start.length} `) });
      }
    }
    expect(published).toEqual([]);
    // A replacement character that the client itself has written is a character.
    expect((await post(Buffer.concat([start, Buffer.from('"}')]))).status).toBe(202);
    expect(published[0]!.user).toBe('é\ufffd');
  });

  test('an answer has at most 20 reasons for an event', async () => {
    const answer = await post(
      `{"events":[${event('"x":1')},${event(`"items":[${Array(200).fill(7).join(',')}]`)}]}`,
    );
    expect(answer.body.events[1]!.errors).toHaveLength(20);
    const name = 'k'.repeat(150_000);
    const taken = await post(event(`"properties":{"${name}":1}`));
    const { warnings } = taken.body.events[0] as unknown as { warnings: { path: string }[] };
    expect(warnings[0]!.path).toBe(`properties.${'k'.repeat(60)}…`);
  });
});

describe('encodings', () => {
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

  test.each([
    ['brotli', 'br', brotliCompressSync],
    ['deflate as RFC 9110 has it', 'deflate', deflateSync],
    ['raw deflate', 'deflate', deflateRawSync],
    ['gzip', 'gzip', gzipSync],
    ['none', 'identity', (body: Buffer) => body],
  ])('%s', async (_, encoding, pack) => {
    const headers = { ...key, 'content-encoding': encoding };
    for (const sent of [text, `\ufeff${text}`]) {
      published.length = 0;
      expect((await post(pack(Buffer.from(sent)), { headers })).status).toBe(202);
      expect(published.map(({ id }) => id)).toEqual(['é😀', 'b']);
    }
    // A gateway may have unpacked it and left the header.
    expect((await post(text, { headers })).status).toBe(202);
    const bomb = pack(Buffer.alloc(2_000_000, 0x20));
    expect((await post(bomb, { headers })).body.code).toBe('body_too_large');
    if (encoding === 'identity') return;
    const cut = pack(Buffer.from(text)).subarray(0, 20);
    expect((await post(cut, { headers })).body.code).toBe('invalid_body');
  });

  test('an encoding that is not known is 415, and names those that are', async () => {
    const answer = await post(Buffer.from(text), { headers: { ...key, 'content-encoding': 'zstd' } });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_encoding']);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('gzip, br, deflate') });
  });

  test('accepts a body that the gateway unpacked, despite its content-encoding', async () => {
    const { status } = await post(text, { headers: { ...key, 'content-encoding': 'gzip' } });
    expect(status).toBe(202);
  });

  test('accepts at most 1 MB, before and after unpacking', async () => {
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
    // Gzip within gzip is unpacked once.
    expect((await post(gzipSync(gzipSync(text)))).status).toBe(400);
  });

  test('answers 400 with advice when a gateway has read gzip as text', async () => {
    const { status, body } = await post(gzipSync(text).toString('utf8'));
    expect([status, body.code]).toEqual([400, 'invalid_body']);
    expect(body).toMatchObject({ detail: expect.stringContaining('application/octet-stream') });
  });

  test('answers 400 to gzip that is cut or damaged', async () => {
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

describe('mutated bodies', () => {
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

  const expectSound = async (body: string | Buffer) => {
    const { status } = await post(body);
    expect([202, 400, 413]).toContain(status);
  };

  test('mutated events get a documented status, and only events that can be stored are published', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (body) => {
        published.length = 0;
        await expectSound(JSON.stringify(body));
        published.forEach(expectStorable);
      }),
      { numRuns: runs(500) },
    );
  });

  test('mutated bytes get a documented status', async () => {
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
        await expectSound(cut % 3 === 0 ? copy.subarray(0, cut % copy.length) : copy);
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('whole numbers beyond 2^53', () => {
  test('keep their digits as ids', async () => {
    const ids = ['9007199254740992', '9007199254740993', '12345678901234567890'];
    const events = ids.map((id) => `{"name":"purchase","user_id":${id},"transaction_id": ${id} }`);
    const { status } = await post(`{"events":[${events.join(',')}]}`);
    expect(status).toBe(202);
    expect(published.map(({ user, transaction_id }) => [user, transaction_id])).toEqual(
      ids.map((id) => [id, id]),
    );
  });

  test('in a text are part of the text', async () => {
    const search_term = 'a:9007199254740993,b " [12345678901234567890]';
    const rest = JSON.stringify({ name: 'search', search_term }).slice(1);
    await post(`{"user_id":9007199254740993,${rest}`);
    expect(published[0]).toMatchObject({ user: '9007199254740993', search_term });
  });

  test('as a timestamp are nanoseconds', async () => {
    const now = Date.now();
    await post(`{"name":"search","user_id":"ada","timestamp":${now}000000}`);
    expect(published[0]!.ts).toBe(now);
  });
});
