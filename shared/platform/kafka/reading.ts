import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, ConsumerConfig, EachBatchPayload, Kafka } from 'kafkajs';

const AGAIN_MS = 300;

export interface ReadingOptions extends Omit<ConsumerConfig, 'groupId' | 'retry'> {
  topic: string;
  /** By partition the offset to read from, whenever the reading begins or begins anew. Others are not read. */
  positions: ReadonlyMap<number, number>;
  /** Partitions of which batches are at work at once; 1 when absent. */
  atOnce?: number;
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** Told when what was fetched up to this offset (exclusive) holds no record: markers, aborted transactions. */
  onNothing(partition: number, to: number): void;
  /** Told of what trying again does not mend. */
  onFailed(error: unknown): void;
  onJoined?(): void;
}

/** A topic's partitions that are being read from offsets of the reader's own. */
export interface Reading {
  /** Has a partition be read from its position on. @throws what kafkajs throws while it is not in the group. */
  read(partition: number): void;
  /** Has nothing more be fetched of a partition until {@link read}. @throws as that. */
  pause(partition: number): void;
  /** Ends it; waits for the batches that are at work. */
  end(): Promise<void>;
}

/** A consumer, and when it has begun: has joined its group, or has failed to. */
interface Member {
  consumer: Consumer;
  groupId: string;
  begun: Promise<void>;
  isBegun: boolean;
}

/**
 * kafkajs reads only as a member of a group: each reading is one of its own, which is removed afterwards.
 * @throws what kafkajs throws when Kafka is away at the beginning; later it is tried again and again.
 */
export async function openReading(client: Kafka, options: ReadingOptions): Promise<Reading> {
  const { topic, positions, atOnce = 1, eachBatch, onNothing, onFailed, onJoined, ...config } = options;
  const admin = client.admin();
  /** The one that is listened to. */
  let member: Member | undefined;
  let isOver = false;
  /** Those that are given up and not gone yet. */
  const leaving = new Set<Promise<void>>();

  const begin = async () => {
    const groupId = `footfall-catch-up-${randomUUID()}`;
    const consumer = client.consumer({
      ...config,
      groupId,
      // Another consumer is begun instead: kafkajs would also restart one that was given up, and can't stop one while it
      // restarts.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const own: Member = { consumer, groupId, begun, isBegun: false };
    const isPresent = () => member === own;
    member = own;
    listen(consumer, isPresent);
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
    } catch (error) {
      own.isBegun = true;
      resolve();
      throw error;
    }
    const running = isPresent() ? run(consumer, isPresent) : Promise.resolve();
    void running.catch(onFailed).then(() => {
      own.isBegun = true;
      resolve();
    });
  };

  const listen = (consumer: Consumer, isPresent: () => boolean) => {
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
      if (!isPresent()) return;
      if (isMendable(error)) void beginAnew();
      else onFailed(error);
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (!isPresent()) return;
      const others = (payload.memberAssignment[topic] ?? []).filter((one) => !positions.has(one));
      if (others.length > 0) consumer.pause([{ topic, partitions: others }]);
      for (const partition of positions.keys()) read(partition);
      onJoined?.();
    });
    // What holds only markers and aborted transactions is not handed to eachBatch.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, batchSize, lastOffset } }) => {
      if (isPresent() && positions.has(partition) && batchSize === 0)
        onNothing(partition, Number(lastOffset) + 1);
    });
  };

  const run = (consumer: Consumer, isPresent: () => boolean) =>
    consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: atOnce,
      eachBatch: async (payload) => {
        if (isPresent() && positions.has(payload.batch.partition)) await eachBatch(payload);
      },
    });

  const beginAnew = async () => {
    await leave();
    while (!isOver) {
      await sleep(AGAIN_MS);
      try {
        if (!isOver) await begin();
        return;
      } catch (error) {
        void leave();
        if (!isMendable(error)) return void onFailed(error);
      }
    }
  };

  /**
   * Has the present consumer leave its group, which is removed. kafkajs forgets one that is stopped while it joins, and
   * that one then reads on, so it is let join first; nobody waits for that.
   */
  const leave = async () => {
    const old = member;
    member = undefined;
    if (!old) return;
    const left = old.begun
      .then(() => old.consumer.disconnect())
      .catch(() => {})
      .then(() => admin.deleteGroups([old.groupId]))
      .then(
        () => {},
        () => {},
      );
    leaving.add(left);
    void left.then(() => leaving.delete(left));
    if (old.isBegun) await left;
  };

  const read = (partition: number) => {
    member?.consumer.seek({ topic, partition, offset: String(positions.get(partition)) });
    member?.consumer.resume([{ topic, partitions: [partition] }]);
  };

  const end = async () => {
    isOver = true;
    const isJoining = member?.isBegun === false;
    await leave();
    const closed = Promise.all(leaving).then(() => admin.disconnect());
    if (!isJoining) await closed;
  };

  await admin.connect();
  try {
    await begin();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    read,
    pause: (partition) => member?.consumer.pause([{ topic, partitions: [partition] }]),
    end,
  };
}

/** As kafkajs itself decides whether it restarts a consumer. */
function isMendable(error: unknown): boolean {
  let cause = error as { name?: string; cause?: unknown; retriable?: boolean };
  if (cause.name === 'KafkaJSNumberOfRetriesExceeded') return true;
  while (cause.cause) cause = cause.cause;
  return cause.retriable === true;
}
