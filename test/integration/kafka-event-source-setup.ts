import { randomBytes } from 'node:crypto';
import type { SelfManagedKafkaEvent, SelfManagedKafkaRecord } from 'aws-lambda';
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import type { Log } from '../../local/kafka-event-source/log.ts';
import type { Mapping } from '../../local/kafka-event-source/mapping.ts';
import { createPoller, type Poller, type PollerOptions } from '../../local/kafka-event-source/poller.ts';
import type { Invocation } from '../../local/kafka-event-source/response.ts';

/** What the tests of the Kafka event source share: topics of their own, pollers that are stopped, a function. */

const brokers = process.env.KAFKA_BROKERS?.split(',');
if (!brokers) throw new Error('This test needs Kafka: run it with `npm test -- <path of the test>`.');

export const kafka = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });
export const admin = kafka.admin();

/** Short enough to see a member die within a test. */
export const group = { sessionTimeoutMs: 2_000, heartbeatMs: 200 };

const silent: Log = { notice() {}, warning() {}, error() {}, debug() {} };
const pollers: Poller[] = [];
let producer: Producer | undefined;

/** Makes a topic; options are those of the broker, by name. */
export async function makeTopic(
  numPartitions: number,
  options: Record<string, string> = {},
): Promise<string> {
  const topic = `source-${randomBytes(4).toString('hex')}`;
  const configEntries = Object.entries(options).map(([name, value]) => ({ name, value }));
  await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true });
  return topic;
}

/** Produces in the given order; resolves when the broker has all. */
export async function produce(topic: string, messages: Message[]): Promise<void> {
  if (!producer) {
    producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
  }
  await producer.send({ topic, messages });
}

/** So many records with their own number as value, on one partition. */
export function numbered(count: number, partition = 0, from = 0): Message[] {
  return Array.from({ length: count }, (_, index) => ({ value: String(from + index), partition }));
}

/** A poller that is stopped after the test. */
export function poll(
  mapping: Mapping,
  invoke: PollerOptions['invoke'],
  onFailure?: PollerOptions['onFailure'],
) {
  const poller = createPoller({
    kafka,
    mapping,
    invoke,
    ...(onFailure && { onFailure }),
    log: silent,
    group,
  });
  pollers.push(poller);
  return poller;
}

/** What an invocation of a test's function was. */
export interface Call {
  event: SelfManagedKafkaEvent;
  payloadBytes: number;
  partition: number;
  records: SelfManagedKafkaRecord[];
  values: string[];
  offsets: number[];
}

export const succeeded: Invocation = { statusCode: 200, payload: null };
export const threw: Invocation = {
  statusCode: 200,
  functionError: 'Unhandled',
  payload: { errorType: 'Error', errorMessage: 'on purpose' },
};

/** A function in this process: notes each call, and answers as told (success when told nothing). */
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

/** A door that waits until it is opened. */
export function barrier() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: () => resolve() };
}

/** The committed offset of each partition of the mapping's group, -1 without a commit. */
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
