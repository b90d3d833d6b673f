import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { type Site, Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { closing } from '../support/closing.ts';
import { collecting } from '../support/collecting.ts';
import { type Desk, type LetterShop, openLetterShop } from '../support/dead-letters.ts';
import { ask } from '../support/http.ts';
import { openReader } from '../support/reader.ts';
import { analyticsRoutes } from '../support/routes.ts';
import { siteOf } from '../support/shop.ts';

const STREAM = 'G-SHOP123456';
const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const bearer = { authorization: 'Bearer shop-write-key' };

interface Way {
  via: string;
  as_it_came: number;
  put_right: number;
  kept: number;
  refused: number;
  bots: number;
}
interface Finding {
  via: string;
  quality: string;
  code: string;
  path: string;
  events: number;
  samples: string[];
}

/** Collect, aggregate, dead letters and analytics on one Kafka and one Redis. */
async function open(fields: Partial<Site> = {}) {
  const site = siteOf('shop', { currency: 'EUR', measurement_ids: [STREAM], ...fields });
  const world: LetterShop = await openLetterShop([site]);
  const { kafka } = world.config;
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const sites = new Sites([site]);
  const collect = collecting(sites, (events, invalid) => producer.sendEvents([...events, ...invalid]));
  const { redis } = openReader(world.config);
  const contexts = analyticsContexts(world.config, redis, offsets, fixedSites(sites));
  const analytics = httpStack(routerOf(analyticsRoutes(contexts)));
  return {
    world,
    desk: world.desk() as Desk,
    send: async (target: string, body: unknown, headers: Record<string, string> = bearer) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return ask<never>(collect, 'POST', target, { headers, body: text });
    },
    get: async <T>(target: string) => {
      const headers = { authorization: 'Bearer shop-read-key' };
      return (await ask<{ data: T }>(analytics, 'GET', target, { headers })).body.data;
    },
    csv: (target: string) =>
      ask(analytics, 'GET', target, {
        headers: { authorization: 'Bearer shop-read-key', accept: 'text/csv' },
      }),
  };
}

let asked = 0;
/** Asks from another day each time: the same answer is kept for a second. */
const quality = async ({ get }: Pick<Awaited<ReturnType<typeof open>>, 'get'>) => {
  const from = new Date(Date.now() - (30 + asked++) * 86_400_000).toISOString().slice(0, 10);
  const { ways, findings } = await get<{ ways: Way[]; findings: Finding[] }>(`/v1/quality?from=${from}`);
  return {
    ways: Object.fromEntries(
      ways.map(({ via, as_it_came, put_right, kept, refused, bots }) => [
        via,
        [as_it_came, put_right, kept, refused, bots],
      ]),
    ),
    findings: findings.map(({ via, quality, code, path, events, samples }) => [
      ...[via, quality, code, path, events],
      samples.join(),
    ]),
  };
};

const order = { name: 'purchase', anonymous_id: 'c0ffee', transaction_id: 'o-1', value: '13,95' };
const measurement = {
  client_id: '12.34',
  events: [{ name: 'purchase', params: { transaction_id: 'o-3', currency: 'EUR', value: '13,95' } }],
};
const hit = `v=2&tid=${STREAM}&cid=56.78&en=purchase&ep.transaction_id=o-4&epn.value=13,95&cu=EUR`;

