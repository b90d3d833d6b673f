import { isErasedBy } from '../event/erasure.ts';
import { partitionOf } from '../event/partition.ts';
import { type GenerationSource, PerGeneration } from '../generations/generation.ts';
import type { Config } from '../platform/config.ts';
import { EventProducer } from '../platform/kafka/producer.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { userKey } from '../platform/user-key.ts';
import { ShardStore } from '../shard/shard-store.ts';
import type { SiteSource } from '../sites/source.ts';
import { DeadLetterIndex } from './letter-index.ts';
import { LetterReplayer, type LetterReplayerParts } from './letter-replayer.ts';
import { LetterTopic } from './letter-topic.ts';
import { LetterWriter } from './letter-writer.ts';
import type { NamedPerson } from './people-named.ts';

/** What a function has already and dead letters share. */
interface SharedParts {
  producer: EventProducer;
  stores: PerGeneration<ShardStore>;
}

/**
 * Builds everything that deals with dead letters. The caller closes the result, the Redis connection, and the shared
 * parts that it passes.
 * @param shared absent: opens a producer and stores of its own, for tests.
 */
export function openDeadLetters(
  kafka: Config['kafka'],
  redis: RedisClient,
  directory: SiteSource & GenerationSource,
  shared?: SharedParts,
): LetterReplayerParts & { replayer: LetterReplayer; close(): Promise<void> } {
  const index = new DeadLetterIndex(redis);
  const topic = new LetterTopic(kafka, index);
  const producer = shared?.producer ?? new EventProducer(kafka);
  const stores =
    shared?.stores ?? new PerGeneration(directory, kafka, (generation) => new ShardStore(redis, generation));
  const parts: LetterReplayerParts = {
    index,
    topic,
    openWriter: () => LetterWriter.open(kafka),
    publish: (replays) => producer.send(kafka.eventsTopic, replays),
    sites: () => directory.complete(),
    areErased: async (people) => areErased(people, await stores.current(), kafka.partitions),
    partitions: kafka.partitions,
  };
  const replayer = new LetterReplayer(parts);
  const close = async () => {
    await replayer.close();
    await topic.close();
    if (!shared) await producer.close();
  };
  return { ...parts, replayer, close };
}

/** Asks the people's shards, as aggregate does before it counts an event. */
async function areErased(
  people: readonly NamedPerson[],
  store: ShardStore,
  partitions: number,
): Promise<boolean[]> {
  const untils = new Map<string, number>();
  const byKey = new Map(people.map(({ site, user }) => [userKey({ site, user }), { site, user }]));
  const byShard = Map.groupBy(byKey, ([key]) => partitionOf(key, partitions));
  await Promise.all(
    [...byShard].map(async ([home, some]) => {
      const users = new Map(some.map(([key, { site, user }]) => [key, { key, site, user, home }] as const));
      let left = [...users.values()];
      while (left.length > 0) {
        const { states, users: read } = await store.read(home, left);
        for (const [key, { erased }] of states) if (erased) untils.set(key, erased.until);
        left = left.slice(read);
      }
    }),
  );
  return people.map((one) => {
    const until = untils.get(userKey(one));
    return until !== undefined && isErasedBy(one, until);
  });
}
