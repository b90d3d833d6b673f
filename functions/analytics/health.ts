import { z } from 'zod';
import { freshnessOf, freshnessSchema, readEnds } from '../../shared/analytics/freshness.ts';
import type { PartitionOffsets } from '../../shared/kafka/offsets.ts';
import { logger } from '../../shared/observe.ts';
import type { StoreReader } from '../../shared/store/reads.ts';

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
      },
    ],
  });

/** Whether the services behind are there, each asked for itself, and how far the numbers are behind. */
export async function readHealth(
  store: StoreReader,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Promise<z.infer<typeof healthSchema>> {
  const asked = Date.now();
  const [ends, ledger] = await Promise.allSettled([readEnds(fetchOffsets), store.ledger()]);
  const offsets = ends.status === 'fulfilled' ? ends.value : undefined;
  const kafka = offsets ? 'up' : 'down';
  try {
    if (ledger.status === 'rejected') throw ledger.reason;
    const freshness = freshnessOf(asked, offsets, await store.heads());
    let lost = 0;
    for (const [field, count] of ledger.value) if (field.startsWith('lost:')) lost += count;
    return { status: offsets ? 'ok' : 'unavailable', redis: 'up', kafka, freshness, lost };
  } catch (error) {
    logger.error('Redis does not answer', error as Error);
    return { status: 'unavailable', redis: 'down', kafka };
  }
}
