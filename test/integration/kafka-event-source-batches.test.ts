import { readFileSync } from 'node:fs';
import type { Discarded } from '../../local/kafka-event-source/delivery.ts';
import { MAX_PAYLOAD_BYTES } from '../../local/kafka-event-source/event-shape.ts';
import { mappingOf } from '../support/mapping.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  barrier,
  functionOf,
  makeTopic,
  numbered,
  poll,
  produce,
  succeeded,
} from './kafka-event-source-setup.ts';

/** A window that never ends within a test: what arrives was cut by count or bytes. */
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
  await waitFor('1 invocation', () => calls.length === 1);

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

test('a tombstone without a key has neither; a broker that sets the time says so', async () => {
  const topic = await makeTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic), invoke).start();
  await produce(topic, [{ value: null, timestamp: '1' }]);
  await waitFor('1 invocation', () => calls.length === 1);
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

test('no batch is larger than the batch size', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(25));
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchSize: 10 }), invoke).start();
  await waitFor('3 invocations', () => calls.length === 3);
  expect(calls.map(({ offsets }) => offsets.length)).toEqual([10, 10, 5]);
});

test('records that trickle in wait for each other', async () => {
  const topic = await makeTopic(1);
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchSize: 3, batchingWindowMs: NEVER_MS }), invoke).start();
  for (const message of numbered(3)) await produce(topic, [message]);
  await waitFor('1 invocation', () => calls.length === 1);
  expect(calls[0]!.values).toEqual(['0', '1', '2']);
});

test('a batch that never fills goes when its window is over', async () => {
  const topic = await makeTopic(1);
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchSize: 3, batchingWindowMs: 50 }), invoke).start();
  await produce(topic, numbered(2));
  await waitFor('the records', () => calls.flatMap(({ values }) => values).length === 2);
});

test('a payload is cut before 6 MB', async () => {
  const topic = await makeTopic(1);
  const value = Buffer.alloc(900_000, 120);
  for (let sent = 0; sent < 11; sent += 1) await produce(topic, [{ value }]);
  const { calls, invoke } = functionOf();
  await poll(mappingOf(topic, { batchingWindowMs: NEVER_MS }), invoke).start();
  await waitFor('2 invocations', () => calls.length === 2);
  expect(calls.map(({ offsets }) => offsets)).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
  ]);
  for (const { payloadBytes } of calls) expect(payloadBytes).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
});

test('a record that no payload can hold is given up, and the next one arrives', async () => {
  const topic = await makeTopic(1, { 'max.message.bytes': '10000000' });
  await produce(topic, [{ value: Buffer.alloc(5_000_000) }]);
  await produce(topic, [{ value: 'small' }]);
  const { calls, invoke } = functionOf();
  const discarded: Discarded[] = [];
  await poll(mappingOf(topic), invoke, async (what) => void discarded.push(what)).start();
  await waitFor('1 invocation', () => calls.length === 1);
  expect(calls[0]!.values).toEqual(['small']);
  expect(discarded).toMatchObject([
    { condition: 'MaximumPayloadSizeExceeded', invokeCount: 0, records: [{ offset: 0 }] },
  ]);
});

test('a backlog larger than the buffer arrives whole and in order', async () => {
  const topic = await makeTopic(1);
  const value = Buffer.alloc(300_000);
  for (let sent = 0; sent < 60; sent += 3) await produce(topic, Array(3).fill({ value }));
  const slow = barrier();
  const { calls, invoke } = functionOf(async () => {
    await slow.passed;
    return succeeded;
  });
  await poll(mappingOf(topic, { batchSize: 7 }), invoke).start();
  await waitFor('1 invocation', () => calls.length === 1);
  slow.open();
  const arrived = () => calls.flatMap(({ offsets }) => offsets);
  await waitFor('the records', () => arrived().length >= 60);
  expect(arrived()).toEqual(Array.from({ length: 60 }, (_, offset) => offset));
});
