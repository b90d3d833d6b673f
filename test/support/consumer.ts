import { type ApplyContext, contextOf } from '../../shared/aggregate/apply-context.ts';
import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { KnownLetters } from '../../shared/dead-letters/known-letters.ts';
import type { OutcomeCounts } from '../../shared/fold/chunk-delta.ts';
import type { Forwarded } from '../../shared/fold/identity.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import {
  COMMAND_TIMEOUT_MS,
  connectRedis,
  type RedisClient,
} from '../../shared/platform/redis/connection.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites, type SiteSource } from '../../shared/sites/source.ts';
import { closing } from './closing.ts';
import type { TestConfig } from './fresh-config.ts';

type Gap = Parameters<ApplyContext['onGap']>[0];

/** The parts of the aggregate function, on a test's own topics and database. */
export interface Consumer {
  redis: RedisClient;
  context: ApplyContext;
  /** The gaps that it has reported. */
  gaps: Gap[];
  apply(records: readonly KafkaRecord[]): Promise<OutcomeCounts>;
}

/**
 * A consumer with connections of its own, closed after the tests of the file.
 * @param options.redisUrl instead of the configuration's, for a proxy before one server
 * @param options.commandTimeout how long a command of Redis may take, ms
 * @param options.store to look at or to hold up what goes to Redis
 * @param options.source instead of the configuration's sites
 * @param options.forward instead of Kafka, for what shards send to each other
 */
export function openConsumer(
  { kafka, redis: address, sites }: TestConfig,
  options: {
    redisUrl?: string;
    commandTimeout?: number;
    store?: (redis: RedisClient) => ShardStore;
    forward?: (events: Forwarded[]) => Promise<void>;
    source?: SiteSource;
  } = {},
): Consumer {
  const { redisUrl: url = address.url, commandTimeout = COMMAND_TIMEOUT_MS } = options;
  const redis = closing(connectRedis({ ...address, url }, { commandTimeout }), (one) => one.disconnect());
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const refused = closing(new KnownLetters(kafka), (one) => one.close());
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
