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

/** A send without an acknowledgement for so long has failed: who waits for it must hear so in seconds. */
const SEND_LIMIT_MS = 4_000;

/**
 * The records of a request for one partition are one batch, and a broker refuses a batch beyond its
 * message.max.bytes (1,048,588 by default, Kafka's broker configuration).
 */
export const MAX_REQUEST_BYTES = 900_000;

/** One connection, from its making to its end. */
interface Client {
  producer: Producer;
  connected: Promise<void>;
  /** The last send; kafkajs goes on retrying it when nobody waits any more. */
  sending: Promise<unknown>;
}

/**
 * One idempotent producer. The connection is made at the first send and shared by everyone who asks while it
 * is being made.
 *
 * Sends go one after the other, and the first one that fails ends the connection and its producer id: kafkajs
 * gives the sequence numbers of a failed request to the next one, and a broker that had stored the failed one
 * takes the next for its repetition, acknowledges it and drops it (KIP-98, "Idempotent Producer Guarantees").
 */
export class EventProducer {
  readonly #kafka: Config['kafka'];
  #client: Client | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #ending = new Set<Promise<unknown>>();

  constructor(kafka: Config['kafka']) {
    this.#kafka = kafka;
  }

  /**
   * Resolves when all in-sync replicas have the records (acks=all). Rejects with kafkajs' error, or after some
   * seconds without an answer; then some of the records may have been stored.
   */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const expires = performance.now() + SEND_LIMIT_MS;
    const sent = this.#last.then(() => this.#sendAll(topic, records, expires));
    this.#last = sent.catch(() => {});
    return sent;
  }

  /** Publishes canonical events under their site and user. */
  sendEvents(events: readonly FootfallEvent[]): Promise<void> {
    return this.send(
      this.#kafka.eventsTopic,
      events.map((event) => ({ key: eventKey(event), value: JSON.stringify(event) })),
    );
  }

  /** Waits for what is under way, and disconnects. A later send connects anew. */
  async close(): Promise<void> {
    await this.#last;
    this.#end();
    await Promise.all(this.#ending);
  }

  async #sendAll(topic: string, records: readonly OutgoingRecord[], expires: number): Promise<void> {
    let limit = expires;
    for (const request of requestsOf(records)) {
      try {
        await before(limit, () => this.#sendRequest(topic, request));
      } catch (error) {
        this.#end();
        throw error;
      }
      limit = performance.now() + SEND_LIMIT_MS;
    }
  }

  async #sendRequest(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    this.#client ??= this.#connect();
    const client = this.#client;
    await client.connected;
    const messages = records.map(({ timestamp, ...record }) => ({
      ...record,
      ...(timestamp !== undefined && { timestamp: String(timestamp) }),
    }));
    const sending = client.producer.send({ topic, acks: -1, compression: CompressionTypes.None, messages });
    client.sending = sending;
    await sending;
  }

  #connect(): Client {
    const overrides = { requestTimeout: SEND_LIMIT_MS / 2 };
    const producer = kafkaClient(this.#kafka, 'footfall-producer', overrides).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Java's murmur2, so that every client in any language puts a user into the same partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
    });
    return { producer, connected: producer.connect(), sending: Promise.resolve() };
  }

  /** Disconnects in the background. A send that still goes on would connect again, so it is waited for. */
  #end(): void {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    const ending = Promise.allSettled([client.connected, client.sending])
      .then(() => client.producer.disconnect())
      .catch(() => {})
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

/** The records in their order, in as few requests as brokers take. */
export function* requestsOf(records: readonly OutgoingRecord[]): Generator<OutgoingRecord[]> {
  let request: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = bytesOf(record);
    if (request.length > 0 && bytes + size > MAX_REQUEST_BYTES) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(record);
    bytes += size;
  }
  if (request.length > 0) yield request;
}

/** About what a record takes in a batch; lengths, offset and timestamp are varints, below 40 bytes together. */
function bytesOf({ key, value, headers = {} }: OutgoingRecord): number {
  let bytes = 40 + Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const [name, header] of Object.entries(headers)) {
    bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(String(header));
  }
  return bytes;
}

/**
 * Starts an operation unless the limit (ms of performance.now(), which no clock that is set moves) has passed, and waits
 * for it no longer than that.
 */
async function before<T>(limit: number, operation: () => Promise<T>): Promise<T> {
  const ms = limit - performance.now();
  if (ms <= 0) throw new Error('Kafka did not answer in time.');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Kafka did not answer in time.')), ms);
  });
  try {
    return await Promise.race([operation(), late]);
  } finally {
    clearTimeout(timer);
  }
}
