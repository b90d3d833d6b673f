import type { Config } from '../config.ts';
import { within } from '../time-limit.ts';
import { AdminConnection } from './admin-connection.ts';
import { KafkaOutage } from './outage.ts';
import type { PartitionOffsets } from './topic-offsets.ts';

/** How long a question may take, ms: an outage must show in seconds. */
const LIMIT_MS = 2_500;

export interface Brokers {
  brokers: { id: number; host: string; port: number }[];
  /** The id of the broker that leads the cluster; null while there is none. */
  controller: number | null;
}

/**
 * Tells which brokers and topics there are, over one connection that is made when the first question is asked. Every
 * method throws KafkaOutage, or an error of kafkajs, when Kafka does not answer within 2.5 s.
 */
export class TopicCatalog {
  readonly #connection: AdminConnection;

  constructor(kafka: Config['kafka']) {
    this.#connection = new AdminConnection(kafka);
  }

  brokers(): Promise<Brokers> {
    return inTime(
      this.#connection.ask(async (admin) => {
        const { brokers, controller } = await admin.describeCluster();
        return { brokers: brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })), controller };
      }),
    );
  }

  /** The names of all topics. */
  topics(): Promise<Set<string>> {
    return inTime(this.#connection.ask(async (admin) => new Set(await admin.listTopics())));
  }

  /** The first and the next offset of each partition of a topic that exists, by partition. */
  offsets(topic: string): Promise<PartitionOffsets[]> {
    return inTime(
      this.#connection.ask(async (admin) => {
        const offsets = await admin.fetchTopicOffsets(topic);
        return offsets
          .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
          .sort((a, b) => a.partition - b.partition);
      }),
    );
  }

  /** Closes for good; waiting calls fail. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}

const inTime = <T>(answer: Promise<T>): Promise<T> =>
  within(
    LIMIT_MS,
    () => answer,
    () => new KafkaOutage(`Kafka did not answer within ${LIMIT_MS} ms.`),
  );
