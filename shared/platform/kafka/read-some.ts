import type { EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { KafkaOutage } from './outage.ts';
import { openReading, type Reading } from './reading.ts';

/** One fetch. A larger record comes whole, alone. */
const FETCH_BYTES = 1_048_576;

/** A record as it is handed over; its bytes are part of a larger buffer. */
export interface RawRecord {
  offset: number;
  /** ms since the epoch. */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  /** Of several headers with one name, the first. */
  headers: [name: string, bytes: Buffer][];
}

/** Which records to read, and how much of them. */
export interface SomeRecords {
  topic: string;
  partition: number;
  /** First offset, inclusive. */
  from: number;
  /** Last offset, exclusive. At most the partition's end, or the read waits until its time is over. */
  to: number;
  /** Which ones to keep where there are more than `limit`, or more bytes than `maxBytes`. */
  keep: 'first' | 'last';
  limit: number;
  /** Bytes after which no further fetch is made. With `last` up to some ten times as much is read. */
  maxBytes: number;
  timeoutMs: number;
}

/**
 * Reads a few records of a partition, in the order of their offsets. Work and memory are bounded whatever the partition
 * holds: `take` turns each record into what is kept of it, and must copy what it keeps.
 * @returns the records, and the offset after the last one that was looked at.
 * @throws KafkaOutage when it takes longer than `timeoutMs`; what kafkajs throws when Kafka is away at the start.
 * @example
 * const range = { topic: 'events', partition: 3, from: 1200, to: 1300 };
 * const limits = { keep: 'last', limit: 20, maxBytes: 1_000_000, timeoutMs: 5_000 } as const;
 * await readSome(config().kafka, { ...range, ...limits }, ({ offset }) => offset);
 */
export async function readSome<T>(
  kafka: Config['kafka'],
  { topic, partition, from, to, keep, limit, maxBytes, timeoutMs }: SomeRecords,
  take: (record: RawRecord) => T,
): Promise<{ records: T[]; next: number }> {
  if (from >= to || limit < 1) return { records: [], next: from };
  let records: T[] = [];
  let bytes = 0;
  let position = from;
  let isDone = false;
  let reading: Reading | undefined;
  const positions = new Map([[partition, from]]);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  const finish = () => {
    isDone = true;
    resolve();
  };
  const advance = (next: number) => {
    position = Math.max(position, next);
    positions.set(partition, position);
    if (position >= to) finish();
  };
  /** What lies behind is not kept: reads on in the middle of what is left, which ends at the newest record. */
  const skipAhead = () => {
    records = [];
    bytes = 0;
    position += Math.ceil((to - position) / 2);
    positions.set(partition, position);
    if (position >= to) finish();
    else reading!.read(partition);
  };
  const eachBatch = async ({ batch }: EachBatchPayload) => {
    if (isDone) return;
    try {
      for (const message of batch.messages) {
        const offset = Number(message.offset);
        if (offset < position || offset >= to) continue;
        bytes += (message.value?.length ?? 0) + (message.key?.length ?? 0);
        records.push(take(rawRecordOf(message)));
        if (keep === 'last' && records.length > limit) records.shift();
        advance(offset + 1);
        if (keep === 'first' && (records.length >= limit || bytes >= maxBytes)) return finish();
      }
      advance(Number(batch.lastOffset()) + 1);
      if (!isDone && bytes >= maxBytes) skipAhead();
    } catch (error) {
      reject(error);
    }
  };
  const timer = setTimeout(() => {
    reject(new KafkaOutage(`Partition ${partition} of ${topic} could not be read within ${timeoutMs} ms.`));
  }, timeoutMs);
  const opening = openReading(kafkaClient(kafka, 'footfall-system'), {
    ...{ topic, positions, maxWaitTimeInMs: 200, eachBatch },
    ...{ maxBytesPerPartition: FETCH_BYTES, maxBytes: FETCH_BYTES },
    onNothing: (_, next) => advance(next),
    onFailed: reject,
  }).then((opened) => {
    reading = opened;
  });
  opening.catch(reject);
  try {
    await promise;
    await opening;
    await reading?.end();
    return { records, next: Math.min(position, to) };
  } catch (error) {
    // The reading may still be opening, and ends once it is open.
    void opening.then(() => reading?.end()).catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const rawRecordOf = ({ offset, timestamp, key, value, headers }: KafkaMessage): RawRecord => ({
  ...{ offset: Number(offset), timestamp: Number(timestamp), key, value },
  headers: headersOf(headers),
});

const headersOf = (headers: IHeaders = {}): RawRecord['headers'] =>
  Object.entries(headers).flatMap(([name, given]) => {
    const [first] = Array.isArray(given) ? given : [given];
    return first === undefined ? [] : [[name, Buffer.from(first)]];
  });
