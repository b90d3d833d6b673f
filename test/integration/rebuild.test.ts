import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { begin, buildUp, noteState } from '../../cli/rebuild/build.ts';
import { copyAll, openCopying } from '../../cli/rebuild/copy.ts';
import { type Filling, openFilling } from '../../cli/rebuild/fill.ts';
import { free, freeable, pairToUndo, switchTo } from '../../cli/rebuild/switch.ts';
import { knownGenerations, type Tools, withTools } from '../../cli/rebuild/tools.ts';
import { isGood, verdictLines, verify } from '../../cli/rebuild/verify.ts';
import { routesOf } from '../../functions/analytics/routes.ts';
import { type SweepContext, sweep } from '../../functions/sweep/sweep.ts';
import { addSites } from '../../local/sites/demo.ts';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { takeOverCarts } from '../../shared/carts/take-over.ts';
import { openDeadLetters } from '../../shared/dead-letters/open.ts';
import { SESSION_DIMENSIONS } from '../../shared/event/dimensions.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import { currentGeneration, firstGeneration, type Generation } from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { chunkArray } from '../../shared/platform/chunk-array.ts';
import type { Config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { connectRedis, serversOf } from '../../shared/platform/redis/connection.ts';
import { userDigest } from '../../shared/platform/redis/digest.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { contextOf } from '../../shared/questions/context.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { readOverview } from '../../shared/questions/overview.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { openSites } from '../../shared/sites/directory.ts';
import type { Site } from '../../shared/sites/site.ts';
import { keptEvents, toldAfter } from '../oracle/erased.ts';
import { distinct } from '../oracle/naive.ts';
import { identities } from '../oracle/people.ts';
import { type Asked, askAbout, askAboutFunnels, askAboutNow, askAboutPeople } from '../oracle/questions.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { eventStream, FUNNELS, hardSites } from '../oracle/streams.ts';
import { type Aggregating, startAggregating } from '../support/aggregating.ts';
import { asIfAt } from '../support/as-if-at.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ask } from '../support/http.ts';
import { startOtherFormat } from '../support/other-format.ts';
import { readMessages } from '../support/read-topic.ts';
import { keyNames, loseAll, redisEnv } from '../support/redis-data.ts';
import { RememberingReader } from '../support/remembering-reader.ts';
import { scan } from '../support/scan.ts';
import { siteOf } from '../support/shop.ts';

/**
 * An installation with real Kafka and Redis, in which events come and questions are asked all the time, is counted
 * anew. Truth is a program that has the whole list of events.
 */
const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
const PARTITIONS = 3;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** In years to come, so that nothing of it expires while it is looked at. */
const START = Date.parse('2031-06-10T08:00:00Z');

const [madrid, newYork] = hardSites as [Site, Site];
const load = siteOf('load');
const sites = [madrid, newYork, load];

let count = 0;
const eventOf = (fields: Partial<FootfallEvent>): FootfallEvent => ({
  ...{ v: EVENT_VERSION, id: `e${count++}`, site: newYork.id, user: 'ben', name: 'view_item', ts: START },
  received: fields.ts ?? START,
  ...fields,
});

/** People with visitors, orders, bots, repetitions. */
function sampleOf(site: Site, least: number, from = START): FootfallEvent[] {
  const options = { sites: [site], receivedFrom: from, receivedFor: 12 * HOUR, history: [from - 9 * DAY] };
  const [events] = fc.sample(
    eventStream({ ...options, maxEvents: 90, identities: true, orders: true }).filter(
      ({ length }) => length >= least,
    ),
    { numRuns: 1, seed },
  );
  return events!;
}

interface Told {
  data: { total: number };
  meta: { complete: boolean | null };
}

interface Installed {
  config: Config;
  producer: EventProducer;
  /** Sends records as they are, so that they can't be counted. */
  spoil(site: Site, values: readonly string[]): Promise<void>;
  process(): Promise<Aggregating>;
  /** Asks the analytics function, in a process of its own. */
  analytics: { get: (site: string, target: string) => Promise<Told>; learn: () => Promise<unknown> };
  reader(generation: Generation): StoreReader;
  tools<T>(use: (tools: Tools) => Promise<T>): Promise<T>;
  lines: string[];
}

/** @param keyPrefix on one server; in a cluster each test has one anyhow. */
async function install({ partitions = PARTITIONS, keyPrefix = '' } = {}): Promise<Installed> {
  const fresh = await freshConfig({ partitions, sites });
  const address = fresh.redis.cluster ? fresh.redis : { ...fresh.redis, keyPrefix };
  const config = { ...fresh, redis: address, answerMaxAgeMs: 0 };
  await addSites(config, sites);
  const { kafka } = config;
  const redis = closing(connectRedis(config.redis, { enableAutoPipelining: true }), (one) =>
    one.disconnect(),
  );
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const directory = closing(openSites(kafka, redis), (one) => one.close());
  const handler = httpStack(routerOf(routesOf(contextOf(config, redis, offsets, directory))));
  const lines: string[] = [];
  return {
    config,
    producer,
    lines,
    spoil: (site, values) =>
      producer.send(
        kafka.eventsTopic,
        values.map((value, i) => ({ key: `${site.id}:spoilt-${i}`, value })),
      ),
    process: async () => {
      const one = await startAggregating(config);
      return closing(one, () => one.stop());
    },
    analytics: {
      get: async (site, target) => {
        const headers = { authorization: `Bearer ${site}-read-key` };
        const { status, body } = await ask<Told>(handler, 'GET', target, { headers });
        expect(status).toBe(200);
        return body;
      },
      learn: () => directory.complete(),
    },
    reader: (generation) => new StoreReader(redis, generation),
    tools: (use) =>
      withTools(
        config,
        {
          log: (line) => lines.push(line),
          signal: new AbortController().signal,
        },
        use,
      ),
  };
}

/** What `npm run rebuild` does, without its waiting. */
async function build(tools: Tools): Promise<{ live: Generation; next: Generation; filling: Filling }> {
  const { live, next } = await begin(tools);
  const filling = openFilling(tools, next);
  expect(await buildUp(tools, filling)).toBe(true);
  await noteState(tools, next, 'ready');
  return { live, next, filling };
}

async function expectTruth(
  { config }: Installed,
  generation: Generation,
  shop: NaiveShop,
  all: readonly FootfallEvent[],
  lookAt: (answer: unknown, question: unknown[]) => unknown = (answer) => answer,
): Promise<void> {
  const redis = connectRedis(config.redis, { enableAutoPipelining: true });
  try {
    const reader = new RememberingReader(redis, generation);
    const range = { from: shop.dates[0]!, to: shop.dates.at(-1)! };
    const visitors = Map.groupBy(
      [...identities(distinct(all))].filter(([name]) => JSON.parse(name)[0] === shop.site.id),
      ([, user]) => user,
    );
    const ids = [...visitors].map(
      ([user, list]) => [user, list.map(([name]) => JSON.parse(name)[1] as string)] as const,
    );
    await asIfAt(shop.now, async () => {
      const asked: Asked[] = [
        ...askAbout(reader, shop, range, seed % 3),
        ...askAboutFunnels(reader, shop, range, [SHOP_FUNNEL]),
        ...askAboutNow(reader, shop, range),
        ...askAboutPeople(reader, shop, range, new Map(ids)),
      ];
      for (const { question, answer, expected } of asked) {
        const [found, wanted] = [lookAt(await answer, question), lookAt(expected, question)];
        if (!isDeepStrictEqual(found, wanted))
          expect({ question, found }).toEqual({ question, found: wanted });
      }
    });
  } finally {
    redis.disconnect();
  }
}

test(`an installation is counted anew while events come and questions are asked (FOOTFALL_SEED=${seed})`, async () => {
  const installed = await install();
  const { producer, config, analytics, reader } = installed;
  const first = firstGeneration(config.kafka);
  const [one, other] = [await installed.process(), await installed.process()];

  // History: people who sign in, orders, bots, what can't be counted; and somebody who was erased.
  const history = sampleOf(madrid, 60);
  const at = START + 10 * HOUR;
  const before = [
    eventOf({ user: 'ben', known: true }),
    eventOf({ user: 'ben', known: true, name: 'purchase', value: 1_000, currency: 'EUR', ts: START + HOUR }),
    eventOf({ user: 'eva', known: true, ts: START + 2 * HOUR }),
  ];
  const after = [
    eventOf({ user: 'ben', known: true, ts: START + HOUR, received: at - 1 }),
    eventOf({ user: 'ben', known: true, ts: at + HOUR }),
  ];
  const erasure = { site: newYork.id, asked: ['ben'], at, before, after };
  await producer.sendEvents([...history, ...before]);
  await installed.spoil(madrid, ['no event', '{"v":1}', JSON.stringify({ ...before[0], site: 'elsewhere' })]);
  await producer.sendEvents([
    erasureEvent({ site: newYork.id, user: 'ben', at, erases: { receipt: 'r', of: 1 } }),
    ...after,
  ]);
  await one.caughtUp();

  // From here on events come all the time, and answers are asked for all the time.
  const sent = { acknowledged: 0, begun: 0 };
  let isOver = false;
  const sending = (async () => {
    while (!isOver) {
      const events = Array.from({ length: 5 }, () => {
        const n = sent.begun++;
        return eventOf({ site: load.id, user: `u${n % 50}`, ts: START + n, received: START + n });
      });
      await producer.sendEvents(events);
      sent.acknowledged += events.length;
      await sleep(15);
    }
  })();
  const asked = { all: 0, complete: 0 };
  const asking = (async () => {
    while (!isOver) {
      const least = sent.acknowledged;
      const { data, meta } = await analytics.get('load', '/v1/events?from=2031-06-10&to=2031-06-10');
      asked.all++;
      expect(data.total).toBeLessThanOrEqual(sent.begun);
      if (!meta.complete) continue;
      asked.complete++;
      expect(data.total).toBeGreaterThanOrEqual(least);
      await sleep(5);
    }
  })();
  const going = Promise.all([sending, asking]);
  void going.catch(() => {});

  const { live, next } = await installed.tools(async (tools) => {
    const { live, next, filling } = await build(tools);
    expect([live.id, next.id]).toEqual(['4', '4.1']);
    const verdict = await verify(tools, filling, live);
    expect(verdictLines(verdict, next, live)).toEqual([
      '3 of 3 partitions compared with generation 4.',
      'No difference.',
    ]);
    expect(isGood(verdict)).toBe(true);
    // The processes hear of it one after the other.
    const switching = switchTo(tools, filling, { from: live, heardMs: 3_000 });
    await sleep(500);
    await one.directory.complete();
    await sleep(500);
    await analytics.learn();
    await sleep(500);
    await other.directory.complete();
    await switching;
    await filling.close();
    return { live, next };
  });
  const atSwitch = { ...asked };
  await sleep(300);

  // And back, and forth again.
  for (const [from, to] of [
    [next, live],
    [live, next],
  ]) {
    await installed.tools(async (tools) => {
      const pair = pairToUndo(await knownGenerations(tools), config.kafka.eventsTopic);
      expect([pair.live.id, pair.before.id]).toEqual([from!.id, to!.id]);
      const filling = openFilling(tools, pair.before);
      await buildUp(tools, filling);
      const switching = switchTo(tools, filling, { from: pair.live, heardMs: 1_000 });
      await sleep(400);
      await other.directory.complete();
      await analytics.learn();
      await sleep(300);
      await one.directory.complete();
      await switching;
      await filling.close();
    });
  }
  expect(asked.complete).toBeGreaterThan(atSwitch.complete);
  isOver = true;
  await going;
  await one.caughtUp();
  // The other one is as far as it was when it was left, and is brought up to date.
  await installed.tools(async (tools) => {
    const filling = openFilling(tools, { ...live });
    await buildUp(tools, filling);
    await filling.close();
  });
  await Promise.all([one.stop(), other.stop()]);

  const now = START + 11 * HOUR;
  for (const generation of [live, next]) {
    const store = reader(generation);
    const ledger = await readLedger(store, madrid, async () => []);
    expect(ledger).toMatchObject({ balanced: true, lost: [], unattributed: 3 });
    await expectTruth(installed, generation, new NaiveShop(history, madrid, now + 12 * HOUR), history);
    const shop = new NaiveShop([...before, ...after], newYork, now + HOUR, toldAfter(erasure));
    await expectTruth(installed, generation, shop, keptEvents(erasure));
    const days = { from: '2031-06-10', to: '2031-06-10' };
    expect(await readOverview(store, load, days)).toMatchObject({ total_events: sent.acknowledged });
    expect(await readUniqueUsers(store, load, days)).toMatchObject({
      users: Math.min(50, sent.acknowledged),
    });
  }
  expect(first.id).toBe(live.id);
  // What could not be counted was published once.
  const offsets = new TopicOffsets(config.kafka, config.kafka.dlqTopic);
  const [letters] = await offsets.fetch().finally(() => offsets.close());
  const messages = await readMessages(config.kafka, config.kafka.dlqTopic, letters!.high);
  expect(new Set(messages.map(({ key }) => String(key))).size).toBe(3);
  expect(messages.length).toBeLessThanOrEqual(6);

  // Its keys go; a third time, since the first one is ended at its beginning and the second one killed in the middle.
  await installed.tools(async (tools) => {
    const { redis } = tools;
    const kept = new Set(await keyNames(redis, `${keysOf(next.id).prefix}*`));
    const known = await knownGenerations(tools);
    const old = known.generations.find(({ id }) => id === live.id)!;
    await expect(free(tools, known.generations.find(({ id }) => id === next.id)!)).rejects.toMatchObject({
      code: 'current_generation',
    });
    await asIfLongAgo(tools);
    expect(await free({ ...tools, signal: AbortSignal.abort() }, old)).toBe(false);
    const users = Array.from({ length: 100_000 }, (_, n) => [
      keysOf(live.id).user(0, load.id, `many-${n}`),
      'x',
    ]);
    for (const some of chunkArray(users, 5_000)) await redis.mset(some.flat());
    const size = async () => {
      const sizes = await Promise.all(serversOf(redis).map((server) => server.dbsize()));
      return sizes.reduce((sum, one) => sum + one, 0);
    };
    const full = await size();
    const killed = startCommand(installed, 'free');
    while ((await size()) > full - 2_000) await killed.wait(2);
    killed.kill();
    expect((await killed.ended).code).toBe(null);
    expect((await keyNames(redis, `${keysOf(live.id).prefix}*`)).length).toBeGreaterThan(0);
    const { code, output } = await startCommand(installed, 'free').ended;
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Generation 4: ') });
    expect(await keyNames(redis, `${keysOf(live.id).prefix}*`)).toEqual([]);
    expect(new Set(await keyNames(redis, `${keysOf(next.id).prefix}*`))).toEqual(kept);
    expect((await knownGenerations(tools)).generations.map(({ id }) => id)).toEqual([next.id]);
  });
  const { data } = await analytics.get('load', '/v1/events?from=2031-06-10&to=2031-06-10');
  expect(data.total).toBe(sent.acknowledged);
}, 180_000);

/** As if the last switch had been long ago: nobody has to be waited for who has not heard of it. */
const asIfLongAgo = ({ register }: Tools): Promise<void> =>
  register.changeGenerations((known) => {
    const current = Object.entries(known.current).map(([place, one]) => [place, { ...one, since: 0 }]);
    return { generations: { ...known, current: Object.fromEntries(current) }, result: undefined };
  });

/** As Kafka does in time: all that it has by now is gone. */
async function forgetRecords(kafka: Config['kafka']): Promise<void> {
  const admin = kafkaClient(kafka).admin();
  await admin.connect();
  try {
    const ends = await admin.fetchTopicOffsets(kafka.eventsTopic);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic: kafka.eventsTopic, partitions });
  } finally {
    await admin.disconnect();
  }
}

