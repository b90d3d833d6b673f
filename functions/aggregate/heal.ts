import { FootfallError } from '../../shared/errors.ts';
import type { PartitionOffsets } from '../../shared/kafka/offsets.ts';
import { logger } from '../../shared/observe.ts';
import { type ApplyContext, fillUpTo } from './apply.ts';

/** Partitions that are filled side by side: each holds what it has fetched, and all share one processor. */
const AT_ONCE = 4;

/** Where the consumer group and the log stand. */
export interface HealSources {
  /** By partition the offset that the group reads next; what lies before it was applied once. */
  fetchCommitted(): Promise<ReadonlyMap<number, number>>;
  fetchOffsets(): Promise<PartitionOffsets[]>;
}

/**
 * Brings back what Redis has lost of partitions that no event comes to: what the consumer group has committed was
 * applied once, so a head that is behind it has forgotten it. Ends when the time is over; the next run goes on.
 * @returns how many partitions were behind, and how many of them still are.
 * @throws what Redis or Kafka threw, when all that could be done is done.
 */
export async function heal(
  context: ApplyContext,
  { fetchCommitted, fetchOffsets }: HealSources,
): Promise<{ behind: number; left: number }> {
  // The heads last: they were beyond what was committed by then, if Redis has kept them.
  const committed = await fetchCommitted();
  const ends = new Map((await fetchOffsets()).map(({ partition, high }) => [partition, high]));
  const shards = await Promise.all(
    // A group that has read further than the log goes is of an earlier topic of that name.
    [...committed].map(async ([partition, offset]) => ({
      partition,
      to: Math.min(offset, ends.get(partition) ?? 0),
      next: (await context.store.read(partition, [])).head.next,
    })),
  );
  const behind = shards.filter(({ next, to }) => next < to);
  // In another order each time, so that none waits for ever behind one that always fails.
  const waiting = [...behind].sort(() => Math.random() - 0.5);
  let left = behind.length;
  const failures: unknown[] = [];
  const fill = async () => {
    for (let shard = waiting.pop(); shard; shard = waiting.pop()) {
      try {
        await fillUpTo(shard.partition, shard.to, context);
        left--;
      } catch (error) {
        if (error instanceof FootfallError && error.code === 'out_of_time') return;
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fill));
  if (behind.length > 0)
    logger.warn('Redis had lost records of quiet partitions', { behind: behind.length, left });
  if (failures.length > 0) throw failures[0];
  return { behind: behind.length, left };
}
