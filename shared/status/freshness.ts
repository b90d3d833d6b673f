import { z } from 'zod';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import { logger } from '../platform/observe/observe.ts';
import type { ShardHead } from '../shard/reader.ts';

/** An answer waits no longer for Kafka to say how far the log goes. */
const OFFSETS_TIMEOUT_MS = 1_500;

export const freshnessSchema = z.object({
  as_of: z.iso.datetime().meta({ description: 'When the question was asked' }),
  applied: z.number().int().meta({ description: 'Records applied, all sites' }),
  lag_events: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'Accepted but not applied yet; null: Kafka is away' }),
  lag_ms: z.number().int().nullable().meta({ description: 'How old the oldest of them is, at the most' }),
  complete: z.boolean().nullable().meta({ description: 'Everything accepted until as_of is in the answer' }),
});

export type Freshness = z.infer<typeof freshnessSchema>;

/**
 * How much of what was accepted is not in the store. Ask before reading the answer's data: then `complete` holds for
 * that data.
 * @param asked when the question was asked, ms since the epoch.
 * @param offsets read after that and before the heads; undefined when Kafka is away.
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
  const behind = heads
    // What another shard sent may wait in the log, too, or have been sent after the log was asked: at least one.
    .map((head) => ({ ...head, lag: Math.max(lagOf(head, offsets), sendersWaiting(head, heads)) }))
    .filter(({ lag }) => lag > 0);
  const lag = behind.reduce((sum, shard) => sum + shard.lag, 0);
  const ages = behind.map((head) => {
    const since = sinceWhen(head, offsets);
    return since === undefined ? null : Math.max(0, asked - since);
  });
  const lagMs = ages.includes(null) ? null : Math.max(0, ...(ages as number[]));
  return { ...base, lag_events: lag, lag_ms: lagMs, complete: lag === 0 };
}

/** Records of a shard that are accepted but not applied. */
function lagOf({ partition, next }: ShardHead, offsets: readonly PartitionOffsets[]): number {
  const end = offsets.find((one) => one.partition === partition);
  // What Kafka has deleted can't be applied any more.
  return end ? Math.max(0, end.high - Math.max(next, end.low)) : 0;
}

/**
 * An instant (ms) before which nothing was accepted that waits in a shard: it is younger than what was applied last,
 * and than any time at which the log ended there or earlier. Undefined when it may be any age.
 */
function sinceWhen(
  { partition, next, timestamp }: ShardHead,
  offsets: readonly PartitionOffsets[],
): number | undefined {
  const { earlier = [] } = offsets.find((one) => one.partition === partition) ?? {};
  const seen = earlier.find(({ high }) => high <= next)?.at;
  return seen === undefined ? timestamp : Math.max(seen, timestamp ?? 0);
}

/** How many shards have sent this one a record that it has not applied. */
function sendersWaiting({ partition, arrived }: ShardHead, heads: readonly ShardHead[]): number {
  return heads.filter((from) => (from.sent[partition] ?? -1) > (arrived[from.partition] ?? -1)).length;
}

/** Where the log ends; undefined when Kafka does not say so in time. */
export const readEnds = (fetchOffsets: () => Promise<PartitionOffsets[]>) =>
  inTime(fetchOffsets, 'Kafka did not say how far the log goes');

/**
 * What Kafka answers, undefined when it does not do so in time.
 * @param otherwise for the log: what it did not say.
 */
export async function inTime<T>(ask: () => Promise<T>, otherwise: string): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), OFFSETS_TIMEOUT_MS);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    logger.warn(otherwise, error as Error);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