/** An id of a site whose records are in a partition. */
function idIn({ partition, site }: { partition: number; site: Site }, name: string, partitions = PARTITIONS) {
  for (let n = 0; ; n++) {
    const user = `${name}-${n}`;
    if (partitionOf(userKey({ site: site.id, user }), partitions) === partition) return user;
  }
}

/** An answer but for how its sessions were cut, and what was done in which. */
function withoutSessions(answer: unknown, question: unknown[] = []): unknown {
  if (SESSION_DIMENSIONS.includes(question[3] as never)) return undefined;
  if (typeof answer !== 'object' || answer === null) return answer;
  if (Array.isArray(answer)) return answer.map((one) => withoutSessions(one));
  const kept = Object.entries(answer).filter(([name]) => !/bounce|conver|session_ms/.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutSessions(value)]));
}

const ERASED_AT = START + 10 * HOUR;

const eraseOne = ({ id: site }: Site, user: string) =>
  erasureEvent({ site, user, at: ERASED_AT, erases: { receipt: userDigest(site, user), of: 1 } });

/** Somebody who was a visitor elsewhere, signs in, and goes on under the visitor's id; and somebody like them. */
function signedIn(site: Site, name: string) {
  const [user, visitor] = [
    idIn({ partition: 0, site }, `${name}-user`),
    idIn({ partition: 1, site }, `${name}-visitor`),
  ];
  const one = (fields: Partial<FootfallEvent>, minutes: number) =>
    eventOf({ site: site.id, ts: START + minutes * MINUTE, ...fields });
  const before = [
    one({ user, known: true }, 0),
    one({ user: `${name}-other`, known: true, name: 'purchase', value: 700, currency: 'EUR' }, 1),
    one({ user: visitor, items: [{ id: 'tea', quantity: 1 }] }, 100),
    one({ user: visitor, name: 'identify', identifies: user }, 101),
    one({ user: visitor, name: 'purchase', value: 1_000, currency: 'EUR' }, 102),
  ];
  const at = ERASED_AT;
  // What was happening before comes late; and what is done afterwards is a new person's.
  const after = [
    one({ user, known: true, received: at + HOUR }, 3),
    one({ user, known: true, ts: at + HOUR }, 0),
    one({ user: visitor, ts: at + 2 * HOUR }, 0),
  ];
  const receipt = `${name}-receipt`;
  const erasures = [user, visitor].map((id) =>
    erasureEvent({ site: site.id, user: id, at, erases: { receipt, of: 2 } }),
  );
  return {
    site,
    user,
    visitor,
    receipt,
    erasures,
    erasure: { site: site.id, asked: [user], at, before, after },
  };
}

