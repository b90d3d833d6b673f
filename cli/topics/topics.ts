import { EXIT } from '../../local/command.ts';
import { type KafkaAdmin, withAdmin } from '../../shared/platform/kafka/client.ts';
import { createTopics, type TopicPlan, topicPlans } from '../../shared/platform/kafka/topics.ts';
import { DAY_MS } from '../../shared/platform/time.ts';
import { note, type Report } from '../report.ts';
import { type Installation, kafkaText, runningKafka } from '../running-config.ts';
import { COPIES, describeTopics, topicFaults } from './faults.ts';

/** The commands of `footfall topics`. They throw what kafkajs throws, and `no_installation` 400. */
const CLIENT = 'footfall-topics';

/**
 * Makes the topics that are missing, then checks all.
 * @param options.replication copies of each record; by default 3, or as many as there are brokers
 */
export async function makeTopics(options: {
  replication?: number | undefined;
  retentionDays: number;
}): Promise<Report> {
  const installation = runningKafka();
  return withAdmin(installation.config.kafka, CLIENT, async (admin) => {
    const { brokers } = await admin.describeCluster();
    const replication = options.replication ?? Math.min(COPIES, brokers.length);
    note(`Writing to ${kafkaText(installation)}.`);
    const created = await createTopics(admin, topicPlans(installation.config.kafka), {
      replication,
      settings: (plan) => settingsFor(plan, replication, options.retentionDays),
    });
    const { data, lines, exitCode } = await check(admin, installation);
    const made = created.map((topic) => `Topic ${topic} is made.`);
    return { data: { created, ...data }, lines: [...made, ...lines], ...(exitCode && { exitCode }) };
  });
}

/** @returns a report that failed when something is wrong. */
export async function checkTopics(): Promise<Report> {
  const installation = runningKafka();
  return withAdmin(installation.config.kafka, CLIENT, (admin) => check(admin, installation));
}

async function check(admin: KafkaAdmin, installation: Installation): Promise<Report> {
  const plans = topicPlans(installation.config.kafka);
  const names = plans.map(({ topic }) => topic);
  const [{ brokers }, found] = await Promise.all([admin.describeCluster(), describeTopics(admin, names)]);
  const faults = topicFaults(plans, found, brokers.length);
  const fine = `The topics ${names.join(', ')} are as they must be.`;
  return {
    data: { faults },
    lines: [
      `Asked ${kafkaText(installation)}.`,
      ...(faults.length > 0 ? faults.map(({ message }) => message) : [fine]),
    ],
    exitCode: faults.length > 0 ? EXIT.failed : EXIT.done,
  };
}

function settingsFor(plan: TopicPlan, replication: number, retentionDays: number): Record<string, string> {
  const least = replication >= COPIES ? 2 : 1;
  return {
    'min.insync.replicas': String(least),
    'unclean.leader.election.enable': 'false',
    ...(plan.settings['cleanup.policy'] === 'delete' && { 'retention.ms': String(retentionDays * DAY_MS) }),
  };
}
