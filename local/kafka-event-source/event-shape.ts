import type { KafkaMessage } from 'kafkajs';

/**
 * Invocation payload limit of a synchronous call, in bytes (AWS "Lambda quotas": 6 MB for each request; the
 * service counts 6 × 1024 × 1024).
 */
export const MAX_PAYLOAD_BYTES = 6_291_456;

/** One Kafka record, already in the JSON that the function will read, so that it is encoded and measured once. */
export interface EncodedRecord {
  offset: number;
  /** ms since the epoch. */
  timestamp: number;
  /** As it was in Kafka: an on-failure topic gets the record under the same key. */
  key: Buffer | null;
  json: string;
  /** UTF-8 length of `json`. */
  bytes: number;
}

/** What stands around the records of one topic partition in an event. */
export interface Envelope {
  open: string;
  close: string;
  bytes: number;
}

/** The value of kafkajs' internal TimestampTypes.LOG_APPEND_TIME. */
const LOG_APPEND_TIME = 1;

/**
 * Encodes a record as Lambda does (sample event of AWS "Using Lambda with self-managed Apache Kafka"): key and
 * value in base64, headers as arrays of byte values. A record without a key has no `key`, and one without a
 * value (a tombstone) no `value`.
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

/** The event around the records of one partition. AWS joins the bootstrap servers with commas. */
export function envelopeOf(topic: string, partition: number, bootstrapServers: readonly string[]): Envelope {
  const open = `{"eventSource":"SelfManagedKafka","bootstrapServers":${JSON.stringify(
    bootstrapServers.join(','),
  )},"records":{${JSON.stringify(`${topic}-${partition}`)}:[`;
  const close = ']}}';
  return { open, close, bytes: Buffer.byteLength(open) + close.length };
}

/** The invocation payload: a SelfManagedKafka event in JSON. */
export function encodeEvent(envelope: Envelope, records: readonly EncodedRecord[]): string {
  return envelope.open + records.map(({ json }) => json).join(',') + envelope.close;
}

/** Bytes of {@link encodeEvent} without building it. */
export function eventBytes(envelope: Envelope, records: readonly EncodedRecord[]): number {
  const commas = Math.max(0, records.length - 1);
  return envelope.bytes + commas + records.reduce((sum, { bytes }) => sum + bytes, 0);
}

function timestampType(message: KafkaMessage): 'CREATE_TIME' | 'LOG_APPEND_TIME' {
  const { batchContext } = message as { batchContext?: { timestampType?: number } };
  return batchContext?.timestampType === LOG_APPEND_TIME ? 'LOG_APPEND_TIME' : 'CREATE_TIME';
}

/**
 * Lambda's poller writes header bytes as Java bytes, so those above 127 arrive negative (aws-lambda-go, on
 * changing headers from byte to int8; Powertools for AWS Lambda (Python), on negative header bytes).
 */
function encodeHeaders(headers: KafkaMessage['headers']): Record<string, number[]>[] {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => ({
      [name]: [...new Int8Array(Buffer.from(value ?? ''))],
    })),
  );
}
