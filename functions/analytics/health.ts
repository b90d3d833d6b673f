import { z } from 'zod';
import { freshnessOf, freshnessSchema, readEnds } from '../../shared/analytics/freshness.ts';
import type { PartitionOffsets } from '../../shared/kafka/offsets.ts';
import { logger } from '../../shared/observe.ts';
import { isLostField } from '../../shared/store/fields.ts';
import type { ShardHead, StoreReader } from '../../shared/store/reads.ts';

const dependency = z.enum(['up', 'down']);

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'unavailable']).meta({ description: 'unavailable comes with 503' }),
    redis: dependency,
    kafka: dependency,
    freshness: freshnessSchema.optional().meta({ description: 'Absent when Redis is down' }),
    lost: z.number().int().optional().meta({
      description: 'Records that Kafka deleted before they were applied; absent when Redis is down',
    }),
    ahead: z
      .number()
      .int()
      .optional()
      .meta({
        description:
          'Records that Redis has applied and Kafka does not have: the topic was made anew, and what comes is ' +
          'skipped until it is as long as before. Empty Redis then. Absent when Redis or Kafka is down',
      }),
  })
  .meta({
    id: 'Health',
    examples: [
      {
        status: 'ok',
        redis: 'up',
        kafka: 'up',
        freshness: {
          as_of: '2026-03-31T18:05:13.000Z',
          applied: 48_210,
          lag_events: 0,
          lag_ms: 0,
          complete: true,
        },
        lost: 0,
        ahead: 0,
      },
    ],
  });

/** Whether the services behind are there, each asked for itself, and how far the numbers are behind. */
export async function readHealth(
  store: StoreReader,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Promise<z.infer<typeof healthSchema>> {
  const asked = Date.now();
  const [ends, ledgers] = await Promise.allSettled([readEnds(fetchOffsets), store.ledgers()]);
  const offsets = ends.status === 'fulfilled' ? ends.value : undefined;
  const kafka = offsets ? 'up' : 'down';
  try {
    if (ledgers.status === 'rejected') throw ledgers.reason;
    const heads = await store.heads();
    const freshness = freshnessOf(asked, offsets, heads);
    const ahead = await countAhead(heads, offsets, fetchOffsets);
    let lost = 0;
    for (const { sums } of ledgers.value)
      for (const [field, count] of sums) if (isLostField(field)) lost += count;
    const status = offsets && !ahead ? 'ok' : 'unavailable';
    return { status, redis: 'up', kafka, freshness, lost, ...(ahead !== undefined && { ahead }) };
  } catch (error) {
    logger.error('Redis does not answer', error as Error);
    return { status: 'unavailable', redis: 'down', kafka };
  }
}

/** The heads were read after the log's end, so one that is past it may just have moved: the end is read again. */
async function countAhead(
  heads: readonly ShardHead[],
  offsets: readonly PartitionOffsets[] | undefined,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Promise<number | undefined> {
  if (!offsets || aheadOf(heads, offsets) === 0) return offsets && 0;
  const now = await readEnds(fetchOffsets);
  return now && aheadOf(heads, now);
}

const aheadOf = (heads: readonly ShardHead[], offsets: readonly PartitionOffsets[]) =>
  heads.reduce((sum, { partition, next }) => {
    const end = offsets.find((one) => one.partition === partition);
    return sum + Math.max(0, next - (end?.high ?? 0));
  }, 0);
