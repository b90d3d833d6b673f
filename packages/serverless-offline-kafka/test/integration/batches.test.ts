import { readFileSync } from 'node:fs';
import type { Discarded } from '../../src/deliver-batch.ts';
import { MAX_PAYLOAD_BYTES } from '../../src/lambda-event.ts';
import {
  type Call,
  distinctBatches,
  door,
  firstArrivals,
  functionOf,
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

/** A batching window that does not end within a test: batches are complete by count or by bytes. */
const NEVER_MS = 300_000;

test("a record arrives in the shape of AWS's sample event", async () => {
  const sample = JSON.parse(
    readFileSync(new URL('../fixtures/self-managed-kafka-event.json', import.meta.url), 'utf8'),
  );
  const [expected] = sample.records['mytopic-0'];
  const bytes = (base64: string) => Buffer.from(base64, 'base64');
  const topic = await makeTopic(1);
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic), invoke).start();
  await produce(topic, [
    { key: bytes(expected.key), value: bytes(expected.value), headers: { headerKey: 'headerValue' } },
  ]);
  await waitFor('an invocation', () => calls.length > 0);

  const { event } = calls[0]!;
  const record = event.records[`${topic}-0`]![0]!;
  expect(event).toEqual({
    ...sample,
    bootstrapServers: process.env.KAFKA_BROKERS,
    records: {
      [`${topic}-0`]: [
        {
          ...expected,
          // The sample's key has stray bits in its last character, which no encoder writes.
          key: bytes(expected.key).toString('base64'),
          topic,
          offset: 0,
          timestamp: record.timestamp,
        },
      ],
    },
  });
  expect(Object.keys(event)).toEqual(Object.keys(sample));
  expect(Object.keys(record)).toEqual(Object.keys(expected));
});

test('a tombstone without a key has neither, and a timestamp of the broker is marked as such', async () => {
  const topic = await makeTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic), invoke).start();
  await produce(topic, [{ value: null, timestamp: '1' }]);
  await waitFor('an invocation', () => calls.length > 0);
  const [record] = calls[0]!.records;
  expect(record).toEqual({
    topic,
    partition: 0,
    offset: 0,
    timestamp: expect.any(Number),
    timestampType: 'LOG_APPEND_TIME',
    headers: [],
  });
  expect(record!.timestamp).toBeGreaterThan(1);
});

test('a batch that reaches the batch size is sent before its window is over', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(25));
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchSize: 10, batchingWindowMs: NEVER_MS }), invoke).start();
  await waitFor('2 full batches', () => firstArrivals(calls).length >= 20);
  expect(distinctBatches(calls)).toEqual([upTo(10), upTo(20).slice(10)]);
});

test('records that arrive one by one wait for each other', async () => {
  const topic = await makeTopic(1);
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchSize: 3, batchingWindowMs: NEVER_MS }), invoke).start();
  for (const message of numbered(3)) await produce(topic, [message]);
  await waitFor('an invocation', () => calls.length > 0);
  expect(calls[0]!.values).toEqual(['0', '1', '2']);
});

test('a batch that is not full is sent when its window is over', async () => {
  const topic = await makeTopic(1);
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchSize: 3, batchingWindowMs: 50 }), invoke).start();
  await produce(topic, numbered(2));
  await waitFor('the records', () => firstArrivals(calls).length >= 2);
  // The machine may be slow between the two records: then each window has one.
  expect(calls.flatMap(({ values }) => values)).toEqual(['0', '1']);
});

test('a batch is cut before its payload is larger than 6 MB', async () => {
  const topic = await makeTopic(1);
  const value = Buffer.alloc(900_000, 120);
  for (let sent = 0; sent < 11; sent += 1) await produce(topic, [{ value }]);
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchingWindowMs: NEVER_MS }), invoke).start();
  await waitFor('2 full batches', () => firstArrivals(calls).length >= 10);
  // In base64 a value has 1.2 MB: five fit into one payload.
  expect(distinctBatches(calls)).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
  ]);
  for (const { payloadBytes } of calls) expect(payloadBytes).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
});

test('a record that no payload can hold is discarded, and the next one arrives', async () => {
  const topic = await makeTopic(1, { 'max.message.bytes': '10000000' });
  await produce(topic, [{ value: Buffer.alloc(5_000_000) }]);
  await produce(topic, [{ value: 'small' }]);
  const { calls, invoke } = functionOf();
  const discarded: Discarded[] = [];
  const onFailure = async (what: Discarded) => void discarded.push(what);
  await poll(mappingOf(topic), invoke, { onFailure }).start();
  await waitFor('an invocation', () => calls.length > 0);
  expect(calls[0]!.values).toEqual(['small']);
  expect(discarded[0]).toMatchObject({
    condition: 'MaximumPayloadSizeExceeded',
    invokeCount: 0,
    records: [{ offset: 0 }],
  });
});

test('a backlog larger than the buffer arrives completely and in order', async () => {
  const topic = await makeTopic(1);
  const value = Buffer.alloc(300_000);
  for (let sent = 0; sent < 60; sent += 3) await produce(topic, Array(3).fill({ value }));
  const gate = door();
  const { calls, invoke } = functionOf(async () => {
    await gate.opened;
    return succeeded;
  });
  await poll(mappingOf(topic, { batchSize: 7 }), invoke).start();
  await waitFor('an invocation', () => calls.length > 0);
  gate.open();
  await waitFor('the records', () => firstArrivals(calls).length >= 60);
  expect(firstArrivals(calls)).toEqual(upTo(60));
});

test('partitions that wait for the same invocation share an event, and a failure comes again by itself', async () => {
  const topic = await makeTopic(3);
  const keysOf = ({ event }: Call) => Object.keys(event.records);
  let failed: Call | undefined;
  const { calls, invoke } = functionOf(async (call) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (failed || keysOf(call).length < 2) return succeeded;
    failed = call;
    return threw;
  });
  await poll(mappingOf(topic, { batchingWindowMs: 0 }), invoke, { maxConcurrency: 1 }).start();
  await waitFor('an event of several partitions', async () => {
    await produce(
      topic,
      [0, 1, 2].flatMap((partition) => numbered(1, partition)),
    );
    return failed;
  });
  for (const [key, records] of Object.entries(failed!.event.records)) {
    const isAgain = (call: Call) =>
      call !== failed && call.event.records[key]?.some(({ offset }) => offset === records[0]!.offset);
    await waitFor(`${key} again`, () => calls.some(isAgain));
    expect(keysOf(calls.find(isAgain)!)).toEqual([key]);
  }
});
