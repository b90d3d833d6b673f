import type { Context, SelfManagedKafkaEvent } from 'aws-lambda';
import { config } from '../../shared/config.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { METRICS } from '../../shared/metrics.ts';
import { logger, observed, record } from '../../shared/observe.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { FunnelStore } from '../../shared/store/funnels.ts';
import { ShardStore } from '../../shared/store/shard.ts';
import { applyRecords } from './apply.ts';
import { contextOf } from './context.ts';
import { observeBatch } from './observe-batch.ts';

const { kafka, redis } = config();
const connection = connectRedis(redis.url);

const context = contextOf(
  { kafka },
  {
    store: new ShardStore(connection, kafka.partitions),
    funnels: new FunnelStore(connection, kafka.partitions),
    producer: new EventProducer(kafka),
    offsets: new TopicOffsets(kafka),
    sites: openSites(kafka, connection),
  },
  (gap) => {
    record(gap.lost ? METRICS.recordsLost : METRICS.refilled, gap.to - gap.from);
    logger.warn(gap.lost ? 'Records lost by Redis and Kafka' : 'Refilling from Kafka', gap);
  },
);

/**
 * Folds a batch of events into Redis. Partitions run side by side, each on its own shard. Throws when Redis or
 * Kafka is away: Lambda then gives the whole batch again, and what is applied already is skipped.
 */
export function handler(event: SelfManagedKafkaEvent, lambda?: Context): Promise<void> {
  return observed(lambda, {}, async () => {
    const partitions = Object.values(event.records).filter((records) => records.length > 0);
    const started = performance.now();
    const results = await Promise.allSettled(
      partitions.map((records) => observeBatch(records, () => applyRecords(records, context))),
    );
    record(METRICS.batchMs, performance.now() - started);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  });
}
