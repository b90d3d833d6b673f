import { setTimeout as sleep } from 'node:timers/promises';
import { type ApplyContext, contextOf } from '../../shared/aggregate/apply-context.ts';
import { applyRecords, fillUpTo } from '../../shared/aggregate/apply-records.ts';
import { KnownLetters } from '../../shared/dead-letters/known-letters.ts';
import { rangeOf } from '../../shared/dead-letters/letter-window.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { followTopic } from '../../shared/platform/kafka/follow-topic.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { type PartitionOffsets, TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { DayPacker } from '../../shared/shard/packing/day-packer.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { kafkaOf, type RebuildContext } from './context.ts';

/** How long to wait for Redis or Kafka to come back, ms. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;
const CATCH_UP_POLL_MS = 20;
const FOLLOWING_POLL_MS = 500;
/** How often the funnels of a partition are read again, ms. A new funnel counts from five seconds after its definition. */
const DEFINED_MS = 2_000;

/** How often settled days are packed meanwhile, and for how long, ms. */
const PACK_EVERY_MS = 30_000;
const PACKING_MS = 3_000;

/** A generation that is being filled from Kafka. */
export interface Filling {
  generation: Generation;
  /** Reads how far the topic goes now. */
  ends(): Promise<PartitionOffsets[]>;
  /** How many records were applied here. */
  applied(): number;
  /** The offset of a partition before which everything is applied. */
  position(partition: number): number;
  /** Applies a partition again from its head up to this offset, exclusive, which must not lie beyond its end. */
  refill(partition: number, to: number): Promise<void>;
  /** Waits until all is applied that the topic has now. @returns false when it was interrupted. */
  caughtUp(signal: AbortSignal): Promise<boolean>;
  /** Begins to apply what the topic has and what comes, all partitions side by side. Call it once or more. */
  follow(): Promise<void>;
  /**
   * Stops before an offset of a partition until the next call. Waits for the batch under way, which may go beyond the
   * offset. `Infinity` lets the partition go on.
   */
  holdAt(partition: number, limit: number): Promise<void>;
  /** Throws what {@link follow} failed with. */
  check(): void;
  close(): Promise<void>;
}

/**
 * Opens a filling, which applies to a generation what its heads do not have yet, as aggregate does but in larger steps.
 * Other processes may fill it at the same time. A record that is a dead letter stays one. What Kafka no longer has is
 * noted as lost.
 */
export function openFilling(
  context: Pick<RebuildContext, 'config' | 'redis' | 'directory' | 'log'>,
  generation: Generation,
): Filling {
  const { redis, directory, log } = context;
  const kafka = kafkaOf(context.config, generation);
  const store = new ShardStore(redis, generation);
  const reader = new StoreReader(redis, generation);
  const funnels = new FunnelStore(redis, generation);
  const producer = new EventProducer(kafka);
  const offsets = new TopicOffsets(kafka);
  const refused = new KnownLetters(kafka);
  /** By partition: everything before this offset was applied here. If Redis does not have it, Redis has lost it. */
  const positions = new Map<number, number>();
  const position = (partition: number) => positions.get(partition) ?? 0;
  let applied = 0;
  const onGap: ApplyContext['onGap'] = ({ partition, from, to, lost }) => {
    if (lost)
      log(
        `Partition ${partition}: Kafka no longer has ${from} to ${to - 1}; they are lost in this generation.`,
      );
  };
  const applying: ApplyContext = {
    ...contextOf({ kafka }, { store, funnels, producer, offsets, refused, sites: directory }, { onGap }),
    readRange: async (partition, from, to, apply) => {
      // Everything up to here was read without a gap, so there is no record between the last batch and this one.
      if (from < position(partition)) await readRange(kafka, partition, from, to, apply);
    },
  };
  /** By partition: when its funnels were last read from the sites, ms since the epoch. */
  const defined = new Map<number, number>();
  const apply = async (records: KafkaRecord[]) => {
    const { partition, offset } = records.at(-1)!;
    // A new funnel is told to the shards of the current generation only, before there is a record that it counts.
    const newest = Math.max(...records.map(({ timestamp }) => timestamp));
    if (newest > (defined.get(partition) ?? 0) + DEFINED_MS) {
      const now = Date.now();
      await patiently(() => applying.restoreFunnels(partition));
      defined.set(partition, now);
    }
    const refusedNow = async () => {
      await refused.catchUp();
      return refused.of(partition, rangeOf(records));
    };
    await patiently(() => applyRecords(records, applying, refusedNow));
    await packSome();
    applied += records.length;
    if (offset >= position(partition)) positions.set(partition, offset + 1);
  };
  /** Without this, a year's days would take several times the memory of the generation that is replaced. */
  const packer = new DayPacker(redis, generation);
  let packAt = Date.now() + PACK_EVERY_MS;
  const packSome = async () => {
    const now = Date.now();
    if (now < packAt) return;
    packAt = Infinity;
    try {
      const sites = (await directory.current()).all();
      await patiently(() => packer.run(sites, { now, goOn: () => Date.now() < now + PACKING_MS }));
    } finally {
      packAt = Date.now() + PACK_EVERY_MS;
    }
  };
  const passOver = async (partition: number, to: number) => {
    const { head } = await patiently(() => store.read(partition, []));
    // A head further back has lost records in Redis: that is a gap, to be filled and not passed over.
    if (head.next >= position(partition) && head.next < to) {
      await patiently(() => store.skip(partition, head, to, { lost: false }));
    }
    if (to > position(partition)) positions.set(partition, to);
  };
  /** Begins at the heads. What lies before the topic's beginning is noted as lost. */
  const begin = async () => {
    for (const { partition, low } of await patiently(() => offsets.fetch())) {
      for (;;) {
        const { head } = await patiently(() => store.read(partition, []));
        positions.set(partition, Math.max(head.next, low));
        if (head.next >= low) break;
        // False when another process has just committed: look again.
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
    // Reads by itself, and leaves the positions of the following reader alone.
    refill: (partition, to) =>
      patiently(() =>
        fillUpTo(partition, to, {
          ...applying,
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

/**
 * Repeats an attempt while Redis or Kafka is away, a minute at most.
 * @throws the last error; at once an error of status 500, which is a wrong state of the installation.
 */
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

/** Waits for Ctrl-C. @throws what one of the running tasks failed with. */
export async function untilInterrupted(
  signal: AbortSignal,
  running: readonly { check(): void }[],
): Promise<void> {
  for (; !signal.aborted; await sleep(FOLLOWING_POLL_MS)) for (const one of running) one.check();
}
