import { contextOf } from '../../functions/analytics/context.ts';
import { routesOf } from '../../functions/analytics/routes.ts';
import { freePort } from '../../local/services/ports.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { Sites } from '../../shared/sites/sites.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { ask } from '../support/http.ts';
import { openReader } from '../support/reader.ts';
import { relay } from '../support/tcp.ts';

/** The analytics function with Kafka or Redis away: refusing connections, or accepting and never answering. */

// Of one server: a relay stands before it. redis-cluster.test.ts takes nodes of a cluster away.
const config = await freshConfig({ partitions: 2, oneServer: true });
const headers = { authorization: 'Bearer demo-read-key' };

function analytics({ redisUrl = config.redis.url, brokers = config.kafka.brokers } = {}) {
  const offsets = closing(new TopicOffsets({ ...config.kafka, brokers }), (one) => one.close());
  const { redis } = openReader(
    { ...config, redis: { ...config.redis, url: redisUrl } },
    { commandTimeout: 3_000 },
  );
  return httpStack(
    routerOf(routesOf(contextOf(config, redis, offsets, fixedSites(new Sites(config.sites))))),
  );
}
const port = (url: string) => Number(new URL(url).port);
const redisAt = (there: number) => config.redis.url.replace(String(port(config.redis.url)), String(there));
const brokerAt = (there: number) => [`127.0.0.1:${there}`];

interface Health {
  data: {
    status: string;
    redis: string;
    kafka: string;
    ahead?: number;
    freshness?: { lag_events: number | null };
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

test('a topic that was made anew while Redis kept its numbers is told: what comes would be skipped', async () => {
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
