import type { Admin } from 'kafkajs';
import { coalesce } from '../coalesce.ts';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';

/** The first offset that Kafka still has of a partition, and the one that its next record will get. */
export interface PartitionOffsets {
  partition: number;
  low: number;
  high: number;
  /** Where the log ended at some earlier times (ms), the latest first: a record from there on is younger. */
  earlier?: readonly { high: number; at: number }[];
}

/** Earlier ends that are remembered of a partition. */
const MAX_EARLIER = 20;

/**
 * Asks Kafka how far a topic goes, the events topic unless said otherwise, over one connection that is made at the first question. Questions
 * that come while one is under way share the next one: an answer is never older than its question, so a reader
 * who was told that an event is accepted finds it behind the end that it sees.
 */
export class TopicOffsets {
  readonly #kafka: Config['kafka'];
  readonly #topic: string;
  #connection: { admin: Admin; connected: Promise<void> } | undefined;
  #closed = false;
  readonly #earlier = new Map<number, { high: number; at: number }[]>();

  constructor(kafka: Config['kafka'], topic = kafka.eventsTopic) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  /** @throws what kafkajs throws when Kafka is away; the next question connects anew. */
  readonly fetch: () => Promise<PartitionOffsets[]> = coalesce(() => this.#fetchNow());

  /**
   * How far a consumer group has read the topic: by partition the offset that it will read next. Partitions of which
   * it has committed nothing are left out. Over the same connection; not shared, since few ask.
   * @throws what kafkajs throws when Kafka is away.
   */
  fetchCommitted(groupId: string): Promise<Map<number, number>> {
    return this.#ask(async (admin) => {
      const topics = await admin.fetchOffsets({ groupId, topics: [this.#topic] });
      const offsets = topics.flatMap(({ partitions }) => partitions);
      const committed = offsets.map(({ partition, offset }) => [partition, Number(offset)] as const);
      // -1: nothing is committed.
      return new Map(committed.filter(([, offset]) => offset >= 0));
    });
  }

  #fetchNow(): Promise<PartitionOffsets[]> {
    return this.#ask(async (admin) => {
      const at = Date.now();
      const offsets = await admin.fetchTopicOffsets(this.#topic);
      return offsets.map(({ partition, low, high }) => {
        const earlier = this.#earlier.get(partition) ?? [];
        this.#earlier.set(partition, [{ high: Number(high), at }, ...earlier].slice(0, MAX_EARLIER));
        return { partition, low: Number(low), high: Number(high), earlier };
      });
    });
  }

  /**
   * A connection on which a question has failed is given up. One that a frozen container has kept is dead, and only
   * shows it when it is used: then the question is asked once more, over a new one.
   */
  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const wasKept = this.#connection !== undefined;
    try {
      return await this.#askOnce(question);
    } catch (error) {
      if (!wasKept || this.#closed) throw error;
      return await this.#askOnce(question);
    }
  }

  async #askOnce<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error('Closed.');
    this.#connection ??= this.#connect();
    const connection = this.#connection;
    try {
      await connection.connected;
      return await question(connection.admin);
    } catch (error) {
      if (this.#connection === connection) await this.#disconnect();
      throw error;
    }
  }

  #connect() {
    const overrides = { requestTimeout: 2_000, retry: { retries: 1 } };
    const admin = kafkaClient(this.#kafka, 'footfall-offsets', overrides).admin();
    return { admin, connected: admin.connect() };
  }

  /** For good: questions that are still waiting fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (!connection) return;
    // What is still being made can't be closed: kafkajs would go on making it.
    await connection.connected.catch(() => {});
    await connection.admin.disconnect();
  }
}
