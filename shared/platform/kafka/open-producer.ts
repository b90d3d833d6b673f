import { type Kafka, Partitioners, type Producer, type ProducerConfig, type RecordMetadata } from 'kafkajs';
import { KafkaOutage } from './outage.ts';

/**
 * An idempotent producer whose sends, its transactions' too, resolve only when the brokers have acknowledged each
 * partition of them, once. One send at a time.
 *
 * kafkajs keeps what brokers answered by broker: when one part of a send is stored at broker A, another part fails and
 * its partition moves to A, then the next attempt finds A's answer, leaves that part out, and the send resolves although
 * nobody has these records (kafkajs 2.2.4, src/producer/sendMessages.js, `brokersWithoutResponse`). The other way
 * round, a partition that moves away from A after its answer is sent, and stored, again.
 */
export function openProducer(
  kafka: Kafka,
  config: Omit<ProducerConfig, 'createPartitioner' | 'idempotent' | 'maxInFlightRequests'>,
): Producer {
  // What each message of the present send is for; kafkajs asks for that whether or not a message names its partition.
  const chosen = new Set<string>();
  const producer = kafka.producer({
    ...config,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    // Java's murmur2, so that every client in any language puts a user into the same partition.
    createPartitioner: () => {
      const partitioner = Partitioners.DefaultPartitioner();
      return (args) => {
        const partition = partitioner(args);
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

/** @throws Error when a partition has no answer, or more than one. */
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
