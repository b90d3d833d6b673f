import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { kafkaFailure } from '../../local/failures.ts';
import type { Config } from '../../shared/platform/config.ts';
import { type KafkaAdmin, kafkaClient } from '../../shared/platform/kafka/client.ts';
import { readSome } from '../../shared/platform/kafka/read-some.ts';
import { topicPlans } from '../../shared/platform/kafka/topics.ts';
import { counted } from '../../shared/platform/progress-line.ts';
import { describeTopics, type FoundTopic, topicFaults } from '../topics/faults.ts';
import { type Finding, fine, problem, worthKnowing } from './findings.ts';

/** How long a broker may take to take a connection, and to give a record, ms. */
const CONNECT_MS = 2_000;
const READ_MS = 8_000;
/** A larger record than this is not sent to try a right. */
const MAX_TRIED_BYTES = 16_000_000;

/**
 * Asks Kafka: reach, TLS, password, each broker's own address, the rights to describe, write, read and use the group, and
 * the topics. Throws nothing of Kafka.
 */
export async function askKafka({
  kafka,
  aggregateGroup: group,
}: Pick<Config, 'kafka' | 'aggregateGroup'>): Promise<Finding[]> {
  const admin = kafkaClient(kafka, 'footfall-doctor', { retry: { retries: 1 } }).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const plans = topicPlans(kafka);
    const away = await unreachable(brokers);
    const names = plans.map(({ topic }) => topic);
    const found = await attempt('describe the topics', kafka, () => describeTopics(admin, names));
    if ('about' in found) return [...reached(kafka, brokers.length), ...away, found];
    const faults = topicFaults(plans, found, brokers.length);
    const there = plans.filter(({ topic }) => found.get(topic) !== undefined);
    return [
      ...reached(kafka, brokers.length),
      ...away,
      ...faults.map(({ message }) => problem('topics', message)),
      ...(faults.length === 0 ? [fine('topics', `The topics ${names.join(', ')} are as they must be.`)] : []),
      ...(await writeRights(
        kafka,
        there.map(({ topic }) => [topic, found.get(topic)!] as const),
      )),
      ...(found.get(kafka.eventsTopic) ? await readRight(kafka, admin) : []),
      ...(group ? await groupFindings(kafka, admin, group) : []),
    ];
  } catch (error) {
    const failure = kafkaFailure(error, kafka.brokers);
    if (!failure) throw error;
    const about = failure.kind === 'password' || failure.kind === 'rights' ? failure.kind : 'reach';
    return [problem(about, failure.message)];
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function reached({ ssl, sasl, brokers }: Config['kafka'], count: number): Finding[] {
  const how = [
    ssl ? 'with TLS' : 'without TLS',
    sasl ? `signed in by ${sasl.mechanism}` : 'without signing in',
  ];
  return [
    fine('reach', `Kafka answers at ${brokers.join(', ')}: ${counted(count, 'broker')}, ${how.join(', ')}.`),
  ];
}

/** Clients are told an address of each broker, which may be another than the one they asked first. */
async function unreachable(brokers: readonly { host: string; port: number }[]): Promise<Finding[]> {
  const findings = await Promise.all(
    brokers.map(async ({ host, port }) => {
      const why = await connectTo(host, port);
      if (why === undefined) return [];
      const message = `Kafka names a broker at ${host}:${port}, which cannot be reached (${why}). Check the broker's advertised.listeners, the network and the security groups.`;
      return [problem('reach', message)];
    }),
  );
  return findings.flat();
}

/** @returns why the connection failed; undefined when it did not. */
const connectTo = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (why?: string) => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(`no answer within ${CONNECT_MS / 1_000} s`));
    socket.once('error', (error) => end(error.message));
  });

/** Tries something that needs a right. @returns its result, or what is wrong. */
async function attempt<T>(what: string, kafka: Config['kafka'], act: () => Promise<T>): Promise<T | Finding> {
  try {
    return await act();
  } catch (error) {
    const failure = kafkaFailure(error, kafka.brokers);
    if (!failure) throw error;
    if (failure.kind === 'rights')
      return problem('rights', `Kafka's user may not ${what}. Add the ACL (docs/deploy.md, Kafka).`);
    return problem('reach', `Could not ${what}: ${failure.message}`);
  }
}

/**
 * Offers each topic a record that is too large for it. Kafka looks at the right first and refuses the size then, so
 * nothing is written.
 */
async function writeRights(
  kafka: Config['kafka'],
  topics: readonly (readonly [name: string, found: FoundTopic])[],
): Promise<Finding[]> {
  const options = { requestTimeout: 10_000, retry: { retries: 0 } };
  const producer = kafkaClient(kafka, 'footfall-doctor', options).producer({ allowAutoTopicCreation: false });
  const findings: Finding[] = [];
  const asked: string[] = [];
  try {
    await producer.connect();
    for (const [topic, { settings }] of topics) {
      const most = Number(settings.get('max.message.bytes') ?? Infinity);
      if (most > MAX_TRIED_BYTES) continue;
      const messages = [{ partition: 0, key: 'doctor', value: randomBytes(most + 1) }];
      const result = await attempt(`write to the topic ${topic}`, kafka, async () => {
        try {
          await producer.send({ topic, messages });
        } catch (error) {
          if (!isTooLarge(error)) throw error;
        }
      });
      if (result) findings.push(result);
      else asked.push(topic);
    }
  } catch (error) {
    const failure = kafkaFailure(error, kafka.brokers);
    if (!failure) throw error;
    return [problem('reach', failure.message)];
  } finally {
    await producer.disconnect().catch(() => {});
  }
  if (asked.length > 0) findings.push(fine('rights', `Kafka's user may write to ${asked.join(', ')}.`));
  return findings;
}

function isTooLarge(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ((one as { type?: string }).type === 'MESSAGE_TOO_LARGE') return true;
  }
  return false;
}

/** Reads one record of the events, as a rebuild does. */
async function readRight(kafka: Config['kafka'], admin: KafkaAdmin): Promise<Finding[]> {
  const topic = kafka.eventsTopic;
  const result = await attempt(
    `read the topic ${topic} in a group named footfall-catch-up-…`,
    kafka,
    async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      const some = offsets.find(({ low, high }) => Number(high) > Number(low));
      if (!some) return 'empty' as const;
      const to = Number(some.high);
      const range = { topic, partition: some.partition, from: Math.max(Number(some.low), to - 1), to };
      const limits = { keep: 'last', limit: 1, maxBytes: 1, timeoutMs: READ_MS } as const;
      await readSome(kafka, { ...range, ...limits }, () => undefined);
      return 'read' as const;
    },
  );
  if (typeof result === 'object') return [result];
  if (result === 'empty')
    return [worthKnowing('rights', `The topic ${topic} is empty, so the right to read it was not tried.`)];
  return [fine('rights', `Kafka's user may read ${topic}.`)];
}

async function groupFindings(kafka: Config['kafka'], admin: KafkaAdmin, group: string): Promise<Finding[]> {
  const result = await attempt(`look at the group ${group}`, kafka, async () => {
    const { groups } = await admin.describeGroups([group]);
    return { members: groups[0]?.members.length ?? 0 };
  });
  if ('about' in result) return [result];
  if (result.members > 0)
    return [fine('counting', `${counted(result.members, 'poller')} of the group ${group} read the events.`)];
  const message = `No poller reads the events in the group ${group}, so nothing is counted. See "Nothing is counted" in docs/runbook.md.`;
  return [problem('counting', message)];
}
