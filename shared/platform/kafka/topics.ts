import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Config } from '../config.ts';
import { FootfallError } from '../errors.ts';
import { withAdmin } from './client.ts';

/** A topic of Footfall, and what it must be like. */
export interface TopicPlan {
  topic: string;
  /** The setting that names it, which also tells the topics apart. */
  setting: 'EVENTS_TOPIC' | 'SIGNALS_TOPIC' | 'SITES_TOPIC' | 'DLQ_TOPIC';
  partitions: number;
  /** Whether another number of partitions is a fault. */
  isExact: boolean;
  /** Settings of the topic, under their names in Kafka's documentation. */
  settings: Readonly<Record<string, string>>;
}

/** The topics of an installation. Retention and replication are not part of a plan. */
export const topicPlans = (kafka: Config['kafka']): TopicPlan[] => [
  {
    topic: kafka.eventsTopic,
    setting: 'EVENTS_TOPIC',
    // Shards in Redis follow the partitions.
    partitions: kafka.partitions,
    isExact: true,
    settings: { 'cleanup.policy': 'delete' },
  },
  {
    topic: kafka.dlqTopic,
    setting: 'DLQ_TOPIC',
    // A single partition, so that one offset tells how far it was read.
    partitions: 1,
    isExact: true,
    // A dead letter holds a record of the events topic, which may be as large as a broker accepts by default, plus
    // headers.
    settings: { 'cleanup.policy': 'delete', 'max.message.bytes': '2097152' },
  },
  {
    topic: kafka.signalsTopic,
    setting: 'SIGNALS_TOPIC',
    partitions: kafka.partitions,
    isExact: false,
    settings: { 'cleanup.policy': 'delete' },
  },
  {
    topic: kafka.sitesTopic,
    setting: 'SITES_TOPIC',
    partitions: 1,
    isExact: true,
    settings: { 'cleanup.policy': 'compact' },
  },
];

/**
 * Creates missing topics. Leaves existing topics unchanged.
 * @param own settings of all topics beyond their plans; without `replication` the broker's default
 * @returns the topics that were created
 */
export async function createTopics(
  admin: Admin,
  plans: readonly TopicPlan[],
  own: { replication?: number; settings?(plan: TopicPlan): Record<string, string> } = {},
): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  const topics = plans
    .filter(({ topic }) => !existing.has(topic))
    .map((plan) => ({
      topic: plan.topic,
      numPartitions: plan.partitions,
      ...(own.replication !== undefined && { replicationFactor: own.replication }),
      configEntries: Object.entries({ ...plan.settings, ...own.settings?.(plan) }).map(([name, value]) => ({
        name,
        value,
      })),
    }));
  // kafkajs' own waiting fails when a broker has not heard of the topic yet, and ends before partitions
  // have leaders.
  if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: false });
  for (const { topic } of topics) await countPartitions(admin, topic);
  return topics.map(({ topic }) => topic);
}

/**
 * Creates missing topics, with the broker's default replication. Leaves existing topics unchanged.
 * @throws Error when the number of partitions of the events topic differs from the configuration: shards in
 *   Redis follow the partitions.
 */
export async function ensureTopics(kafka: Config['kafka']): Promise<void> {
  await withAdmin(kafka, 'footfall-topics', async (admin) => {
    await createTopics(admin, topicPlans(kafka));
    const partitions = await countPartitions(admin, kafka.eventsTopic);
    if (partitions !== kafka.partitions) {
      throw new Error(
        `Topic ${kafka.eventsTopic} has ${partitions} partitions but EVENTS_PARTITIONS is ${kafka.partitions}.`,
      );
    }
  });
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
  await withAdmin(kafka, 'footfall-topics', async (admin) => {
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
  });
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
