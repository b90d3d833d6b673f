import { randomUUID } from 'node:crypto';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import type { Config } from '../../shared/config.ts';

export type ReadMessage = KafkaMessage & { partition: number };

/** So many messages of a topic from its beginning, with their bytes; waits until they are there. */
export async function readMessages(
  kafka: Config['kafka'],
  topic: string,
  count: number,
): Promise<ReadMessage[]> {
  const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
  const found: ReadMessage[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      // What kafkajs restarts after is only that the group's coordinator was not ready.
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      void consumer.run({
        eachMessage: async ({ partition, message }) => {
          found.push({ ...message, partition });
          if (found.length === count) resolve();
        },
      });
    });
  } finally {
    await consumer.disconnect();
  }
  return found;
}
