import type { EachBatchPayload, IHeaders } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { KafkaOutage } from './outage.ts';
import { openReading, type Reading } from './reading.ts';
import { type KafkaRecord, recordOf } from './record.ts';
import { SilenceWatch } from './silence-watch.ts';

const FETCH_BYTES = 4 * 1024 * 1024;

/** A record with its headers as texts: the first of several with one name. */
export interface TopicRecord extends KafkaRecord {
  headers: Readonly<Record<string, string>>;
}

/**
 * Hands the records with offsets from `from` (inclusive) to `to` (exclusive) to `apply`, in order, as the broker
 * batches them and without those of aborted transactions. Waits for `apply` before it reads on.
 * @param topic the events topic when absent
 * @throws what `apply` threw; what kafkajs throws when Kafka is away at the start; KafkaOutage when nothing comes for 15
 *   s, or when the reader can't join its group for 60 s.
 * @example
 * await readRange(config().kafka, 3, 1200, 1300, async (records) => console.log(records.length));
 */
export async function readRange(
  kafka: Config['kafka'],
  partition: number,
  from: number,
  to: number,
  apply: (records: TopicRecord[]) => Promise<void>,
  topic = kafka.eventsTopic,
): Promise<void> {
  let position = from;
  const positions = new Map([[partition, from]]);
  const { promise: read, resolve, reject } = Promise.withResolvers<void>();
  read.catch(() => {});
  let isFailed = false;
  let reading: Reading | undefined;
  const silence = new SilenceWatch(
    () => reading?.isJoined() === true,
    (problem) =>
      reject(new KafkaOutage(`Partition ${partition} of ${topic}, offset ${position}: ${problem}`)),
  );
  const advance = (next: number) => {
    silence.reset();
    position = Math.max(position, next);
    positions.set(partition, position);
    if (position >= to) resolve();
  };
  const eachBatch = async ({ batch }: EachBatchPayload) => {
    if (isFailed) return;
    const records = batch.messages
      .filter(({ offset }) => Number(offset) >= position && Number(offset) < to)
      .map((message) => ({ ...recordOf({ topic, partition }, message), headers: textsOf(message.headers) }));
    try {
      if (records.length > 0) await silence.pauseFor(apply(records));
      advance(Number(batch.lastOffset()) + 1);
    } catch (error) {
      isFailed = true;
      reject(error);
    }
  };
  try {
    reading = await openReading(kafkaClient(kafka, 'footfall-catch-up'), {
      ...{ topic, positions, maxWaitTimeInMs: 500, eachBatch },
      // A refill reads much: a fetch is worth several chunks, and several partitions are read at the same time.
      maxBytesPerPartition: FETCH_BYTES,
      maxBytes: FETCH_BYTES,
      onNothing: (_, next) => advance(next),
      onFailed: reject,
      onJoined: () => silence.reset(),
    });
    await read.finally(() => reading!.end());
  } finally {
    silence.end();
  }
}

function textsOf(headers: IHeaders = {}): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const [first] = Array.isArray(value) ? value : [value];
    if (first !== undefined) texts[name] = first.toString();
  }
  return texts;
}
