import type { Context } from 'aws-lambda';
import { freePort } from '../../local/services/ports.ts';
import { observeBatch } from '../../shared/aggregate/observe-batch.ts';
import { EVENT_VERSION } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { RateLimiter } from '../../shared/intake/rate-limiter.ts';
import { limitOf } from '../../shared/intake/request-limits.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { logger, observed, record } from '../../shared/platform/observe/observe.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { OpenErasures } from '../../shared/privacy/open-erasures.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { recordOf } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { requestOf } from '../support/http.ts';
import { printed } from '../support/printed.ts';
import { analyticsRoutes, collectRoutes, privacyRoutes } from '../support/routes.ts';
import { siteOf } from '../support/shop.ts';

/**
 * Everything that can fail fails here, and the output of the functions is searched for personal data and keys. Only
 * the functions' connections are replaced.
 */
const USER = 'lucia.fernandez@example.com';
const ADDRESS = '203.0.113.77';
const SECRETS = [USER, encodeURIComponent(USER), Buffer.from(USER).toString('base64'), ADDRESS].concat(
  ['shop-write-key', 'shop-read-key', 'shop-admin-key', 'guessed-key', 'private-text', 'order-4711'],
  [Buffer.from('shop-write-key:').toString('base64')],
);

const PARTITIONS = 2;
const sites = [siteOf('shop', { allowed_origins: ['https://shop.example'] })];
const config = await freshConfig({ partitions: PARTITIONS, sites });
const known = fixedSites(new Sites(sites));
const context = { functionName: 'footfall-test-all', awsRequestId: 'lambda-1' } as Context;

/** All functions in one. */
function functions({ redisUrl = config.redis.url, brokers = config.kafka.brokers } = {}) {
  const kafka = { ...config.kafka, brokers };
  const options = { enableAutoPipelining: true, commandTimeout: 500 };
  const redis = closing(connectRedis({ ...config.redis, url: redisUrl }, options), (one) => one.disconnect());
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const limits = { perSecond: 0.001, burst: 40 };
  const limiter = new RateLimiter(redis, { key: limits, address: limits }, (error) =>
    logger.warn('Nobody is limited, since Redis does not answer', error),
  );
  const publish = (events: Parameters<typeof producer.sendEvents>[0]) => producer.sendEvents(events);
  const limit = limitOf(limiter, (metric) => record(metric, 1));
  return httpStack(
    routerOf([
      ...collectRoutes({ sites: known, publish, limit }),
      ...analyticsRoutes(analyticsContexts(config, redis, offsets, known)),
      ...privacyRoutes({
        sites: known,
        adminKeyHash: undefined,
        stores: new PerGeneration(known, kafka, (generation) => ({
          store: new StoreReader(redis, generation),
          receipts: new Receipts(redis, generation),
          open: new OpenErasures(redis),
        })),
        publish,
        waitMs: 10,
      }),
    ]),
  );
}

type Handler = ReturnType<typeof functions>;
const key = (kind: string) => ({ authorization: `Bearer shop-${kind}-key` });
const event = {
  name: 'purchase',
  user_id: USER,
  transaction_id: 'order-4711',
  properties: { x: 'private-text' },
};

/** Sends each kind of request, with personal data in every field that may hold it. @returns the statuses. */
async function askAll(handler: Handler): Promise<number[]> {
  const user = encodeURIComponent(USER);
  const requests: Parameters<typeof requestOf>[] = [
    ['POST', '/v1/events', { headers: key('write'), body: JSON.stringify(event) }],
    ['POST', '/v1/events?write_key=guessed-key', { body: JSON.stringify(event) }],
    ['POST', '/v1/events', { headers: key('write'), body: `{"user_id": ${USER} private-text` }],
    [
      'POST',
      '/v1/events',
      { headers: key('write'), body: JSON.stringify({ ...event, name: '', price: USER }) },
    ],
    [
      'POST',
      '/v1/events',
      {
        headers: { ...key('write'), origin: `https://${USER.replace('@', '.')}` },
        body: JSON.stringify(event),
      },
    ],
    [
      'POST',
      '/v1/track',
      {
        headers: { authorization: `Basic ${Buffer.from('shop-write-key:').toString('base64')}` },
        body: JSON.stringify({ type: 'track', event: 'private-text', userId: USER }),
      },
    ],
    ['GET', `/g/collect?v=2&tid=G-NONE1&cid=${user}&en=private-text`, {}],
    ['GET', `/v1/users/${user}`, { headers: key('read') }],
    ['GET', `/v1/users/${user}/interactions?from=private-text`, { headers: key('read') }],
    ['GET', '/v1/overview?read_key=guessed-key', {}],
    ['GET', `/v1/${user}/private-text?read_key=shop-read-key`, {}],
    ['GET', `/v1/privacy/${user}`, { headers: key('admin') }],
    ['DELETE', `/v1/privacy/${user}`, { headers: key('admin') }],
    ['GET', '/v1/health', {}],
  ];
  const statuses: number[] = [];
  for (const [method, target, options] of requests) {
    const request = requestOf(method, target, { ...options, sourceIp: ADDRESS });
    statuses.push((await handler(request, context)).statusCode ?? 0);
  }
  return statuses;
}

