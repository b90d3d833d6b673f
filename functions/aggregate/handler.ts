import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SelfManagedKafkaEvent } from 'aws-lambda';
import { config } from '../../shared/config.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { logger, metrics } from '../../shared/observe.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { FunnelStore } from '../../shared/store/funnels.ts';
import { ShardStore } from '../../shared/store/shard.ts';
import { applyRecords } from './apply.ts';
import { contextOf } from './context.ts';

const { kafka, redis } = config();
const connection = connectRedis(redis.url);

const sites = openSites(kafka, connection);
const services = { producer: new EventProducer(kafka), offsets: new TopicOffsets(kafka), sites };
const contexts = new PerGeneration(sites, kafka, (generation) =>
  contextOf(
    { kafka },
    {
      ...services,
      store: new ShardStore(connection, generation),
      funnels: new FunnelStore(connection, generation),
    },
    (gap) => logger.warn(gap.lost ? 'Records lost by Redis and Kafka' : 'Refilling from Kafka', gap),
  ),
);

/**
 * Folds a batch of events into Redis. Partitions run side by side, each on its own shard. Throws when Redis or
 * Kafka is away: Lambda then gives the whole batch again, and what is applied already is skipped.
 */
export async function handler(event: SelfManagedKafkaEvent, lambda?: Context): Promise<void> {
  if (lambda) logger.addContext(lambda);
  const partitions = Object.values(event.records).filter((records) => records.length > 0);
  const started = performance.now();
  const context = await contexts.current();
  const results = await Promise.allSettled(partitions.map((records) => applyRecords(records, context)));
  for (const result of results) {
    if (result.status === 'rejected') continue;
    metrics.addMetric('applied', MetricUnit.Count, result.value.applied);
    metrics.addMetric('duplicates', MetricUnit.Count, result.value.duplicate);
    metrics.addMetric('bots', MetricUnit.Count, result.value.bot);
    metrics.addMetric('deadLettered', MetricUnit.Count, result.value.deadLettered);
  }
  metrics.addMetric('batchMs', MetricUnit.Milliseconds, performance.now() - started);
  metrics.publishStoredMetrics();
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    logger.error('A batch failed and will come again', failed.reason as Error);
    throw failed.reason;
  }
}