test(`who was erased stays so in the new generation and in the one before, whether Kafka still knows of it or not (FOOTFALL_SEED=${seed})`, async () => {
  // Names that mean something to Redis' patterns; and another installation beside it.
  const installed = await install({ keyPrefix: 'a[b]*?:' });
  const { producer, config, reader } = installed;
  const one = await installed.process();
  const apply = async (events: readonly FootfallEvent[]) => {
    await producer.sendEvents(events);
    await one.caughtUp();
  };
  const early = signedIn(newYork, 'early');
  const during = signedIn(madrid, 'during');
  // Of these the log keeps what came too late, and what their visitor had said before, but not the erasure.
  const gone = signedIn(load, 'gone');
  const lone = idIn({ partition: 2, site: load }, 'lone-person');
  const late = [...gone.erasure.after.slice(0, 1), eventOf({ site: load.id, user: lone, known: true })];
  await apply([
    ...gone.erasure.before.filter(({ user }) => user === gone.user),
    eventOf({ site: load.id, user: lone, known: true }),
  ]);
  // Of this one it keeps nothing, and what they did before comes after all.
  const silent = idIn({ partition: 2, site: newYork }, 'silent-person');
  await apply([...gone.erasures.slice(0, 1), eraseOne(load, lone), eraseOne(newYork, silent)]);
  await forgetRecords(config.kafka);
  await apply([...late, ...gone.erasure.before.filter(({ user }) => user !== gone.user)]);
  await apply(gone.erasures.slice(1));
  await apply(early.erasure.before);
  await apply(early.erasures);
  await apply([...early.erasure.after, ...during.erasure.before]);

  const expectErased = async (generation: Generation) => {
    for (const { site, erasure } of [early, during]) {
      const shop = new NaiveShop(
        [...erasure.before, ...erasure.after],
        site,
        START + 13 * HOUR,
        toldAfter(erasure),
      );
      // Told of an erasure before what was sent on came, it knows that no more than that it happened.
      const isCutOtherwise = generation.id !== '4' && site === newYork;
      const lookAt = isCutOtherwise ? withoutSessions : undefined;
      await expectTruth(installed, generation, shop, keptEvents(erasure), lookAt);
    }
    const days = { from: '2031-06-10', to: '2031-06-10' };
    // The other one alone.
    expect(await readUniqueUsers(reader(generation), load, days)).toMatchObject({ users: 1 });
    await installed.tools(async ({ redis }) => {
      for (const { site, receipt } of [early, during, gone]) {
        const found = await new Receipts(redis, generation).read(site.id, receipt);
        expect(found).toMatchObject({ of: 2, isDone: true });
      }
      const places = await scan(redis, [gone.user, gone.visitor, lone, silent]);
      expect(places.filter(({ key }) => key.startsWith(keysOf(generation.id).prefix))).toEqual([]);
    });
  };
  await installed.tools(async (tools) => {
    const { live, next, filling } = await build(tools);
    // Somebody comes and is erased while the new one is behind.
    const newcomer = eventOf({ site: madrid.id, user: 'during-newcomer', known: true });
    during.erasure.asked.push(newcomer.user);
    during.erasure.before.push(newcomer);
    const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    await Promise.all(all.map((partition) => filling.holdAt(partition, 0)));
    await apply([newcomer]);
    await apply([...during.erasures, eraseOne(madrid, newcomer.user)]);
    const switching = switchTo(tools, filling, { from: live, heardMs: 0 });
    await sleep(300);
    await Promise.all(all.map((partition) => filling.holdAt(partition, Infinity)));
    await switching;
    const tooLate = eventOf({ user: silent, received: ERASED_AT + HOUR });
    await apply([...during.erasure.after, tooLate]);
    expect(await buildUp(tools, filling)).toBe(true);
    await expectErased(live);
    await expectErased(next);

    // Who is erased in the new one stays so in the one before, when that is gone back to.
    await one.directory.complete();
    const last = signedIn(load, 'last');
    await apply(last.erasure.before);
    await apply(last.erasures);
    const pair = pairToUndo(await knownGenerations(tools), config.kafka.eventsTopic);
    const before = openFilling(tools, pair.before);
    await buildUp(tools, before);
    await switchTo(tools, before, { from: pair.live, heardMs: 0 });
    await one.directory.complete();
    await apply(last.erasure.after);
    await buildUp(tools, before);
    expect(await buildUp(tools, filling)).toBe(true);
    for (const generation of [live, next]) {
      const days = { from: '2031-06-10', to: '2031-06-10' };
      // The two others, and the two ids that are somebody new.
      expect(await readUniqueUsers(reader(generation), load, days)).toMatchObject({ users: 4 });
      const receipts = new Receipts(tools.redis, generation);
      expect(await receipts.read(load.id, last.receipt)).toMatchObject({ of: 2, isDone: true });
    }
    await before.close();
    await filling.close();

    // What is freed is this installation's, and that generation's.
    const kept = await keyNames(tools.redis, `${keysOf(live.id).prefix}*`);
    const beside = connectRedis({ ...config.redis, keyPrefix: '' });
    const neighbour = `ab-?:${keysOf(next.id).head(0)}`;
    await beside.set(neighbour, 'here');
    await asIfLongAgo(tools);
    const [freed] = freeable(await knownGenerations(tools), [], config.kafka);
    expect(freed).toMatchObject({ id: next.id });
    expect(await free(tools, freed!)).toBe(true);
    expect(await keyNames(tools.redis, `${keysOf(next.id).prefix}*`)).toEqual([]);
    expect(new Set(await keyNames(tools.redis, `${keysOf(live.id).prefix}*`))).toEqual(new Set(kept));
    expect(await beside.get(neighbour)).toBe('here');
    await beside.unlink(neighbour);
    beside.disconnect();
  });
}, 120_000);

