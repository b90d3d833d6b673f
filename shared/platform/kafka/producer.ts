import { CompressionTypes, type IHeaders, type Producer } from 'kafkajs';
import type { Config } from '../config.ts';
import { FootfallError } from '../errors.ts';
import { within } from '../time-limit.ts';
import { userKey } from '../user-key.ts';
import { kafkaClient } from './client.ts';
import { openProducer } from './open-producer.ts';
import { asOutage, KafkaOutage } from './outage.ts';

export interface OutgoingRecord {
  key: string;
  value: string | Buffer;
  headers?: IHeaders;
  /** ms since the epoch; absent: the broker's clock. */
  timestamp?: number;
}

/**
 * A send fails when it is not acknowledged within this time, so its caller learns of an outage within
 * seconds.
 */
const SEND_LIMIT_MS = 4_000;

/**
 * The records of a request for one partition are one batch, and a broker rejects a batch beyond its
 * message.max.bytes (1,048,588 by default, Kafka's broker configuration).
 */
export const MAX_REQUEST_BYTES = 900_000;

/** One connection and its state. */
interface Client {
  producer: Producer;
  connected: Promise<void>;
  /** The last send; kafkajs keeps retrying it after its caller has given up. */
  sending: Promise<unknown>;
}

/** A call of {@link EventProducer.send} that waits for its result. */
interface Waiting {
  topic: string;
  records: readonly OutgoingRecord[];
  bytes: number;
  /** Rejected if still waiting then, ms of performance.now(). */
  expires: number;
  /** Send it in a request of its own: a request with others was rejected because of one record. */
  isAlone: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** Most calls and bytes that may wait: what one producer sends in a second or two. */
const QUEUE_LIMITS = { sends: 5_000, bytes: 16_000_000 };

/** Rejects calls queued longer than this, ms; nothing of theirs is sent. */
const WAIT_LIMIT_MS = 3_000;

/**
 * One idempotent producer. It connects at the first send; concurrent calls share the connection attempt.
 *
 * Requests go out one after the other. Everything sent while a request is in flight goes into the next
 * request together (group commit), so one request per round trip to the brokers serves any number of callers.
 *
 * A failed request ends the connection and its producer id. kafkajs gives the sequence numbers of a failed
 * request to the next one. A broker that had stored the failed request takes the next one for its repetition,
 * acknowledges it and drops it (KIP-98, "Idempotent Producer Guarantees").
 */
export class EventProducer {
  readonly #kafka: Config['kafka'];
  readonly #limits: typeof QUEUE_LIMITS;
  #client: Client | undefined;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #draining: Promise<void> | undefined;
  readonly #ending = new Set<Promise<unknown>>();

  constructor(kafka: Config['kafka'], limits = QUEUE_LIMITS) {
    this.#kafka = kafka;
    this.#limits = limits;
  }

  /** Whether the queue is full; {@link send} rejects at once then. */
  get isFull(): boolean {
    const { sends, bytes } = this.#limits;
    return this.#waiting.length >= sends || this.#waitingBytes >= bytes;
  }

  /**
   * Sends records; resolves when all in-sync replicas have them (acks=all).
   * @throws FootfallError `overloaded` 503, at once when the queue is full or after 3 s in it: nothing was
   *   sent. Errors of kafkajs, or an error after 4 s without an answer: some of the records may be stored.
   */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    if (this.isFull) return Promise.reject(overloaded());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let bytes = 0;
    for (const record of records) bytes += bytesOf(record);
    const expires = performance.now() + WAIT_LIMIT_MS;
    this.#waiting.push({ topic, records, bytes, expires, isAlone: false, resolve, reject });
    this.#waitingBytes += bytes;
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Publishes canonical events to the events topic, keyed by site and user. @throws as {@link send}. */
  sendEvents(events: readonly { site: string; user: string }[]): Promise<void> {
    return this.send(
      this.#kafka.eventsTopic,
      events.map((event) => ({ key: userKey(event), value: JSON.stringify(event) })),
    );
  }

  /** Waits for requests in flight and disconnects. A later send connects again. */
  async close(): Promise<void> {
    await this.#draining;
    this.#end();
    await Promise.all(this.#ending);
  }

  async #drain(): Promise<void> {
    // Let calls of the same tick share the first request.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      if (group.length === 0) continue;
      try {
        await this.#sendAll(
          group[0]!.topic,
          group.flatMap(({ records }) => records),
        );
        for (const { resolve } of group) resolve();
      } catch (error) {
        this.#refuse(group, error);
      }
    }
    // No await since the queue was found empty, so a later call starts a new drain.
    this.#draining = undefined;
  }

  /** Takes from the queue what fits into one request, and rejects calls that waited too long. */
  #nextGroup(): Waiting[] {
    const now = performance.now();
    const group: Waiting[] = [];
    let bytes = 0;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const isLate = next.expires <= now;
      const [first] = group;
      const joins =
        !first ||
        (next.topic === first.topic &&
          !(first.isAlone || next.isAlone) &&
          bytes + next.bytes <= MAX_REQUEST_BYTES);
      if (!isLate && !joins) break;
      this.#waiting.shift();
      this.#waitingBytes -= next.bytes;
      if (isLate) next.reject(overloaded());
      else {
        group.push(next);
        bytes += next.bytes;
      }
    }
    return group;
  }

  /** One caller's record is too large for the brokers: retries the calls of the group one by one. */
  #refuse(group: readonly Waiting[], error: unknown): void {
    const isOfOne = group.length > 1 && (error as { type?: string }).type === 'MESSAGE_TOO_LARGE';
    if (!isOfOne) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const one of group) this.#waitingBytes += one.bytes;
    this.#waiting.unshift(...group.map((one) => ({ ...one, isAlone: true })));
  }

  async #sendAll(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    for (const request of requestsOf(records)) {
      try {
        await before(performance.now() + SEND_LIMIT_MS, () => this.#sendRequest(topic, request));
      } catch (error) {
        this.#end();
        throw asOutage(error);
      }
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
    const producer = openProducer(kafkaClient(this.#kafka, 'footfall-producer', overrides), {
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
    });
    return { producer, connected: producer.connect(), sending: Promise.resolve() };
  }

  /** Disconnects in the background. Waits for a send in progress, which would otherwise connect again. */
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

/** Splits records, in order, into as few requests as brokers accept. */
export const requestsOf = (records: readonly OutgoingRecord[]) => inRequests(records, bytesOf);

/** @param sizeOf bytes that a record takes in a request. */
export function* inRequests<T>(records: readonly T[], sizeOf: (record: T) => number): Generator<T[]> {
  let request: T[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
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

/**
 * Estimates the bytes of a record in a batch. Lengths, offset and timestamp are varints of less than 40 bytes
 * together.
 */
function bytesOf({ key, value, headers = {} }: OutgoingRecord): number {
  let bytes = 40 + Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const [name, header] of Object.entries(headers)) {
    bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(String(header));
  }
  return bytes;
}

const overloaded = () =>
  new FootfallError('overloaded', 503, 'Too many requests are waiting. Send this one again.', {
    retryAfter: 2,
    expose: true,
  });

/**
 * Runs an operation with a deadline in ms of performance.now(), which clock changes do not affect. Does not
 * start it after the deadline.
 */
async function before<T>(limit: number, operation: () => Promise<T>): Promise<T> {
  const ms = limit - performance.now();
  const late = () => new KafkaOutage('Kafka did not answer in time.');
  if (ms <= 0) throw late();
  return within(ms, operation, late);
}
