import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { startRedisCluster } from '../../local/services/redis-cluster.ts';
import { footfallDir } from '../../local/services/services.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { RateLimiter } from '../../shared/intake/rate-limiter.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { RedisUnavailable } from '../../shared/platform/redis/unavailable.ts';
import { DAY_MS } from '../../shared/platform/time.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { DayPacker } from '../../shared/shard/packing/day-packer.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { cut, eventStream, hardSites, recordsOf, USERS } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { ask } from '../support/http.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openReader } from '../support/reader.ts';
import { keyNames } from '../support/redis-data.ts';
import { analyticsRoutes } from '../support/routes.ts';
import { siteOf } from '../support/shop.ts';
import { waitFor } from '../support/wait-for.ts';

/** Its own cluster. Slots move and masters die while aggregate counts and analytics answers. */

const PARTITIONS = 6;
const sites = hardSites.map((site) => siteOf(site.id, { ...site, keys: siteOf(site.id).keys }));
const folder = await mkdtemp(join(tmpdir(), 'footfall-cluster-'));
closing(folder, () => rm(folder, { recursive: true, force: true }));
const cluster = closing(
  await startRedisCluster({
    folder,
    cacheDir: join(footfallDir, 'cache'),
    env: process.env,
    log: console.log,
    // A test waits for it.
    nodeTimeoutMs: 1_500,
  }),
  (one) => one.stop(),
);

