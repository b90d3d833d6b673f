import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import { logger } from '../platform/observe/observe.ts';
import type { ShardHead } from '../shard/reader.ts';

/** An answer waits no longer for Kafka to say how far the log goes. */
const OFFSETS_TIMEOUT_MS = 1_500;

export const freshnessSchema = z.object({
  as_of: z.iso.datetime().meta({ description: 'When the question arrived' }),
  applied: z.number().int().meta({ description: 'Applied records, of all sites' }),
  lag_events: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'Accepted but not applied yet; null: Kafka is away' }),
  lag_ms: z.number().int().nullable().meta({ description: 'The highest possible age of the oldest of them' }),
  complete: z
    .boolean()
    .nullable()
    .meta({ description: 'Whether everything accepted before as_of is in the answer' }),
});

export type Freshness = z.infer<typeof freshnessSchema>;

/**
 * How much of what was accepted is not in the store. Read the heads before the answer's data: then `complete` holds for
 * that data.
 * @param asked when the question arrived, ms since the epoch.
 * @param offsets read after that; undefined when Kafka is away. Read after the heads, they tell of events that came
 *   meanwhile, too.
 */
export function freshnessOf(
  asked: number,
  offsets: readonly PartitionOffsets[] | undefined,
  heads: readonly ShardHead[],
): Freshness {
  const base = {
    as_of: new Date(asked).toISOString(),
    applied: heads.reduce((sum, { next }) => sum + next, 0),
  };
  if (!offsets) return { ...base, lag_events: null, lag_ms: null, complete: null };
  const behind = lagsOf(asked, offsets, heads).filter(({ lag }) => lag > 0);
  const lag = behind.reduce((sum, shard) => sum + shard.lag, 0);
  const ages = behind.map(({ ageMs }) => ageMs);
  const lagMs = ages.includes(null) ? null : Math.max(0, ...(ages as number[]));
  return { ...base, lag_events: lag, lag_ms: lagMs, complete: lag === 0 };
}

/** How far one shard is behind. */
export interface ShardLag {
  partition: number;
  /** Records that are accepted and not applied. */
  lag: number;
  /** The highest possible age of the oldest of them, ms; 0 when there is none, null: they may have any age. */
  ageMs: number | null;
}

/** How far each shard is behind. The parameters are those of {@link freshnessOf}. */
export function lagsOf(
  asked: number,
  offsets: readonly PartitionOffsets[],
  heads: readonly ShardHead[],
): ShardLag[] {
  return heads.map((head) => {
    const { partition } = head;
    // Records from another shard may wait, too. They may be newer than the offsets, so each sender counts as one.
    const lag = Math.max(lagOf(head, offsets), sendersWaiting(head, heads));
    if (lag === 0) return { partition, lag, ageMs: 0 };
    const since = sinceWhen(head, offsets);
    return { partition, lag, ageMs: since === undefined ? null : Math.max(0, asked - since) };
  });
}

/** The number of a shard's records that are accepted but not applied. */
function lagOf({ partition, next }: ShardHead, offsets: readonly PartitionOffsets[]): number {
  const end = offsets.find((one) => one.partition === partition);
  // Records that Kafka has deleted cannot be applied any more.
  return end ? Math.max(0, end.high - Math.max(next, end.low)) : 0;
}

/**
 * An instant (ms) after which all waiting records of a shard were accepted: they are younger than the last applied record,
 * and than any moment at which the log ended there or earlier. Undefined: they may have any age.
 */
function sinceWhen(
  { partition, next, timestamp }: ShardHead,
  offsets: readonly PartitionOffsets[],
): number | undefined {
  const { earlier = [] } = offsets.find((one) => one.partition === partition) ?? {};
  const seen = earlier.find(({ high }) => high <= next)?.at;
  return seen === undefined ? timestamp : Math.max(seen, timestamp ?? 0);
}

/** The number of shards that have sent this one a record that it has not applied. */
function sendersWaiting({ partition, arrived }: ShardHead, heads: readonly ShardHead[]): number {
  return heads.filter((from) => (from.sent[partition] ?? -1) > (arrived[from.partition] ?? -1)).length;
}

/** The ends of the log; undefined when Kafka does not answer in time. */
export const readEnds = (fetchOffsets: () => Promise<PartitionOffsets[]>) =>
  inTime(fetchOffsets, 'Kafka did not say how far the log goes');

/**
 * An answer, or undefined when it fails or takes too long.
 * @param otherwise the log line for that case.
 */
export async function inTime<T>(ask: () => Promise<T>, otherwise: string): Promise<T | undefined> {
  try {
    return await Promise.race([ask(), sleep(OFFSETS_TIMEOUT_MS, undefined, { ref: false })]);
  } catch (error) {
    logger.warn(otherwise, error as Error);
    return undefined;
  }
}
