import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';

/** The part of a topic that was read so far, by partition. */
export class Log {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly partitions: KafkaMessage[][];

  constructor(kafka: Kafka, topic: string, partitions: number) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.partitions = Array.from({ length: partitions }, () => []);
  }

  /** The present end of each partition. */
  async ends(): Promise<number[]> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const offsets = await admin.fetchTopicOffsets(this.#topic);
      return offsets.toSorted((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
    } finally {
      await admin.disconnect();
    }
  }

  /** Reads on to the present end of the topic. */
  async readOn(): Promise<void> {
    const ends = await this.ends();
    const isThere = () => ends.every((end, p) => this.partitions[p]!.length >= end);
    if (isThere()) return;
    const groupId = randomUUID();
    const consumer = this.#kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(reject, 60_000, new Error(`${this.#topic} could not be read.`));
        consumer.on(consumer.events.GROUP_JOIN, () => {
          for (const [partition, own] of this.partitions.entries()) {
            consumer.seek({ topic: this.#topic, partition, offset: String(own.length) });
          }
        });
        void consumer.run({
          autoCommit: false,
          eachMessage: async ({ partition, message }) => {
            const own = this.partitions[partition]!;
            if (Number(message.offset) === own.length) own.push(message);
            if (!isThere()) return;
            clearTimeout(late);
            resolve();
          },
        });
      });
    } finally {
      await consumer.disconnect();
    }
  }
}