/** One node, past the cluster's client. */
function connectTo(index: number): Redis {
  const redis = new Redis(cluster.nodes[index]!.port, '127.0.0.1', { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  return closing(redis, () => redis.disconnect());
}

const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
const samples = fc.sample(
  eventStream({
    sites,
    receivedFrom: Date.now() - 43_200_000,
    receivedFor: 43_200_000,
    maxEvents: 90,
  }).filter((list) => list.length > 60),
  { numRuns: 8, seed },
);
/** Each id once, so that each event is one record that counts. */
const events: FootfallEvent[] = samples.flatMap((list, i) =>
  [...new Set(list)].map((event) => ({ ...event, id: `${i}-${event.id}` })),
);

async function setUp(keyPrefix: string) {
  const config: TestConfig = {
    ...(await freshConfig({ partitions: PARTITIONS, sites })),
    redis: { url: cluster.url, cluster: true, keyPrefix, ca: undefined },
    answerMaxAgeMs: 0,
  };
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  await producer.sendEvents(events);
  const consumer = openConsumer(config);
  const { redis, reader } = openReader(config, { commandTimeout: 3_000 });
  const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
  const handler = httpStack(
    routerOf(analyticsRoutes(analyticsContexts(config, redis, offsets, fixedSites(new Sites(sites))))),
  );

  /** Batches of one partition as Lambda hands them over: in order, and each until it is taken. */
  const consume = async (records: readonly KafkaRecord[]) => {
    for (const batch of cut([...records], [9])) {
      for (;;) {
        try {
          await consumer.apply(batch);
          break;
        } catch {
          await sleep(100);
        }
      }
    }
  };
  const get = (target: string) =>
    ask<{ code?: string; data: { balanced: boolean; totals: Record<string, number> } }>(
      handler,
      'GET',
      target,
      {
        headers: { authorization: `Bearer ${sites[0]!.id}-read-key` },
      },
    );

  /** Asks all the time until it is told to stop: every answer is one, or says clearly that there is none now. */
  const keepAsking = () => {
    const statuses: number[] = [];
    let goesOn = true;
    const asking = (async () => {
      while (goesOn) {
        for (const target of ['/v1/events', '/v1/overview', '/v1/ledger', '/v1/live']) {
          if (!goesOn) return;
          const { status, headers, body } = await get(target);
          statuses.push(status);
          if (status !== 200) {
            expect([status, body.code, headers['retry-after']]).toEqual([503, 'redis_unavailable', '2']);
          }
        }
        await sleep(20);
      }
    })();
    const stop = async () => {
      goesOn = false;
      await asking;
      return statuses;
    };
    return closing(stop, stop); // Also when the test fails.
  };

  /** Packs all days all the time, as if they were settled, until it is told to stop. @returns how many were packed. */
  const keepPacking = () => {
    const packer = new DayPacker(redis, firstGeneration(config.kafka));
    let [goesOn, packed] = [true, 0];
    const packing = (async () => {
      for (; goesOn; await sleep(20)) {
        packed += await packer
          .run(sites, { now: Date.now() + 30 * DAY_MS, goOn: () => goesOn, againEvery: 1 })
          .catch((error) => {
            expect(error).toBeInstanceOf(RedisUnavailable);
            return 0;
          });
      }
    })();
    const stop = async () => {
      goesOn = false;
      await packing;
      return packed;
    };
    return closing(stop, stop); // Also when the test fails.
  };

  const expectTruth = async () => {
    const expected = Object.entries(recount(events, sites)).filter(([name]) => !name.startsWith('days /'));
    expect(await stored(reader, sites, USERS)).toEqual(Object.fromEntries(expected));
    const ledger = [...(await ledgerOf(reader))].filter(([outcome]) => !outcome.startsWith('lost'));
    expect(ledger.reduce((sum, [, count]) => sum + count, 0)).toBe(events.length);
    const { status, body } = await get('/v1/ledger');
    expect([status, body.data.balanced]).toEqual([200, true]);
  };
  return { config, consumer, redis, reader, consume, get, keepAsking, keepPacking, expectTruth };
}

const partitions = recordsOf(events, PARTITIONS);
const part = (records: readonly KafkaRecord[], from: number, to: number) =>
  records.slice(Math.floor(records.length * from), Math.floor(records.length * to));

/** Which node has the slot of a key. */
async function placeOf(name: string): Promise<{ slot: number; owner: number }> {
  const first = connectTo(0);
  const slot = Number(await first.cluster('KEYSLOT', name));
  const table = (await first.cluster('SLOTS')) as [
    from: number,
    to: number,
    ...nodes: [host: string, port: number, ...more: unknown[]][],
  ][];
  const [, , master] = table.find(([from, to]) => from <= slot && slot <= to)!;
  return { slot, owner: cluster.nodes.findIndex((node) => node.port === master![1]) };
}

test('a slot that moves to another node while its shard commits', async () => {
  const { config, redis, consume, get, keepAsking, keepPacking, expectTruth } = await setUp('moving:');
  const stopPacking = keepPacking();
  // The first batch in between is of one user, who is known.
  const [first, ...others] = partitions as [KafkaRecord[], ...KafkaRecord[][]];
  const half = first.findIndex(
    ({ key }, i) => i > 0.4 * first.length && first.slice(0, i).some((one) => one.key === key),
  );
  await Promise.all([
    consume(first.slice(0, half)),
    ...others.map((records) => consume(part(records, 0, 0.4))),
  ]);
  const { slot, owner } = await placeOf(config.redis.keyPrefix + shardKeys.head(0));
  const from = connectTo(owner);
  const target = (owner + 1) % 3;
  const to = connectTo(target);
  const ids = await Promise.all([from, to].map((node) => node.cluster('MYID') as Promise<string>));
  /** How often the first redirected a client, and how often the second rejected a transaction or a script. */
  const redirections = async () => {
    const count = (info: string, pattern: RegExp) =>
      [...info.matchAll(pattern)].reduce((sum, [, found]) => sum + Number(found), 0);
    return {
      sentOn: count(await from.info('errorstats'), /errorstat_ASK:count=(\d+)/g),
      waiting: count(await to.info('commandstats'), /cmdstat_(?:exec|eval|evalsha):.*rejected_calls=(\d+)/g),
    };
  };
  const before = await redirections();
  const move = (names: readonly string[]) =>
    from.migrate('127.0.0.1', cluster.nodes[target]!.port, '', 0, 5_000, 'KEYS', ...names);

  await to.cluster('SETSLOT', slot, 'IMPORTING', ids[0]!);
  await from.cluster('SETSLOT', slot, 'MIGRATING', ids[1]!);
  const names = (await from.cluster('GETKEYSINSLOT', slot, 10_000)) as string[];
  // The head has moved and the user has not. Neither may be taken for empty.
  await move(names.filter((name) => name.endsWith(':head')));
  const applied = Promise.all([
    consume(first.slice(half, half + 1)).then(() => consume(first.slice(half + 1))),
    ...others.map((records) => consume(part(records, 0.4, 0.8))),
  ]);
  await waitFor('a batch that was sent on and has to wait', async () => {
    const now = await redirections();
    return now.sentOn > before.sentOn && now.waiting > before.waiting;
  });
  const stopAsking = keepAsking();
  // What has one key is answered, wherever that is by now.
  expect((await get('/v1/events')).status).toBe(200);
  expect(await redis.hget(shardKeys.head(0), 'next')).not.toBeNull();
  for (;;) {
    const left = (await from.cluster('GETKEYSINSLOT', slot, 10_000)) as string[];
    if (left.length === 0) break;
    await move(left);
  }
  for (const node of [to, from]) await node.cluster('SETSLOT', slot, 'NODE', ids[1]!);
  await applied;
  expect(await stopAsking()).toContain(200);
  await Promise.all(others.map((records) => consume(part(records, 0.8, 1))));
  expect(await stopPacking()).toBeGreaterThan(0);
  await expectTruth();
});

test('a master dies: its replica goes on, and what it had not got comes back from Kafka', async () => {
  const { config, consumer, consume, keepAsking, keepPacking, expectTruth } = await setUp('dying:');
  const stopPacking = keepPacking();
  await Promise.all(partitions.map((records) => consume(part(records, 0, 0.3))));
  const { owner } = await placeOf(config.redis.keyPrefix + shardKeys.head(1));
  const [master, replica] = [connectTo(owner), connectTo(owner + 3)];
  // The link breaks and can't be made again, since the master knows no password.
  await replica.config('SET', 'masterauth', 'unknown');
  await master.call('CLIENT', 'KILL', 'TYPE', 'replica');
  await waitFor('the replica to be cut off', async () =>
    (await replica.info('replication')).includes('master_link_status:down'),
  );
  const stopAsking = keepAsking();
  await Promise.all(partitions.map((records) => consume(part(records, 0.3, 0.5))));
  await cluster.nodes[owner]!.kill();
  await Promise.all(partitions.map((records) => consume(part(records, 0.5, 1))));
  expect(await stopAsking()).toContain(200);
  expect(await replica.role()).toContain('master');
  expect(consumer.gaps.filter(({ lost }) => lost)).toEqual([]);
  expect(consumer.gaps.map(({ partition }) => partition)).toContain(1);
  expect(await stopPacking()).toBeGreaterThan(0);
  await expectTruth();
  // It comes back empty and is a replica now: nothing changes.
  await replica.config('SET', 'masterauth', '');
  await cluster.nodes[owner]!.start();
  await waitFor('the dead one to follow', async () =>
    (await master.info('replication')).includes('master_link_status:up'),
  );
  await expectTruth();
});

test('two installations share a cluster, and neither sees the other', async () => {
  const one = await setUp('one:');
  const two = await setUp('two:');
  await one.consume(partitions[0]!);
  expect(await keyNames(one.redis)).toContain(shardKeys.head(0));
  expect(await keyNames(two.redis)).toEqual([]);
  expect((await two.reader.heads()).map(({ next }) => next)).toEqual(Array(PARTITIONS).fill(0));
});

test('scripts and reads of all slots, asked in one tick', async () => {
  const { redis, reader } = await setUp('tick:');
  const bucket = { perSecond: 1, burst: 10 };
  const limiter = new RateLimiter(redis, { key: bucket, address: bucket }, (error) => {
    throw error;
  });
  const answers = await Promise.all([
    reader.heads(),
    limiter.take({ key: 'a-key', address: '203.0.113.7', cost: 1 }),
    reader.products(sites[0]!.id, [20_000, 20_001], ['views']),
    reader.ledgers(),
  ]);
  expect(answers[1]).toBeUndefined();
  expect(answers[0]).toHaveLength(PARTITIONS);
});