test.each(['after', 'before'])(
  'programs with another format of users are deployed %s a rebuild: both are right, and nothing is signalled twice',
  async (when) => {
    const installed = await install({ partitions: 2 });
    const { producer, config, reader } = installed;
    const old = await startOtherFormat(config, STATE_FORMAT - 1);
    closing(old, (child) => child.stop());
    const now = Date.now();
    const cart = (user: string) =>
      eventOf({
        ...{ site: load.id, user, name: 'add_to_cart', ts: now - 5 * HOUR, received: now },
        items: [{ id: 'tea', quantity: 1 }],
      });
    const history = sampleOf(madrid, 40);
    const { erasure, erasures } = signedIn(newYork, 'early');
    await producer.sendEvents([...history, ...erasure.before, cart('ana'), cart('ben')]);
    await old.caughtUp();
    await producer.sendEvents(erasures);
    await old.caughtUp();
    expect(await old.sweep()).toBe(2);

    await installed.tools(async (tools) => {
      const { redis, directory } = tools;
      const freeNow = async (...ids: string[]) => {
        await asIfLongAgo(tools);
        const freed = freeable(await knownGenerations(tools), ids, config.kafka);
        for (const one of freed) expect(await free(tools, one, { watchMs: 1_000 })).toBe(true);
        return freed.map(({ id }) => id);
      };
      const current = async () => {
        await directory.complete();
        return currentGeneration(await directory.generations(), config.kafka);
      };
      const sweepHere = async () => {
        const generation = await current();
        const swept = await sweep({
          claims: new CartClaims(redis, generation),
          trimmer: new Trimmer(redis, generation),
          openWriter: () => SignalWriter.open(config.kafka),
          takeOver: async () =>
            takeOverCarts(redis, await directory.generations(), { kafka: config.kafka, sites: [load] }),
          sites: [load],
          partitions: 2,
          cartAbandonedMinutes: 60,
        });
        expect(swept.failures).toEqual([]);
        return swept.signalled;
      };
      if (when === 'after') {
        const { live, next, filling } = await build(tools);
        expect([live, next]).toMatchObject([{ id: '3', format: 3 }, { id: '4' }]);
        await filling.close();
        // A command by itself: it finds what was begun, and what that is to be compared with.
        const following = startCommand(installed, 'switch', '--follow');
        expect(await following.said('still to be deployed')).toContain(
          '2 of 2 partitions compared with generation 3.\nNo difference.',
        );
        // Until they are deployed, the old ones go on, and what they answer from is not freed.
        await producer.sendEvents([cart('eva')]);
        await old.caughtUp();
        const counted = async () => (await reader(next).heads()).reduce((sum, head) => sum + head.next, 0);
        const there = async () => (await reader(live).heads()).reduce((sum, head) => sum + head.next, 0);
        while ((await counted()) < (await there())) await following.wait(10);
        following.kill('SIGINT');
        expect((await following.ended).code).toBe(0);
        expect(await old.sweep()).toBe(1);
        expect(await freeNow()).toEqual([]);
        const inUse = { code: 'generation_in_use' };
        await expect(freeNow('3')).rejects.toMatchObject(inUse);
        // Behind for a moment, as it is under load.
        const busy = Array.from({ length: 4_000 }, (_, n) =>
          eventOf({ site: load.id, user: `busy-${n % 50}`, ts: now, received: now }),
        );
        await producer.sendEvents(busy);
        await expect(freeNow('3')).rejects.toMatchObject(inUse);
        await old.caughtUp();
      }
      await old.stop();
      const one = await installed.process();
      await producer.sendEvents(erasure.after);
      await one.caughtUp();
      expect(await sweepHere()).toBe(0);
      if (when === 'before') {
        const { live, next, filling } = await build(tools);
        expect([live.id, next.id]).toEqual(['4', '4.1']);
        expect(verdictLines(await verify(tools, filling, live), next, live)).toContain('No difference.');
        await switchTo(tools, filling, { from: live, heardMs: 0 });
        await filling.close();
        expect(await sweepHere()).toBe(0);
        expect(await freeNow()).toEqual(['4']);
      }
      expect(await freeNow('3')).toEqual(['3']);
      const kept = new Set((await keyNames(redis, 'ff:*:{p*')).map((name) => name.split(':')[1]));
      const generation = await current();
      expect(kept).toEqual(new Set([generation.id]));
      await expectTruth(installed, generation, new NaiveShop(history, madrid, START + DAY), history);
      const shop = new NaiveShop(
        [...erasure.before, ...erasure.after],
        newYork,
        START + 13 * HOUR,
        toldAfter(erasure),
      );
      await expectTruth(installed, generation, shop, keptEvents(erasure), withoutSessions);
      const ledger = await readLedger(reader(generation), madrid, async () => []);
      expect(ledger).toMatchObject({ balanced: true, lost: [] });
    });
  },
  120_000,
);

