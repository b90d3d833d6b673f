import { setTimeout as sleep } from 'node:timers/promises';
import { type ApplyContext, contextOf } from '../../shared/aggregate/apply-context.ts';
import { applyRecords, fillUpTo } from '../../shared/aggregate/apply-records.ts';
import { RefusedRecords } from '../../shared/dead-letters/known.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { followTopic } from '../../shared/platform/kafka/follow-topic.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { type PartitionOffsets, TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { kafkaOf, type Tools } from './tools.ts';

/** For so long an outage of Redis or Kafka is waited for, ms. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;
const CATCH_UP_POLL_MS = 20;
/** A funnel counts what comes five seconds after it was asked for, and later. */
const DEFINED_MS = 2_000;

/** A generation that is being filled from Kafka. */
export interface Filling {
  generation: Generation;
  /** How far the topic goes now. */
  ends(): Promise<PartitionOffsets[]>;
  /** Records that were applied here. */
  applied(): number;
  /** The offset of a partition up to which all was applied here, or was before. */
  position(partition: number): number;
  /** Has a partition be applied up to this offset (exclusive), which is not beyond its end, once more from its head. */
  refill(partition: number, to: number): Promise<void>;
  /** Waits until all is applied that the topic has now. @returns false when it was interrupted. */
  caughtUp(signal: AbortSignal): Promise<boolean>;
  /** Begins to apply what comes, all partitions side by side, and goes on with it. */
  follow(): Promise<void>;
  /**
   * Has nothing be applied of a partition from an offset on, until it is told another one; waits for what is under way,
   * which may go beyond it.
   */
  holdAt(partition: number, limit: number): Promise<void>;
  /** Throws what following threw. */
  check(): void;
  close(): Promise<void>;
}

/**
 * Fills a generation as aggregate fills the current one, only quicker: what its heads are behind, from where Kafka
 * still has it. Others may fill it at the same time. What is a dead letter by then stays one.
 */
export function openFilling(
  tools: Pick<Tools, 'config' | 'redis' | 'directory' | 'log'>,
  generation: Generation,
): Filling {
  const { redis, directory, log } = tools;
  const kafka = kafkaOf(tools.config, generation);
  const store = new ShardStore(redis, generation);
  const reader = new StoreReader(redis, generation);
  const funnels = new FunnelStore(redis, generation);
  const producer = new EventProducer(kafka);
  const offsets = new TopicOffsets(kafka);
  const refused = new RefusedRecords(kafka);
  /** By partition: all before this offset was handed over here, so what is not in Redis has been lost there. */
  const positions = new Map<number, number>();
  const position = (partition: number) => positions.get(partition) ?? 0;
  let applied = 0;
  const onGap: ApplyContext['onGap'] = ({ partition, from, to, lost }) => {
    if (lost) log(`Partition ${partition}: Kafka no longer has ${from} to ${to - 1}; they are lost here.`);
  };
  const context: ApplyContext = {
    ...contextOf({ kafka }, { store, funnels, producer, offsets, refused, sites: directory }, { onGap }),
    readRange: async (partition, from, to, apply) => {
      // Read without a gap until here: between the last batch and this one there is no record.
      if (from < position(partition)) await readRange(kafka, partition, from, to, apply);
    },
  };
  /** By partition: when its definitions of funnels were last made those of the sites, ms. */
  const defined = new Map<number, number>();
  const apply = async (records: KafkaRecord[]) => {
    const { partition, offset } = records.at(-1)!;
    // Who defines a funnel tells the shards of the current generation alone, before there is a record that it counts.
    const newest = Math.max(...records.map(({ timestamp }) => timestamp));
    if (newest > (defined.get(partition) ?? 0) + DEFINED_MS) {
      const now = Date.now();
      await patiently(() => context.restoreFunnels(partition));
      defined.set(partition, now);
    }
    await patiently(() => applyRecords(records, context, () => refused.of(partition)));
    applied += records.length;
    if (offset >= position(partition)) positions.set(partition, offset + 1);
  };
  const passOver = async (partition: number, to: number) => {
    const { head } = await patiently(() => store.read(partition, []));
    // One that is further back has lost its memory: that is a gap, to be filled and not passed over.
    if (head.next >= position(partition) && head.next < to) {
      await patiently(() => store.skip(partition, head, to, { lost: false }));
    }
    if (to > position(partition)) positions.set(partition, to);
  };
  /** Where the heads are; what Kafka has deleted before is lost. */
  const begin = async () => {
    for (const { partition, low } of await patiently(() => offsets.fetch())) {
      for (;;) {
        const { head } = await patiently(() => store.read(partition, []));
        positions.set(partition, Math.max(head.next, low));
        if (head.next >= low) break;
        // False: somebody else has just committed.
        if (!(await patiently(() => store.skip(partition, head, low, { lost: true })))) continue;
        onGap({ partition, from: head.next, to: low, lost: true });
        break;
      }
    }
  };
  let following: Awaited<ReturnType<typeof followTopic>> | undefined;
  return {
    generation,
    ends: () => patiently(() => offsets.fetch()),
    applied: () => applied,
    position,
    // With a reading of its own, and without moving the place up to which the other one has come.
    refill: (partition, to) =>
      patiently(() =>
        fillUpTo(partition, to, {
          ...context,
          readRange: (one, from, until, hand) => readRange(kafka, one, from, until, hand),
        }),
      ),
    follow: async () => {
      if (following) return;
      await begin();
      following = await followTopic(kafka, {
        topic: generation.topic,
        from: new Map(positions),
        hand: apply,
        onNothing: passOver,
      });
    },
    caughtUp: async (signal) => {
      const ends = await patiently(() => offsets.fetch());
      for (; !signal.aborted; await sleep(CATCH_UP_POLL_MS)) {
        following?.check();
        const heads = await patiently(() => reader.heads());
        if (ends.every(({ partition, high }) => heads[partition]!.next >= high)) return true;
      }
      return false;
    },
    holdAt: async (partition, limit) => following?.holdAt(partition, limit),
    check: () => following?.check(),
    close: async () => {
      await following?.stop();
      await producer.close();
      await offsets.close();
      await refused.close();
    },
  };
}

/** Again and again while Redis or Kafka is away; what the installation's state forbids is not tried again. */
export async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isForGood = error instanceof FootfallError && error.status === 500;
      if (isForGood || Date.now() > until) throw error;
      await sleep(RETRY_MS);
    }
  }
}
