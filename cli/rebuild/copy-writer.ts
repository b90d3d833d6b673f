import type { Config } from '../../shared/platform/config.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { FencedProducer } from '../../shared/platform/kafka/fenced-producer.ts';
import { inRequests } from '../../shared/platform/kafka/producer.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';

/** A transaction of a few thousand records takes some 100 ms; of a writer that died in one, readers wait for so long. */
const TRANSACTION_MS = 30_000;

/**
 * The one writer of a topic's copy: records and the offset after them are one transaction (KIP-98), so each record is in
 * the copy once, whatever ends it wherever, and however many copy at once.
 */
export class CopyWriter {
  /** By partition of the topic that is copied: the offset up to which it was copied before. */
  readonly copied: ReadonlyMap<number, number>;
  readonly #source: string;
  readonly #target: string;
  readonly #group: string;
  readonly #producer: FencedProducer;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    { source, target, group }: { source: string; target: string; group: string },
    producer: FencedProducer,
    copied: ReadonlyMap<number, number>,
  ) {
    this.#source = source;
    this.#target = target;
    this.#group = group;
    this.#producer = producer;
    this.copied = copied;
  }

  /**
   * Writes records, in order, and notes how far their partition is copied: both or neither.
   * @throws what kafkajs throws; `INVALID_PRODUCER_EPOCH` when another writer was opened.
   */
  write(records: readonly KafkaRecord[], done: { partition: number; next: number }): Promise<void> {
    // A producer has one transaction at a time.
    const written = this.#last.then(() => this.#write(records, done));
    this.#last = written.catch(() => {});
    return written;
  }

  #write(
    records: readonly KafkaRecord[],
    { partition, next }: { partition: number; next: number },
  ): Promise<void> {
    return this.#producer.commit(async (transaction) => {
      for (const some of inRequests(records, sizeOf)) {
        const messages = some.map(({ key, value, timestamp }) => ({
          key: key === undefined ? null : Buffer.from(key, 'base64'),
          value: value === undefined ? null : Buffer.from(value, 'base64'),
          timestamp: String(timestamp),
        }));
        await transaction.send({ topic: this.#target, acks: -1, messages });
      }
      const topics = [{ topic: this.#source, partitions: [{ partition, offset: String(next) }] }];
      await transaction.sendOffsets({ consumerGroupId: this.#group, topics });
    });
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#producer.close();
  }
}

/** About what a record takes in a request; base64 is a third longer than what it stands for. */
const sizeOf = ({ key = '', value = '' }: KafkaRecord) => 40 + key.length + value.length;

/** Opens the writer of the copy of the events topic, which shuts out all that were opened before. */
export async function openCopyWriter(kafka: Config['kafka'], target: string): Promise<CopyWriter> {
  const source = kafka.eventsTopic;
  const group = `footfall-copy-${source}-${target}`;
  const producer = await FencedProducer.open(kafka, `${target}-copy`, TRANSACTION_MS);
  const admin = kafkaClient(kafka, 'footfall-copy').admin();
  try {
    await admin.connect();
    // After opening: so it is what all writers before have ever committed.
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [source] });
    const copied = new Map(
      (found?.partitions ?? [])
        .map(({ partition, offset }) => [partition, Number(offset)] as const)
        // -1: nothing is noted.
        .filter(([, offset]) => offset >= 0),
    );
    return new CopyWriter({ source, target, group }, producer, copied);
  } catch (error) {
    await producer.close();
    throw error;
  } finally {
    await admin.disconnect();
  }
}
