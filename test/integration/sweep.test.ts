import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { type SweepContext, type Swept, sweep } from '../../functions/sweep/sweep.ts';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import type { CartAbandoned } from '../../shared/carts/signal.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { type ConnectionOptions, connectRedis } from '../../shared/platform/redis/connection.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/platform/time.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { CARTS_KEPT_MS, LIVE_MS } from '../../shared/shard/retention.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { openReader } from '../support/reader.ts';
import { keyNames } from '../support/redis-data.ts';
import { type Fate, startRedisProxy } from '../support/redis-proxy.ts';

const shop = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 3 });
const outlet = siteSchema.parse({ id: 'outlet' });
const PARTITIONS = 2;
const now = Date.now();

type Writer = Awaited<ReturnType<SweepContext['openWriter']>>;

function contextOf(
  config: TestConfig,
  options: ConnectionOptions = {},
  redisUrl = config.redis.url,
): SweepContext {
  const redis = closing(
    connectRedis({ ...config.redis, url: redisUrl }, { enableAutoPipelining: true, ...options }),
    (one) => one.disconnect(),
  );
  return {
    claims: new CartClaims(redis, firstGeneration(config.kafka)),
    trimmer: new Trimmer(redis, firstGeneration(config.kafka)),
    openWriter: () => SignalWriter.open(config.kafka),
    takeOver: async () => {},
    sites: config.sites,
    partitions: PARTITIONS,
    cartAbandonedMinutes: 60,
  };
}

/** The context with a writer that does something else instead of publishing. */
function publishing(
  context: SweepContext,
  publish: (publish: Writer['publish'], ...args: Parameters<Writer['publish']>) => Promise<void>,
): SweepContext {
  return {
    ...context,
    openWriter: async () => {
      const writer = await context.openWriter();
      return {
        placeOf: writer.placeOf.bind(writer),
        published: writer.published.bind(writer),
        close: writer.close.bind(writer),
        publish: (signals) => publish(writer.publish.bind(writer), signals),
      };
    },
  };
}

/** @param oneServer for a proxy before it */
async function setUp({ oneServer = false } = {}) {
  const config = await freshConfig({ partitions: PARTITIONS, sites: [shop, outlet], oneServer });
  const { redis, reader } = openReader(config);
  const consumer = openConsumer(config);
  const next = Array.from({ length: PARTITIONS }, () => 0);
  const { kafka } = config;
  const context = contextOf(config);

  /** Counts events, in their order. */
  const apply = async (...events: FootfallEvent[]) => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const records = events
        .filter((event) => partitionOf(userKey(event), PARTITIONS) === partition)
        .map(
          (event): KafkaRecord => ({
            topic: kafka.eventsTopic,
            partition,
            offset: next[partition]!++,
            timestamp: event.received,
            key: Buffer.from(userKey(event)).toString('base64'),
            value: Buffer.from(JSON.stringify(event)).toString('base64'),
          }),
        );
      if (records.length > 0) await consumer.apply(records);
    }
  };

  /** What a reader of committed records has in all. */
  const signals = async (): Promise<CartAbandoned[]> => {
    // Readers see what is committed a moment later; a new writer is opened only then.
    await (await context.openWriter()).close();
    const offsets = new TopicOffsets({ ...kafka, eventsTopic: kafka.signalsTopic });
    const ends = await offsets.fetch().finally(() => offsets.close());
    const found: CartAbandoned[] = [];
    for (const { partition, high } of ends) {
      if (high === 0) continue;
      const take = async (records: KafkaRecord[]) => {
        for (const { key, value } of records) {
          const signal: CartAbandoned = JSON.parse(Buffer.from(value!, 'base64').toString());
          expect(Buffer.from(key!, 'base64').toString()).toBe(userKey(signal));
          expect(partition).toBe(partitionOf(userKey(signal), PARTITIONS));
          found.push(signal);
        }
      };
      await readRange(kafka, partition, 0, high, take, kafka.signalsTopic);
    }
    return found;
  };

  /** Nothing of a sweep is left half done. */
  const expectNoClaims = async () => expect(await keyNames(redis, '*:claim:*')).toEqual([]);
  return { config, redis, reader, apply, signals, expectNoClaims, context };
}

