import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { readRange, type TopicRecord } from '../platform/kafka/read-range.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import type { Place } from './entry.ts';
import type { DeadLetterIndex } from './letter-index.ts';

/** Redis may lose the index while it is filled; so often it is begun anew. */
const MAX_ROUNDS = 3;

/** The topic of dead letters, as the index and who shows a letter read it. */
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
   * Brings the index up to where the topic ends now. When it is there already, that takes one question to Kafka and
   * one to Redis; else about a second, and longer when there is much to read.
   * @param goOn asked between the batches that are read; what was taken stays taken.
   * @throws FootfallError `dead_letters_indexing` 503 when there was no time for all of it; `bad_dead_letters_topic` 500;
   *   what kafkajs and ioredis throw.
   */
  async catchUp(goOn: () => boolean = () => true): Promise<void> {
    const ends = await this.#offsets.fetch();
    // A letter may change what is known of another one, of whose replay it came. The index is told from how far it goes
    // in one partition whether somebody else has changed that meanwhile.
    if (ends.length !== 1) {
      const message = `The topic ${this.#kafka.dlqTopic} has ${ends.length} partitions, and must have one: make one, and set DLQ_TOPIC.`;
      throw new FootfallError('bad_dead_letters_topic', 500, message);
    }
    const { partition, low, high } = ends[0]!;
    for (let round = 1; ; round++) {
      let next = await this.#index.next(partition);
      // Others may have read what has come since; else the topic was made anew.
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

  /** @returns false when the index was lost meanwhile. */
  async #takeUpTo(
    partition: number,
    { next, low, high }: { next: number; low: number; high: number },
    goOn: () => boolean,
  ): Promise<boolean> {
    let reached = next;
    // What Kafka has deleted is nothing.
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
      if (!isLost) await this.#index.trim(partition, low);
    });
    // The last offsets may be no records: they are the marks of transactions.
    return !isLost && this.#index.take(partition, [], { from: reached, to: high });
  }

  /**
   * Forgets what Kafka has deleted.
   * @throws what kafkajs and ioredis throw.
   */
  async trim(): Promise<void> {
    const ends = await this.#offsets.fetch();
    for (const { partition, low } of ends) await this.#index.trim(partition, low);
    await this.#index.dropZeros();
  }

  /**
   * The records at some places, in one reading of all that lies between them.
   * @returns by offset; without those that Kafka has deleted.
   * @throws what kafkajs throws.
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
  new FootfallError('dead_letters_indexing', 503, 'The dead letters are being read from Kafka; ask again.', {
    retryAfter: 1,
    expose: true,
  });
