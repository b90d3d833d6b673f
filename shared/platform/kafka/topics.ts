import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Config } from '../config.ts';
import { FootfallError } from '../errors.ts';
import { kafkaClient } from './client.ts';

/**
 * Creates missing topics, with the broker's default replication. Leaves existing topics unchanged.
 * @throws Error when the number of partitions of the events topic differs from the configuration: shards in
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
        topic: kafka.sitesTopic,
        // A single partition, so that one offset tells how far it was read.
        numPartitions: 1,
        configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
      },
      {
        topic: kafka.dlqTopic,
        numPartitions: 1,
        // A dead letter holds a record of the events topic, which may be as large as a broker accepts by
        // default, plus headers.
        configEntries: [{ name: 'max.message.bytes', value: '2097152' }],
      },
    ].filter(({ topic }) => !existing.has(topic));
    // kafkajs' own waiting fails when a broker has not heard of the topic yet, and ends before partitions
    // have leaders.
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: false });
    for (const { topic } of topics) await countPartitions(admin, topic);
    const partitions = await countPartitions(admin, kafka.eventsTopic);
    if (partitions !== kafka.partitions) {
      throw new Error(
        `Topic ${kafka.eventsTopic} has ${partitions} partitions but EVENTS_PARTITIONS is ${kafka.partitions}.`,
      );
    }
  } finally {
    await admin.disconnect();
  }
}

/** kafkajs' ConfigResourceTypes.TOPIC; Node cannot import it by name from CommonJS. */
export const TOPIC = 2;
/** Source of a setting that the topic itself has (Kafka protocol, DescribeConfigs: DYNAMIC_TOPIC_CONFIG). */
const OF_TOPIC = 1;

/**
 * Creates a topic with its own number of partitions and the events topic's settings, above all its retention.
 * Leaves an existing topic unchanged.
 * @throws FootfallError `wrong_partitions` when the existing topic has another number of partitions.
 */
export async function makeTopicLike(
  kafka: Config['kafka'],
  { topic, partitions }: { topic: string; partitions: number },
): Promise<void> {
  const admin = kafkaClient(kafka, 'footfall-topics').admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: TOPIC, name: kafka.eventsTopic }],
      });
      const configEntries = (resources[0]?.configEntries ?? [])
        .filter(({ configSource }) => Number(configSource) === OF_TOPIC)
        .map(({ configName, configValue }) => ({ name: configName, value: configValue }));
      await admin.createTopics({
        topics: [{ topic, numPartitions: partitions, configEntries }],
        waitForLeaders: false,
      });
    }
    const found = await countPartitions(admin, topic);
    if (found === partitions) return;
    const message = `Topic ${topic} has ${found} partitions, not ${partitions}.`;
    throw new FootfallError('wrong_partitions', 500, message);
  } finally {
    await admin.disconnect();
  }
}

/** Errors of brokers for a topic that is just being created. */
const NOT_YET = /^(UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE|NOT_LEADER_FOR_PARTITION)$/;

/**
 * Waits up to ten seconds until every partition of the topic has a leader that answers; returns their number.
 */
async function countPartitions(admin: Admin, topic: string): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return (await admin.fetchTopicOffsets(topic)).length;
    } catch (error) {
      if (tries === 100 || !NOT_YET.test((error as { type?: string }).type ?? '')) throw error;
    }
    await sleep(100);
  }
}