let ids = 0;

/** An event of so many minutes ago: by default ana puts two teas of 12.50 into her cart. */
const event = (minutesAgo: number, fields: Partial<FootfallEvent> = {}): FootfallEvent => ({
  v: EVENT_VERSION,
  id: `e${ids++}`,
  site: 'shop',
  user: 'ana',
  name: 'add_to_cart',
  ts: now - minutesAgo * MINUTE_MS,
  received: now,
  currency: 'EUR',
  items: [{ id: 'tea', quantity: 2, amount: 2_500 }],
  ...fields,
});

/** A user of the shop who lives in this shard. */
function userOf(shard: number, name: string): string {
  const names = Array.from({ length: 100 }, (_, i) => `${name}-${i}`);
  return names.find((user) => partitionOf(userKey({ site: 'shop', user }), PARTITIONS) === shard)!;
}

const usersOf = (signals: readonly CartAbandoned[]) => signals.map(({ user }) => user).sort();

async function expectSwept(context: SweepContext, expected: Partial<Swept>): Promise<void> {
  expect(await sweep(context)).toMatchObject({ failures: [], ...expected });
}

class Crash extends Error {}
const crash = () => Promise.reject(new Crash('crashed'));

describe('a run that ends in the middle', () => {
  test('after the claim and before publishing: the next run publishes', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(90));
    const { failures, signalled } = await sweep(publishing(context, crash));
    expect(failures).toEqual([expect.any(Crash)]);
    expect([signalled, await signals()]).toEqual([0, []]);
    await expectSwept(context, { signalled: 1 });
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('after publishing and before noting it: the next run finds the signal and does not publish', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(90));
    const crashing = publishing(context, async (publish, ...args) => {
      await publish(...args);
      await crash();
    });
    expect((await sweep(crashing)).failures).toEqual([expect.any(Crash)]);
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('twice, once before and once after publishing', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(90));
    await sweep(publishing(context, crash));
    const crashing = publishing(context, async (publish, ...args) => {
      await publish(...args);
      await crash();
    });
    expect((await sweep(crashing)).failures).toHaveLength(1);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('within the transaction: what it sent is no signal, and the next run publishes', async () => {
    const { config, context, apply, signals, expectNoClaims } = await setUp();
    const { brokers, signalsTopic } = config.kafka;
    await apply(event(90));
    const crashing = publishing(context, async (_publish, records) => {
      const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer({
        transactionalId: `${signalsTopic}-sweep`,
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      const transaction = await producer.transaction();
      const messages = records.map(({ key, value }) => ({ key, value }));
      await transaction.send({ topic: signalsTopic, acks: -1, messages });
      await producer.disconnect();
      await crash();
    });
    expect((await sweep(crashing)).failures).toEqual([expect.any(Crash)]);
    await expectSwept(context, { signalled: 1 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('frozen before publishing, and thawed when another run has done its work: Kafka refuses it', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(90));
    const late = publishing(context, async (publish, ...args) => {
      await expectSwept(context, { signalled: 1 });
      await publish(...args);
    });
    const { failures } = await sweep(late);
    expect(failures).toEqual([expect.objectContaining({ code: 'sweep_superseded' })]);
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('frozen before noting it, while the cart is bought and the next one is signalled', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(300));
    const late = publishing(context, async (publish, ...args) => {
      await publish(...args);
      await apply(event(250, { name: 'purchase' }), event(200));
      await expectSwept(context, { signalled: 1 });
    });
    expect((await sweep(late)).failures).toEqual([]);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana', 'ana']);
    await expectNoClaims();
  });

  test.each<[string, FootfallEvent]>([
    ['bought', event(1, { name: 'purchase' })],
    ['emptied', event(1, { name: 'remove_from_cart' })],
    ['touched', event(1, { name: 'view_cart', items: [] })],
  ])('before publishing, and then the cart is %s: no signal', async (_, later) => {
    const { context, reader, apply, signals, expectNoClaims } = await setUp();
    await apply(event(90));
    await sweep(publishing(context, crash));
    await apply(later);
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toEqual([]);
    expect(await reader.signalled('shop', ['ana'])).toEqual([false]);
    await expectNoClaims();
  });

  test('before publishing, and then the cart is touched: a signal when that is an hour ago', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(300));
    await sweep(publishing(context, crash));
    await apply(event(90, { name: 'view_cart', items: [] }));
    // A run for which two hours have to pass finds the claim first.
    await expectSwept({ ...context, cartAbandonedMinutes: 120 }, { signalled: 0 });
    await expectNoClaims();
    expect(await signals()).toEqual([]);
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });

  test('before publishing, and two runs find its claim at once', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(90));
    await sweep(publishing(context, crash));
    // The one has read the claim when the other one does all of it.
    const late: SweepContext = {
      ...context,
      openWriter: async () => {
        const writer = await context.openWriter();
        return {
          placeOf: writer.placeOf.bind(writer),
          publish: writer.publish.bind(writer),
          close: writer.close.bind(writer),
          published: async (...where) => {
            const ids = await writer.published(...where);
            await expectSwept(context, { signalled: 1 });
            return ids;
          },
        };
      },
    };
    await sweep(late);
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toHaveLength(1);
    await expectNoClaims();
  });

  test('before publishing, and then the cart is touched and left again: one signal, of how it is now', async () => {
    const { context, apply, signals, expectNoClaims } = await setUp();
    await apply(event(300));
    await sweep(publishing(context, crash));
    await apply(event(200, { items: [{ id: 'cup', quantity: 1, amount: 900 }] }));
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toMatchObject([
      { last_activity: new Date(now - 200 * MINUTE_MS).toISOString(), value: { EUR: 3_400 } },
    ]);
    await expectNoClaims();
  });

  test.each<Fate>(['lose command', 'lose reply'])('"%s" at any command to Redis', async (fate) => {
    const { config, apply, signals, expectNoClaims } = await setUp({ oneServer: true });
    const proxy = closing(await startRedisProxy(config.redis.url), (one) => one.close());
    const users: string[] = [];
    for (let at = 1, reached = true; reached; at++) {
      // In both shards, so that the one has been signalled when it fails in the other.
      const fresh = [userOf(0, `a${at}`), userOf(1, `b${at}`)];
      users.push(...fresh);
      await apply(...fresh.map((user) => event(90, { user })));
      const context = contextOf(config, {}, proxy.url);
      let commands = 0;
      proxy.decide = (command) => (/^eval/.test(command) && ++commands === at ? fate : 'pass');
      await sweep(context);
      reached = commands >= at;
      proxy.decide = () => 'pass';
      await expectSwept(context, {});
      expect(usersOf(await signals())).toEqual(users.sort());
      await expectNoClaims();
    }
    // Two commands for each shard, and the round that finds no more of them.
    expect(users).toHaveLength(10);
  });
});

