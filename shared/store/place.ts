import { type Generation, wrongPartitions } from '../generations/generation.ts';

/**
 * A shard's head says which topic it counts, and how many partitions that has.
 * @throws FootfallError `wrong_partitions` 500 when that is another one than the program's.
 */
export function checkPlace(
  head: Readonly<Record<string, string>>,
  { id, topic, partitions }: Generation,
): void {
  if (head.partitions === undefined) return;
  const counted = { id, topic: head.topic ?? '', partitions: Number(head.partitions) };
  if (counted.topic === topic && counted.partitions === partitions) return;
  throw wrongPartitions(counted, { eventsTopic: topic, partitions });
}
