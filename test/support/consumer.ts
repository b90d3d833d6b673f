import type { Redis } from 'ioredis';
import { type ApplyContext, applyRecords } from '../../functions/aggregate/apply.ts';
import type { OutcomeCounts } from '../../shared/aggregation/deltas.ts';
import type { Config } from '../../shared/config.ts';
import type { KafkaRecord } from '../../shared/events/decode.ts';
import { publishDeadLetters } from '../../shared/kafka/dead-letters.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { readRange } from '../../shared/kafka/range.ts';
import { Sites } from '../../shared/sites.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { ShardStore } from '../../shared/store/shard.ts';
import { closing } from './closing.ts';

type Gap = Parameters<ApplyContext['onGap']>[0];

/** What the aggregate function is made of, on a test's own topics and database. */
export interface Consumer {
  redis: Redis;
  context: ApplyContext;
  /** The gaps that it was told of. */
  gaps: Gap[];
  apply(records: readonly KafkaRecord[]): Promise<OutcomeCounts>;
}

/**
 * A consumer with connections of its own, closed after the tests of the file.
 * @param options.redisUrl instead of the configuration's, for a proxy
 * @param options.store to look at or to hold up what goes to Redis
 */
export function openConsumer(
  { kafka, redis: { url }, sites }: Config,
  options: { redisUrl?: string; store?: (redis: Redis) => ShardStore } = {},
): Consumer {
  const redis = closing(connectRedis(options.redisUrl ?? url), (one) => one.disconnect());
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const gaps: Gap[] = [];
  const context: ApplyContext = {
    store: options.store?.(redis) ?? new ShardStore(redis),
    sites: new Sites(sites),
    partitions: kafka.partitions,
    publishDeadLetters: (letters) => publishDeadLetters(producer, kafka.dlqTopic, letters),
    firstOffset: async (partition) =>
      (await offsets.fetch()).find((one) => one.partition === partition)?.low ?? 0,
    readRange: (partition, from, to, apply) => readRange(kafka, partition, from, to, apply),
    onGap: (gap) => gaps.push(gap),
  };
  return { redis, context, gaps, apply: (records) => applyRecords(records, context) };
}
