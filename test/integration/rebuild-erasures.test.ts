import { setTimeout as sleep } from 'node:timers/promises';
import { buildUp } from '../../cli/rebuild/build.ts';
import type { RebuildContext } from '../../cli/rebuild/context.ts';
import { knownGenerations } from '../../cli/rebuild/context.ts';
import { openFilling } from '../../cli/rebuild/fill.ts';
import { free, freeable } from '../../cli/rebuild/free.ts';
import { pairToUndo, switchTo } from '../../cli/rebuild/switch.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import type { Site } from '../../shared/sites/site.ts';
import { keptEvents, toldAfter } from '../oracle/erased.ts';
import { NaiveShop } from '../oracle/shop.ts';
import type { Aggregating } from '../support/aggregating.ts';
import { FIRST_ID } from '../support/generation.ts';
import type { Installed } from '../support/rebuild.ts';
import {
  asIfLongAgo,
  build,
  eventOf,
  HOUR,
  install,
  load,
  madrid,
  newYork,
  PARTITIONS,
  START,
  START_DAY,
  seed,
} from '../support/rebuild.ts';
import {
  ERASED_AT,
  eraseOne,
  expectTruth,
  idIn,
  signedIn,
  withoutSessions,
} from '../support/rebuild-truth.ts';
import { keyNames } from '../support/redis-data.ts';
import { scan } from '../support/scan.ts';

/** As Kafka does in time: deletes every record that the topic has now. */
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

/** The tests follow each other: each goes on with the generations that the one before has left. */
describe(`erased people in an installation that is rebuilt (FOOTFALL_SEED=${seed})`, () => {
  const early = signedIn(newYork, 'early');
  const during = signedIn(madrid, 'during');
  // The log keeps their late events and their visitor's, but not the erasure.
  const gone = signedIn(load, 'gone');
  const lone = idIn({ partition: 2, site: load }, 'lone-person');
  // The log keeps nothing of this one, and an event from before the erasure comes afterwards.
  const silent = idIn({ partition: 2, site: newYork }, 'silent-person');
  let installed: Installed;
  let one: Aggregating;
  let live: Generation;
  let next: Generation;

  const apply = async (events: readonly FootfallEvent[]) => {
    await installed.producer.sendEvents(events);
    await one.caughtUp();
  };
  const receiptOf = (redis: RebuildContext['redis'], generation: Generation, site: Site, receipt: string) =>
    new Receipts(redis, generation).read(site.id, receipt);
  const expectErased = async (generation: Generation) => {
    for (const { site, erasure } of [early, during]) {
      const shop = new NaiveShop(
        [...erasure.before, ...erasure.after],
        site,
        START + 13 * HOUR,
        toldAfter(erasure),
      );
      // Here the erasure comes before the forwarded events, so sessions are not cut as they were.
      const isCutOtherwise = generation.id !== FIRST_ID && site === newYork;
      const lookAt = isCutOtherwise ? withoutSessions : undefined;
      await expectTruth(installed, generation, shop, keptEvents(erasure), lookAt);
    }
    // The second person alone.
    expect(await readUniqueUsers(installed.reader(generation), load, START_DAY)).toMatchObject({ users: 1 });
    await installed.tools(async ({ redis }) => {
      for (const { site, receipt } of [early, during, gone]) {
        const found = await receiptOf(redis, generation, site, receipt);
        expect(found).toMatchObject({ of: 2, isDone: true });
      }
      const places = await scan(redis, [gone.user, gone.visitor, lone, silent]);
      expect(places.filter(({ key }) => key.startsWith(keysOf(generation.id).prefix))).toEqual([]);
    });
  };

  beforeAll(async () => {
    // The prefix has characters of Redis' patterns, and another installation has keys beside it.
    installed = await install({ keyPrefix: 'a[b]*?:' });
    one = await installed.process();
    const late = [...gone.erasure.after.slice(0, 1), eventOf({ site: load.id, user: lone, known: true })];
    await apply([
      ...gone.erasure.before.filter(({ user }) => user === gone.user),
      eventOf({ site: load.id, user: lone, known: true }),
    ]);
    await apply([...gone.erasures.slice(0, 1), eraseOne(load, lone), eraseOne(newYork, silent)]);
    await forgetRecords(installed.config.kafka);
    await apply([...late, ...gone.erasure.before.filter(({ user }) => user !== gone.user)]);
    await apply(gone.erasures.slice(1));
    await apply(early.erasure.before);
    await apply(early.erasures);
    await apply([...early.erasure.after, ...during.erasure.before]);
  });

  test('stay erased in both generations, whether or not Kafka still has the erasure', async () => {
    await installed.tools(async (tools) => {
      const built = await build(tools);
      ({ live, next } = built);
      const { filling } = built;
      // A newcomer is erased while the new generation is behind.
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
      await filling.close();
    });
  });

  test('stay erased after a switch back to the generation before', async () => {
    await installed.tools(async (tools) => {
      const filling = openFilling(tools, next);
      await one.directory.complete();
      const last = signedIn(load, 'last');
      await apply(last.erasure.before);
      await apply(last.erasures);
      const pair = pairToUndo(await knownGenerations(tools), installed.config.kafka.eventsTopic);
      const before = openFilling(tools, pair.before);
      await buildUp(tools, before);
      await switchTo(tools, before, { from: pair.live, heardMs: 0 });
      await one.directory.complete();
      await apply(last.erasure.after);
      await buildUp(tools, before);
      expect(await buildUp(tools, filling)).toBe(true);
      for (const generation of [live, next]) {
        // The two second persons, and two ids that are new persons.
        expect(await readUniqueUsers(installed.reader(generation), load, START_DAY)).toMatchObject({
          users: 4,
        });
        expect(await receiptOf(tools.redis, generation, load, last.receipt)).toMatchObject({
          of: 2,
          isDone: true,
        });
      }
      await before.close();
      await filling.close();
    });
  });

  test('are in no key of the freed generation, and the other keys stay', async () => {
    await installed.tools(async (tools) => {
      const kept = await keyNames(tools.redis, `${keysOf(live.id).prefix}*`);
      const beside = connectRedis({ ...installed.config.redis, keyPrefix: '' });
      const neighbour = `ab-?:${keysOf(next.id).head(0)}`;
      await beside.set(neighbour, 'here');
      await asIfLongAgo(tools);
      const [freed] = freeable(await knownGenerations(tools), [], installed.config.kafka);
      expect(freed).toMatchObject({ id: next.id });
      expect(await free(tools, freed!)).toBe(true);
      expect(await keyNames(tools.redis, `${keysOf(next.id).prefix}*`)).toEqual([]);
      expect(new Set(await keyNames(tools.redis, `${keysOf(live.id).prefix}*`))).toEqual(new Set(kept));
      expect(await beside.get(neighbour)).toBe('here');
      await beside.unlink(neighbour);
      beside.disconnect();
    });
  });
});
