import { z } from 'zod';
import { type Freshness, freshnessSchema, readFreshness } from '../../shared/analytics/freshness.ts';
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
    lost: z.number().int().meta({ description: 'Records that Kafka deleted before they were applied' }),
  })
  .meta({ id: 'Health' });

/** Whether the services behind are there, and how far the numbers are behind what was accepted. */
export async function readHealth(
  store: StoreReader,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Promise<z.infer<typeof healthSchema>> {
  let freshness: Freshness | undefined;
  let lost = 0;
  try {
    freshness = await readFreshness(store, fetchOffsets);
    for (const [field, count] of await store.ledger()) if (field.startsWith('lost:')) lost += count;
  } catch (error) {
    logger.error('Redis does not answer', error as Error);
  }
  const kafka = freshness && freshness.lag_events === null ? 'down' : 'up';
  const status = freshness && kafka === 'up' ? 'ok' : 'unavailable';
  return { status, redis: freshness ? 'up' : 'down', kafka, ...(freshness && { freshness }), lost };
}