/** The command itself, in a process that can be killed. */
function startCommand({ config: { kafka, redis } }: Installed, ...args: string[]) {
  const all = ['--disable-warning=TimeoutNegativeWarning', 'cli/rebuild/main.ts', ...args];
  const env = {
    ...process.env,
    ...redisEnv(redis),
    EVENTS_TOPIC: kafka.eventsTopic,
    DLQ_TOPIC: kafka.dlqTopic,
    SIGNALS_TOPIC: kafka.signalsTopic,
    SITES_TOPIC: kafka.sitesTopic,
    EVENTS_PARTITIONS: String(kafka.partitions),
  };
  const child = spawn(process.execPath, all, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }));
  /** @throws when it ends meanwhile. */
  const wait = async (ms: number) => {
    const ending = await Promise.race([ended, sleep(ms)]);
    if (ending) throw new Error(`It ended with ${ending.code}: ${output}`);
  };
  const command = {
    wait,
    kill: (signal: 'SIGKILL' | 'SIGINT' = 'SIGKILL') => child.kill(signal),
    ended,
    /** Waits until it has said something; gives all that it has said by then. */
    said: async (text: string) => {
      while (!output.includes(text)) await wait(10);
      return output;
    },
  };
  return closing(command, ({ kill }) => kill());
}

