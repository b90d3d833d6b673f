import { TopicDestination } from '../../local/kafka-event-source/on-failure.ts';
import { mappingOf } from '../support/mapping.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  barrier,
  type Call,
  committed,
  functionOf,
  kafka,
  makeTopic,
  numbered,
  poll,
  produce,
  succeeded,
  threw,
} from './kafka-event-source-setup.ts';

const failing = ({ event }: Call, ...offsets: number[]) => ({
  statusCode: 200,
  payload: {
    batchItemFailures: offsets.map((offset) => ({
      itemIdentifier: { partition: Object.keys(event.records)[0], offset },
    })),
  },
});

test('partitions run side by side, each with one invocation at a time and in order', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(30, 0), ...numbered(30, 1)]);
  const underWay = [0, 0];
  const atOnce = [0, 0];
  const both = barrier();
  const { calls, invoke } = functionOf(async ({ partition }) => {
    underWay[partition]! += 1;
    atOnce[partition] = Math.max(atOnce[partition]!, underWay[partition]!);
    // Passes only when an invocation of the other partition is under way too.
    if (underWay[0]! > 0 && underWay[1]! > 0) both.open();
    await both.passed;
    await new Promise(setImmediate);
    underWay[partition]! -= 1;
    return succeeded;
  });
  await poll(mappingOf(topic, { batchSize: 4 }), invoke).start();
  const valuesOf = (partition: number) =>
    calls.filter((call) => call.partition === partition).flatMap(({ values }) => values.map(Number));
  await waitFor('the records', () => valuesOf(0).length >= 30 && valuesOf(1).length >= 30);
  const inOrder = Array.from({ length: 30 }, (_, number) => number);
  expect([valuesOf(0), valuesOf(1)]).toEqual([inOrder, inOrder]);
  expect(atOnce).toEqual([1, 1]);
});

test('after a throw the same records come again, and nothing is skipped', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(6));
  const { calls, invoke } = functionOf((_, index) => (index === 1 || index === 2 ? threw : succeeded));
  const mapping = mappingOf(topic, { batchSize: 2 });
  await poll(mapping, invoke).start();
  await waitFor('5 invocations', () => calls.length === 5);
  expect(calls.map(({ offsets }) => offsets)).toEqual([
    [0, 1],
    [2, 3],
    [2, 3],
    [2, 3],
    [4, 5],
  ]);
});

test('one partition that fails for ever does not hold up another, and commits nothing', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(4, 0), ...numbered(4, 1)]);
  const { calls, invoke } = functionOf(({ partition }) => (partition === 0 ? threw : succeeded));
  const mapping = mappingOf(topic, { batchSize: 4 });
  const poller = poll(mapping, invoke);
  await poller.start();
  await waitFor('invocations', () => calls.filter(({ partition }) => partition === 0).length > 3);
  await waitFor('the commits', () => calls.some(({ partition }) => partition === 1));
  await poller.stop();
  expect(await committed(mapping)).toEqual({ 0: -1, 1: 4 });
});

test('a function that cannot be reached is tried until it can', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(2));
  const { calls, invoke } = functionOf((_, index) => {
    if (index < 3) throw new Error('connect ECONNREFUSED');
    return succeeded;
  });
  const mapping = mappingOf(topic, { maximumRetryAttempts: 0 });
  const poller = poll(mapping, invoke);
  await poller.start();
  await waitFor('4 invocations', () => calls.length === 4);
  await poller.stop();
  expect(await committed(mapping)).toEqual({ 0: 2 });
});

test('reported records alone come again when ReportBatchItemFailures is on', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(5));
  const { calls, invoke } = functionOf((call, index) => (index === 0 ? failing(call, 1, 3) : succeeded));
  const mapping = mappingOf(topic, { batchSize: 5, reportBatchItemFailures: true });
  const poller = poll(mapping, invoke);
  await poller.start();
  await waitFor('2 invocations', () => calls.length === 2);
  await poller.stop();
  expect(calls.map(({ offsets }) => offsets)).toEqual([
    [0, 1, 2, 3, 4],
    [1, 3],
  ]);
  expect(await committed(mapping)).toEqual({ 0: 5 });
});

test('while reported records are retried, only what lies before them is committed', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(5));
  const { calls, invoke } = functionOf((call) => failing(call, 2));
  const mapping = mappingOf(topic, { batchSize: 5, reportBatchItemFailures: true });
  const poller = poll(mapping, invoke);
  await poller.start();
  await waitFor('the commits', () => calls.length > 2);
  await poller.stop();
  expect(await committed(mapping)).toEqual({ 0: 2 });
});

