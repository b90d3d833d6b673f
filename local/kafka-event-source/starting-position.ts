import type { Admin, Kafka } from 'kafkajs';
import type { Mapping } from './mapping.ts';

/**
 * The offsets at which a group without commits begins. kafkajs knows only "beginning" and "end", looks when
 * the first fetch happens, and remembers nothing; so with LATEST a restart before the first commit would skip
 * records. Here the position is found once, when the poller starts, and committed at the first assignment.
 */
export class StartingPositions {
  readonly #admin: Admin;
  readonly #mapping: Mapping;
  #offsets = new Map<number, string>();

  constructor(kafka: Kafka, mapping: Mapping) {
    this.#admin = kafka.admin();
    this.#mapping = mapping;
  }

  /** Looks the positions up. TRIM_HORIZON needs none: it is where kafkajs begins. */
  async find(): Promise<void> {
    const { topic, startingPosition } = this.#mapping;
    if (startingPosition.at === 'TRIM_HORIZON') return;
    await this.#admin.connect();
    const offsets =
      startingPosition.at === 'AT_TIMESTAMP'
        ? await this.#admin.fetchTopicOffsetsByTimestamp(topic, startingPosition.timestampMs)
        : await this.#admin.fetchTopicOffsets(topic);
    this.#offsets = new Map(offsets.map(({ partition, offset }) => [partition, offset]));
  }

  /** Whether the partition may have to begin elsewhere than at its commit. */
  concerns(partition: number): boolean {
    return this.#offsets.has(partition);
  }

  /** The offsets to begin at, for those of the partitions for which the group has no commit. */
  async uncommitted(partitions: readonly number[]): Promise<{ partition: number; offset: string }[]> {
    const { topic, consumerGroupId } = this.#mapping;
    const [committed] = await this.#admin.fetchOffsets({ groupId: consumerGroupId, topics: [topic] });
    return partitions.flatMap((partition) => {
      const commit = committed?.partitions.find((each) => each.partition === partition);
      const offset = this.#offsets.get(partition);
      return offset !== undefined && (commit === undefined || commit.offset === '-1')
        ? [{ partition, offset }]
        : [];
    });
  }

  /** The partitions have commits now. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.#offsets.delete(partition);
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}
