import type { KafkaMessage } from 'kafkajs';

/**
 * The largest payload of a synchronous invocation, in bytes. AWS documents 6 MB ("Lambda quotas"); the service
 * counts 6 × 1024 × 1024.
 */
export const MAX_PAYLOAD_BYTES = 6_291_456;

/**
 * One Kafka record, already in the JSON form that the function will read. Each record is encoded once, when it
 * arrives; batching and retries only join these strings.
 */
export interface EncodedRecord {
  offset: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** The key as Kafka has it. An on-failure topic receives the record under the same key. */
  key: Buffer | null;
  json: string;
  /** Length of `json` in UTF-8 bytes. */
  bytes: number;
}

/** What is around the records of a partition in an event. It is the same for all its events. */
export interface Envelope {
  /** The text before the lists of records. */
  open: string;
  /** Under which the event has the partition's records, such as `orders-3`. */
  key: string;
  /** Length of an event without a record of the partition, in UTF-8 bytes. */
  bytes: number;
}

/** The records of one partition in an event. */
export interface EventPart {
  envelope: Envelope;
  records: readonly EncodedRecord[];
}

/** The value of TimestampTypes.LOG_APPEND_TIME, which kafkajs does not export. */
const LOG_APPEND_TIME = 1;

/**
 * Encodes a record as Lambda does (AWS, "Using Lambda with self-managed Apache Kafka", sample event). Key and
 * value are in base64, and headers are arrays of byte values. A record without a key has no `key` property. A
 * record without a value (a tombstone) has no `value` property.
 */
export function encodeRecord(topic: string, partition: number, message: KafkaMessage): EncodedRecord {
  const offset = Number(message.offset);
  const timestamp = Number(message.timestamp);
  const json = JSON.stringify({
    topic,
    partition,
    offset,
    timestamp,
    timestampType: timestampType(message),
    ...(message.key && { key: message.key.toString('base64') }),
    ...(message.value && { value: message.value.toString('base64') }),
    headers: encodeHeaders(message.headers),
  });
  return { offset, timestamp, key: message.key, json, bytes: Buffer.byteLength(json) };
}

/** The key of a partition's records in an event, for example `orders-3`. */
export function recordsKey(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** The envelope of a partition. Like AWS, it joins the bootstrap servers with commas. */
export function envelopeOf(topic: string, partition: number, bootstrapServers: readonly string[]): Envelope {
  const servers = JSON.stringify(bootstrapServers.join(','));
  const open = `{"eventSource":"SelfManagedKafka","bootstrapServers":${servers},"records":{`;
  const envelope = { open, key: recordsKey(topic, partition), bytes: 0 };
  return { ...envelope, bytes: Buffer.byteLength(encodeEvent([{ envelope, records: [] }])) };
}

/**
 * The payload of an invocation: a SelfManagedKafka event as JSON.
 * @param parts at least one, of different partitions of a topic
 */
export function encodeEvent(parts: readonly EventPart[]): string {
  const lists = parts.map(
    ({ envelope, records }) =>
      `${JSON.stringify(envelope.key)}:[${records.map(({ json }) => json).join(',')}]`,
  );
  return `${parts[0]!.envelope.open}${lists.join(',')}}}`;
}

/** The UTF-8 length of an event with records of one partition, calculated without building it. */
export function eventBytes(envelope: Envelope, records: readonly EncodedRecord[]): number {
  const commas = Math.max(0, records.length - 1);
  return envelope.bytes + commas + records.reduce((sum, { bytes }) => sum + bytes, 0);
}

function timestampType(message: KafkaMessage): 'CREATE_TIME' | 'LOG_APPEND_TIME' {
  const { batchContext } = message as { batchContext?: { timestampType?: number } };
  return batchContext?.timestampType === LOG_APPEND_TIME ? 'LOG_APPEND_TIME' : 'CREATE_TIME';
}

/**
 * Lambda writes header bytes as signed Java bytes: a byte above 127 becomes negative. Both aws-lambda-go and
 * Powertools for AWS Lambda (Python) document this.
 */
function encodeHeaders(headers: KafkaMessage['headers']): Record<string, number[]>[] {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => ({
      [name]: [...new Int8Array(Buffer.from(value ?? ''))],
    })),
  );
}
