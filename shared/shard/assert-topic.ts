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
 * A shard's head says which topic it counts, and how many partitions that has.
 * @throws FootfallError `wrong_partitions` 500 when that is another one than the program's.
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

/** Whether anything was ever counted in a generation. */
export async function hasCounted(redis: RedisClient, { id, partitions }: Generation): Promise<boolean> {
  const keys = keysOf(id);
  const heads = Array.from({ length: partitions }, (_, shard) => redis.exists(keys.head(shard)));
  return (await Promise.all(heads)).includes(1);
}

/** What programs with an earlier format count there, or have counted; the latest format's. */
export async function earlierCountedGeneration(
  redis: RedisClient,
  known: Generations,
  place: EventsTopic,
): Promise<Generation | undefined> {
  for (const one of earlierGenerations(known, place)) if (await hasCounted(redis, one)) return one;
  return undefined;
}