test(`a rebuild that is killed and one in which Redis is flushed go on, and funnels are counted over history (FOOTFALL_SEED=${seed})`, async () => {
  const installed = await install();
  const { producer, config, reader, analytics } = installed;
  const start = Date.now() - 3 * DAY;
  // Chance alone may send nobody into a funnel.
  const history = [
    ...sampleOf(madrid, 60, start),
    eventOf({ site: madrid.id, user: 'cleo', known: true, ts: start }),
  ];
  const MANY = 12_000;
  await producer.sendEvents([
    ...history,
    ...Array.from({ length: MANY }, (_, n) => eventOf({ site: load.id, user: `u${n % 300}`, ts: start + n })),
  ]);
  // Defined after all that has happened.
  await installed.tools(({ register }) =>
    register.change((known) => {
      const funnels = FUNNELS.map((one) => ({ ...one, effective_from: Date.now() }));
      return { changed: [{ ...known.get(madrid.id)!, funnels }], result: undefined };
    }),
  );
  const next: Generation = { ...firstGeneration(config.kafka), id: '4.1', started: 1 };
  const underWay = async () => {
    const heads = await reader(next).heads();
    return heads.reduce((sum, one) => sum + one.next, 0);
  };
  const killed = startCommand(installed, 'start');
  while ((await underWay()) === 0) await sleep(5);
  killed.kill();
  expect((await killed.ended).code).toBe(null);
  const reached = await underWay();

  const flushed = startCommand(installed, 'start');
  while ((await underWay()) <= reached) {
    const ended = await Promise.race([flushed.ended, sleep(5)]);
    if (ended) break;
  }
  await installed.tools(({ redis }) => loseAll(redis));
  const { code, output } = await flushed.ended;
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Generation 4.1: ') });

  // What was live is gone, so there is nothing to compare with; the ledger of the new one says that it is whole.
  await installed.tools(async (tools) => {
    const { live, next, filling } = await build(tools);
    const ledger = await readLedger(reader(next), madrid, filling.ends);
    expect(ledger).toMatchObject({ balanced: true, lost: [] });
    await switchTo(tools, filling, { from: live, heardMs: 0 });
    await filling.close();
  });
  await analytics.learn();
  const [from, to] = [start, start + DAY].map((ts) => new Date(ts).toISOString().slice(0, 10));
  const { data } = await analytics.get('load', `/v1/events?from=${from}&to=${to}`);
  const ledgers = (await reader(next).ledgers()).map(({ sums, ...rest }) => ({
    ...rest,
    ...Object.fromEntries(sums),
  }));
  expect({ total: data.total, ledgers, output }).toEqual({ total: MANY, ledgers, output });
  const shop = new NaiveShop(history, madrid, Date.now());
  const range = { from: shop.dates[0]!, to: shop.dates.at(-1)! };
  let steps = 0;
  for (const { question, answer, expected } of askAboutFunnels(reader(next), shop, range, [
    SHOP_FUNNEL,
    ...FUNNELS,
  ])) {
    expect({ question, found: await answer }).toEqual({ question, found: expected });
    steps += (expected as { steps: { count: number }[] }).steps.reduce((sum, step) => sum + step.count, 0);
  }
  expect(steps).toBeGreaterThan(0);
}, 180_000);

test('what was counted and Kafka no longer has is not given up unless somebody says so', async () => {
  const installed = await install({ partitions: 2 });
  const { producer, config, reader } = installed;
  const one = await installed.process();
  const SENT = 200;
  await producer.sendEvents(
    Array.from({ length: SENT }, (_, n) => eventOf({ site: load.id, user: `u${n % 20}`, ts: START + n })),
  );
  await one.caughtUp();
  const admin = kafkaClient(config.kafka).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(config.kafka.eventsTopic);
  await admin.deleteTopicRecords({
    topic: config.kafka.eventsTopic,
    partitions: ends.map(({ partition, high }) => ({ partition, offset: String(Number(high) - 10) })),
  });
  await admin.disconnect();
  const days = { from: '2031-06-10', to: '2031-06-10' };
  const counted = async () => {
    const known = await installed.tools(knownGenerations);
    return (await readOverview(reader(currentGeneration(known, config.kafka)), load, days)).total_events;
  };

  const refused = await startCommand(installed).ended;
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('Nothing is switched.') });
  const gone = [
    ...refused.output.matchAll(/Kafka no longer has (\d+) records that generation 4 has counted/g),
  ];
  expect(gone.reduce((sum, [, records]) => sum + Number(records), 0)).toBe(SENT - 20);
  expect(await counted()).toBe(SENT);

  const forced = startCommand(installed, '--force');
  await forced.said('Generation 4.1 is current');
  forced.kill();
  expect(await counted()).toBe(20);
  await one.stop();
}, 120_000);

