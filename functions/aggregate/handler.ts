import type { Context, EventBridgeEvent, SelfManagedKafkaEvent } from 'aws-lambda';
import { type ApplyContext, contextOf } from '../../shared/aggregate/apply-context.ts';
import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { heal } from '../../shared/aggregate/heal.ts';
import { observeBatch } from '../../shared/aggregate/observe-batch.ts';
import { RefusedRecords } from '../../shared/dead-letters/known.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { config } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { logger, observed, record } from '../../shared/platform/observe/observe.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { inLambdasTime } from '../../shared/platform/time-limit.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { openSites } from '../../shared/sites/directory.ts';

const { kafka, redis, aggregateGroup: group } = config();
const connection = connectRedis(redis);
const sites = openSites(kafka, connection);
const offsets = new TopicOffsets(kafka);
const services = {
  producer: new EventProducer(kafka),
  offsets,
  sites,
  refused: new RefusedRecords(kafka),
};

const contexts = new PerGeneration(sites, kafka, (generation) =>
  contextOf(
    { kafka },
    {
      ...services,
      store: new ShardStore(connection, generation),
      funnels: new FunnelStore(connection, generation),
    },
    {
      onGap: (gap) => {
        if (gap.lost) record(METRICS.recordsLost, gap.to - gap.from);
        logger.warn(gap.lost ? 'Records lost by Redis and Kafka' : 'Refilling from Kafka', gap);
      },
      onRefilled: (count) => record(METRICS.refilled, count),
    },
  ),
);

type Event = SelfManagedKafkaEvent | EventBridgeEvent<'Scheduled Event', unknown>;

/**
 * Folds a batch of events into Redis. Once a minute it brings back what Redis has lost of partitions that receive no
 * events.
 *
 * Throws when Redis or Kafka is away, or when the time is over. Lambda then hands over the whole batch again, and what
 * is already applied is skipped.
 */
export function handler(event: Event, lambda?: Context): Promise<void> {
  return observed(lambda, {}, () =>
    inLambdasTime(lambda, async () => {
      const context = {
        ...(await contexts.current()),
        remainingMs: () => lambda?.getRemainingTimeInMillis?.() ?? Infinity,
      };
      if ('records' in event) return applyBatches(event, context);
      if (group === undefined) return;
      await heal(context, {
        fetchCommitted: () => offsets.fetchCommitted(group),
        fetchOffsets: () => offsets.fetch(),
      });
    }),
  );
}

/** All partitions at the same time, each on its own shard. */
async function applyBatches({ records }: SelfManagedKafkaEvent, context: ApplyContext): Promise<void> {
  const partitions = Object.values(records).filter((some) => some.length > 0);
  const started = performance.now();
  const results = await Promise.allSettled(
    partitions.map((some) => observeBatch(some, () => applyRecords(some, context))),
  );
  record(METRICS.batchMs, performance.now() - started);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
