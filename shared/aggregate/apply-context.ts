import type { KnownLetters } from '../dead-letters/known-letters.ts';
import { publishDeadLetters } from '../dead-letters/letter-writer.ts';
import type { FunnelStore } from '../funnels/store.ts';
import type { Config } from '../platform/config.ts';
import type { EventProducer } from '../platform/kafka/producer.ts';
import { readRange } from '../platform/kafka/read-range.ts';
import type { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import type { ShardStore } from '../shard/shard-store.ts';
import { restoreFunnels } from '../sites/site-funnels.ts';
import type { SiteSource } from '../sites/source.ts';
import type { ApplyContext } from './apply-records.ts';
import { Pace } from './time-budget.ts';

/** What applying needs, made of connections that the caller opens and closes; without an end of its time. */
export function contextOf(
  { kafka }: Pick<Config, 'kafka'>,
  {
    store,
    funnels,
    producer,
    offsets,
    sites,
    refused,
  }: {
    store: ShardStore;
    funnels: FunnelStore;
    producer: EventProducer;
    offsets: TopicOffsets;
    sites: SiteSource;
    refused: KnownLetters;
  },
  told: Pick<ApplyContext, 'onGap'> & Partial<Pick<ApplyContext, 'onRefilled'>>,
): ApplyContext {
  return {
    store,
    sites,
    partitions: kafka.partitions,
    publishDeadLetters: (letters) => publishDeadLetters(producer, kafka.dlqTopic, letters),
    forward: (events) => producer.sendEvents(events),
    restoreFunnels: (partition) => restoreFunnels(partition, funnels, sites),
    firstOffset: async (partition) =>
      (await offsets.fetch()).find((one) => one.partition === partition)?.low ?? 0,
    refusedBefore: (partition) => refused.of(partition),
    readRange: (partition, from, to, apply) => readRange(kafka, partition, from, to, apply),
    onRefilled: () => {},
    ...told,
    pace: new Pace(),
    remainingMs: () => Infinity,
  };
}
