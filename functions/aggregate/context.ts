import type { Config } from '../../shared/config.ts';
import { restoreFunnels } from '../../shared/directory/funnels.ts';
import { publishDeadLetters } from '../../shared/kafka/dead-letters.ts';
import type { TopicOffsets } from '../../shared/kafka/offsets.ts';
import type { EventProducer } from '../../shared/kafka/producer.ts';
import { readRange } from '../../shared/kafka/range.ts';
import type { RefusedRecords } from '../../shared/kafka/refused.ts';
import type { SiteSource } from '../../shared/sites/source.ts';
import type { FunnelStore } from '../../shared/store/funnels.ts';
import type { ShardStore } from '../../shared/store/shard.ts';
import type { ApplyContext } from './apply.ts';
import { Pace } from './pace.ts';

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
    refused: RefusedRecords;
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