beforeAll(() => logger.setLogLevel('DEBUG'));
afterAll(() => logger.setLogLevel('SILENT'));

/** Checks that the output has no personal data and no key. @returns the output. */
async function harmless(run: () => Promise<unknown>) {
  const { text, lines } = await printed(run);
  for (const secret of SECRETS) {
    const found = text.split('\n').filter((line) => line.includes(secret));
    expect(found).toEqual([]);
  }
  return { text, lines };
}

test.each([
  ['all is there', async () => ({})],
  ['Redis is away', async () => ({ redisUrl: `redis://127.0.0.1:${await freePort()}` })],
  ['Kafka is away', async () => ({ brokers: [`127.0.0.1:${await freePort()}`] })],
])('requests while %s', async (_, away) => {
  const handler = functions(await away());
  let statuses: number[] = [];
  const { lines } = await harmless(async () => {
    statuses = await askAll(handler);
  });
  // The requests did fail, each with a metric and a log line.
  expect(new Set(statuses).size).toBeGreaterThan(3);
  const refused = statuses.filter((status) => status >= 400).length;
  const counted = lines.map((line) => Number(line[METRICS.problems.name] ?? 0));
  // The health endpoint answers 503 by itself.
  const own = statuses.at(-1) === 503 ? 1 : 0;
  expect(counted.reduce((sum, one) => sum + one, 0)).toBe(refused - own);
  const logged = lines.filter(({ status, code }) => typeof status === 'number' && code !== undefined);
  expect(logged).toHaveLength(refused - own);
  for (const line of logged) expect(line.request_id).toMatch(/^[0-9a-f-]{36}$/);
});

test('requests over the rate limit', async () => {
  const handler = functions();
  let statuses: number[] = [];
  await harmless(async () => {
    for (let i = 0; i < 6; i++) statuses = [...statuses, ...(await askAll(handler))];
  });
  expect(statuses).toContain(429);
});

describe('batches', () => {
  const home = partitionOf(`shop:${USER}`, PARTITIONS);
  const now = Date.now();
  const stored = { v: EVENT_VERSION, site: 'shop', user: USER, name: 'view_item', ts: now, received: now };
  const json = (id: string, fields: object = {}) =>
    Buffer.from(JSON.stringify({ ...stored, id, page: 'private-text', ...fields }));
  const records = [
    json('order-4711'),
    Buffer.from(`{"user":"${USER}" private-text`),
    Buffer.from(USER),
    json('a', { v: 99 }),
    json('b', { site: 'private-text' }),
    json('c', { ts: 'private-text' }),
    json('d', { ts: 1 }),
  ].map((value, i) => recordOf(value, home, i));
  const batch = (apply: () => Promise<unknown>) =>
    observed(context, {}, () => observeBatch(records, apply)).catch(() => {});

  test('with records that cannot be counted', async () => {
    const consumer = openConsumer(config);
    const { lines } = await harmless(() => batch(() => consumer.apply(records)));
    expect(lines.map((line) => line[METRICS.deadLettered.name]).filter(Boolean).length).toBeGreaterThan(2);
  });

  test('that Redis refuses, full or with a key of another type', async () => {
    const { kafka, redis } = await freshConfig({ partitions: PARTITIONS, sites, oneServer: true });
    const other = { ...config, kafka, redis };
    const consumer = openConsumer(other);
    const [, before] = (await consumer.redis.config('GET', 'maxmemory')) as [string, string];
    const { lines } = await harmless(async () => {
      await consumer.redis.config('SET', 'maxmemory', '1');
      await batch(() => consumer.apply(records));
      await consumer.redis.config('SET', 'maxmemory', before);
      await consumer.redis.del(shardKeys.head(home));
      await consumer.redis.lpush(shardKeys.head(home), USER);
      await batch(() => consumer.apply(records));
    });
    const failed = lines.filter(({ level }) => level === 'ERROR');
    expect(failed).toHaveLength(2);
    for (const line of failed) {
      expect(line).toMatchObject({
        partition: home,
        from: 0,
        to: records.length - 1,
        records: records.length,
        lambda_request_id: 'lambda-1',
      });
    }
    expect(failed[0]).toMatchObject({
      error: { code: 'redis_full', message: expect.stringContaining('OOM') },
    });
    expect(JSON.stringify(failed[1])).toContain('WRONGTYPE');
  });

  test('while Redis is away', async () => {
    const consumer = openConsumer(config, { redisUrl: `redis://127.0.0.1:${await freePort()}` });
    const { lines } = await harmless(() => batch(() => consumer.apply(records)));
    expect(lines.some((line) => line[METRICS.failedBatches.name] === 1)).toBe(true);
  });
});