test('what is refused while a generation is filled is a letter there, too, though its reason has gone', async () => {
  const installed = await install({ partitions: 2 });
  const { config, producer } = installed;
  const one = await installed.process();
  await producer.sendEvents([eventOf({})]);
  await one.caughtUp();
  await installed.tools(async (tools) => {
    const { live, next, filling } = await build(tools);
    for (const partition of [0, 1]) await filling.holdAt(partition, 0);
    const event = eventOf({ site: 'late', ts: Date.now() });
    await producer.sendEvents([event]);
    await one.caughtUp();
    await addSites(config, [siteOf('late')]);
    await Promise.all([tools.directory.complete(), one.directory.complete()]);
    for (const partition of [0, 1]) await filling.holdAt(partition, Infinity);
    expect(await filling.caughtUp(tools.signal)).toBe(true);

    // With another id: no memory of ids would tell that it is the same one.
    const { index, topic, register, close } = openDeadLetters(config.kafka, tools.redis, tools.directory);
    await topic.catchUp();
    const [letter] = await index.page({}, { order: 'oldest', limit: 1 });
    const patch = [{ op: 'replace' as const, path: '/id', value: 'new' }];
    const by = { by: 'installation', deadline: performance.now() + 25_000 };
    const { done } = await register.replay({ letters: [letter!.letter] }, { patch }, by);
    expect(done).toHaveLength(1);
    await close();
    await one.caughtUp();
    expect(await filling.caughtUp(tools.signal)).toBe(true);
    const verdict = await verify(tools, filling, live);
    expect(verdictLines(verdict, next, live).at(-1)).toBe('No difference.');
    await filling.close();
    for (const generation of [live, next]) {
      const ledger = await readLedger(installed.reader(generation), siteOf('late'), async () => []);
      expect(ledger).toMatchObject({ totals: { applied: 1 }, unattributed: 1 });
    }
  });
}, 60_000);

test(`another number of partitions is another topic, copied once and counted anew (FOOTFALL_SEED=${seed})`, async () => {
  const installed = await install({ partitions: 2 });
  const { producer, config } = installed;
  const one = await installed.process();
  const history = sampleOf(madrid, 60);
  const MANY = 12_000;
  await producer.sendEvents([
    ...history,
    ...Array.from({ length: MANY }, (_, n) =>
      eventOf({ site: load.id, user: `u${n % 300}`, ts: START + n, received: START + n }),
    ),
  ]);
  await installed.spoil(madrid, ['no event']);
  await one.caughtUp();
  const topic = `${config.kafka.eventsTopic}-5`;
  const args = ['start', '--topic', topic, '--partitions', '5'];
  const target = { ...config, kafka: { ...config.kafka, eventsTopic: topic, partitions: 5 } };

  // Killed when some of it is copied.
  const killed = startCommand(installed, ...args);
  const ends = closing(new TopicOffsets(target.kafka), (offsets) => offsets.close());
  const copied = async () => {
    const all = await ends.fetch().catch(() => []);
    return all.reduce((sum, { high }) => sum + high, 0);
  };
  while ((await copied()) === 0) await sleep(5);
  killed.kill();
  expect((await killed.ended).code).toBe(null);

  // What goes on to come, until all is deployed, goes on to be copied; also when that was killed meanwhile.
  let sent = MANY;
  const come = (config: Config, number: number, user: string) => {
    const late = new EventProducer(config.kafka);
    const events = Array.from({ length: number }, () =>
      eventOf({ site: load.id, user, ts: START + sent, received: START + sent++ }),
    );
    return late.sendEvents(events).finally(() => late.close());
  };
  const redis = connectRedis(target.redis, { enableAutoPipelining: true });
  const store = new StoreReader(redis, { ...firstGeneration(target.kafka), id: '4.1' });
  const days = { from: '2031-06-10', to: '2031-06-10' };
  const allCounted = async ({ wait }: Pick<typeof killed, 'wait'>) => {
    while ((await readOverview(store, load, days)).total_events < sent) await wait(20);
  };
  const following = startCommand(installed, ...args, '--follow');
  let isComing = true;
  const coming = (async () => {
    for (; isComing; await sleep(10)) await come(config, 1, `u${sent % 300}`);
  })();
  const verdict = await following.said('Deploy with').finally(() => {
    isComing = false;
  });
  await coming;
  expect(verdict).toContain('2 of 2 partitions compared with generation 4.\nNo difference.');
  await come(config, 10, 'between');
  await allCounted(following);
  following.kill();
  await following.ended;
  await come(config, 5, 'meanwhile');
  const again = startCommand(installed, ...args, '--follow');
  await allCounted(again);
  await again.said('Deploy with');

  // Deployed: functions with the other topic find its generation, and go on.
  const other = await startAggregating(target);
  await come(target, 1, 'more');
  await come(config, 1, 'at last');
  await allCounted(again);
  again.kill('SIGINT');
  expect(await again.ended).toEqual({
    code: 0,
    output: expect.stringContaining(`All that ${config.kafka.eventsTopic} has is copied.`),
  });
  const directory = openSites(target.kafka, redis);
  await directory.complete();
  const generation = currentGeneration(await directory.generations(), target.kafka);
  await other.caughtUp();
  await Promise.all([one.stop(), other.stop()]);
  expect(generation).toMatchObject({ id: '4.1', topic, partitions: 5 });
  expect((await directory.generations()).generations.map(({ id }) => id).sort()).toEqual(['4', '4.1']);
  expect(await readOverview(store, load, days)).toMatchObject({ total_events: sent });
  expect(await readUniqueUsers(store, load, days)).toMatchObject({ users: 304 });
  expect(await readLedger(store, madrid, () => ends.fetch())).toMatchObject({
    ...{ balanced: true, lost: [], unattributed: 0 },
  });
  await expectTruth(installed, generation, new NaiveShop(history, madrid, START + DAY), history);
  // A program that says another number of partitions is refused, by the record and by the shards themselves.
  const known = await directory.generations();
  const wrong = { eventsTopic: topic, partitions: 6 };
  expect(() => currentGeneration(known, wrong)).toThrow(
    expect.objectContaining({ code: 'wrong_partitions' }),
  );
  const shards = new StoreReader(redis, firstGeneration({ ...wrong, eventsTopic: config.kafka.eventsTopic }));
  await expect(shards.heads()).rejects.toMatchObject({ code: 'wrong_partitions' });
  await directory.close();
  redis.disconnect();
}, 180_000);

