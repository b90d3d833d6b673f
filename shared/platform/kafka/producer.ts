import { CompressionTypes, type IHeaders, type Producer } from 'kafkajs';
import type { Config } from '../config.ts';
import { FootfallError } from '../errors.ts';
import { userKey } from '../user-key.ts';
import { kafkaClient } from './client.ts';
import { openProducer } from './open-producer.ts';
import { KafkaOutage } from './outage.ts';

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

/** A caller of {@link EventProducer.send}, until its verdict. */
interface Waiting {
  topic: string;
  records: readonly OutgoingRecord[];
  bytes: number;
  /** ms of performance.now(): what has waited until then is not sent any more. */
  expires: number;
  /** With others it was refused for what one of them holds. */
  isAlone: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** How much may wait for its turn; a second's worth or two of what one producer sends. */
const QUEUE_LIMITS = { sends: 5_000, bytes: 16_000_000 };

/** Who has waited for so long for a turn is told so, and nothing of theirs is sent. */
const WAIT_LIMIT_MS = 3_000;

/**
 * One idempotent producer. The connection is made at the first send and shared by everyone who asks while it
 * is being made.
 *
 * Requests go one after the other, and what is asked for while one is under way goes in the next one, all together
 * (group commit): so a request for each round trip to the brokers is enough, whatever the number of callers.
 *
 * The first request that fails ends the connection and its producer id: kafkajs gives the sequence numbers of a failed
 * request to the next one, and a broker that had stored the failed one takes the next for its repetition, acknowledges
 * it and drops it (KIP-98, "Idempotent Producer Guarantees").
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

  /** Whether so much is waiting that what comes now is refused. */
  get isFull(): boolean {
    const { sends, bytes } = this.#limits;
    return this.#waiting.length >= sends || this.#waitingBytes >= bytes;
  }

  /**
   * Resolves when all in-sync replicas have the records (acks=all). Rejects with kafkajs' error, or after some
   * seconds without an answer; then some of the records may have been stored.
   * @throws FootfallError `overloaded` 503, at once when too much is waiting, else after some seconds: nothing was
   *   sent then.
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

  /** Publishes canonical events to the events topic, each under the key of its site's user. @throws as {@link send}. */
  sendEvents(events: readonly { site: string; user: string }[]): Promise<void> {
    return this.send(
      this.#kafka.eventsTopic,
      events.map((event) => ({ key: userKey(event), value: JSON.stringify(event) })),
    );
  }

  /** Waits for what is under way, and disconnects. A later send connects anew. */
  async close(): Promise<void> {
    await this.#draining;
    this.#end();
    await Promise.all(this.#ending);
  }

  async #drain(): Promise<void> {
    // Who asks in the same moment goes together.
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
    // In the same moment in which nobody was found waiting: who asks from now on begins anew.
    this.#draining = undefined;
  }

  /** Those whose turn it is, as many as one request takes; those who have waited for too long are told so. */
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

  /** A record that brokers never take is one caller's: the others are sent again, each by itself. */
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
        throw error;
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
export const requestsOf = (records: readonly OutgoingRecord[]) => inRequests(records, bytesOf);

/** @param sizeOf what a record takes in a request, bytes. */
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

/** About what a record takes in a batch; lengths, offset and timestamp are varints, below 40 bytes together. */
function bytesOf({ key, value, headers = {} }: OutgoingRecord): number {
  let bytes = 40 + Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const [name, header] of Object.entries(headers)) {
    bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(String(header));
  }
  return bytes;
}

const overloaded = () =>
  new FootfallError('overloaded', 503, 'There is more to do than can be done now: send it again.', {
    retryAfter: 2,
    expose: true,
  });

/**
 * Starts an operation unless the limit (ms of performance.now(), which no clock that is set moves) has passed, and waits
 * for it no longer than that.
 */
async function before<T>(limit: number, operation: () => Promise<T>): Promise<T> {
  const ms = limit - performance.now();
  if (ms <= 0) throw new KafkaOutage('Kafka did not answer in time.');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KafkaOutage('Kafka did not answer in time.')), ms);
  });
  try {
    return await Promise.race([operation(), late]);
  } finally {
    clearTimeout(timer);
  }
}
