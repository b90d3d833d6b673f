import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { openReading } from './reading.ts';
import { type KafkaRecord, recordOf } from './record.ts';

/** Of one partition's records at once: a few thousand events. */
const MAX_BYTES_A_PARTITION = 1_048_576;
/** A batch is applied within this, however many partitions share the processor. */
const SESSION_MS = 120_000;

/** A topic that is being read. */
export interface Following {
  /** The offset of a partition up to which all has been handed over, exclusive. */
  position(partition: number): number;
  /** @throws what handing over threw, or what kafkajs can't mend: then nothing more is handed over. */
  check(): void;
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
  const positions = new Map(from);
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
  };
  let isStopped = false;
  const advance = (partition: number, to: number) => {
    if (to > positions.get(partition)!) positions.set(partition, to);
  };
  const limits = new Map<number, number>();
  const limitOf = (partition: number) => limits.get(partition) ?? Infinity;
  const handing = new Map<number, Promise<void>>();
  const joined = Promise.withResolvers<void>();
  joined.promise.catch(() => {});
  const reading = await openReading(
    kafkaClient(kafka, 'footfall-follow', { retry: { initialRetryTime: 100, retries: 20 } }),
    {
      ...{ topic, positions, atOnce: from.size, sessionTimeout: SESSION_MS },
      maxWaitTimeInMs: 200,
      maxBytesPerPartition: MAX_BYTES_A_PARTITION,
      eachBatch: async ({ batch, heartbeat }) => {
        const { partition } = batch;
        const next = positions.get(partition)!;
        if (isStopped) return;
        const end = Number(batch.lastOffset()) + 1;
        const to = Math.min(end, limitOf(partition));
        // Not by waiting in here: kafkajs fetches nothing more from a broker while one of its batches is at work.
        if (to < end) reading.pause(partition);
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
      onNothing: (partition, end) => {
        const to = Math.min(end, limitOf(partition));
        if (isStopped || to <= positions.get(partition)!) return;
        advance(partition, to);
        onNothing(partition, to).catch(fail);
      },
      onFailed: (error) => {
        fail(error);
        joined.reject(error);
      },
      onJoined: joined.resolve,
    },
  );
  const stop = async () => {
    isStopped = true;
    await reading.end();
  };
  try {
    await joined.promise;
  } catch (error) {
    await stop();
    throw error;
  }
  const holdAt = async (partition: number, limit: number) => {
    limits.set(partition, limit);
    await handing.get(partition);
    try {
      // What was fetched beyond the limit before is fetched again.
      reading.read(partition);
    } catch {
      // Not in the group at this moment: joining it, all partitions are read from their positions on.
    }
  };
  return {
    position: (partition) => positions.get(partition) ?? 0,
    check: () => {
      if (failure !== undefined) throw failure;
    },
    holdAt,
    stop,
  };
}
