import { setTimeout as sleep } from 'node:timers/promises';
import { buildUp } from '../../cli/rebuild/build.ts';
import { knownGenerations } from '../../cli/rebuild/context.ts';
import { openFilling } from '../../cli/rebuild/fill.ts';
import { free } from '../../cli/rebuild/free.ts';
import { pairToUndo, switchTo } from '../../cli/rebuild/switch.ts';
import { isGood, verdictLines } from '../../cli/rebuild/verdict.ts';
import { verify } from '../../cli/rebuild/verify.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import { firstGeneration, type Generation, pointerOf } from '../../shared/generations/generation.ts';
import { chunkArray } from '../../shared/platform/chunk-array.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { serversOf } from '../../shared/platform/redis/connection.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import type { SiteDirectory } from '../../shared/sites/directory.ts';
import { keptEvents, toldAfter } from '../oracle/erased.ts';
import { NaiveShop } from '../oracle/shop.ts';
import type { Aggregating } from '../support/aggregating.ts';
import { FIRST_ID, rebuiltId } from '../support/generation.ts';
import { readMessages } from '../support/read-topic.ts';
import {
  asIfLongAgo,
  build,
  countLoad,
  eventOf,
  HOUR,
  type Installed,
  install,
  load,
  madrid,
  newYork,
  START,
  START_DAY,
  sampleOf,
  seed,
  startCommand,
} from '../support/rebuild.ts';
import { expectTruth } from '../support/rebuild-truth.ts';
import { keyNames } from '../support/redis-data.ts';
import { waitFor } from '../support/wait-for.ts';

/** Waits until a process knows that a generation is current. By itself a process hears of it within ten seconds. */
const hears = (directory: SiteDirectory, { topic, id }: Generation) =>
  waitFor(`generation ${id} to be current`, async () => {
    await directory.complete();
    return pointerOf(await directory.generations(), topic)?.id === id;
  });

/**
 * A rebuild while aggregate counts, analytics answers and events arrive without a pause. The tests follow each other:
 * each goes on with the generations that the one before has left.
 */
