import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { openReading } from './reading.ts';
import { type KafkaRecord, recordOf } from './record.ts';

/** Of one partition, in one fetch: a few thousand events. */
const MAX_BYTES_A_PARTITION = 1_048_576;
/** Time limit for applying a batch, however many partitions share the processor. */
const SESSION_MS = 120_000;

/** A running reader of a topic, see {@link followTopic}. */
export interface Following {
  /** The offset up to which a partition's records have been handed over, exclusive. */
  position(partition: number): number;
  /**
   * @throws the error of `hand`, or one that kafkajs cannot recover from. Nothing more is handed over then.
   */
  check(): void;
  /**
   * Stops handing over a partition's records at an offset, until called again (Infinity: no limit). Waits for
   * the batch in progress, which may go beyond it. Other partitions continue.
   */
  holdAt(partition: number, limit: number): Promise<void>;
  /** Stops; resolves when nothing is handed over any more. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  topic: string;
  /** First offset to read, by partition. Offsets that Kafka has deleted are skipped. */
  from: ReadonlyMap<number, number>;
  /** Receives a partition's records, in order. Partitions run in parallel, one call at a time for each. */
  hand(records: KafkaRecord[]): Promise<void>;
  /**
   * Called when offsets up to this one (exclusive) hold no record: transaction markers, aborted transactions.
   */
  onNothing?(partition: number, to: number): Promise<void>;
}

/**
 * Reads a topic's partitions in parallel from given offsets, and continues with new records. Uses one
 * connection and large batches, which is several times as fast as reading one partition after the other.
 * @throws errors of kafkajs when Kafka is unreachable.
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
        // Pause instead of waiting here: kafkajs fetches nothing more from a broker while one of its batches
        // is being processed.
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
      // Fetch again what was fetched and skipped beyond the previous limit.
      reading.read(partition);
    } catch {
      // Not in the group right now: on joining it, all partitions are read from their positions.
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
