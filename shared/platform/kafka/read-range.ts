import type { IHeaders } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { KafkaOutage } from './outage.ts';
import { openReading } from './reading.ts';
import { type KafkaRecord, recordOf } from './record.ts';

const FETCH_BYTES = 4 * 1024 * 1024;

/** A record with its headers as text; of repeated headers, the first. */
export interface TopicRecord extends KafkaRecord {
  headers: Readonly<Record<string, string>>;
}

/** Time without records after which the range counts as missing, ms. */
const SILENCE_MS = 15_000;

/**
 * Reads the records of one partition from offset `from` (inclusive) to `to` (exclusive), in order and without
 * those of aborted transactions. Waits for `apply` before reading on.
 * @throws errors of `apply`; an error when Kafka is unreachable or sends nothing for 15 s.
 */
export async function readRange(
  kafka: Config['kafka'],
  partition: number,
  from: number,
  to: number,
  apply: (records: TopicRecord[]) => Promise<void>,
  topic = kafka.eventsTopic,
): Promise<void> {
  const positions = new Map([[partition, from]]);
  const { promise: read, resolve, reject } = Promise.withResolvers<void>();
  read.catch(() => {});
  let isApplying = false;
  let isFailed = false;
  const reached = (next: number) => {
    positions.set(partition, Math.max(positions.get(partition)!, next));
    if (positions.get(partition)! >= to) resolve();
  };
  const silence = setTimeout(() => {
    if (isApplying) return void silence.refresh();
    reject(
      new KafkaOutage(
        `Kafka sent no records of partition ${partition} from offset ${positions.get(partition)} on for 15 s.`,
      ),
    );
  }, SILENCE_MS);
  try {
    const reading = await openReading(kafkaClient(kafka, 'footfall-catch-up'), {
      ...{ topic, positions, maxWaitTimeInMs: 500 },
      // Several chunks a fetch, and little enough to hold those of several partitions in memory.
      maxBytesPerPartition: FETCH_BYTES,
      maxBytes: FETCH_BYTES,
      eachBatch: async ({ batch }) => {
        if (isFailed) return;
        const next = positions.get(partition)!;
        const records = batch.messages
          .filter(({ offset }) => Number(offset) >= next && Number(offset) < to)
          .map((message) => ({
            ...recordOf({ topic, partition }, message),
            headers: textsOf(message.headers),
          }));
        try {
          isApplying = true;
          if (records.length > 0) await apply(records);
          silence.refresh();
          reached(Number(batch.lastOffset()) + 1);
        } catch (error) {
          isFailed = true;
          reject(error);
        } finally {
          isApplying = false;
        }
      },
      onNothing: (_, next) => reached(next),
      onFailed: reject,
    });
    await read.finally(() => reading.end());
  } finally {
    clearTimeout(silence);
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
