import { createRequire } from 'node:module';
import type { Kafka, Producer } from 'kafkajs';
import { openProducer } from '../../shared/platform/kafka/open-producer.ts';

/**
 * kafkajs' own producer over simulated brokers, since real ones do not give wrong answers or move partitions when a test
 * needs it. `npm run test:chaos` has real ones.
 */
const load = createRequire(import.meta.url);
const createProducer = load('kafkajs/src/producer') as (parts: object) => Producer;
const { KafkaJSProtocolError } = load('kafkajs/src/errors');

const TOPIC = 'events';
/** Keys of partition 0 and of partition 1 of two (Java's murmur2). */
const INTO_0 = 'a';
const INTO_1 = 'd';

interface Produced {
  topicData: { topic: string; partitions: { partition: number; messages: { value: string }[] }[] }[];
}

class Brokers {
  /** By partition, the node id of its leader. */
  leaders = [1, 2];
  readonly stored: string[] = [];
  /** What happens to a node's next request instead of being stored, by node. */
  readonly next = new Map<number, () => void>();
  readonly #nodes = [1, 2].map((nodeId) => ({
    nodeId,
    produce: async (produced: Produced) => this.#produce(nodeId, produced),
    initProducerId: async () => ({ producerId: 1, producerEpoch: 0 }),
    addPartitionsToTxn: async () => {},
    endTxn: async () => {},
  }));

  #produce(nodeId: number, { topicData }: Produced): object {
    const happens = this.next.get(nodeId);
    this.next.delete(nodeId);
    happens?.();
    const topics = topicData.map(({ topic, partitions }) => ({
      topicName: topic,
      partitions: partitions.map(({ partition, messages }) => {
        this.stored.push(...messages.map(({ value }) => value));
        return { partition, errorCode: 0, baseOffset: '0' };
      }),
    }));
    return { topics };
  }

  /** The parts of kafkajs' cluster that its producer uses. */
  get #cluster() {
    const [node] = this.#nodes;
    return {
      retry: {},
      targetTopics: new Set([TOPIC]),
      connect: async () => {},
      disconnect: async () => {},
      isConnected: () => true,
      addMultipleTargetTopics: async () => {},
      refreshMetadata: async () => {},
      refreshMetadataIfNecessary: async () => {},
      findControllerBroker: async () => node,
      findGroupCoordinator: async () => node,
      findBroker: async ({ nodeId }: { nodeId: string | number }) => this.#nodes[Number(nodeId) - 1],
      findTopicPartitionMetadata: () =>
        this.leaders.map((leader, partitionId) => ({ partitionId, leader, isr: [leader] })),
      findLeaderForPartitions: (_: string, partitions: (string | number)[]) => {
        const byLeader: Record<number, number[]> = {};
        for (const one of partitions) {
          const leader = this.leaders[Number(one)]!;
          byLeader[leader] = [...(byLeader[leader] ?? []), Number(one)];
        }
        return byLeader;
      },
    };
  }

  get kafka(): Kafka {
    const nothing = () => {};
    const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
    const parts = { cluster: this.#cluster, logger: { ...logger, namespace: () => logger } };
    return { producer: (config: object) => createProducer({ ...parts, ...config }) } as unknown as Kafka;
  }
}

const retry = { initialRetryTime: 1, maxRetryTime: 1, retries: 3 };
const messages = [
  { key: INTO_0, value: 'of 0' },
  { key: INTO_1, value: 'of 1' },
];
const notLeader = () =>
  new KafkaJSProtocolError({ type: 'NOT_LEADER_FOR_PARTITION', code: 6, retriable: true });

/** The second partition's leader has failed over to the first one's node by the time it is asked. */
function failingOver(): Brokers {
  const brokers = new Brokers();
  brokers.next.set(2, () => {
    brokers.leaders = [1, 1];
    throw notLeader();
  });
  return brokers;
}

test('kafkajs reports success although a partition was never sent', async () => {
  const brokers = failingOver();
  const producer = brokers.kafka.producer({ idempotent: true, retry });
  await producer.connect();
  await producer.send({ topic: TOPIC, acks: -1, messages });
  // When this test fails, openProducer is no longer needed.
  expect(brokers.stored).toEqual(['of 0']);
});

test('a send fails when a partition was never sent', async () => {
  const brokers = failingOver();
  const producer = openProducer(brokers.kafka, { retry });
  await producer.connect();
  const sent = producer.send({ topic: TOPIC, acks: -1, messages });
  await expect(sent).rejects.toThrow('Kafka acknowledged events-0 of events-0, events-1.');
});

test('so does a send in a transaction, and one to several topics', async () => {
  for (const how of ['send', 'sendBatch'] as const) {
    const brokers = failingOver();
    const producer = openProducer(brokers.kafka, { transactionalId: 'writer', retry });
    await producer.connect();
    const transaction = await producer.transaction();
    const record = { topic: TOPIC, messages };
    const sent =
      how === 'send'
        ? transaction.send({ ...record, acks: -1 })
        : transaction.sendBatch({ acks: -1, topicMessages: [record] });
    await expect(sent).rejects.toThrow('Kafka acknowledged events-0 of');
  }
});

test('a send fails when a partition was stored twice', async () => {
  const brokers = new Brokers();
  brokers.next.set(1, () => {
    // Partition 0 moves after this answer.
    brokers.leaders = [2, 2];
  });
  brokers.next.set(2, () => {
    throw notLeader();
  });
  const producer = openProducer(brokers.kafka, { retry });
  await producer.connect();
  const sent = producer.send({ topic: TOPIC, acks: -1, messages });
  await expect(sent).rejects.toThrow('Kafka acknowledged');
  expect(brokers.stored.toSorted()).toEqual(['of 0', 'of 0', 'of 1']);
});

test('other sends resolve, also when retried and when they name their partition', async () => {
  const brokers = new Brokers();
  brokers.next.set(2, () => {
    throw notLeader();
  });
  const producer = openProducer(brokers.kafka, { retry });
  await producer.connect();
  await producer.send({ topic: TOPIC, acks: -1, messages });
  await producer.send({ topic: TOPIC, acks: -1, messages: [{ value: 'named', partition: 1 }] });
  await producer.send({ topic: TOPIC, acks: -1, messages: [{ key: INTO_0, value: 'after' }] });
  expect(brokers.stored.toSorted()).toEqual(['after', 'named', 'of 0', 'of 1']);
});
