import type { Admin } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { asOutage } from './outage.ts';

/** One connection for questions to Kafka, made when the first is asked. */
export class AdminConnection {
  readonly #kafka: Config['kafka'];
  #connection: { admin: Admin; connected: Promise<void> } | undefined;
  #closed = false;

  constructor(kafka: Config['kafka']) {
    this.#kafka = kafka;
  }

  /**
   * Drops a connection after an error. A connection kept through a freeze of the container is dead, which
   * shows only in use, so a request over a kept connection is tried once more over a new one.
   * @throws errors of kafkajs when Kafka is unreachable; the next call connects again.
   */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
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
