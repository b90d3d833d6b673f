import { partitionOf } from '../event/partition.ts';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { FencedProducer, isFenced } from '../platform/kafka/fenced-producer.ts';
import { type OutgoingRecord, requestsOf } from '../platform/kafka/producer.ts';
import { readRange } from '../platform/kafka/read-range.ts';
import { type PartitionOffsets, TopicOffsets } from '../platform/kafka/topic-offsets.ts';

/** If a writer dies in a transaction, readers wait this long for what comes after it. */
const TRANSACTION_MS = 30_000;

/**
 * The only writer of the signals topic. What the topic holds when it opens is all that earlier writers will
 * ever have written.
 */
export class SignalWriter {
  readonly #kafka: Config['kafka'];
  readonly #producer: FencedProducer;
  readonly #offsets: readonly PartitionOffsets[];

  private constructor(kafka: Config['kafka'], producer: FencedProducer, offsets: PartitionOffsets[]) {
    this.#kafka = kafka;
    this.#producer = producer;
    this.#offsets = offsets;
  }

  /**
   * Connects, fences off all earlier writers, and then reads the ends of the topic.
   * @throws errors of kafkajs when Kafka is unreachable or the topic does not exist.
   */
  static async open(kafka: Config['kafka']): Promise<SignalWriter> {
    const producer = await FencedProducer.open(kafka, `${kafka.signalsTopic}-sweep`, TRANSACTION_MS);
    const offsets = new TopicOffsets(kafka, kafka.signalsTopic);
    try {
      return new SignalWriter(kafka, producer, await offsets.fetch());
    } catch (error) {
      await producer.close();
      throw error;
    } finally {
      await offsets.close();
    }
  }

  /** Where signals with this key will be: their partition, and an offset at or before all of them. */
  placeOf(key: string): { partition: number; offset: number } {
    const partition = partitionOf(key, this.#offsets.length);
    return { partition, offset: this.#end(partition).high };
  }

  /** The ids of the signals between an offset and the opening of this writer. */
  async published(partition: number, from: number): Promise<Set<string>> {
    const { low, high } = this.#end(partition);
    const ids = new Set<string>();
    const first = Math.max(from, low);
    if (first >= high) return ids;
    await readRange(
      this.#kafka,
      partition,
      first,
      high,
      async (records) => {
        for (const { value } of records)
          ids.add(JSON.parse(Buffer.from(value ?? '', 'base64').toString()).id);
      },
      this.#kafka.signalsTopic,
    );
    return ids;
  }

  /**
   * Publishes signals, all or none; resolves when the transaction is committed. After a rejection they may be
   * committed or not.
   * @param signals JSON objects with an `id`, under the key `site:user`.
   * @throws FootfallError `sweep_superseded` when another writer was opened or the transaction took too long.
   */
  async publish(signals: readonly OutgoingRecord[]): Promise<void> {
    try {
      await this.#producer.commit(async (transaction) => {
        for (const messages of requestsOf(signals)) {
          await transaction.send({
            topic: this.#kafka.signalsTopic,
            acks: -1,
            messages: messages.map(({ key, value }) => ({
              key,
              value,
              partition: this.placeOf(key).partition,
            })),
          });
        }
      });
    } catch (error) {
      if (!isFenced(error)) throw error;
      throw new FootfallError(
        'sweep_superseded',
        503,
        'Another sweep has begun and continues with these carts.',
        {
          cause: error,
        },
      );
    }
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  #end(partition: number): PartitionOffsets {
    const found = this.#offsets.find((one) => one.partition === partition);
    return found ?? { partition, low: 0, high: 0 };
  }
}
