import { freePort } from '../../local/services/ports.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { observed } from '../../shared/platform/observe/observe.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { memoryUsed } from '../../shared/platform/redis/memory.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { measureLag } from '../../shared/status/measure-lag.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { ask } from '../support/http.ts';
import { printed } from '../support/printed.ts';
import { openReader } from '../support/reader.ts';
import { analyticsRoutes } from '../support/routes.ts';
import { relay } from '../support/tcp.ts';

/** The analytics function with Kafka or Redis away: refusing connections, or accepting and never answering. */

// Of one server: a relay stands before it. redis-cluster.test.ts takes nodes of a cluster away.
const config = await freshConfig({ partitions: 2, oneServer: true });
const headers = { authorization: 'Bearer demo-read-key' };

const GROUP = `group-of-${config.kafka.eventsTopic}`;

function analytics({ redisUrl = config.redis.url, brokers = config.kafka.brokers } = {}) {
  const offsets = closing(new TopicOffsets({ ...config.kafka, brokers }), (one) => one.close());
  const { redis } = openReader(
    { ...config, redis: { ...config.redis, url: redisUrl } },
    { commandTimeout: 3_000 },
  );
  return httpStack(
    routerOf(
      analyticsRoutes(
        analyticsContexts(
          { ...config, aggregateGroup: GROUP },
          redis,
          offsets,
          fixedSites(new Sites(config.sites)),
        ),
      ),
    ),
  );
}
const port = (url: string) => Number(new URL(url).port);
const redisAt = (there: number) => config.redis.url.replace(String(port(config.redis.url)), String(there));
const brokerAt = (there: number) => [`127.0.0.1:${there}`];

interface Health {
  data: {
    status: string;
    reasons: string[];
    redis_memory_percent?: number;
    redis: string;
    kafka: string;
    ahead?: number;
    freshness?: { lag_events: number | null };
    healing?: { partitions: number; records_left: number; share_done: number };
  };
}
const health = async (handler: ReturnType<typeof analytics>) => {
  const { status, headers, body } = await ask<Health>(handler, 'GET', '/v1/health');
  expect(headers['cache-control']).toBe('no-store');
  return { ...body.data, status };
};
const overview = (handler: ReturnType<typeof analytics>) =>
  ask<{ code?: string; meta?: { lag_events: number | null; complete: boolean | null } }>(
    handler,
    'GET',
    '/v1/overview',
    {
      headers,
    },
  );

test('with both there it is well, and says so without a key', async () => {
  const handler = analytics();
  expect(await health(handler)).toMatchObject({
    status: 200,
    redis: 'up',
    kafka: 'up',
    freshness: { lag_events: 0 },
  });
  expect((await overview(handler)).body.meta).toMatchObject({ lag_events: 0, complete: true });
});

test('it counts what waits', async () => {
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  await producer.send(
    config.kafka.eventsTopic,
    [1, 2, 3].map((i) => ({ key: `k${i}`, value: 'x' })),
  );
  const handler = analytics();
  expect(await health(handler)).toMatchObject({ status: 200, freshness: { lag_events: 3, complete: false } });
  expect((await overview(handler)).body.meta).toMatchObject({ lag_events: 3, complete: false });
});

test('what Redis has lost of what its group had committed is told, and how much of it is back', async () => {
  const admin = kafkaClient(config.kafka).admin();
  await admin.connect();
  closing(admin, (one) => one.disconnect());
  // The first group of a broker makes it make the topic of all groups, which takes seconds.
  await admin.fetchOffsets({ groupId: GROUP, topics: [config.kafka.eventsTopic] });
  const [first] = await admin.fetchTopicOffsets(config.kafka.eventsTopic);
  const end = Number(first!.high) + 8;
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  const key = ['a', 'b', 'c', 'd'].find((one) => partitionOf(one, 2) === first!.partition)!;
  await producer.send(
    config.kafka.eventsTopic,
    Array.from({ length: 8 }, () => ({ key, value: 'x' })),
  );
  expect((await health(analytics())).healing).toEqual({ partitions: 0, records_left: 0, share_done: 1 });

  await admin.setOffsets({
    groupId: GROUP,
    topic: config.kafka.eventsTopic,
    partitions: [{ partition: first!.partition, offset: String(end) }],
  });
  const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
  expect(await health(analytics())).toMatchObject({
    ...{ status: 200, healing: { partitions: 1, records_left: end, share_done: 0 } },
  });
  await redis.hset(shardKeys.head(first!.partition), { version: 1, next: end - 2 });
  const { healing } = await health(analytics());
  expect(healing).toEqual({ partitions: 1, records_left: 2, share_done: (end - 2) / end });
  await redis.hset(shardKeys.head(first!.partition), { version: 2, next: end });
  expect((await health(analytics())).healing).toEqual({ partitions: 0, records_left: 0, share_done: 1 });
  await redis.del(shardKeys.head(first!.partition));
});