describe('an order of each way in whose value could mean two things', () => {
  let shop: Awaited<ReturnType<typeof open>>;
  const letters = new Map<string, string>();
  const PATHS: Record<string, [path: string, pointer: string]> = {
    plain: ['value', '/value'],
    script: ['value', '/value'],
    segment: ['properties.total', '/properties/total'],
    measurement_protocol: ['events[0].params.value', '/events/0/params/value'],
    gtag: ['epn.value', '/epn.value'],
  };

  beforeAll(async () => {
    shop = await open();
    const fine = { name: 'page_view', anonymous_id: 'c0ffee' };
    const answers = [
      await shop.send('/v1/events', { events: [fine, order] }),
      await shop.send(
        '/v1/events?via=script&write_key=shop-write-key',
        { ...order, transaction_id: 'o-5' },
        {},
      ),
      await shop.send('/v1/track', {
        ...{ event: 'Order Completed', userId: 'ada', context: { ip: '203.0.113.9' } },
        properties: { order_id: 'o-2', total: '13,95', currency: 'EUR' },
      }),
      await shop.send(`/mp/collect?api_secret=shop-write-key&measurement_id=${STREAM}`, measurement, {}),
      await shop.send(`/g/collect?${hit}`, '', { 'user-agent': BROWSER, origin: 'https://shop.example' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 400, 400, 400, 400]);
    await shop.world.apply();
  });

  test('is a dead letter with its path', async () => {
    const { body } = await shop.desk.ask('GET', '/v1/dead-letters?reason=invalid');
    expect(body.data.letters).toHaveLength(5);
    for (const { letter, site, name, detail } of body.data.letters) {
      expect([site, name]).toEqual(['shop', 'purchase']);
      const { text } = (await shop.desk.ask('GET', `/v1/dead-letters/${letter}`)).body.data;
      const { via, invalid } = JSON.parse(text as string);
      expect(detail).toBe(`${PATHS[via]![0]}: ${invalid.message}`);
      expect(text).not.toMatch(/203\.0\.113|Mozilla/);
      letters.set(via, letter);
    }
    expect([...letters.keys()].sort()).toEqual(Object.keys(PATHS).sort());
  });

  test('is in the quality of its day, way in and field', async () => {
    expect(await quality(shop)).toEqual({
      ways: {
        plain: [1, 0, 1, 0, 0],
        script: [0, 0, 1, 0, 0],
        segment: [0, 0, 1, 0, 0],
        measurement_protocol: [0, 0, 1, 0, 0],
        gtag: [0, 0, 1, 0, 0],
      },
      findings: [
        ['gtag', 'kept', 'invalid_event', 'epn.value', 1, '13,95'],
        ['measurement_protocol', 'kept', 'invalid_event', 'params.value', 1, '13,95'],
        ['plain', 'kept', 'invalid_event', 'value', 1, '13,95'],
        ['script', 'kept', 'invalid_event', 'value', 1, '13,95'],
        ['segment', 'kept', 'invalid_event', 'properties.total', 1, '13,95'],
      ],
    });
  });

  test('is refused again with its path while nothing is changed', async () => {
    const answer = await shop.desk.ask('POST', '/v1/dead-letters/replay', { reason: 'invalid' });
    const refused = answer.body.data.refused as unknown as { letter: string; code: string; path: string }[];
    expect(answer.body.data.replayed).toBe(0);
    expect(new Set(refused.map(({ letter, code, path }) => [letter, code, path].join()))).toEqual(
      new Set([...letters].map(([via, letter]) => [letter, 'invalid', PATHS[via]![0]].join())),
    );
  });

  test('counts once after a replay with a patch, at the time of its receipt', async () => {
    for (const [via, letter] of letters) {
      const patch = [{ op: 'replace', path: PATHS[via]![1], value: '13.95' }];
      const replay = () => shop.desk.ask('POST', '/v1/dead-letters/replay', { letters: [letter], patch });
      expect((await replay()).body.data).toMatchObject({ replayed: 1, refused: [] });
      expect((await replay()).body.data).toMatchObject({ replayed: 0, already: [{ letter }] });
    }
    await shop.world.apply();
    // The homes of the orders count them.
    await shop.world.apply();
    expect(await shop.world.ledger()).toMatchObject({ 'shop:applied': 6, 'shop:deadLettered': 5 });
    const { orders, money } = await shop.get<{ orders: number; money: object[] }>('/v1/overview');
    expect([orders, money]).toEqual([5, [expect.objectContaining({ currency: 'EUR', revenue: '69.75' })]]);
    // What came from a browser keeps what its user agent said.
    const { rows } = await shop.get<{ rows: { value: string; events: number }[] }>('/v1/breakdowns/browser');
    expect(rows).toContainEqual(expect.objectContaining({ value: 'Chrome', events: 1 }));
    const received = (await shop.desk.ask('GET', '/v1/dead-letters?reason=invalid')).body.data.letters.map(
      (one) => one.received,
    );
    const { interactions } = await shop.get<{ interactions: { timestamp: string }[] }>(
      '/v1/users/ada/interactions',
    );
    expect(received).toContain(interactions[0]!.timestamp);
  });

  test('is in the same numbers after Redis has lost them', async () => {
    const before = await quality(shop);
    expect(before.ways).toMatchObject({ plain: [2, 0, 1, 0, 0], gtag: [1, 0, 1, 0, 0] });
    const records = await shop.world.letterRecords();
    await shop.world.refill();
    expect(await quality(shop)).toEqual(before);
    expect(await shop.world.letterRecords()).toBe(records);
  });
});

test('what was put right is counted by its rule, and bots by their way in', async () => {
  const shop = await open();
  const lines = [
    { item_id: 'a', price: '$19.99' },
    { item_id: 'b', price: '$5.00', quantity: 2 },
  ];
  await shop.send('/v1/events', {
    events: [
      { name: 'add_to_cart', user_id: 'ada', items: lines },
      { name: 'add_to_cart', user_id: 'undefined', anonymous_id: 'c0ffee', items: lines },
      { id: 'twice', name: 'search', user_id: 'ada' },
      { id: 'twice', name: 'search', user_id: 'ada' },
    ],
  });
  // Server-side tagging: no Origin, and a server's user agent.
  const view = `/g/collect?v=2&tid=${STREAM}&cid=9.9&en=page_view`;
  await shop.send(view, '', { 'user-agent': 'node-fetch/1.0' });
  await shop.send(view, '', { 'user-agent': BROWSER });
  await shop.world.apply();
  expect(await quality(shop)).toEqual({
    ways: { plain: [1, 2, 0, 0, 0], gtag: [1, 0, 0, 0, 1] },
    findings: [
      ['plain', 'put_right', 'number_text', 'items[].price', 2, '$19.99'],
      ['plain', 'put_right', 'placeholder_id', 'user_id', 1, ''],
    ],
  });
  const { body } = await shop.csv('/v1/quality');
  expect(String(body).split('\r\n').slice(0, 2)).toEqual([
    'day,via,quality,code,path,events,samples',
    expect.stringMatching(/^\d{4}-\d\d-\d\d,plain,as_it_came,,,1,$/),
  ]);
});

test('beyond the daily limit of its site, an event is only counted', async () => {
  const shop = await open({ invalid_events_a_day: 3 });
  const bad = (i: number) => ({ ...order, transaction_id: `o-${i}` });
  await shop.send('/v1/events', { events: [bad(1), bad(2)] });
  await shop.world.apply();
  await shop.send('/v1/events', { events: [bad(3), bad(4), bad(5)] });
  // An event without anything in it is not worth keeping.
  await shop.send('/v1/events', { events: [{}, 7] });
  await shop.world.apply();
  expect((await quality(shop)).ways).toEqual({ plain: [0, 0, 3, 4, 0] });
  expect(await shop.world.ledger()).toEqual({ 'shop:deadLettered': 3, 'shop:refused': 4 });
  expect(await shop.get('/v1/ledger')).toMatchObject({
    balanced: true,
    totals: { dead_lettered: 3, refused: 4 },
  });
  await shop.world.refill();
  expect((await quality(shop)).ways).toEqual({ plain: [0, 0, 3, 4, 0] });
  expect(await shop.world.letterRecords()).toBe(3);
});
