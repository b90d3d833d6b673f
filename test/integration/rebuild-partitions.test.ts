import { setTimeout as sleep } from 'node:timers/promises';
import { currentGeneration, firstGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import type { SiteDirectory } from '../../shared/sites/directory.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { NaiveShop } from '../oracle/shop.ts';
import type { Aggregating } from '../support/aggregating.ts';
import { startAggregating } from '../support/aggregating.ts';
import { closing } from '../support/closing.ts';
import { FIRST_ID, rebuiltId } from '../support/generation.ts';
import type { Installed } from '../support/rebuild.ts';
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

/** The tests follow each other: each goes on with the copy that the one before has left. */
describe(`a change of the number of partitions (FOOTFALL_SEED=${seed})`, () => {
  const history = sampleOf(madrid, 60);
  const MANY = 12_000;
  let installed: Installed;
  let one: Aggregating;
  let args: string[];
  let target: Config;
  let ends: TopicOffsets;
  let redis: RedisClient;
  let store: StoreReader;
  let directory: SiteDirectory;
  let sent = MANY;

  /** Sends events to a topic; all of them have to be counted in the copy. */
  const arrive = (config: Config, number: number, user: string) => {
    const late = new EventProducer(config.kafka);
    const events = Array.from({ length: number }, () =>
      eventOf({ site: load.id, user, ts: START + sent, received: START + sent++ }),
    );
    return late.sendEvents(events).finally(() => late.close());
  };
  /** Waits until the copy's generation has counted them, or the command ends. */
  const allCounted = async ({ wait }: Pick<ReturnType<typeof startCommand>, 'wait'>) => {
    while ((await countLoad(store)) < sent) await wait(20);
  };

  beforeAll(async () => {
    installed = await install({ partitions: 2 });
    const { producer, config } = installed;
    one = await installed.process();
    await producer.sendEvents([
      ...history,
      ...Array.from({ length: MANY }, (_, n) =>
        eventOf({ site: load.id, user: `u${n % 300}`, ts: START + n, received: START + n }),
      ),
    ]);
    await installed.spoil(madrid, ['no event']);
    await one.caughtUp();
    const topic = `${config.kafka.eventsTopic}-5`;
    args = ['start', '--topic', topic, '--partitions', '5'];
    target = { ...config, kafka: { ...config.kafka, eventsTopic: topic, partitions: 5 } };

    ends = closing(new TopicOffsets(target.kafka), (offsets) => offsets.close());
    redis = closing(connectRedis(target.redis, { enableAutoPipelining: true }), (one) => one.disconnect());
    store = new StoreReader(redis, { ...firstGeneration(target.kafka), id: rebuiltId() });
    directory = closing(openSites(target.kafka, redis), (one) => one.close());
  });

  test('goes on copying after it was killed, and copies what arrives before the deployment', async () => {
    const { config } = installed;
    const killed = startCommand(installed, ...args);
    const copied = async () => {
      const all = await ends.fetch().catch(() => []);
      return all.reduce((sum, { high }) => sum + high, 0);
    };
    while ((await copied()) === 0) await sleep(5);
    killed.kill();
    expect((await killed.ended).code).toBe(null);

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
  });

  test('goes on with the copy once functions that read it are deployed', async () => {
    const { config } = installed;
    const again = startCommand(installed, ...args, '--follow');
    await allCounted(again);
    await again.said('Deploy with');
    const other = await startAggregating(target);
    await arrive(target, 1, 'more');
    await arrive(config, 1, 'at last');
    await allCounted(again);
    again.kill('SIGINT');
    expect(await again.ended).toEqual({
      code: 0,
      output: expect.stringContaining(`All that ${config.kafka.eventsTopic} has is copied.`),
    });
    await directory.complete();
    const generation = currentGeneration(await directory.generations(), target.kafka);
    await other.caughtUp();
    await Promise.all([one.stop(), other.stop()]);
    expect(generation).toMatchObject({ id: rebuiltId(), topic: target.kafka.eventsTopic, partitions: 5 });
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
  });

  test('makes the record and the shards refuse a program with another number of partitions', async () => {
    const { config } = installed;
    const known = await directory.generations();
    const wrong = { eventsTopic: target.kafka.eventsTopic, partitions: 6 };
    expect(() => currentGeneration(known, wrong)).toThrow(
      expect.objectContaining({ code: 'wrong_partitions' }),
    );
    const shards = new StoreReader(
      redis,
      firstGeneration({ ...wrong, eventsTopic: config.kafka.eventsTopic }),
    );
    await expect(shards.heads()).rejects.toMatchObject({ code: 'wrong_partitions' });
  });
});
