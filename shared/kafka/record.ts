import type { KafkaMessage } from 'kafkajs';
import type { KafkaRecord } from '../events/decode.ts';

/** A message of kafkajs as Lambda would hand the record over. */
export const recordOf = (
  { topic, partition }: { topic: string; partition: number },
  { offset, timestamp, key, value }: KafkaMessage,
): KafkaRecord => ({
  topic,
  partition,
  offset: Number(offset),
  timestamp: Number(timestamp),
  ...(key && { key: key.toString('base64') }),
  ...(value && { value: value.toString('base64') }),
});
