import { FootfallError } from '../platform/errors.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import { logger } from '../platform/observe/observe.ts';
import type { ApplyContext } from './apply-context.ts';
import { fillUpTo } from './apply-records.ts';

/** Partitions that are filled at the same time. Each holds what it has fetched, and all share one processor. */
const AT_ONCE = 4;
/** When the end of the log has not moved for this long, the group has reached it. ms */
const STANDING_MS = 30_000;

/** Where the consumer group and the log stand. */
export interface HealSources {
  /** By partition: the offset that the group reads next. What lies before it was applied once. */
  fetchCommitted(): Promise<ReadonlyMap<number, number>>;
  fetchOffsets(): Promise<PartitionOffsets[]>;
}

/**
 * Brings back what Redis has lost of partitions that receive no events. What the consumer group has committed was
 * applied once, so a head behind that offset means lost data.
 *
 * Also moves heads past the end of a log that stands still. A transaction ends with a marker, which is no record: no
 * consumer receives it, and some clients do not commit it.
 *
 * Ends when Lambda's time is over; the next run goes on.
 * @returns how many partitions were behind, and how many of them still are.
 * @throws what Redis or Kafka threw, after all other partitions were tried.
 */
export async function heal(
  context: ApplyContext,
  { fetchCommitted, fetchOffsets }: HealSources,
): Promise<{ behind: number; left: number }> {
  // The heads last: if Redis has kept them, they are past what was committed before.
  const committed = await fetchCommitted();
  const ends = new Map((await fetchOffsets()).map((end) => [end.partition, end]));
  const shards = await Promise.all(
    [...committed].map(async ([partition, offset]) => {
      const end = ends.get(partition) ?? { partition, low: 0, high: 0 };
      const { next } = (await context.store.read(partition, [])).head;
      // The log may end before the offset of the group, which is then of an earlier topic with the same name.
      const applied = Math.min(offset, end.high);
      return { partition, isBehind: next < applied, next, to: isStanding(end) ? end.high : applied };
    }),
  );
  // In another order each time: no partition waits forever behind one that always fails.
  const waiting = shards.filter(({ next, to }) => next < to).sort(() => Math.random() - 0.5);
  const behind = waiting.filter(({ isBehind }) => isBehind).length;
  let left = behind;
  const failures: unknown[] = [];
  const fill = async () => {
    for (let shard = waiting.pop(); shard; shard = waiting.pop()) {
      try {
        await fillUpTo(shard.partition, shard.to, context);
        if (shard.isBehind) left--;
      } catch (error) {
        if (error instanceof FootfallError && error.code === 'out_of_time') return;
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fill));
  if (behind > 0) logger.warn('Redis had lost records of quiet partitions', { behind, left });
  if (failures.length > 0) throw failures[0];
  return { behind, left };
}

const isStanding = ({ high, earlier = [] }: PartitionOffsets): boolean =>
  earlier.some((before) => before.high === high && Date.now() - before.at >= STANDING_MS);
