import { randomUUID } from 'node:crypto';
import {
  type EncodedRecord,
  encodeEvent,
  encodeRecord,
  envelopeOf,
} from '../packages/serverless-offline-kafka/src/lambda-event.ts';
import { RecordBuffer } from '../packages/serverless-offline-kafka/src/record-buffer.ts';
import type { Config } from '../shared/platform/config.ts';
import { kafkaClient } from '../shared/platform/kafka/client.ts';
import { EventProducer } from '../shared/platform/kafka/producer.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import { InteractionFactory } from '../shared/simulation/factory.ts';
import { BURST_MS, burst, shoppersFor } from '../shared/simulation/publish.ts';
import type { Site } from '../shared/sites/site.ts';
import { countPlainly, type Totals } from './verify-totals.ts';

/**
 * Input of the measured code, and what it must count. Not the events themselves: an aggregate function does not hold them
 * either, and the garbage collector would look through all of them while it is measured.
 */
export interface Workload<Batches extends readonly number[]> {
  totals: Totals;
  /** For each batch size the payloads of the invocations, by partition, as Lambda delivers them. */
  payloads: { [K in keyof Batches]: string[][] };
  /** The topic that has the events. */
  topic: string;
}

/**
 * Sends simulated events to a real Kafka, reads them back, and cuts them into invocations as Lambda does.
 * @param options.batches the most records in an invocation
 */
export async function makeWorkload<const Batches extends readonly number[]>(
  kafka: Config['kafka'],
  sites: Site[],
  { count, seed, batches }: { count: number; seed: number; batches: Batches },
): Promise<Workload<Batches>> {
  const topic = { ...kafka, eventsTopic: `bench-${randomUUID()}` };
  await ensureTopics(topic);
  const factory = new InteractionFactory({ sites, seed, shoppers: shoppersFor((count / BURST_MS) * 1_000) });
  // Without sign-ins: the totals they are verified against cannot follow identities, and there is no topic to
  // forward to.
  const events = [...burst(factory, count, Date.now())].map(({ identifies: _, ...event }) => event);
  const producer = new EventProducer(topic);
  for (let i = 0; i < events.length; i += 1_000) await producer.sendEvents(events.slice(i, i + 1_000));
  await producer.close();
  const records = await readBack(topic, count);
  return {
    totals: countPlainly(events),
    payloads: batches.map((batchSize) =>
      cutRecords(topic, records, batchSize),
    ) as Workload<Batches>['payloads'],
    topic: topic.eventsTopic,
  };
}

/** Every record of the events topic, by partition, as Lambda encodes it. Waits for `count` of them. */
export async function readBack(kafka: Config['kafka'], count: number): Promise<EncodedRecord[][]> {
  const consumer = kafkaClient(kafka, 'footfall-bench').consumer({ groupId: `bench-${randomUUID()}` });
  const records = Array.from({ length: kafka.partitions }, () => [] as EncodedRecord[]);
  let read = 0;
  await consumer.connect();
  await consumer.subscribe({ topic: kafka.eventsTopic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const message of batch.messages) {
            records[batch.partition]!.push(encodeRecord(kafka.eventsTopic, batch.partition, message));
          }
          read += batch.messages.length;
          if (read >= count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return records;
}

function cutRecords(
  kafka: Config['kafka'],
  records: readonly EncodedRecord[][],
  batchSize: number,
): string[][] {
  return records.map((all, partition) => {
    const envelope = envelopeOf(kafka.eventsTopic, partition, kafka.brokers);
    // Cut like Lambda's poller: by number of records, or at 6 MB.
    const buffer = new RecordBuffer(batchSize, 0, envelope);
    buffer.push(all, 0);
    const payloads: string[] = [];
    while (buffer.length > 0) payloads.push(encodeEvent([{ envelope, records: buffer.take() }]));
    return payloads;
  });
}