test('two sweeps at once: each cart once', async () => {
  const { config, context, apply, signals, expectNoClaims } = await setUp();
  const users = Array.from({ length: 300 }, (_, i) => `user-${String(i).padStart(3, '0')}`);
  await apply(...users.map((user) => event(90, { user })));
  const other = contextOf(config);
  const results = await Promise.all([sweep(context), sweep(other)]);
  for (const failure of results.flatMap(({ failures }) => failures)) {
    expect(failure).toMatchObject({ code: 'sweep_superseded' });
  }
  await expectSwept(context, {});
  expect(usersOf(await signals())).toEqual(users);
  await expectNoClaims();
});

test('sweeps that begin while another one publishes, again and again: each cart once', async () => {
  const { context, apply, signals, expectNoClaims } = await setUp();
  const users = Array.from({ length: 200 }, (_, i) => `user-${String(i).padStart(3, '0')}`);
  await apply(...users.map((user) => event(90, { user })));
  let others = 3;
  const interrupted: SweepContext = publishing(context, async (publish, ...args) => {
    const other = others-- > 0 ? sweep(interrupted) : undefined;
    await Promise.allSettled([publish(...args), other]).then(([own]) => {
      if (own.status === 'rejected') throw own.reason;
    });
  });
  await sweep(interrupted);
  await expectSwept(context, {});
  expect(usersOf(await signals())).toEqual(users);
  await expectNoClaims();
});

