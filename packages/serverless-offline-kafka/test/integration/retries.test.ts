import { OnFailureTopic } from '../../src/on-failure-topic.ts';
import {
  type Call,
  committed,
  door,
  firstArrivals,
  functionOf,
  kafka,
  makeTopic,
  numbered,
  poll,
  produce,
  succeeded,
  threw,
  upTo,
} from '../support/kafka.ts';
import { mappingOf } from '../support/mapping.ts';
import { waitFor } from '../support/wait-for.ts';

// The pollers of this file are alone in their groups, and no rebalance happens. So these tests see exactly the
// invocations that the error handling makes.

/** A partial batch response that reports the offsets as failed. */
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
  const running = [0, 0];
  const mostAtOnce = [0, 0];
  const bothRun = door();
  const { calls, invoke } = functionOf(async ({ partition }) => {
    running[partition]! += 1;
    mostAtOnce[partition] = Math.max(mostAtOnce[partition]!, running[partition]!);
    // Opens only when an invocation of the other partition runs too.
    if (running[0]! > 0 && running[1]! > 0) bothRun.open();
    await bothRun.opened;
    await new Promise(setImmediate);
    running[partition]! -= 1;
    return succeeded;
  });
  await poll(mappingOf(topic, { batchSize: 4 }), invoke).start();
  await waitFor('the records', () =>
    [0, 1].every((partition) => firstArrivals(calls, partition).length === 30),
  );
  for (const partition of [0, 1]) expect(firstArrivals(calls, partition)).toEqual(upTo(30));
  expect(mostAtOnce).toEqual([1, 1]);
});

test('after an error the same records come again, and none is skipped', async () => {
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

test('a partition that always fails commits nothing and does not delay another', async () => {
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

test('a function that cannot be reached is tried until it can be', async () => {
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

test('with ReportBatchItemFailures only the reported records come again', async () => {
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

test('while reported records are retried, only the offsets before them are committed', async () => {
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

test('after an identifier that was not in the event the whole batch comes again', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(3));
  const { calls, invoke } = functionOf((call, index) => (index === 0 ? failing(call, 77) : succeeded));
  await poll(mappingOf(topic, { batchSize: 3, reportBatchItemFailures: true }), invoke).start();
  await waitFor('2 invocations', () => calls.length === 2);
  expect(calls[1]!.offsets).toEqual([0, 1, 2]);
});

test('without ReportBatchItemFailures a reported record is ignored', async () => {
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

test('bisecting isolates the bad record, which goes to the on-failure topic, and the partition goes on', async () => {
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
  const destination = new OnFailureTopic(kafka, mapping, failedTopic);
  const poller = poll(mapping, invoke, { onFailure: (discarded) => destination.send(discarded) });
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

test('while the on-failure destination is down, the partition waits and commits nothing', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(2));
  const { calls, invoke } = functionOf(({ offsets }) => (offsets[0] === 0 ? threw : succeeded));
  const mapping = mappingOf(topic, { batchSize: 1, maximumRetryAttempts: 0 });
  let attempts = 0;
  const poller = poll(mapping, invoke, {
    async onFailure() {
      attempts += 1;
      throw new Error('destination is down');
    },
  });
  await poller.start();
  await waitFor('attempts at the destination', () => attempts > 2);
  await poller.stop();
  expect(calls.map(({ offsets }) => offsets)).toEqual([[0]]);
  expect(await committed(mapping)).toEqual({ 0: -1 });
});

test('records above the maximum age are discarded without an invocation', async () => {
  const topic = await makeTopic(1);
  await produce(topic, [
    { value: 'old', timestamp: String(Date.now() - 3_600_000) },
    { value: 'new', timestamp: String(Date.now()) },
  ]);
  const { calls, invoke } = functionOf();
  const conditions: string[] = [];
  const mapping = mappingOf(topic, { maximumRecordAgeSeconds: 600 });
  await poll(mapping, invoke, {
    onFailure: async ({ condition }) => void conditions.push(condition),
  }).start();
  await waitFor('1 invocation', () => calls.length === 1);
  expect(calls[0]!.values).toEqual(['new']);
  expect(conditions).toEqual(['RecordAgeExceeded']);
});
