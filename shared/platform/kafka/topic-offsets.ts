import { coalesce } from '../coalesce.ts';
import type { Config } from '../config.ts';
import { AdminConnection } from './admin-connection.ts';

/** Offsets of a partition: of the first record that Kafka still has, and of the next record. */
export interface PartitionOffsets {
  partition: number;
  low: number;
  high: number;
  /**
   * Earlier ends of the log with their times (ms), latest first. A record at or behind such an end is younger
   * than that time.
   */
  earlier?: readonly { high: number; at: number }[];
}

/** Earlier ends remembered for each partition. */
const MAX_EARLIER = 20;

/**
 * Asks Kafka for the offsets of a topic, by default the events topic, over one connection. Calls that arrive
 * during a request share the next one, so an answer is never older than its question: a reader who knows that
 * an event was accepted finds it before the end.
 */
export class TopicOffsets {
  readonly #connection: AdminConnection;
  readonly #topic: string;
  readonly #earlier = new Map<number, { high: number; at: number }[]>();

  constructor(kafka: Config['kafka'], topic = kafka.eventsTopic) {
    this.#connection = new AdminConnection(kafka);
    this.#topic = topic;
  }

  /** @throws errors of kafkajs when Kafka is unreachable; the next call connects again. */
  readonly fetch: () => Promise<PartitionOffsets[]> = coalesce(() => this.#fetchNow());

  /**
   * The next offset that a consumer group will read, by partition. Partitions without a commit are missing.
   * Uses the same connection; concurrent calls are not shared, as they are rare.
   * @throws errors of kafkajs when Kafka is unreachable.
   */
  fetchCommitted(groupId: string): Promise<Map<number, number>> {
    return this.#connection.ask(async (admin) => {
      const topics = await admin.fetchOffsets({ groupId, topics: [this.#topic] });
      const offsets = topics.flatMap(({ partitions }) => partitions);
      const committed = offsets.map(({ partition, offset }) => [partition, Number(offset)] as const);
      // -1: no offset is committed.
      return new Map(committed.filter(([, offset]) => offset >= 0));
    });
  }

  #fetchNow(): Promise<PartitionOffsets[]> {
    return this.#connection.ask(async (admin) => {
      const at = Date.now();
      const offsets = await admin.fetchTopicOffsets(this.#topic);
      return offsets.map(({ partition, low, high }) => {
        const earlier = this.#earlier.get(partition) ?? [];
        this.#earlier.set(partition, [{ high: Number(high), at }, ...earlier].slice(0, MAX_EARLIER));
        return { partition, low: Number(low), high: Number(high), earlier };
      });
    });
  }

  /** Closes for good; waiting calls fail. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}