test('what is no event stays a letter of the topic that is copied, and its replay is counted in the copy', async () => {
  const installed = await install({ partitions: 2 });
  const { config, producer } = installed;
  const late = siteOf('late');
  const one = await installed.process();
  const users = ['replayed', 'discarded', 'open'];
  await producer.sendEvents(users.map((user) => eventOf({ site: late.id, user, ts: Date.now() })));
  await one.caughtUp();
  await addSites(config, [late]);
  await installed.tools(async (tools) => {
    await Promise.all([tools.directory.complete(), one.directory.complete()]);
    const { index, topic, register, close } = openDeadLetters(config.kafka, tools.redis, tools.directory);
    await topic.catchUp();
    const letters = (await index.page({}, { order: 'oldest', limit: 9 })).map(({ letter }) => letter);
    const by = { by: 'installation', deadline: performance.now() + 25_000 };
    // With another id: no memory of ids would tell that it is the same one.
    const patch = [{ op: 'replace' as const, path: '/id', value: 'new' }];
    expect((await register.replay({ letters: [letters[0]!] }, { patch }, by)).done).toHaveLength(1);
    expect((await register.discard({ letters: [letters[1]!] }, by)).done).toHaveLength(1);
    await one.caughtUp();
    await one.stop();

    const target = { topic: `${config.kafka.eventsTopic}-3`, partitions: 3 };
    const copying = await openCopying(tools, target);
    expect(await copyAll(tools, copying)).toBe(true);
    // These are refused only after they could have been copied.
    await installed.spoil(late, ['no event']);
    await producer.sendEvents([eventOf({ site: 'nobodys', user: 'x', ts: Date.now() })]);
    await sleep(500);
    const other = await installed.process();
    await other.caughtUp();
    expect(await copying.caughtUp(tools.signal)).toBe(true);

    const { live, next } = await begin(tools, target);
    const filling = openFilling(tools, next);
    expect(await buildUp(tools, filling)).toBe(true);
    const verdict = await verify(tools, filling, live, copying);
    expect(verdictLines(verdict, next, live).at(-1)).toBe('No difference.');
    const ledgers = [live, next].map((one) => readLedger(installed.reader(one), late, async () => []));
    expect(await Promise.all(ledgers)).toMatchObject([
      { totals: { applied: 1, duplicate: 0, dead_lettered: 0 }, unattributed: 5 },
      { totals: { applied: 1, duplicate: 0, dead_lettered: 0 }, unattributed: 0 },
    ]);
    await topic.catchUp();
    expect(await index.count({})).toBe(5);
    await close();
    await filling.close();
    await copying.close();

    // When nobody counts the topic any more, it goes on after a while.
    await other.stop();
    await producer.sendEvents([eventOf({ site: late.id, user: 'last', ts: Date.now() })]);
    const alone = await openCopying(tools, target, { standingMs: 200 });
    expect(await alone.caughtUp(tools.signal)).toBe(true);
    await alone.close();

    // Back onto the topic that was copied: all of it would be there twice.
    const there = { ...tools.config, kafka: { ...config.kafka, eventsTopic: target.topic, partitions: 3 } };
    const back = { topic: config.kafka.eventsTopic, partitions: 2 };
    await expect(openCopying({ ...tools, config: there }, back)).rejects.toMatchObject({
      code: 'topic_not_empty',
    });
  });
}, 120_000);

test('a cart that was signalled before a switch is not signalled after it, by whichever sweep', async () => {
  const installed = await install({ partitions: 2 });
  const { producer, config } = installed;
  const one = await installed.process();
  const first = firstGeneration(config.kafka);
  const now = Date.now();
  const cart = (user: string, hours: number) =>
    eventOf({
      ...{ site: load.id, user, name: 'add_to_cart', ts: now - hours * HOUR, received: now },
      items: [{ id: 'tea', quantity: 1 }],
    });
  await producer.sendEvents([cart('ana', 5), cart('ben', 5), cart('eva', 5)]);
  await one.caughtUp();
  await installed.tools(async (tools) => {
    const { redis, directory } = tools;
    const contextOf = (generation: Generation, takeOver: () => Promise<void>): SweepContext => ({
      claims: new CartClaims(redis, generation),
      trimmer: new Trimmer(redis, generation),
      openWriter: () => SignalWriter.open(config.kafka),
      takeOver,
      sites: [load],
      partitions: 2,
      cartAbandonedMinutes: 60,
    });
    const takeOver = async () =>
      takeOverCarts(redis, await directory.generations(), { kafka: config.kafka, sites: [load] });
    const nothing = async () => {};
    expect(await sweep(contextOf(first, nothing))).toMatchObject({ signalled: 3, failures: [] });

    const { live, next, filling } = await build(tools);
    await switchTo(tools, filling, { from: live, heardMs: 0 });
    expect(await sweep(contextOf(next, takeOver))).toMatchObject({ signalled: 0, failures: [] });

    // A cart of somebody else, and one that was bought and filled again: these are to be signalled.
    await producer.sendEvents([
      cart('new', 3),
      eventOf({
        site: load.id,
        user: 'eva',
        name: 'purchase',
        ts: now - 4 * HOUR,
        received: now,
        items: [{ id: 'tea', quantity: 1 }],
      }),
      cart('eva', 2),
    ]);
    const before = openFilling(tools, live);
    expect(await buildUp(tools, before)).toBe(true);
    expect(await buildUp(tools, filling)).toBe(true);
    // By one sweep that has not heard of the switch, and then by one that has.
    expect(await sweep(contextOf(live, nothing))).toMatchObject({ signalled: 2, failures: [] });
    expect(await sweep(contextOf(next, takeOver))).toMatchObject({ signalled: 0, failures: [] });
    // And back: what was signalled since is known there.
    await producer.sendEvents([cart('zoe', 4)]);
    expect(await buildUp(tools, before)).toBe(true);
    expect(await buildUp(tools, filling)).toBe(true);
    expect(await sweep(contextOf(next, takeOver))).toMatchObject({ signalled: 1, failures: [] });
    await switchTo(tools, before, { from: next, heardMs: 0 });
    expect(await sweep(contextOf(live, takeOver))).toMatchObject({ signalled: 0, failures: [] });
    await before.close();
    await filling.close();
  });
}, 120_000);
