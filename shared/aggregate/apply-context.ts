import type { KnownLetters, LetterLookup } from '../dead-letters/known-letters.ts';
import type { OffsetRange } from '../dead-letters/letter-window.ts';
import { publishDeadLetters } from '../dead-letters/letter-writer.ts';
import type { DeadLetter } from '../event/decode.ts';
import type { Forwarded } from '../fold/identity.ts';
import type { FunnelStore } from '../funnels/store.ts';
import type { Config } from '../platform/config.ts';
import type { EventProducer } from '../platform/kafka/producer.ts';
import { readRange } from '../platform/kafka/read-range.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import type { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import type { ShardStore } from '../shard/shard-store.ts';
import { restoreFunnels } from '../sites/site-funnels.ts';
import type { SiteSource } from '../sites/source.ts';
import { CommitWindow } from './commit-window.ts';
import { TimeBudget } from './time-budget.ts';

/** What applying a batch needs of the world outside. */
export interface ApplyContext {
  store: ShardStore;
  sites: SiteSource;
  /** Partitions of the events topic. */
  partitions: number;
  publishDeadLetters(letters: DeadLetter[]): Promise<void>;
  /** Publishes to the events topic. */
  forward(events: Forwarded[]): Promise<void>;
  /** Writes a shard's funnel definitions as the sites topic has them. */
  restoreFunnels(partition: number): Promise<void>;
  /** The first offset that Kafka still has of a partition. */
  firstOffset(partition: number): Promise<number>;
  /** Hands over Kafka's records from an offset (inclusive) to another (exclusive), in order. */
  readRange(
    partition: number,
    from: number,
    to: number,
    apply: (records: KafkaRecord[]) => Promise<void>,
  ): Promise<void>;
  /**
   * Which records of a partition are dead letters by now. Asked before records are read once more, and then for each
   * part of them.
   */
  refusedBefore(partition: number): Promise<(range: OffsetRange) => Promise<LetterLookup>>;
  /** Called for each range that Redis lacks. It is read from Kafka again, or Kafka has lost it too. */
  onGap(gap: { partition: number; from: number; to: number; lost: boolean }): void;
  /** Called with how many offsets were read from Kafka again and applied. */
  onRefilled(offsets: number): void;
  /** One for a container. */
  budget: TimeBudget;
  /** One for a container. */
  commits: CommitWindow;
  /** Until Lambda ends this invocation, ms. */
  remainingMs(): number;
}

/**
 * Makes what {@link applyRecords} needs out of connections, which the caller opens and closes. Its time never ends:
 * a function sets `remainingMs` for each invocation.
 */
export function contextOf(
  { kafka }: Pick<Config, 'kafka'>,
  services: {
    store: ShardStore;
    funnels: FunnelStore;
    producer: EventProducer;
    offsets: TopicOffsets;
    sites: SiteSource;
    refused: KnownLetters;
    /** The container's, for all its generations; absent: new ones. */
    budget?: TimeBudget;
    commits?: CommitWindow;
  },
  listeners: Pick<ApplyContext, 'onGap'> & Partial<Pick<ApplyContext, 'onRefilled'>>,
): ApplyContext {
  const { store, funnels, producer, offsets, sites, refused } = services;
  const { budget = new TimeBudget(), commits = new CommitWindow() } = services;
  return {
    store,
    sites,
    partitions: kafka.partitions,
    publishDeadLetters: (letters) => publishDeadLetters(producer, kafka.dlqTopic, letters),
    forward: (events) => producer.sendEvents(events),
    restoreFunnels: (partition) => restoreFunnels(partition, funnels, sites),
    firstOffset: async (partition) =>
      (await offsets.fetch()).find((one) => one.partition === partition)?.low ?? 0,
    refusedBefore: async (partition) => {
      await refused.catchUp();
      return (range) => refused.of(partition, range);
    },
    readRange: (partition, from, to, apply) => readRange(kafka, partition, from, to, apply),
    onRefilled: () => {},
    ...listeners,
    budget,
    commits,
    remainingMs: () => Infinity,
  };
}
