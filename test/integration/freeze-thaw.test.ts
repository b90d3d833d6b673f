import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { addSites } from '../../local/sites/demo-sites.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import type { HttpResponse } from '../../shared/platform/http/stack.ts';
import { Child } from '../chaos/child.ts';
import { recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { answered, httpApiEvent, kafkaEvent } from '../support/aws-events.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { type ReadMessage, readMessages, readTopic } from '../support/read-topic.ts';
import { openReader } from '../support/reader.ts';
import { type Fate, type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';
import { siteOf } from '../support/shop.ts';
import { relay } from '../support/tcp.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * What Lambda does to a function's process between two lines of its code: it freezes it, thaws it with another time,
 * and ends it. Functions run in processes of their own, on real servers. FOOTFALL_FREEZE_SECONDS says how long a freeze
 * lasts (5); 20 is longer than any of our limits.
 */
const FREEZE_MS = 1_000 * Number(process.env.FOOTFALL_FREEZE_SECONDS ?? 5);
const MINUTES_10 = 600_000;
const PARTITIONS = 2;

const folder = closing(await mkdtemp(join(tmpdir(), 'footfall-freeze-')), (one) =>
  rm(one, { recursive: true, force: true }),
);
const site = siteOf('frozen');
/** Not there at the beginning. */
const newcomer = siteOf('newcomer');

/** One installation for each test. */
class Shop {
  readonly config: TestConfig;
  readonly #reader: ReturnType<typeof openReader>['reader'];

  private constructor(config: TestConfig) {
    this.config = config;
    this.#reader = openReader(config).reader;
  }

  static async open(): Promise<Shop> {
    const config = await freshConfig({ partitions: PARTITIONS, oneServer: true, sites: [site, newcomer] });
    await addSites(config, [site]);
    return new Shop(config);
  }

  /** @param env beside or instead of the addresses of Kafka and Redis */
  async start(name: 'collect' | 'aggregate' | 'analytics', env: Record<string, string> = {}): Promise<Child> {
    const child = new Child({
      name: `${name}-${randomUUID()}`,
      script: 'function-child.ts',
      args: [join(import.meta.dirname, '..', '..', 'functions', name, 'handler.ts')],
      env: { ...envOf(this.config), ...env },
      folder,
    });
    closing(child, (one) => one.kill());
    await child.start();
    return child;
  }

  /** All records that the topic has now. */
  async records(): Promise<ReadMessage[]> {
    const { kafka } = this.config;
    const count = (await readTopic(kafka)).length;
    return count === 0 ? [] : readMessages(kafka, kafka.eventsTopic, count);
  }

  batch(records: readonly ReadMessage[]) {
    return kafkaEvent('selfManaged', this.config.kafka.eventsTopic, records);
  }

  /** Hands everything that the topic has to aggregate, again and again until it succeeds, as Lambda does. */
  async deliver(aggregate: Child): Promise<void> {
    const batch = this.batch(await this.records());
    await waitFor('the batch to be applied', () => aggregate.invoke(batch).then(() => true), {
      everyMs: 200,
    });
  }

  /** What the topic has, and the numbers in Redis. */
  async found(): Promise<{ events: FootfallEvent[]; numbers: Record<string, number> }> {
    const events = (await readTopic(this.config.kafka)).map(({ event }) => event);
    const users = [...new Set(events.map(({ user }) => user))];
    return { events, numbers: await stored(this.#reader, this.config.sites, users) };
  }
}

/** The topic has these events and no others, and Redis has counted each once. */
async function expectCounted(shop: Shop, ids: readonly string[]): Promise<void> {
  const { events, numbers } = await shop.found();
  expect([...new Set(events.map(({ id }) => id))].sort()).toEqual([...ids].sort());
  const counted = Object.entries(recount(distinct(events), shop.config.sites));
  expect(numbers).toEqual(Object.fromEntries(counted.filter(([name]) => !name.startsWith('days /'))));
}

/** A client repeats a request that was not answered, so the topic may have its events twice. The first one counts. */
const distinct = (events: readonly FootfallEvent[]) => [
  ...new Map(events.toReversed().map((one) => [one.id, one])).values(),
];

let sent = 0;
const newIds = (count: number) => Array.from({ length: count }, () => `event-${++sent}`);

/** Sends an event. @returns whether collect has answered that Kafka has it */
async function send(collect: Child, id: string): Promise<boolean> {
  const request = httpApiEvent('POST /v1/events', '/v1/events', {
    headers: { authorization: 'Bearer frozen-write-key' },
    body: JSON.stringify({
      id,
      name: 'view_item',
      user_id: `user-${id}`,
      items: [{ item_id: 'tea', price: 3 }],
    }),
  });
  const answer = await collect.invoke(request).catch(() => undefined);
  return answer !== undefined && answered(answer as HttpResponse).status === 202;
}

/** Sends events as a client does: again with the same id until they are accepted. @returns how many were sent again */
async function sendAll(collect: Child, ids: readonly string[]): Promise<number> {
  let again = 0;
  const one = async (id: string) => {
    await waitFor(`${id} to be accepted`, async () => {
      const isAccepted = await send(collect, id);
      if (!isAccepted) again++;
      return isAccepted;
    });
  };
  await Promise.all(ids.map(one));
  return again;
}

const isCommit = (command: string) => command.startsWith('eval');

/** Calls `act` when aggregate's next commit is on its way to Redis; the commit waits for it. */
function atCommit(proxy: RedisProxy, act: () => Promise<void>): Promise<void> {
  const done = Promise.withResolvers<void>();
  proxy.decide = async (command): Promise<Fate> => {
    if (!isCommit(command)) return 'pass';
    proxy.decide = () => 'pass';
    await act().then(done.resolve, done.reject);
    return 'pass';
  };
  return done.promise;
}

async function startWithProxy(shop: Shop): Promise<{ aggregate: Child; proxy: RedisProxy }> {
  const proxy = closing(await startRedisProxy(shop.config.redis.url), (one) => one.close());
  return { aggregate: await shop.start('aggregate', { REDIS_URL: proxy.url }), proxy };
}

describe('a process that is stopped for a while', () => {
  test('collect: no event is lost, and none is counted twice', async () => {
    const shop = await Shop.open();
    const [collect, aggregate] = await Promise.all([shop.start('collect'), shop.start('aggregate')]);
    const [before, during, after] = [newIds(5), newIds(50), newIds(5)];
    await sendAll(collect, before);
    const sending = sendAll(collect, during);
    await sleep(5);
    collect.pause();
    await sleep(FREEZE_MS);
    collect.resume();
    const again = await sending;
    await sendAll(collect, after);

    const ids = [...before, ...during, ...after];
    expect((await readTopic(shop.config.kafka)).length).toBeLessThanOrEqual(ids.length + again);
    await shop.deliver(aggregate);
    await expectCounted(shop, ids);
  });

  test('aggregate, in the middle of a batch: it goes on with the batch', async () => {
    const shop = await Shop.open();
    const [collect, { aggregate, proxy }] = await Promise.all([shop.start('collect'), startWithProxy(shop)]);
    const ids = newIds(30);
    await sendAll(collect, ids.slice(0, 20));
    const frozen = atCommit(proxy, async () => {
      aggregate.pause();
      // The commit arrives, and its answer waits for the process.
      void sleep(FREEZE_MS).then(() => aggregate.resume());
    });
    await Promise.all([shop.deliver(aggregate), frozen]);
    await sendAll(collect, ids.slice(20));
    await shop.deliver(aggregate);
    await expectCounted(shop, ids);
  });

  test('aggregate, before a commit that arrives when another process has applied the batch', async () => {
    const shop = await Shop.open();
    const [collect, { aggregate, proxy }, other] = await Promise.all([
      shop.start('collect'),
      startWithProxy(shop),
      shop.start('aggregate'),
    ]);
    const ids = newIds(20);
    await sendAll(collect, ids);
    const batch = shop.batch(await shop.records());
    const applied = atCommit(proxy, async () => {
      aggregate.pause();
      await Promise.all([shop.deliver(other), sleep(FREEZE_MS)]);
      aggregate.resume();
    });
    // Whether the late batch fails or finds that nothing is left to do is its own affair.
    await Promise.all([applied, aggregate.invoke(batch).catch(() => {})]);
    await expectCounted(shop, ids);
    await shop.deliver(aggregate);
    await expectCounted(shop, ids);
  });
});

describe('a clock that jumps', () => {
  test.each([
    ['forward, as after a sleep', MINUTES_10, MINUTES_10],
    ['forward, when it is set', MINUTES_10, 0],
    ['back', -MINUTES_10, 0],
  ])('by ten minutes %s: every event counts, and a new site is known', async (_, clockMs, steadyMs) => {
    const shop = await Shop.open();
    const [collect, aggregate] = await Promise.all([shop.start('collect'), shop.start('aggregate')]);
    const jump = (ms: number, steady: number) => {
      for (const child of [collect, aggregate]) child.shiftClock(ms, steady);
    };
    const ids = newIds(40);
    await sendAll(collect, ids.slice(0, 10));
    await shop.deliver(aggregate);

    // With requests and a batch under way.
    const delivering = shop.deliver(aggregate);
    const sending = sendAll(collect, ids.slice(10, 20));
    jump(clockMs, steadyMs);
    await Promise.all([sending, delivering]);
    await sendAll(collect, ids.slice(20, 30));
    await shop.deliver(aggregate);

    await addSites(shop.config, [newcomer]);
    const hello = httpApiEvent('POST /v1/events', '/v1/events', {
      headers: { authorization: 'Bearer newcomer-write-key' },
      body: JSON.stringify({ name: 'view_item', user_id: 'ada' }),
    });
    await waitFor(
      'the new site to be known',
      async () => answered((await collect.invoke(hello)) as HttpResponse).status === 202,
      { timeoutMs: 15_000 },
    );
    const newcomers = (await readTopic(shop.config.kafka)).filter(({ event }) => event.site === 'newcomer');
    expect(newcomers).toHaveLength(1);

    jump(0, steadyMs);
    await sendAll(collect, ids.slice(30));
    await shop.deliver(aggregate);
    await expectCounted(shop, [...ids, newcomers[0]!.event.id]);
  });
});

describe('a Redis whose name leads to another address', () => {
  test('connections to the old one, which does not answer any more, are given up', async () => {
    const shop = await Shop.open();
    const target = new URL(shop.config.redis.url);
    const server = { host: target.hostname, port: Number(target.port) };
    const old = await relay(server);
    // Further addresses of 127.0.0.0/8 are there on Linux only.
    const host = process.platform === 'linux' ? '127.0.0.2' : '::1';
    const next = await relay(server, { host, port: old.port });
    const moving = pathToFileURL(join(import.meta.dirname, '..', 'support', 'moving-names-child.ts')).href;
    const env = {
      REDIS_URL: `redis://redis.test:${old.port}${target.pathname}`,
      MOVING_NAMES: JSON.stringify({ 'redis.test': '127.0.0.1' }),
      NODE_OPTIONS: `--import=${moving}`,
    };
    const [collect, aggregate, analytics] = await Promise.all([
      shop.start('collect', env),
      shop.start('aggregate', env),
      shop.start('analytics', env),
    ]);
    const ids = newIds(30);
    await sendAll(collect, ids.slice(0, 10));
    await shop.deliver(aggregate);
    const read = () =>
      analytics.invoke(
        httpApiEvent('GET /v1/{path+}', '/v1/overview', {
          headers: { authorization: 'Bearer frozen-read-key' },
        }),
      ) as Promise<HttpResponse>;
    expect((await read()).statusCode).toBe(200);
    expect([old.connections > 0, next.connections]).toEqual([true, 0]);

    old.open = false;
    for (const child of [collect, aggregate, analytics]) child.tell({ addresses: { 'redis.test': host } });
    // Events need Kafka only.
    expect(await sendAll(collect, ids.slice(10, 20))).toBe(0);
    await waitFor('analytics to answer', async () => (await read()).statusCode === 200, {
      timeoutMs: 20_000,
    });
    await shop.deliver(aggregate);
    await sendAll(collect, ids.slice(20));
    await shop.deliver(aggregate);
    expect(next.connections).toBeGreaterThanOrEqual(2);
    await expectCounted(shop, ids);
  });
});

/** Ends it with SIGTERM: it closes its connections in time. */
async function expectEnds(child: Child): Promise<void> {
  expect(await child.end('SIGTERM')).toBe(0);
  expect(await readFile(child.logFile, 'utf8')).not.toMatch(/Cannot close|takes too long/);
}

describe('SIGTERM', () => {
  test('collect: events that wait for Kafka are sent, and their requests answered', async () => {
    const shop = await Shop.open();
    const [collect, aggregate] = await Promise.all([shop.start('collect'), shop.start('aggregate')]);
    await sendAll(collect, newIds(1));
    const first = Promise.withResolvers<void>();
    const accepted = new Set([`event-${sent}`]);
    const sending = newIds(300).map(async (id) => {
      if (await send(collect, id)) accepted.add(id);
      first.resolve();
    });
    await first.promise;
    const before = accepted.size;
    await expectEnds(collect);
    await Promise.all(sending);
    expect(accepted.size).toBeGreaterThan(before);
    const inTopic = new Set((await readTopic(shop.config.kafka)).map(({ event }) => event.id));
    expect([...accepted].filter((id) => !inTopic.has(id))).toEqual([]);
    await shop.deliver(aggregate);
    await expectCounted(shop, [...inTopic]);
  });

  test('aggregate: the commit under way is finished', async () => {
    const shop = await Shop.open();
    const [collect, { aggregate, proxy }] = await Promise.all([shop.start('collect'), startWithProxy(shop)]);
    const ids = newIds(20);
    await sendAll(collect, ids);
    const batch = shop.batch(await shop.records());
    let ending: Promise<void> | undefined;
    const atEnd = atCommit(proxy, async () => {
      ending = expectEnds(aggregate);
      await sleep(200);
    });
    await Promise.all([atEnd, aggregate.invoke(batch).catch(() => {})]);
    await ending;
    await aggregate.start();
    await shop.deliver(aggregate);
    await expectCounted(shop, ids);
  });

  test('idle processes end', async () => {
    const shop = await Shop.open();
    const names = ['collect', 'aggregate', 'analytics'] as const;
    const children = await Promise.all(names.map((name) => shop.start(name)));
    for (const child of children) await expectEnds(child);
  });
});
