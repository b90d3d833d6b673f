import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import type { KafkaRecord } from '../events/decode.ts';
import { kafkaClient } from './client.ts';
import { recordOf } from './record.ts';

/** Of one partition's records at once: a few thousand events. */
const MAX_BYTES_A_PARTITION = 1_048_576;
/** A batch is applied within this, however many partitions share the processor. */
const SESSION_MS = 120_000;

/** A topic that is being read. */
export interface Following {
  /** The offset of a partition up to which all has been handed over, exclusive. */
  position(partition: number): number;
  /** Rejects with what handing over threw, or what kafkajs can't mend; never resolves. */
  failed: Promise<never>;
  /**
   * Has nothing of a partition be handed over from an offset on, until another one is said (Infinity: nothing is held);
   * waits for what is under way, which may go beyond it. The others go on.
   */
  holdAt(partition: number, limit: number): Promise<void>;
  /** Resolves when nothing is handed over any more. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  topic: string;
  /** By partition: the offset to begin with. What Kafka has deleted of it is passed over. */
  from: ReadonlyMap<number, number>;
  /** Takes a partition's records, in order; partitions side by side, each waits for its own. */
  hand(records: KafkaRecord[]): Promise<void>;
  /** Told when offsets up to this one (exclusive) of a partition hold no record: markers, aborted transactions. */
  onNothing?(partition: number, to: number): Promise<void>;
}

/**
 * Reads a topic's partitions side by side from some offsets on, and goes on with what comes, over one connection and in
 * as large batches as brokers give: several times as quick as reading them one after the other.
 * @throws what kafkajs throws when Kafka is away.
 */
export async function followTopic(
  kafka: Config['kafka'],
  { topic, from, hand, onNothing = async () => {} }: FollowOptions,
): Promise<Following> {
  // kafkajs reads only as a member of a group: one of our own, removed afterwards.
  const groupId = `footfall-catch-up-${randomUUID()}`;
  const client = kafkaClient(kafka, 'footfall-follow', { retry: { initialRetryTime: 100, retries: 20 } });
  const consumer = client.consumer({
    groupId,
    sessionTimeout: SESSION_MS,
    maxWaitTimeInMs: 200,
    maxBytesPerPartition: MAX_BYTES_A_PARTITION,
  });
  const admin = client.admin();
  const positions = new Map(from);
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {});
  let isStopped = false;
  const advance = (partition: number, to: number) => {
    if (to > positions.get(partition)!) positions.set(partition, to);
  };
  const limits = new Map<number, number>();
  const limitOf = (partition: number) => limits.get(partition) ?? Infinity;
  const handing = new Map<number, Promise<void>>();
  /** Reads a partition from its position on. */
  const read = (partition: number) => {
    consumer.seek({ topic, partition, offset: String(positions.get(partition)) });
    consumer.resume([{ topic, partitions: [partition] }]);
  };
  await admin.connect();
  const stop = async () => {
    isStopped = true;
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        // What kafkajs restarts after gets better by itself.
        if (payload.restart) return;
        fail(payload.error);
        reject(payload.error);
      });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        const assigned = payload.memberAssignment[topic] ?? [];
        const others = assigned.filter((partition) => !positions.has(partition));
        if (others.length > 0) consumer.pause([{ topic, partitions: others }]);
        for (const partition of positions.keys()) read(partition);
        resolve();
      });
    });
    // What holds only markers and aborted transactions is not handed to eachBatch.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const { partition, batchSize, lastOffset } = payload;
      const position = positions.get(partition);
      if (isStopped || position === undefined || batchSize > 0) return;
      const to = Math.min(Number(lastOffset) + 1, limitOf(partition));
      if (to <= position) return;
      advance(partition, to);
      onNothing(partition, to).catch(fail);
    });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: from.size,
      eachBatch: async ({ batch, heartbeat }) => {
        const { partition } = batch;
        const next = positions.get(partition);
        if (isStopped || next === undefined) return;
        const end = Number(batch.lastOffset()) + 1;
        const to = Math.min(end, limitOf(partition));
        // Not by waiting in here: kafkajs fetches nothing more from a broker while one of its batches is at work.
        if (to < end) consumer.pause([{ topic, partitions: [partition] }]);
        if (to <= next) return;
        const records = batch.messages
          .filter(({ offset }) => Number(offset) >= next && Number(offset) < to)
          .map((message) => recordOf({ topic, partition }, message));
        const handed = (async () => {
          if (records.length > 0) await hand(records);
          if (records.length === 0 || to > records.at(-1)!.offset + 1) await onNothing(partition, to);
          advance(partition, to);
        })();
        handing.set(
          partition,
          handed.catch(() => {}),
        );
        try {
          await handed;
        } catch (error) {
          isStopped = true;
          fail(error);
          return;
        }
        await heartbeat();
      },
    });
    await joined;
  } catch (error) {
    await stop();
    throw error;
  }
  const holdAt = async (partition: number, limit: number) => {
    limits.set(partition, limit);
    await handing.get(partition);
    try {
      // What was fetched beyond the limit before is fetched again.
      read(partition);
    } catch {
      // Not in the group at this moment: joining it, all partitions are read from their positions on.
    }
  };
  return { position: (partition) => positions.get(partition) ?? 0, failed, holdAt, stop };
}
