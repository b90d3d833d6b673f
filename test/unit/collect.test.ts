import type { Context } from 'aws-lambda';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { KafkaOutage } from '../../shared/platform/kafka/outage.ts';
import { collecting } from '../support/collecting.ts';
import { ask, requestOf } from '../support/http.ts';
import { type CollectBody, key, openPlainEvents, view } from '../support/plain-events.ts';

const { sites, handler, published, post } = openPlainEvents();

describe('POST /v1/events', () => {
  test('answers a single event with its verdict and its id', async () => {
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

  test('gives each event of a batch its own verdict, in their order', async () => {
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

  test('answers 202 when every event is too late, and says that they are stored but not counted', async () => {
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

  test('accepts at most 500 events', async () => {
    const { status, body } = await post({ events: Array.from({ length: 500 }, () => view()) });
    expect([status, body.accepted]).toEqual([202, 500]);
    const tooMany = await post({ events: Array.from({ length: 501 }, () => view()) });
    expect([tooMany.status, tooMany.body.code]).toEqual([413, 'too_many_events']);
    expect(published).toHaveLength(500);
  });

  test('treats a null field as absent', async () => {
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
    expect(Object.keys(published[0]!).sort()).toEqual([
      'id',
      'name',
      'received',
      'site',
      'ts',
      'user',
      'v',
      'via',
    ]);
  });

  test('answers 400 with a reason for each event when none is valid', async () => {
    const { status, body } = await post({ events: [view({ name: '?' }), { name: 'view_item' }] });
    expect([status, body.code]).toEqual([400, 'invalid_events']);
    expect(body.errors?.map(({ path }) => path)).toEqual(['events[0].name', 'events[1].user_id']);
    const one = await post({ name: 'view_item' });
    expect(one.body.errors).toEqual([
      { code: 'invalid_event', path: 'user_id', message: expect.any(String) },
    ]);
  });

  test.each([['{"events": []}'], ['{"events": {}}'], ['{"events": "x"}'], ['{"events": 7}']])(
    'refuses %s as a batch',
    async (body) => {
      const answer = await post(body);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_events']);
    },
  );

  test.each([['null'], ['7'], ['"x"'], ['[]'], ['{}'], ['true'], ['{"events": null}']])(
    'refuses %s as an event',
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
  ])('answers 400 to a body that is neither an event nor readable JSON (case %#)', async (body) => {
    expect((await post(body)).status).toBe(400);
  });

  test('answers 400 to a request without a body', async () => {
    const answer = await ask<CollectBody>(handler, 'POST', '/v1/events', { headers: key });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
  });
});

describe('authentication', () => {
  test('accepts a write key in the header, or in the query for beacons', async () => {
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
  ])('answers 401 with the scheme to use: %s', async (_, headers, query) => {
    const answer = await post(view(), { headers: headers as Record<string, string> }, query);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(published).toEqual([]);
  });

  test('takes the site from the key, not from the event', async () => {
    await post(view({ site: 'other', site_id: 'other' }));
    expect(published[0]!.site).toBe('shop');
  });
});

describe('browsers on other origins', () => {
  test('a preflight needs no key', async () => {
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

  test('every answer can be read by a page of another origin, also an error', async () => {
    const failing = collecting(sites, () => Promise.reject(new KafkaOutage('away')));
    const options = { headers: { ...key, origin: 'https://shop.example' } };
    const answers = [
      await post(view(), options),
      await post('{', options),
      await post(view(), { headers: { origin: 'https://shop.example' } }),
      await post(' '.repeat(1_000_001), options),
      await ask<CollectBody>(failing, 'POST', '/v1/events', { ...options, body: JSON.stringify(view()) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 400, 401, 413, 503]);
    for (const { headers } of answers) {
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-expose-headers']).toContain('retry-after');
    }
    expect(answers[4]!.headers['retry-after']).toBe('5');
    expect(answers[4]!.body.code).toBe('kafka_unavailable');
  });

  test('a fault of the program is no outage of Kafka', async () => {
    const faulty = collecting(sites, () => Promise.reject(new TypeError('undefined has no length')));
    const request = requestOf('POST', '/v1/events', { headers: key, body: JSON.stringify(view()) });
    const { statusCode, body } = await faulty(request, {} as Context);
    expect([statusCode, JSON.parse(body ?? '')]).toMatchObject([500, { code: 'internal' }]);
  });

  test('an internal error reveals no details', async () => {
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