test('an identifier that was not in the event brings the whole batch again', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(3));
  const { calls, invoke } = functionOf((call, index) => (index === 0 ? failing(call, 77) : succeeded));
  await poll(mappingOf(topic, { batchSize: 3, reportBatchItemFailures: true }), invoke).start();
  await waitFor('2 invocations', () => calls.length === 2);
  expect(calls[1]!.offsets).toEqual([0, 1, 2]);
});

test('reported records are ignored when ReportBatchItemFailures is off', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(6));
  const { calls, invoke } = functionOf((call) => failing(call, call.offsets[0]!));
  await poll(mappingOf(topic, { batchSize: 3 }), invoke).start();
  await waitFor('2 invocations', () => calls.length === 2);
  expect(calls.map(({ offsets }) => offsets)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test('splitting finds the bad record; the on-failure topic gets it, and the partition goes on', async () => {
  const [topic, failedTopic] = await Promise.all([makeTopic(1), makeTopic(1)]);
  const messages = numbered(8).map((message) => ({ ...message, key: `key-${message.value}` }));
  await produce(topic, messages);
  const { calls, invoke } = functionOf(({ values }) => (values.includes('5') ? threw : succeeded));
  const mapping = mappingOf(topic, {
    batchSize: 8,
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 1,
    onFailureTopic: failedTopic,
  });
  const destination = new TopicDestination(kafka, mapping, failedTopic);
  const poller = poll(mapping, invoke, (discarded) => destination.send(discarded));
  await poller.start();
  await waitFor(
    'the last record',
    () => calls.at(-1)?.offsets.includes(7) === true && !calls.at(-1)!.offsets.includes(5),
  );
  await poller.stop();
  await destination.close();

  expect(calls.map(({ offsets }) => offsets)).toEqual([
    [0, 1, 2, 3, 4, 5, 6, 7],
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [4, 5],
    [4],
    [5],
    [5],
    [6, 7],
  ]);
  expect(await committed(mapping)).toEqual({ 0: 8 });

  const failed = functionOf();
  await poll(mappingOf(failedTopic), failed.invoke).start();
  await waitFor('1 invocation', () => failed.calls.length === 1);
  const [record] = failed.calls[0]!.records;
  expect(Buffer.from(record!.key, 'base64').toString()).toBe('key-5');
  expect(JSON.parse(failed.calls[0]!.values[0]!)).toEqual({
    requestContext: {
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionArn: mapping.functionArn,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 5,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    KafkaBatchInfo: {
      batchSize: 1,
      bootstrapServers: process.env.KAFKA_BROKERS,
      payloadSize: calls[5]!.payloadBytes,
      recordInfo: { offset: '5', timestamp: new Date(calls[5]!.records[0]!.timestamp).toISOString() },
    },
    payload: calls[5]!.event,
  });
});

test('a destination that is down holds the partition: nothing is committed past the record', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(2));
  const { calls, invoke } = functionOf(({ offsets }) => (offsets[0] === 0 ? threw : succeeded));
  const mapping = mappingOf(topic, { batchSize: 1, maximumRetryAttempts: 0 });
  let attempts = 0;
  const poller = poll(mapping, invoke, async () => {
    attempts += 1;
    throw new Error('destination is down');
  });
  await poller.start();
  await waitFor('attempts at the destination', () => attempts > 2);
  await poller.stop();
  expect(calls.map(({ offsets }) => offsets)).toEqual([[0]]);
  expect(await committed(mapping)).toEqual({ 0: -1 });
});

test('records above the maximum age never reach the function', async () => {
  const topic = await makeTopic(1);
  await produce(topic, [
    { value: 'old', timestamp: String(Date.now() - 3_600_000) },
    { value: 'new', timestamp: String(Date.now()) },
  ]);
  const { calls, invoke } = functionOf();
  const conditions: string[] = [];
  const mapping = mappingOf(topic, { maximumRecordAgeSeconds: 600 });
  await poll(mapping, invoke, async ({ condition }) => void conditions.push(condition)).start();
  await waitFor('1 invocation', () => calls.length === 1);
  expect(calls[0]!.values).toEqual(['new']);
  expect(conditions).toEqual(['RecordAgeExceeded']);
});
