import { CompressionTypes, type IHeaders, Partitioners, type Producer } from 'kafkajs';
import type { Config } from '../config.ts';
import { eventKey, type FootfallEvent } from '../events/event.ts';
import { kafkaClient } from './client.ts';

export interface OutgoingRecord {
  key: string;
  value: string | Buffer;
  headers?: IHeaders;
  /** ms since the epoch; the broker's clock when absent. */
  timestamp?: number;
}

/**
 * One idempotent producer. The connection is made at the first send and shared by everyone who asks while it
 * is being made; after a failure the next send tries anew.
 */
export class EventProducer {
  readonly #kafka: Config['kafka'];
  #producer: Promise<Producer> | undefined;

  constructor(kafka: Config['kafka']) {
    this.#kafka = kafka;
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect().catch((error) => {
      this.#producer = undefined;
      throw error;
    });
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const producer = kafkaClient(this.#kafka, 'footfall-producer').producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Java's murmur2, so that every client in any language puts a user into the same partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
    });
    await producer.connect();
    return producer;
  }

  /** Resolves when all in-sync replicas have the records (acks=all). Rejects with kafkajs' error otherwise. */
  async send(topic: string, records: OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    const producer = await this.#connected();
    await producer.send({
      topic,
      acks: -1,
      compression: CompressionTypes.None,
      messages: records.map(({ timestamp, ...record }) => ({
        ...record,
        ...(timestamp !== undefined && { timestamp: String(timestamp) }),
      })),
    });
  }

  /** Publishes canonical events under their site and user. */
  sendEvents(events: readonly FootfallEvent[]): Promise<void> {
    return this.send(
      this.#kafka.eventsTopic,
      events.map((event) => ({ key: eventKey(event), value: JSON.stringify(event) })),
    );
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await (await producer?.catch(() => undefined))?.disconnect();
  }
}
