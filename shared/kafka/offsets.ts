import type { Admin } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';

/** The first offset that Kafka still has of a partition, and the one that its next record will get. */
export interface PartitionOffsets {
  partition: number;
  low: number;
  high: number;
}

/**
 * Asks Kafka how far the events topic goes, over one connection that is made at the first question. Questions
 * that come while one is under way share the next one: an answer is never older than its question, so a reader
 * who was told that an event is accepted finds it behind the end that it sees.
 */
export class TopicOffsets {
  readonly #kafka: Config['kafka'];
  #admin: Promise<Admin> | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<PartitionOffsets[]> | undefined;

  constructor(kafka: Config['kafka']) {
    this.#kafka = kafka;
  }

  /** @throws what kafkajs throws when Kafka is away; the next question connects anew. */
  fetch(): Promise<PartitionOffsets[]> {
    if (!this.#next) {
      const asked = this.#running.then(() => {
        this.#next = undefined;
        return this.#fetchNow();
      });
      this.#next = asked;
      this.#running = asked.catch(() => {});
    }
    return this.#next;
  }

  async #fetchNow(): Promise<PartitionOffsets[]> {
    try {
      this.#admin ??= this.#connect();
      const offsets = await (await this.#admin).fetchTopicOffsets(this.#kafka.eventsTopic);
      return offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #connect(): Promise<Admin> {
    const admin = kafkaClient(this.#kafka, 'footfall-offsets', { retry: { retries: 1 } }).admin();
    await admin.connect();
    return admin;
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await (await admin?.catch(() => undefined))?.disconnect();
  }
}
