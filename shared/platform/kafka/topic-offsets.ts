import type { Admin } from 'kafkajs';
import { coalesce } from '../coalesce.ts';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { asOutage } from './outage.ts';

/** Offsets of a partition: of the first record that Kafka still has, and of the next record. */
export interface PartitionOffsets {
  partition: number;
  low: number;
  high: number;
  /**
   * Earlier ends of the log with their times (ms), latest first. A record at or behind such an end is younger
   * than that time.
   */
  earlier?: readonly { high: number; at: number }[];
}

/** Earlier ends remembered for each partition. */
const MAX_EARLIER = 20;

/**
 * Asks Kafka for the offsets of a topic, by default the events topic, over one connection. Calls that arrive
 * during a request share the next one, so an answer is never older than its question: a reader who knows that
 * an event was accepted finds it before the end.
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

  /** @throws errors of kafkajs when Kafka is unreachable; the next call connects again. */
  readonly fetch: () => Promise<PartitionOffsets[]> = coalesce(() => this.#fetchNow());

  /**
   * The next offset that a consumer group will read, by partition. Partitions without a commit are missing.
   * Uses the same connection; concurrent calls are not shared, as they are rare.
   * @throws errors of kafkajs when Kafka is unreachable.
   */
  fetchCommitted(groupId: string): Promise<Map<number, number>> {
    return this.#ask(async (admin) => {
      const topics = await admin.fetchOffsets({ groupId, topics: [this.#topic] });
      const offsets = topics.flatMap(({ partitions }) => partitions);
      const committed = offsets.map(({ partition, offset }) => [partition, Number(offset)] as const);
      // -1: no offset is committed.
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
   * Drops a connection after an error. A connection kept through a freeze of the container is dead, which
   * shows only in use, so a request over a kept connection is tried once more over a new one.
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
      throw asOutage(error);
    }
  }

  #connect() {
    const overrides = { requestTimeout: 2_000, retry: { retries: 1 } };
    const admin = kafkaClient(this.#kafka, 'footfall-offsets', overrides).admin();
    return { admin, connected: admin.connect() };
  }

  /** Closes for good; waiting calls fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (!connection) return;
    // kafkajs cannot abort a connection attempt, so wait for it.
    await connection.connected.catch(() => {});
    await connection.admin.disconnect();
  }
}
