import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';

/**
 * Makes the topics that are missing. Replication is the broker's default; existing topics are left alone.
 * @throws when the events topic exists with another number of partitions than configured, since shards in
 *   Redis follow the partitions.
 */
export async function ensureTopics(kafka: Config['kafka']): Promise<void> {
  const admin = kafkaClient(kafka, 'footfall-topics').admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const topics = [
      { topic: kafka.eventsTopic, numPartitions: kafka.partitions },
      { topic: kafka.signalsTopic, numPartitions: kafka.partitions },
      {
        topic: kafka.dlqTopic,
        numPartitions: 1,
        // A dead letter is a record of the events topic, which may be as large as a broker takes by default,
        // with headers on top.
        configEntries: [{ name: 'max.message.bytes', value: '2097152' }],
      },
    ].filter(({ topic }) => !existing.has(topic));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    const { topics: described } = await admin.fetchTopicMetadata({ topics: [kafka.eventsTopic] });
    const partitions = described[0]!.partitions.length;
    if (partitions !== kafka.partitions) {
      throw new Error(
        `Topic ${kafka.eventsTopic} has ${partitions} partitions but EVENTS_PARTITIONS is ${kafka.partitions}.`,
      );
    }
  } finally {
    await admin.disconnect();
  }
}
