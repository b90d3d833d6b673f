import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { readRange, type TopicRecord } from '../platform/kafka/read-range.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import type { Place } from './letter-entry.ts';
import type { DeadLetterIndex } from './letter-index.ts';

/** Redis may lose the index while it is filled. Filling starts over at most this often. */
const MAX_ROUNDS = 3;

/** The dead-letter topic, as the index and `GET /v1/dead-letters/{letter}` read it. */
export class LetterTopic {
  readonly #kafka: Config['kafka'];
  readonly #index: DeadLetterIndex;
  readonly #offsets: TopicOffsets;

  constructor(kafka: Config['kafka'], index: DeadLetterIndex) {
    this.#kafka = kafka;
    this.#index = index;
    this.#offsets = new TopicOffsets(kafka, kafka.dlqTopic);
  }

  /**
   * Brings the index up to the present end of the topic. An index that is up to date costs one request to
   * Kafka and one to Redis. Otherwise this takes about a second, and longer when there is much to read.
   * @param goOn checked between batches; when it returns false, this throws and what was taken stays taken.
   * @throws FootfallError `dead_letters_indexing` 503 when `goOn` returned false before the end;
   *   `bad_dead_letters_topic` 500; errors of kafkajs, RedisUnavailable.
   */
  async catchUp(goOn: () => boolean = () => true): Promise<void> {
    const ends = await this.#offsets.fetch();
    // A replay that is rejected again changes the entry of the letter it came from. The index detects
    // concurrent changes by how far it has read, which only works with one partition.
    if (ends.length !== 1) {
      const message = `The topic ${this.#kafka.dlqTopic} has ${ends.length} partitions but must have exactly one: create another topic with one partition and set DLQ_TOPIC to it.`;
      throw new FootfallError('bad_dead_letters_topic', 500, message);
    }
    const { partition, low, high } = ends[0]!;
    for (let round = 1; ; round++) {
      let next = await this.#index.next(partition);
      // Another process may have indexed newer records. Otherwise the topic was deleted and created again.
      if (next > high && next > (await this.#endOf(partition))) {
        await this.#index.clear([partition]);
        next = 0;
      }
      if (next >= high || (await this.#takeUpTo(partition, { next, low, high }, goOn))) break;
      if (round === MAX_ROUNDS) throw indexing();
    }
  }

  async #endOf(partition: number): Promise<number> {
    return (await this.#offsets.fetch()).find((one) => one.partition === partition)?.high ?? 0;
  }

  /** @returns false when Redis lost the index in between. */
  async #takeUpTo(
    partition: number,
    { next, low, high }: { next: number; low: number; high: number },
    goOn: () => boolean,
  ): Promise<boolean> {
    let reached = next;
    // Kafka has deleted these records.
    if (reached < low) {
      if (!(await this.#index.take(partition, [], { from: reached, to: low }))) return false;
      reached = low;
    }
    let isLost = false;
    await this.#read(partition, reached, high, async (records) => {
      if (isLost) return;
      if (!goOn()) throw indexing();
      const to = records.at(-1)!.offset + 1;
      isLost = !(await this.#index.take(partition, records, { from: reached, to }));
      reached = to;
      if (!isLost) await this.#index.dropExpired(partition, low);
    });
    // The last offsets may hold no records but transaction markers.
    return !isLost && this.#index.take(partition, [], { from: reached, to: high });
  }

  /**
   * Drops letters that Kafka has deleted, and what the index may not keep.
   * @throws errors of kafkajs, RedisUnavailable.
   */
  async trim(): Promise<void> {
    const ends = await this.#offsets.fetch();
    for (const { partition, low } of ends) {
      await this.#index.dropExpired(partition, low);
      await this.#index.trim(partition);
    }
    await this.#index.dropZeros();
  }

  /**
   * Reads the records at the given places, all in one partition, in one pass over everything between them.
   * @returns the records by offset; those that Kafka has deleted are missing.
   * @throws errors of kafkajs.
   */
  async records(places: readonly Place[]): Promise<Map<number, TopicRecord>> {
    const found = new Map<number, TopicRecord>();
    if (places.length === 0) return found;
    const { partition } = places[0]!;
    const ends = await this.#offsets.fetch();
    const low = ends.find((one) => one.partition === partition)?.low ?? 0;
    const wanted = new Set(places.map(({ offset }) => offset).filter((offset) => offset >= low));
    if (wanted.size === 0) return found;
    await this.#read(partition, Math.min(...wanted), Math.max(...wanted) + 1, async (records) => {
      for (const record of records) if (wanted.has(record.offset)) found.set(record.offset, record);
    });
    return found;
  }

  close(): Promise<void> {
    return this.#offsets.close();
  }

  async #read(
    partition: number,
    from: number,
    to: number,
    apply: (records: TopicRecord[]) => Promise<void>,
  ): Promise<void> {
    if (from < to) await readRange(this.#kafka, partition, from, to, apply, this.#kafka.dlqTopic);
  }
}

const indexing = () =>
  new FootfallError(
    'dead_letters_indexing',
    503,
    'The index of dead letters is being filled from Kafka. Try again.',
    {
      retryAfter: 1,
      expose: true,
    },
  );
