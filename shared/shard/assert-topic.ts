import {
  type EventsTopic,
  earlierGenerations,
  type Generation,
  type Generations,
  wrongPartitions,
} from '../generations/generation.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keysOf } from '../platform/redis/keys.ts';

/**
 * Checks that a shard counts the topic of the program's configuration: its head says which topic, and how many
 * partitions.
 * @throws FootfallError `wrong_partitions` 500 when it counts another one.
 */
export function assertSameTopic(
  head: Readonly<Record<string, string>>,
  { id, topic, partitions }: Generation,
): void {
  if (head.partitions === undefined) return;
  const counted = { id, topic: head.topic ?? '', partitions: Number(head.partitions) };
  if (counted.topic === topic && counted.partitions === partitions) return;
  throw wrongPartitions(counted, { eventsTopic: topic, partitions });
}

/** Whether a generation has ever counted anything. */
export async function hasCounted(redis: RedisClient, { id, partitions }: Generation): Promise<boolean> {
  const keys = keysOf(id);
  const heads = Array.from({ length: partitions }, (_, shard) => redis.exists(keys.head(shard)));
  return (await Promise.all(heads)).includes(1);
}

/**
 * The generation that programs of an earlier format count, or have counted, for this topic; the latest format first.
 */
export async function earlierCountedGeneration(
  redis: RedisClient,
  known: Generations,
  place: EventsTopic,
): Promise<Generation | undefined> {
  for (const one of earlierGenerations(known, place)) if (await hasCounted(redis, one)) return one;
  return undefined;
}
