import { randomUUID } from 'node:crypto';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Config } from '../../shared/platform/config.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';

export type ReadMessage = KafkaMessage & { partition: number };

/** Every event that the events topic holds now, partition by partition. */
export async function readTopic(
  kafka: Config['kafka'],
): Promise<{ partition: number; event: FootfallEvent }[]> {
  const offsets = new TopicOffsets(kafka);
  const ends = await offsets.fetch().finally(() => offsets.close());
  const count = ends.reduce((sum, { low, high }) => sum + high - low, 0);
  const messages = count > 0 ? await readMessages(kafka, kafka.eventsTopic, count) : [];
  return messages
    .sort((a, b) => a.partition - b.partition)
    .map(({ partition, value }) => ({ partition, event: JSON.parse(String(value)) }));
}

/** The first `count` messages of a topic with their bytes. Waits for them. */
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
      // kafkajs restarts by itself when the group's coordinator is not ready.
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
