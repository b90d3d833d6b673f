import { type ApplyContext, applyRecords } from '../../functions/aggregate/apply.ts';
import { contextOf } from '../../functions/aggregate/context.ts';
import type { OutcomeCounts } from '../../shared/aggregation/deltas.ts';
import type { Forwarded } from '../../shared/aggregation/identity.ts';
import type { KafkaRecord } from '../../shared/events/decode.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { RefusedRecords } from '../../shared/kafka/refused.ts';
import { Sites } from '../../shared/sites/sites.ts';
import { fixedSites, type SiteSource } from '../../shared/sites/source.ts';
import { connectRedis, type RedisClient } from '../../shared/store/connection.ts';
import { FunnelStore } from '../../shared/store/funnels.ts';
import { ShardStore } from '../../shared/store/shard.ts';
import { closing } from './closing.ts';
import type { TestConfig } from './fresh-config.ts';

type Gap = Parameters<ApplyContext['onGap']>[0];

/** What the aggregate function is made of, on a test's own topics and database. */
export interface Consumer {
  redis: RedisClient;
  context: ApplyContext;
  /** The gaps that it was told of. */
  gaps: Gap[];
  apply(records: readonly KafkaRecord[]): Promise<OutcomeCounts>;
}

/**
 * A consumer with connections of its own, closed after the tests of the file.
 * @param options.redisUrl instead of the configuration's, for a proxy before one server
 * @param options.store to look at or to hold up what goes to Redis
 * @param options.source instead of the configuration's sites
 * @param options.forward instead of Kafka, for what shards send to each other
 */
export function openConsumer(
  { kafka, redis: address, sites }: TestConfig,
  options: {
    redisUrl?: string;
    store?: (redis: RedisClient) => ShardStore;
    forward?: (events: Forwarded[]) => Promise<void>;
    source?: SiteSource;
  } = {},
): Consumer {
  const { redisUrl: url = address.url } = options;
  const redis = closing(connectRedis({ ...address, url }), (one) => one.disconnect());
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const refused = closing(new RefusedRecords(kafka), (one) => one.close());
  const gaps: Gap[] = [];
  const store = options.store?.(redis) ?? new ShardStore(redis, firstGeneration(kafka));
  const context = contextOf(
    { kafka },
    {
      ...{ store, producer, offsets, refused, sites: options.source ?? fixedSites(new Sites(sites)) },
      funnels: new FunnelStore(redis, firstGeneration(kafka)),
    },
    { onGap: (gap) => gaps.push(gap) },
  );
  if (options.forward) context.forward = options.forward;
  return { redis, context, gaps, apply: (records) => applyRecords(records, context) };
}