describe(`an installation that is rebuilt under load (FOOTFALL_SEED=${seed})`, () => {
  const history = sampleOf(madrid, 60);
  const erasedAt = START + 10 * HOUR;
  const before = [
    eventOf({ user: 'ben', known: true }),
    eventOf({ user: 'ben', known: true, name: 'purchase', value: 1_000, currency: 'EUR', ts: START + HOUR }),
    eventOf({ user: 'eva', known: true, ts: START + 2 * HOUR }),
  ];
  const after = [
    eventOf({ user: 'ben', known: true, ts: START + HOUR, received: erasedAt - 1 }),
    eventOf({ user: 'ben', known: true, ts: erasedAt + HOUR }),
  ];
  const erasure = { site: newYork.id, asked: ['ben'], at: erasedAt, before, after };
  const uncountable = ['no event', '{"v":1}', JSON.stringify({ ...before[0], site: 'elsewhere' })];
  const loadTarget = '/v1/events?from=2031-06-10&to=2031-06-10';

  let installed: Installed;
  let one: Aggregating;
  let other: Aggregating;
  let live: Generation;
  let next: Generation;
  const sent = { acknowledged: 0, begun: 0 };
  const asked = { all: 0, complete: 0 };
  let isOver = false;
  let traffic: Promise<unknown>;

  const send = async () => {
    while (!isOver) {
      const events = Array.from({ length: 5 }, () => {
        const n = sent.begun++;
        return eventOf({ site: load.id, user: `u${n % 50}`, ts: START + n, received: START + n });
      });
      await installed.producer.sendEvents(events);
      sent.acknowledged += events.length;
      await sleep(15);
    }
  };
  /** Asks all the time: no answer counts events that were never sent, and a complete one lacks none. */
  const askAnalytics = async () => {
    while (!isOver) {
      const least = sent.acknowledged;
      const { data, meta } = await installed.analytics.get('load', loadTarget);
      asked.all++;
      expect(data.total).toBeLessThanOrEqual(sent.begun);
      if (!meta.complete) continue;
      asked.complete++;
      expect(data.total).toBeGreaterThanOrEqual(least);
      await sleep(5);
    }
  };

  beforeAll(async () => {
    installed = await install();
    const { producer } = installed;
    [one, other] = [await installed.process(), await installed.process()];
    await producer.sendEvents([...history, ...before]);
    await installed.spoil(madrid, uncountable);
    await producer.sendEvents([
      erasureEvent({ site: newYork.id, user: 'ben', at: erasedAt, erases: { receipt: 'r', of: 1 } }),
      ...after,
    ]);
    await one.caughtUp();
    traffic = Promise.all([send(), askAnalytics()]);
    void traffic.catch(() => {});
  });

  afterAll(() => {
    isOver = true;
  });

  test('the new generation agrees with the live one and becomes current', async () => {
    const { analytics } = installed;
    await installed.tools(async (tools) => {
      const built = await build(tools);
      ({ live, next } = built);
      const { filling } = built;
      expect([live.id, next.id]).toEqual([FIRST_ID, rebuiltId()]);
      const verdict = await verify(tools, filling, live);
      expect(verdictLines(verdict, next, live)).toEqual([
        `3 of 3 partitions compared with generation ${FIRST_ID}.`,
        'No difference.',
      ]);
      expect(isGood(verdict)).toBe(true);
      // The processes hear of it one after the other.
      const switching = switchTo(tools, filling, { from: live, heardMs: 3_000 });
      await hears(one.directory, next);
      await sleep(500);
      await hears(analytics.directory, next);
      await sleep(500);
      await hears(other.directory, next);
      await switching;
      await filling.close();
    });
    expect(firstGeneration(installed.config.kafka).id).toBe(live.id);
  });

  test('analytics goes on giving complete answers over a switch back and forth', async () => {
    const { analytics, config } = installed;
    const atSwitch = { ...asked };
    await sleep(300);
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
        await hears(other.directory, pair.before);
        await sleep(300);
        await hears(analytics.directory, pair.before);
        await sleep(300);
        await hears(one.directory, pair.before);
        await switching;
        await filling.close();
      });
    }
    expect(asked.complete).toBeGreaterThan(atSwitch.complete);
    isOver = true;
    await traffic;
  });

  test('both generations give the right answers', async () => {
    await one.caughtUp();
    // The generation that was left is as far as it was then, and is brought up to date.
    await installed.tools(async (tools) => {
      const filling = openFilling(tools, { ...live });
      await buildUp(tools, filling);
      await filling.close();
    });
    await Promise.all([one.stop(), other.stop()]);
    const now = START + 11 * HOUR;
    for (const generation of [live, next]) {
      const store = installed.reader(generation);
      const ledger = await readLedger(store, madrid, async () => []);
      expect(ledger).toMatchObject({ balanced: true, lost: [], unattributed: uncountable.length });
      await expectTruth(installed, generation, new NaiveShop(history, madrid, now + 12 * HOUR), history);
      const shop = new NaiveShop([...before, ...after], newYork, now + HOUR, toldAfter(erasure));
      await expectTruth(installed, generation, shop, keptEvents(erasure));
      expect(await countLoad(store)).toBe(sent.acknowledged);
      expect(await readUniqueUsers(store, load, START_DAY)).toMatchObject({
        users: Math.min(50, sent.acknowledged),
      });
    }
  });

  test('each record that cannot be counted is one dead letter', async () => {
    const { kafka } = installed.config;
    const offsets = new TopicOffsets(kafka, kafka.dlqTopic);
    const [letters] = await offsets.fetch().finally(() => offsets.close());
    const messages = await readMessages(kafka, kafka.dlqTopic, letters!.high);
    expect(new Set(messages.map(({ key }) => String(key))).size).toBe(uncountable.length);
    expect(messages.length).toBeLessThanOrEqual(2 * uncountable.length);
  });

  test('"free" refuses the current generation', async () => {
    await installed.tools(async (tools) => {
      const known = await knownGenerations(tools);
      const current = known.generations.find(({ id }) => id === next.id)!;
      await expect(free(tools, current)).rejects.toMatchObject({ code: 'current_generation' });
    });
  });

  test('"free" deletes the keys of the old generation alone, also after it was interrupted and killed', async () => {
    await installed.tools(async (tools) => {
      const { redis } = tools;
      const kept = new Set(await keyNames(redis, `${keysOf(next.id).prefix}*`));
      const known = await knownGenerations(tools);
      const old = known.generations.find(({ id }) => id === live.id)!;
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
      expect({ code, output }).toMatchObject({
        code: 0,
        output: expect.stringContaining(`Generation ${FIRST_ID}: `),
      });
      expect(await keyNames(redis, `${keysOf(live.id).prefix}*`)).toEqual([]);
      expect(new Set(await keyNames(redis, `${keysOf(next.id).prefix}*`))).toEqual(kept);
      expect((await knownGenerations(tools)).generations.map(({ id }) => id)).toEqual([next.id]);
    });
    const { data } = await installed.analytics.get('load', loadTarget);
    expect(data.total).toBe(sent.acknowledged);
  });
});
