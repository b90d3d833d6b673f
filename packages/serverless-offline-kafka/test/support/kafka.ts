import { randomBytes } from 'node:crypto';
import type { SelfManagedKafkaEvent, SelfManagedKafkaRecord } from 'aws-lambda';
import { type ITopicConfig, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import type { Invocation } from '../../src/judge-response.ts';
import type { Log } from '../../src/log.ts';
import type { Mapping } from '../../src/mapping.ts';
import { createPoller, type GroupTimes, type Poller, type PollerOptions } from '../../src/poller.ts';
import { waitFor } from './wait-for.ts';

/** What the tests with real Kafka share: topics of their own, pollers that are stopped, and functions. */

const brokers = process.env.KAFKA_BROKERS?.split(',');
if (!brokers) throw new Error('This test needs Kafka. Set KAFKA_BROKERS to its addresses.');

export const kafka = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });
export const admin = kafka.admin();

/**
 * A busy machine can keep a process from sending heartbeats for seconds. The group then removes it, and Kafka
 * delivers its uncommitted records again. With this session, that does not happen to a process that lives.
 */
const steadyGroup: GroupTimes = { sessionTimeoutMs: 30_000, heartbeatMs: 200 };

/** For tests in which the group removes a member: short enough to wait for. */
export const hastyGroup: GroupTimes = { sessionTimeoutMs: 3_000, heartbeatMs: 200 };

const silent: Log = { notice() {}, warning() {}, error() {}, debug() {} };
const pollers: Poller[] = [];
let producer: Producer | undefined;

/** Creates a topic with a random name. `config` is that of the broker, such as `max.message.bytes`. */
export async function makeTopic(numPartitions: number, config: Record<string, string> = {}): Promise<string> {
  const topic = `source-${randomBytes(4).toString('hex')}`;
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await createTopic({ topic, numPartitions, configEntries });
  return topic;
}

/** Creates a topic, and waits until it has its leaders. */
export async function createTopic(topic: ITopicConfig): Promise<void> {
  await admin.createTopics({ topics: [topic], waitForLeaders: false });
  // kafkajs' own wait fails when the broker does not know the new topic yet, as a busy one may.
  await waitFor(`the leaders of ${topic.topic}`, async () => {
    const { topics } = await admin
      .fetchTopicMetadata({ topics: [topic.topic] })
      .catch(() => ({ topics: [] }));
    const partitions = topics[0]?.partitions ?? [];
    return partitions.length === topic.numPartitions && partitions.every(({ leader }) => leader >= 0);
  });
}

/** Sends the messages in the given order. Resolves when the broker has all of them. */
export async function produce(topic: string, messages: Message[]): Promise<void> {
  if (!producer) {
    producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
  }
  await producer.send({ topic, messages });
}

/** Messages for one partition whose values are consecutive numbers. */
export function numbered(count: number, partition = 0, first = 0): Message[] {
  return Array.from({ length: count }, (_, index) => ({ value: String(first + index), partition }));
}

/** The numbers from 0 to `end - 1`. */
export function upTo(end: number): number[] {
  return Array.from({ length: end }, (_, number) => number);
}

/** Creates a poller, which is stopped after the test. */
export function poll(
  mapping: Mapping,
  invoke: PollerOptions['invoke'],
  { group = steadyGroup, ...options }: Pick<PollerOptions, 'onFailure' | 'group' | 'maxConcurrency'> = {},
): Poller {
  const poller = createPoller({
    kafka,
    mapping,
    invoke,
    ...options,
    log: silent,
    group,
  });
  pollers.push(poller);
  return poller;
}

/** One invocation of a test's function. */
export interface Call {
  event: SelfManagedKafkaEvent;
  payloadBytes: number;
  partition: number;
  records: SelfManagedKafkaRecord[];
  /** Decoded from base64. */
  values: string[];
  offsets: number[];
}

export const succeeded: Invocation = { statusCode: 200, payload: null };
export const threw: Invocation = {
  statusCode: 200,
  functionError: 'Unhandled',
  payload: { errorType: 'Error', errorMessage: 'on purpose' },
};

/**
 * A function in this process. It records each call in `calls`, and then answers with the result of `answer`, or
 * with success.
 */
export function functionOf(answer?: (call: Call, index: number) => Invocation | Promise<Invocation>) {
  const calls: Call[] = [];
  async function invoke(payload: string): Promise<Invocation> {
    const event = JSON.parse(payload) as SelfManagedKafkaEvent;
    const records = Object.values(event.records).flat();
    const call: Call = {
      event,
      payloadBytes: Buffer.byteLength(payload),
      partition: records[0]!.partition,
      records,
      values: records.map(({ value }) => Buffer.from(value ?? '', 'base64').toString()),
      offsets: records.map(({ offset }) => offset),
    };
    calls.push(call);
    return (await answer?.(call, calls.length - 1)) ?? succeeded;
  }
  return { calls, invoke };
}

/**
 * The offsets of one partition in the order of their first arrival. Kafka promises that each record arrives at
 * least once: after a rebalance a record may arrive again, and that is no fault.
 */
export function firstArrivals(calls: readonly Call[], partition = 0): number[] {
  const own = calls.filter((call) => call.partition === partition);
  return [...new Set(own.flatMap(({ offsets }) => offsets))];
}

/** The batches in the order of their first arrival. A batch that arrived again is left out. */
export function distinctBatches(calls: readonly Call[]): number[][] {
  const batches = new Map(calls.map(({ partition, offsets }) => [`${partition}: ${offsets}`, offsets]));
  return [...batches.values()];
}

/** A door that stays closed until a test opens it. */
export function door() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** The committed offset of each partition for the mapping's group; -1 where it has no commit. */
export async function committed({ topic, consumerGroupId }: Mapping): Promise<Record<number, number>> {
  const [offsets] = await admin.fetchOffsets({ groupId: consumerGroupId, topics: [topic] });
  return Object.fromEntries(offsets!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
}

beforeAll(() => admin.connect());

afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
});

afterAll(async () => {
  await producer?.disconnect();
  await admin.disconnect();
});