describe('which carts are signalled', () => {
  test('one that nobody has touched for the hour, with what is in it', async () => {
    const { context, reader, apply, signals } = await setUp();
    await apply(
      event(90),
      event(80, { items: [{ id: 'cup', quantity: 1, amount: 900 }], currency: 'USD' }),
      event(70, { name: 'view_cart', items: [] }),
      event(30, { user: 'ben' }),
      event(90, { user: 'cleo', site: 'outlet' }),
      event(90, { user: 'dan' }),
      event(30, { user: 'dan', name: 'begin_checkout' }),
      event(90, { user: 'eve', name: 'view_item' }),
    );
    await expectSwept(context, { signalled: 2 });
    const [first, second] = (await signals()).sort((a, b) => (a.user < b.user ? -1 : 1));
    expect(first).toEqual({
      v: 1,
      type: 'cart_abandoned',
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      site: 'shop',
      user: 'ana',
      last_activity: new Date(now - 70 * MINUTE_MS).toISOString(),
      lines: [
        { product_id: 'cup', quantity: 1 },
        { product_id: 'tea', quantity: 2 },
      ],
      value: { EUR: 2_500, USD: 900 },
      published_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(second).toMatchObject({ site: 'outlet', user: 'cleo' });
    expect(second!.id).not.toBe(first!.id);
    expect(await reader.signalled('shop', ['ana', 'ben', 'dan'])).toEqual([true, false, false]);
    // An hour is the setting's.
    await expectSwept({ ...context, cartAbandonedMinutes: 20 }, { signalled: 2 });
    expect(usersOf(await signals())).toEqual(['ana', 'ben', 'cleo', 'dan']);
  });

  test('not again when it is touched and left again', async () => {
    const { context, apply, signals } = await setUp();
    await apply(event(300));
    await expectSwept(context, { signalled: 1 });
    await apply(event(200), event(190, { name: 'view_cart' }));
    await expectSwept(context, { signalled: 0 });
    // A purchase of before it, which comes late, says nothing of it.
    await apply(event(400, { name: 'purchase' }));
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toHaveLength(1);
  });

  test.each(['purchase', 'remove_from_cart'])('the next one, after %s', async (name) => {
    const { context, apply, signals } = await setUp();
    await apply(event(300));
    await expectSwept(context, { signalled: 1 });
    await apply(event(250, { name }));
    await expectSwept(context, { signalled: 0 });
    await apply(event(200));
    await expectSwept(context, { signalled: 1 });
    await expectSwept(context, { signalled: 0 });
    const found = await signals();
    expect(usersOf(found)).toEqual(['ana', 'ana']);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });

  test('a visitor who signs in leaves none behind', async () => {
    const { context, apply, signals } = await setUp();
    await apply(
      event(90, { user: 'visitor' }),
      event(80, { user: 'visitor', name: 'identify', identifies: 'ana' }),
    );
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toEqual([]);
  });

  test('a user whose state has gone is none', async () => {
    const { context, redis, apply, signals, expectNoClaims } = await setUp();
    await apply(event(90));
    await redis.del(shardKeys.user(partitionOf('shop:ana', PARTITIONS), 'shop', 'ana'));
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toEqual([]);
    await expectNoClaims();
  });

  test('when there is no time for all of them, the next run goes on', async () => {
    const { context, apply, signals } = await setUp();
    await apply(event(90));
    expect(await sweep(context, 1_000)).toEqual({ signalled: 0, trimmed: 0, failures: [] });
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });
});

describe('when a server is away', () => {
  test('Redis: the run fails, and the next one does all of it', async () => {
    const { config, apply, signals } = await setUp({ oneServer: true });
    const proxy = closing(await startRedisProxy(config.redis.url), (one) => one.close());
    const context = contextOf(config, { commandTimeout: 1_000 }, proxy.url);
    await apply(event(90));
    proxy.decide = () => 'lose command';
    expect((await sweep(context)).failures).toHaveLength(2);
    proxy.decide = () => 'pass';
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });

  test('Kafka: the run fails but has trimmed, and the next one signals', async () => {
    const { context, redis, apply, signals } = await setUp();
    await apply(event(90));
    await redis.zadd(shardKeys.live(0, 'shop'), now - LIVE_MS - MINUTE_MS, 'gone');
    const unreachable = { ...context, openWriter: () => Promise.reject(new Error('Kafka is away')) };
    const { failures, trimmed, signalled } = await sweep(unreachable);
    expect([failures.map(String), signalled]).toEqual([['Error: Kafka is away'], 0]);
    expect(trimmed).toBeGreaterThan(0);
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });
});

describe('what has expired', () => {
  test('members of sorted sets go by their age, thousands of them in steps', async () => {
    const { context, redis } = await setUp();
    const sets = [
      [shardKeys.live(0, 'shop'), LIVE_MS],
      [shardKeys.carts(1, 'shop'), CARTS_KEPT_MS],
      [shardKeys.dueCarts(0, 'outlet'), CARTS_KEPT_MS],
      [shardKeys.leftCarts(1, 'outlet'), CARTS_KEPT_MS + DAY_MS],
    ] as const;
    for (const [key, kept] of sets) {
      const members: [ts: number, name: string][] = [
        ...Array.from({ length: 2_500 }, (_, i): [number, string] => [now - kept - i, `old-${i}`]),
        [now - kept + 10 * MINUTE_MS, 'young'],
        [now, 'new'],
      ];
      await redis.zadd(key, ...members.flat().map(String));
    }
    await expectSwept({ ...context, cartAbandonedMinutes: 10_000_000 }, { trimmed: 10_000 });
    for (const [key] of sets)
      expect(await redis.zrangebyscore(key, '-inf', '+inf')).toEqual(['young', 'new']);
  });

  test('days go when the site keeps them no longer and their numbers are gone', async () => {
    const { context, redis, reader, apply } = await setUp();
    const shard = partitionOf('shop:ana', PARTITIONS);
    const day = (ago: number) => Math.floor((now - ago * DAY_MS) / DAY_MS);
    const old = (daysAgo: number) =>
      event(daysAgo * 24 * 60, { ts: day(daysAgo) * DAY_MS + DAY_MS / 2, name: 'view_item', backfill: true });
    await apply(event(90, { name: 'view_item' }), old(1), old(4), old(10), old(20), old(3_000));
    // Its numbers are still there, whyever: from when the site kept them for longer.
    await redis.hset(shardKeys.day(shard, 'shop', day(20)), 'e:view_item', 1);
    const touched = await redis.hlen(shardKeys.touched(shard, 'shop'));
    await sweep(context);
    const days = await reader.days('shop');
    for (const kept of [1, 4, 20]) expect(days).toContain(day(kept));
    for (const gone of [10, 3_000]) expect(days).not.toContain(day(gone));
    const left = await redis.hkeys(shardKeys.touched(shard, 'shop'));
    for (const kept of [1, 4, 20]) expect(left).toContain(String(day(kept)));
    for (const gone of [10, 3_000]) expect(left).not.toContain(String(day(gone)));
    expect(left.length).toBeLessThan(touched);
    await redis.del(shardKeys.day(shard, 'shop', day(20)));
    await sweep(context);
    expect(await reader.days('shop')).not.toContain(day(20));
  });
});
