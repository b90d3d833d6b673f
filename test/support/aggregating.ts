import { setTimeout as sleep } from 'node:timers/promises';
import { contextOf } from '../../shared/aggregate/apply-context.ts';
import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { KnownLetters } from '../../shared/dead-letters/known-letters.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { followTopic } from '../../shared/platform/kafka/follow-topic.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { openSites, type SiteDirectory } from '../../shared/sites/directory.ts';

/** Aggregate with Lambda's poller, with connections and memory of its own. */
export interface Aggregating {
  /** The sites and generations that it knows. */
  directory: SiteDirectory;
  /** Waits until everything in the topic is applied, in the generation that it counts. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts at the heads of the current generation; like a poller, it never goes back by itself. */
export async function startAggregating({ kafka, redis: address }: Config): Promise<Aggregating> {
  const redis = connectRedis(address);
  const directory = openSites(kafka, redis);
  const producer = new EventProducer(kafka);
  const offsets = new TopicOffsets(kafka);
  const refused = new KnownLetters(kafka);
  const contexts = new PerGeneration(directory, kafka, (generation) => ({
    ...contextOf(
      { kafka },
      {
        store: new ShardStore(redis, generation),
        funnels: new FunnelStore(redis, generation),
        producer,
        offsets,
        refused,
        sites: directory,
      },
      { onGap: () => {} },
    ),
    reader: new StoreReader(redis, generation),
  }));
  const heads = await (await contexts.current()).reader.heads();
  const following = await followTopic(kafka, {
    topic: kafka.eventsTopic,
    from: new Map(heads.map(({ partition, next }) => [partition, next])),
    hand: async (records) => {
      await applyRecords(records, await contexts.current());
    },
  });
  return {
    directory,
    caughtUp: async () => {
      const isBehind = async () => {
        const { reader } = await contexts.current();
        const ends = await offsets.fetch();
        const behind = (await reader.heads()).some(({ partition, next }) =>
          ends.some((end) => end.partition === partition && end.high > next),
        );
        return behind;
      };
      while (await isBehind()) {
        following.check();
        await sleep(30);
      }
    },
    stop: async () => {
      await following.stop();
      await producer.close();
      await offsets.close();
      await refused.close();
      await directory.close();
      redis.disconnect();
    },
  };
}
