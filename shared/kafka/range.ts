import { randomUUID } from 'node:crypto';
import type { IHeaders } from 'kafkajs';
import type { Config } from '../config.ts';
import type { KafkaRecord } from '../events/decode.ts';
import { kafkaClient } from './client.ts';
import { recordOf } from './record.ts';

const FETCH_BYTES = 4 * 1024 * 1024;

/** A record with its headers as texts; of several of one name the first. */
export interface TopicRecord extends KafkaRecord {
  headers: Readonly<Record<string, string>>;
}

/** A range in which nothing comes for so long is not there. */
const SILENCE_MS = 15_000;

/**
 * Hands the records with offsets from `from` (inclusive) to `to` (exclusive) to `apply`, in order, as the
 * broker batches them and without those of aborted transactions; waits for `apply` before it reads on. Rejects with what `apply` threw, when Kafka can't be
 * reached, or when it has nothing to give for 15 s.
 */
export async function readRange(
  kafka: Config['kafka'],
  partition: number,
  from: number,
  to: number,
  apply: (records: TopicRecord[]) => Promise<void>,
  topic = kafka.eventsTopic,
): Promise<void> {
  // kafkajs reads only as a member of a group: one of our own for this reading, removed afterwards.
  const groupId = `footfall-catch-up-${randomUUID()}`;
  const client = kafkaClient(kafka, 'footfall-catch-up');
  const consumer = client.consumer({
    groupId,
    maxWaitTimeInMs: 500,
    // A refill reads much: a fetch is worth several chunks, and little enough to hold several partitions' at once.
    maxBytesPerPartition: FETCH_BYTES,
    maxBytes: FETCH_BYTES,
  });
  const admin = client.admin();
  await admin.connect();
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      let next = from;
      let finished = false;
      let applying = false;
      const silence = setTimeout(() => {
        if (applying) return void silence.refresh();
        finish(new Error(`Kafka has no records of partition ${partition} from offset ${next} on.`));
      }, SILENCE_MS);
      const finish = (error?: unknown) => {
        finished = true;
        clearTimeout(silence);
        if (error === undefined) resolve();
        else reject(error);
      };
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        // What kafkajs restarts after gets better by itself, or is silence in the end: a coordinator that loads.
        if (!payload.restart) finish(payload.error);
      });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        const others = (payload.memberAssignment[topic] ?? []).filter((other) => other !== partition);
        consumer.pause([{ topic, partitions: others }]);
        consumer.seek({ topic, partition, offset: String(next) });
      });
      // What holds only markers and aborted transactions is not handed to eachBatch.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (finished || payload.partition !== partition || payload.batchSize > 0) return;
        next = Math.max(next, Number(payload.lastOffset) + 1);
        if (next >= to) finish();
      });
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            if (finished || batch.partition !== partition) return;
            const records = batch.messages
              .filter(({ offset }) => Number(offset) >= next && Number(offset) < to)
              .map((message) => ({
                ...recordOf({ topic, partition }, message),
                headers: textsOf(message.headers),
              }));
            try {
              applying = true;
              if (records.length > 0) await apply(records);
              applying = false;
              if (!finished) silence.refresh();
              next = Math.max(next, Number(batch.lastOffset()) + 1);
              if (next >= to) finish();
            } catch (error) {
              finish(error);
            }
          },
        })
        .catch(finish);
    });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
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
