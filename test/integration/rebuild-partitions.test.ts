import { setTimeout as sleep } from 'node:timers/promises';
import { currentGeneration, firstGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { startAggregating } from '../support/aggregating.ts';
import { closing } from '../support/closing.ts';
import { FIRST_ID, rebuiltId } from '../support/generation.ts';
import {
  countLoad,
  DAY,
  eventOf,
  install,
  load,
  madrid,
  START,
  START_DAY,
  sampleOf,
  seed,
  startCommand,
} from '../support/rebuild.ts';
import { expectTruth } from '../support/rebuild-truth.ts';

test(`a change of the number of partitions copies the topic once and counts the copy (FOOTFALL_SEED=${seed})`, async () => {
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

  // Killed when a part is copied.
  const killed = startCommand(installed, ...args);
  const ends = closing(new TopicOffsets(target.kafka), (offsets) => offsets.close());
  const copied = async () => {
    const all = await ends.fetch().catch(() => []);
    return all.reduce((sum, { high }) => sum + high, 0);
  };
  while ((await copied()) === 0) await sleep(5);
  killed.kill();
  expect((await killed.ended).code).toBe(null);

  // Events that arrive before the deployment are copied too, also after another kill.
  let sent = MANY;
  const arrive = (config: Config, number: number, user: string) => {
    const late = new EventProducer(config.kafka);
    const events = Array.from({ length: number }, () =>
      eventOf({ site: load.id, user, ts: START + sent, received: START + sent++ }),
    );
    return late.sendEvents(events).finally(() => late.close());
  };
  const redis = connectRedis(target.redis, { enableAutoPipelining: true });
  const store = new StoreReader(redis, { ...firstGeneration(target.kafka), id: rebuiltId() });
  const allCounted = async ({ wait }: Pick<typeof killed, 'wait'>) => {
    while ((await countLoad(store)) < sent) await wait(20);
  };
  const following = startCommand(installed, ...args, '--follow');
  let isComing = true;
  const coming = (async () => {
    for (; isComing; await sleep(10)) await arrive(config, 1, `u${sent % 300}`);
  })();
  const verdict = await following.said('Deploy with').finally(() => {
    isComing = false;
  });
  await coming;
  expect(verdict).toContain(`2 of 2 partitions compared with generation ${FIRST_ID}.\nNo difference.`);
  await arrive(config, 10, 'between');
  await allCounted(following);
  following.kill();
  await following.ended;
  await arrive(config, 5, 'meanwhile');
  const again = startCommand(installed, ...args, '--follow');
  await allCounted(again);
  await again.said('Deploy with');

  // Deployed: functions that read the new topic find its generation, and go on.
  const other = await startAggregating(target);
  await arrive(target, 1, 'more');
  await arrive(config, 1, 'at last');
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
  expect(generation).toMatchObject({ id: rebuiltId(), topic, partitions: 5 });
  expect((await directory.generations()).generations.map(({ id }) => id).sort()).toEqual([
    FIRST_ID,
    rebuiltId(),
  ]);
  expect(await countLoad(store)).toBe(sent);
  expect(await readUniqueUsers(store, load, START_DAY)).toMatchObject({ users: 304 });
  expect(await readLedger(store, madrid, () => ends.fetch())).toMatchObject({
    ...{ balanced: true, lost: [], unattributed: 0 },
  });
  await expectTruth(installed, generation, new NaiveShop(history, madrid, START + DAY), history);
  // The record and the shards refuse a program that is configured for another number of partitions.
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
