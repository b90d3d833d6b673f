import { partitionOf } from '../event/partition.ts';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { FencedProducer, isFenced } from '../platform/kafka/fenced-producer.ts';
import { type OutgoingRecord, requestsOf } from '../platform/kafka/producer.ts';
import { readRange } from '../platform/kafka/read-range.ts';
import { type PartitionOffsets, TopicOffsets } from '../platform/kafka/topic-offsets.ts';

/** A transaction that nobody ends keeps readers from what comes after it for so long. */
const TRANSACTION_MS = 30_000;

/** The one writer of the signals topic: what that has when it was opened is all that earlier ones will ever have written. */
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
   * Connects, shuts all earlier writers out, and then asks how far the topic goes.
   * @throws what kafkajs throws when Kafka is away or the topic does not exist.
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

  /** Where signals of this key will be: their partition, and an offset that is not behind any of them. */
  placeOf(key: string): { partition: number; offset: number } {
    const partition = partitionOf(key, this.#offsets.length);
    return { partition, offset: this.#end(partition).high };
  }

  /** The ids of the signals that were published from an offset on before this writer was opened. */
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
   * Publishes signals, JSON objects with an `id` under the key `site:user`: all of them or none. Resolves when
   * they are committed. When it rejects, they may have been, too.
   * @throws FootfallError `sweep_superseded` when another writer was opened, or the transaction took too long.
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
        'Another sweep has begun and goes on with these carts.',
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
