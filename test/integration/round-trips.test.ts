import { erasureEvent } from '../../shared/event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { HOUR_MS } from '../../shared/platform/time.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { recordsOf } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { callsByCommand, resetCalls } from '../support/commands.ts';
import { type Consumer, openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { noonZone } from '../support/noon.ts';
import { loseAll } from '../support/redis-data.ts';
import { type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';

/** The load of a batch on Redis, counted by the server itself and by a proxy on the wire. */
const site = siteSchema.parse({ id: 'shop', zone: noonZone(), currency: 'EUR' });
const config = await freshConfig({ oneServer: true, partitions: 1, sites: [site] });
const redis = closing(connectRedis(config.redis), (one) => one.disconnect());

let proxy: RedisProxy;
let consumer: Consumer;

beforeAll(async () => {
  proxy = closing(await startRedisProxy(config.redis.url), (one) => one.close());
  consumer = openConsumer(config, { redisUrl: proxy.url });
});

/**
 * Two whole hours of one day, since each hour and each day that a batch touches takes writes of its own: 30 views to
 * 3 carts to 1 order, of 100 people and 200 products.
 */
const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const events: FootfallEvent[] = Array.from({ length: 4_000 }, (_, i) => {
  const name = i % 34 < 30 ? 'view_item' : i % 34 < 33 ? 'add_to_cart' : 'purchase';
  const item = { id: `product-${(i * 7) % 200}`, quantity: 1, amount: 1_999, name: 'A product with a name' };
  return {
    v: EVENT_VERSION,
    id: `0e5a7f3c-0000-4000-8000-${String(i).padStart(12, '0')}`,
    site: 'shop',
    user: `user-${(i * 13) % 100}`,
    name,
    ts: now - 7_200_000 + i * 1_800,
    received: now,
    items: [item],
    currency: 'EUR',
    country: ['ES', 'PT', 'FR'][i % 3]!,
    page: '/products/a-product-with-a-name',
  };
});
const [records] = recordsOf(events, 1);
const READ = ['hmget', 'hgetall', 'read'];
const batchOf = (from: number, to: number) => records!.slice(from, to);

test('a batch takes two round trips: one to read, one to commit', async () => {
  await consumer.apply(batchOf(0, 1_000));
  proxy.reset();
  await consumer.apply(batchOf(1_000, 2_000));
  expect(proxy.counts.commands).toEqual([...READ, 'evalsha']);
  expect(proxy.counts.roundTrips).toBe(2);
});

test('a batch that was applied before takes one round trip', async () => {
  proxy.reset();
  await consumer.apply(batchOf(1_000, 2_000));
  expect(proxy.counts.roundTrips).toBe(1);
  expect(proxy.counts.commands).toEqual(READ);
});

test('after an erasure a third round trip asks about unknown users', async () => {
  const next = 2_000 - 1;
  const erased = erasureEvent({
    ...{ site: 'shop', user: 'user-0', at: now, erases: { receipt: 'r', of: 1 } },
  });
  const of = (event: FootfallEvent, offset: number) => ({ ...recordsOf([event], 1)[0]![0]!, offset });
  const fresh = (id: string, user: string): FootfallEvent => ({
    ...events[0]!,
    ...{ id, user, ts: now + 1, received: now + 1 },
  });
  await loseAll(redis);
  await consumer.apply([...batchOf(0, 2_000)]);
  await consumer.apply([of(erased, next + 1)]);
  proxy.reset();
  await consumer.apply([of(fresh('a', 'user-1'), next + 2)]);
  expect(proxy.counts.roundTrips).toBe(2);
  proxy.reset();
  await consumer.apply([of(fresh('b', 'user-0'), next + 3), of(fresh('c', 'unknown'), next + 4)]);
  expect(proxy.counts.commands).toEqual([...READ, 'mget', 'evalsha']);
  expect(proxy.counts.roundTrips).toBe(3);
  // From now on the state says it.
  proxy.reset();
  await consumer.apply([of(fresh('d', 'user-0'), next + 5)]);
  expect(proxy.counts.roundTrips).toBe(2);
  await loseAll(redis);
  await consumer.apply([...batchOf(0, 2_000)]);
});

test('writes and bytes for each event stay within their bounds', async () => {
  proxy.reset();
  await resetCalls(redis);
  await consumer.apply(batchOf(2_000, 3_000));
  const calls = await callsByCommand(redis);
  const { bytesToRedis, bytesFromRedis } = proxy.counts;
  const writes = ['hincrby', 'zincrby', 'zadd', 'set', 'append', 'expireat', 'hset'].map(
    (name) => calls[name] ?? 0,
  );
  const perEvent = {
    writes: writes.reduce((sum, count) => sum + count, 0) / 1_000,
    sent: bytesToRedis / 1_000,
    received: bytesFromRedis / 1_000,
  };
  console.log('for each event of a batch of 1,000:', perEvent, calls);
  // Two for the head, and one for each breakdown and each half hour of views.
  expect(calls.hmget).toBeLessThanOrEqual(20);
  expect(calls).toMatchObject({
    hgetall: 1,
    get: 100,
    eval: 1,
    evalsha: 1,
    set: 100,
    append: 100,
  });
  expect(calls.hexists).toBeUndefined();
  expect(calls.mget).toBeUndefined();
  // Writes follow the products, users and minutes of a batch, not its events.
  expect(perEvent.writes).toBeLessThan(1.5);
  // Most bytes are the timeline and the remembered ids of each user of the batch, at 8 to 9 bytes an id.
  expect(perEvent.sent).toBeLessThan(300);
  expect(perEvent.received).toBeLessThan(60);
});

test('the same events in larger batches make fewer writes', async () => {
  const writesIn = async (sizes: number) => {
    await loseAll(redis);
    await resetCalls(redis);
    for (let from = 0; from < 2_000; from += sizes) await consumer.apply(batchOf(from, from + sizes));
    const { hincrby = 0, zincrby = 0, zadd = 0, set = 0, append = 0 } = await callsByCommand(redis);
    return hincrby + zincrby + zadd + set + append;
  };
  const [small, large] = [await writesIn(100), await writesIn(2_000)];
  expect(large).toBeLessThan(small / 2);
});

test('the script that commits is sent once for each connection, and again when the server has lost it', async () => {
  await loseAll(redis);
  await redis.script('FLUSH');
  const proxied = openConsumer(config, { redisUrl: proxy.url });
  const commits = async (from: number) => {
    proxy.reset();
    await proxied.apply(batchOf(from, from + 100));
    return proxy.counts.commands.filter((name) => name.startsWith('eval'));
  };
  expect(await commits(0)).toEqual(['eval']);
  expect(await commits(100)).toEqual(['evalsha']);
  await redis.script('FLUSH');
  // NOSCRIPT, then the script itself: three round trips, this once.
  expect(await commits(200)).toEqual(['evalsha', 'eval']);
  expect(proxy.counts.roundTrips).toBe(3);
  expect(await commits(300)).toEqual(['evalsha']);
  expect(proxy.counts.roundTrips).toBe(2);
});
