import type { Admin, Kafka } from 'kafkajs';
import type { Mapping } from './mapping.ts';

/**
 * The offsets where a consumer group starts in partitions that it has no commit for.
 *
 * kafkajs knows only the beginning and the end of a partition, and it looks the end up with each first fetch. A
 * restart before the first commit would then skip the records in between. This class looks the offsets up once,
 * when the poller starts. The poller commits them as soon as it has the partitions.
 */
export class StartingPositions {
  readonly #admin: Admin;
  readonly #mapping: Mapping;
  readonly #offsets = new Map<number, string>();

  constructor(kafka: Kafka, mapping: Mapping) {
    this.#admin = kafka.admin();
    this.#mapping = mapping;
  }

  /** Looks the offsets up. TRIM_HORIZON needs none, because kafkajs starts there by itself. */
  async find(): Promise<void> {
    const { topic, startingPosition } = this.#mapping;
    if (startingPosition.at === 'TRIM_HORIZON') return;
    await this.#admin.connect();
    const found =
      startingPosition.at === 'AT_TIMESTAMP'
        ? await this.#admin.fetchTopicOffsetsByTimestamp(topic, startingPosition.timestampMs)
        : await this.#admin.fetchTopicOffsets(topic);
    for (const { partition, offset } of found) this.#offsets.set(partition, offset);
  }

  /** Whether the partition has a starting position that may not be committed yet. */
  has(partition: number): boolean {
    return this.#offsets.has(partition);
  }

  /** The starting positions of those partitions that the group has no commit for. */
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

  /** To be called when the group has commits for the partitions. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.#offsets.delete(partition);
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}