test('the sweep measures the same, and how full Redis is; and says when it could not', async () => {
  const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
  const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
  const sources = {
    store: new StoreReader(redis, firstGeneration(config.kafka)),
    fetchOffsets: () => offsets.fetch(),
    fetchCommitted: () => offsets.fetchCommitted(GROUP),
    memoryUsed: () => memoryUsed(redis),
  };
  const measured = async (brokers = config.kafka.brokers) => {
    const away = closing(new TopicOffsets({ ...config.kafka, brokers }), (one) => one.close());
    let isWhole = false;
    const { lines } = await printed(() =>
      observed(undefined, {}, async () => {
        isWhole = await measureLag({ ...sources, fetchOffsets: () => away.fetch() });
      }),
    );
    return { isWhole, ...Object.assign({}, ...lines) };
  };
  const [, before] = (await redis.config('GET', 'maxmemory')) as [string, string];
  // More than all tests of a run have in there together.
  await redis.config('SET', 'maxmemory', String(64 * 1024 ** 3));
  try {
    const found = await measured();
    expect(found).toMatchObject({ isWhole: true, lagEvents: expect.any(Number), lost: 0, ahead: 0 });
    expect(found.lagEvents).toBeGreaterThan(7);
    expect(found.healingRecords).toBeGreaterThan(7);
    expect(found.redisMemory).toBeGreaterThan(0);
    expect(found.redisMemory).toBeLessThan(100);
  } finally {
    await redis.config('SET', 'maxmemory', before);
  }
  // A share of nothing is no number.
  expect(await measured()).toMatchObject({ redisMemory: 0 });
  const blind = await measured(brokerAt(await freePort()));
  expect(blind).toMatchObject({ isWhole: false, lost: 0 });
  expect(blind).not.toHaveProperty('lagEvents');
});

test('a Redis that is full is up: health and the 503 of what it refuses say that it is full, and by how much', async () => {
  const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
  const [, before] = (await redis.config('GET', 'maxmemory')) as [string, string];
  await redis.config('SET', 'maxmemory', '1');
  try {
    expect(await health(analytics())).toMatchObject({
      ...{ redis: 'up', kafka: 'up', lost: 0, freshness: { lag_events: expect.any(Number) } },
      reasons: expect.arrayContaining(['redis_full']),
    });
    const { redis_memory_percent: percent } = await health(analytics());
    // All that it uses, in percent of one byte.
    expect(percent).toBeGreaterThan(100_000_000);
    // What needs a transaction cannot be read for now.
    const ledger = await ask<{ code: string; detail: string }>(analytics(), 'GET', '/v1/ledger', { headers });
    expect([ledger.status, ledger.body.code, ledger.headers['retry-after']]).toEqual([
      503,
      'redis_full',
      '30',
    ]);
    expect(ledger.body.detail).toMatch(/has reached its memory limit/);
  } finally {
    await redis.config('SET', 'maxmemory', before);
  }
  const { reasons, redis_memory_percent: percent } = await health(analytics());
  expect(reasons).not.toContain('redis_full');
  // Without a limit there is no share.
  expect(percent).toBeUndefined();
});

test('whether it is alive needs neither', async () => {
  const handler = analytics({ redisUrl: redisAt(await freePort()), brokers: brokerAt(await freePort()) });
  const { status, body } = await ask(handler, 'GET', '/v1/health/live');
  expect([status, body]).toEqual([200, { data: { status: 'ok' } }]);
  const ready = await ask<Health>(handler, 'GET', '/v1/health/ready');
  expect(ready.status).toBe(503);
  expect(ready.body.data).toMatchObject({ redis: 'down', kafka: 'down' });
});

test('a topic that was made again while Redis kept its numbers is told: what comes would be skipped', async () => {
  const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
  await redis.hset(shardKeys.head(0), { version: 7, next: 1_000_000 });
  const { status, ahead } = await health(analytics());
  await redis.del(shardKeys.head(0));
  expect(status).toBe(503);
  expect(ahead).toBeGreaterThan(999_000);
  expect(await health(analytics())).toMatchObject({ status: 200, ahead: 0 });
});

describe.each([
  ['refuses connections', freePort],
  ['accepts and never answers', async () => (await relay()).port],
])('a server that %s', (_, away) => {
  test('as Kafka: questions are answered, without saying how fresh that is', async () => {
    const handler = analytics({ brokers: brokerAt(await away()) });
    const { status, body } = await overview(handler);
    expect([status, body.meta]).toMatchObject([200, { lag_events: null, complete: null }]);
    expect(await health(handler)).toMatchObject({
      status: 503,
      redis: 'up',
      kafka: 'down',
      freshness: { lag_events: null },
    });
  });

  test('as Redis: 503 with the time to wait, and health says that Kafka is there', async () => {
    const handler = analytics({ redisUrl: redisAt(await away()) });
    const { status, headers, body } = await overview(handler);
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'redis_unavailable', '2']);
    expect(headers['access-control-allow-origin']).toBe('*');
    const found = await health(handler);
    expect(found).toMatchObject({ status: 503, redis: 'down', kafka: 'up' });
    expect(found.freshness).toBeUndefined();
  });

  test('as both: health names both', async () => {
    const handler = analytics({ redisUrl: redisAt(await away()), brokers: brokerAt(await away()) });
    expect(await health(handler)).toMatchObject({ status: 503, redis: 'down', kafka: 'down' });
  });
});

test('a Redis that stops answering in the middle, and comes back, is asked again by the same function', async () => {
  const between = await relay({ host: '127.0.0.1', port: port(config.redis.url) });
  const handler = analytics({ redisUrl: redisAt(between.port) });
  expect((await overview(handler)).status).toBe(200);
  between.open = false;
  expect((await overview(handler)).status).toBe(503);
  between.open = true;
  // What was held back is gone, as after a failover: the connection must be given up, too.
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push((await overview(handler)).status);
  expect(answers.at(-1)).toBe(200);
});
