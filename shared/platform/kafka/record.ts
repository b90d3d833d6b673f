/** A record as the event source of Lambda delivers it. */
export interface KafkaRecord {
  topic: string;
  partition: number;
  offset: number;
  /** ms since the epoch. */
  timestamp: number;
  /** The key's bytes in base64; absent for a record without a key. */
  key?: string;
  /** The value's bytes in base64; absent for a record without a value (a tombstone). */
  value?: string;
}

/** The part of kafkajs' message that is used here. */
interface Message {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
}

/** Converts a message of kafkajs into the record that Lambda would deliver. */
export const recordOf = (
  { topic, partition }: { topic: string; partition: number },
  { offset, timestamp, key, value }: Message,
): KafkaRecord => ({
  topic,
  partition,
  offset: Number(offset),
  timestamp: Number(timestamp),
  ...(key && { key: key.toString('base64') }),
  ...(value && { value: value.toString('base64') }),
});
