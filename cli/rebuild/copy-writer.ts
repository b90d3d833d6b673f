import type { Config } from '../../shared/platform/config.ts';
import { withAdmin } from '../../shared/platform/kafka/client.ts';
import { FencedProducer } from '../../shared/platform/kafka/fenced-producer.ts';
import { inRequests } from '../../shared/platform/kafka/producer.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';

/** Readers wait this long for a writer that died in a transaction, ms. A transaction usually takes about 100 ms. */
const TRANSACTION_MS = 30_000;

/**
 * The one writer of a topic's copy. Records and the offset after them are one transaction (KIP-98), so each record is in
 * the copy once, wherever a writer dies and however many run at once.
 */
export class CopyWriter {
  /** By source partition: the offset before which earlier runs have copied everything. */
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
   * Writes records in order, and notes that their partition is copied before `done.next`: both or neither.
   * @throws what kafkajs throws; an error that `isFenced` knows when another writer was opened since.
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

/** About how many bytes a record takes in a request. Base64 is a third longer than the bytes it stands for. */
const sizeOf = ({ key = '', value = '' }: KafkaRecord) => 40 + key.length + value.length;

/** Opens the writer that copies the events topic. Writers that were opened before can write no more. */
export async function openCopyWriter(kafka: Config['kafka'], target: string): Promise<CopyWriter> {
  const source = kafka.eventsTopic;
  const group = `footfall-copy-${source}-${target}`;
  const producer = await FencedProducer.open(kafka, `${target}-copy`, TRANSACTION_MS);
  try {
    // Read after the producer is open, when no earlier writer can commit any more.
    const [found] = await withAdmin(kafka, 'footfall-copy', (admin) =>
      admin.fetchOffsets({ groupId: group, topics: [source] }),
    );
    const copied = new Map(
      (found?.partitions ?? [])
        .map(({ partition, offset }) => [partition, Number(offset)] as const)
        // -1 when no offset is noted.
        .filter(([, offset]) => offset >= 0),
    );
    return new CopyWriter({ source, target, group }, producer, copied);
  } catch (error) {
    await producer.close();
    throw error;
  }
}
