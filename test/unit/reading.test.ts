import { setImmediate } from 'node:timers/promises';
import type { ConsumerConfig, Kafka } from 'kafkajs';
import { openReading } from '../../shared/platform/kafka/reading.ts';

/** A client like kafkajs'. The test decides when a consumer joins and when it crashes. */
function fakeKafka() {
  const consumers: FakeConsumer[] = [];
  const deleted: string[] = [];
  const state = { closed: false };
  const client = {
    admin: () => ({
      connect: async () => {},
      disconnect: async () => {
        state.closed = true;
      },
      deleteGroups: async (groups: string[]) => {
        deleted.push(...groups);
      },
    }),
    consumer: ({ groupId, retry }: ConsumerConfig) => {
      const consumer = new FakeConsumer(groupId, retry);
      consumers.push(consumer);
      return consumer;
    },
  };
  return { client: client as unknown as Kafka, consumers, deleted, state };
}

class FakeConsumer {
  readonly events = {
    CRASH: 'crash',
    GROUP_JOIN: 'join',
    END_BATCH_PROCESS: 'batch',
  };
  readonly groupId: string;
  readonly retry: ConsumerConfig['retry'];
  readonly log: string[] = [];
  readonly #listeners = new Map<string, (event: { payload: unknown }) => void>();
  readonly #joined = Promise.withResolvers<void>();
  #eachBatch: (payload: unknown) => Promise<void> = async () => {};

  constructor(groupId: string, retry: ConsumerConfig['retry']) {
    this.groupId = groupId;
    this.retry = retry;
  }

  on(name: string, listener: (event: { payload: unknown }) => void) {
    this.#listeners.set(name, listener);
  }
  async connect() {}
  async subscribe() {}
  run({ eachBatch }: { eachBatch(payload: unknown): Promise<void> }) {
    this.#eachBatch = eachBatch;
    return this.#joined.promise;
  }
  async disconnect() {
    this.log.push('left');
  }
  seek({ partition, offset }: { partition: number; offset: string }) {
    this.log.push(`${partition} from ${offset}`);
  }
  pause([{ partitions }]: [{ partitions: number[] }]) {
    this.log.push(`not ${partitions}`);
  }
  resume() {}
  async join() {
    this.#listeners.get('join')!({ payload: { memberAssignment: { topic: [0, 1, 2] } } });
    this.#joined.resolve();
    await setImmediate();
  }
  async crash(error: object) {
    this.#joined.resolve();
    this.#listeners.get('crash')!({ payload: { error } });
    await setImmediate();
  }
  async batch(partition: number) {
    await this.#eachBatch({ batch: { partition } });
  }
}

async function open() {
  const kafka = fakeKafka();
  const positions = new Map([[1, 5]]);
  const failures: unknown[] = [];
  const batches: number[] = [];
  const reading = await openReading(kafka.client, {
    ...{ topic: 'topic', positions, onNothing: () => {}, onFailed: (error) => failures.push(error) },
    eachBatch: async ({ batch }) => {
      batches.push(batch.partition);
    },
  });
  const next = async (count: number) => {
    while (kafka.consumers.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    return kafka.consumers[count - 1]!;
  };
  return { ...kafka, positions, failures, batches, reading, next };
}

test('a reading that ends while it joins leaves once it has joined, and hands over nothing', async () => {
  const { consumers, deleted, state, batches, reading } = await open();
  const [consumer] = consumers as [FakeConsumer];
  await reading.end();
  await setImmediate();
  expect(consumer.log).toEqual([]);
  await consumer.join();
  await consumer.batch(1);
  expect(consumer.log).toEqual(['left']);
  expect([batches, deleted, state.closed]).toEqual([[], [consumer.groupId], true]);
});

test('after a retriable crash another consumer, in a group of its own, reads on', async () => {
  const { consumers, deleted, positions, batches, reading, next, failures } = await open();
  const [first] = consumers as [FakeConsumer];
  await first.join();
  expect(first.log).toEqual(['not 0,2', '1 from 5']);
  positions.set(1, 9);
  // kafkajs' own restart could not be stopped.
  expect(await first.retry!.restartOnFailure!(new Error())).toBe(false);
  await first.crash({ name: 'KafkaJSNumberOfRetriesExceeded', retriable: false });
  await first.batch(1);
  const second = await next(2);
  await second.join();
  await second.batch(1);
  await second.batch(2);
  expect(second.log).toEqual(['not 0,2', '1 from 9']);
  expect([batches, failures, deleted]).toEqual([[1], [], [first.groupId]]);
  await reading.end();
  expect(deleted).toEqual([first.groupId, second.groupId]);
  expect(second.log.at(-1)).toBe('left');
});

test('a reading that ends while it waits to try again starts nothing more', async () => {
  const { consumers, reading, state } = await open();
  const [first] = consumers as [FakeConsumer];
  await first.join();
  await first.crash({ name: 'KafkaJSConnectionError', cause: { retriable: true } });
  await reading.end();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect([consumers.length, state.closed]).toEqual([1, true]);
});

test('an error that is not retriable is reported', async () => {
  const { consumers, reading, failures } = await open();
  const error = { name: 'KafkaJSNonRetriableError', retriable: false };
  await consumers[0]!.crash(error);
  expect(failures).toEqual([error]);
  await reading.end();
  expect(consumers).toHaveLength(1);
});
