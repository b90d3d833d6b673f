import type { DeadLetter } from '../events/decode.ts';
import type { EventProducer, OutgoingRecord } from './producer.ts';

/**
 * Publishes what can't be counted: the original bytes, and why in the headers. The key names where the record
 * stood, so that a dead letter which a crash makes us publish twice is known as one.
 */
export async function publishDeadLetters(
  producer: EventProducer,
  topic: string,
  letters: readonly DeadLetter[],
): Promise<void> {
  await producer.send(
    topic,
    letters.map(
      ({ record, reason, detail }): OutgoingRecord => ({
        key: `${record.topic}-${record.partition}-${record.offset}`,
        value: Buffer.from(record.value ?? '', 'base64'),
        headers: {
          reason,
          detail,
          topic: record.topic,
          partition: String(record.partition),
          offset: String(record.offset),
          timestamp: String(record.timestamp),
        },
      }),
    ),
  );
}
