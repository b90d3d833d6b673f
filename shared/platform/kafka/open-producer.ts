import { type Kafka, Partitioners, type Producer, type ProducerConfig, type RecordMetadata } from 'kafkajs';
import { murmur2 } from './murmur2.ts';
import { KafkaOutage } from './outage.ts';

/**
 * An idempotent producer that resolves a send (in transactions too) only when the brokers have acknowledged
 * each of its partitions exactly once. One send at a time.
 *
 * kafkajs remembers answers by broker. Suppose one part of a send is stored at broker A, and another part
 * fails while its partition moves to A. Then the next attempt finds A's answer and skips that part, so the
 * send resolves although no broker has these records (kafkajs 2.2.4, src/producer/sendMessages.js,
 * `brokersWithoutResponse`). Conversely, a partition that moves away from A after its answer is sent, and
 * stored, twice.
 */
export function openProducer(
  kafka: Kafka,
  config: Omit<ProducerConfig, 'createPartitioner' | 'idempotent' | 'maxInFlightRequests'>,
): Producer {
  // The partitions of the current send. kafkajs calls the partitioner for every message, even one that names
  // its partition.
  const chosen = new Set<string>();
  const producer = kafka.producer({
    ...config,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    // Java's murmur2, so that clients in every language put a user into the same partition. That of kafkajs gives the
    // same, but computes with BigInt, which takes longer than all else that is done for a record.
    createPartitioner: () => {
      const otherwise = Partitioners.DefaultPartitioner();
      return (args) => {
        const { key, partition: named } = args.message;
        const isByKey = typeof key === 'string' && named === undefined;
        const partition = isByKey
          ? murmur2(Buffer.from(key)) % args.partitionMetadata.length
          : otherwise(args);
        chosen.add(nameOf(args.topic, partition));
        return partition;
      };
    },
  });
  const whole =
    <T>(send: (what: T) => Promise<RecordMetadata[]>) =>
    async (what: T) => {
      chosen.clear();
      const answers = await send(what);
      requireAll(chosen, answers);
      return answers;
    };
  const sends = ({ send, sendBatch }: Pick<Producer, 'send' | 'sendBatch'>) => ({
    send: whole(send),
    sendBatch: whole(sendBatch),
  });
  return {
    ...producer,
    ...sends(producer),
    transaction: async () => {
      const transaction = await producer.transaction();
      return { ...transaction, ...sends(transaction) };
    },
  };
}

/** @throws Error when a partition has no answer or several. */
function requireAll(partitions: ReadonlySet<string>, answers: readonly RecordMetadata[]): void {
  const answered = new Set(answers.map(({ topicName, partition }) => nameOf(topicName, partition)));
  const isWhole = answers.length === partitions.size && partitions.isSubsetOf(answered);
  if (!isWhole) {
    throw new KafkaOutage(
      `Kafka acknowledged ${[...answered].sort().join(', ') || 'nothing'} of ${[...partitions].sort().join(', ')}.`,
    );
  }
}

const nameOf = (topic: string, partition: number) => `${topic}-${partition}`;
