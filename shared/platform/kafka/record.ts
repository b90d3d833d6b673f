/** A record as Lambda hands it over. */
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

/** What is used here of a message as kafkajs hands it over. */
interface Message {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
}

/** A message of kafkajs as Lambda would hand the record over. */
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
