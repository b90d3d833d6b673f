import type { DeadLetter } from '../event/decode.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Config } from '../platform/config.ts';
import { getOrMake } from '../platform/counters.ts';
import { readRange, type TopicRecord } from '../platform/kafka/read-range.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import { readLetterRecord } from './letter-record.ts';
import { LetterWindow, type OffsetRange, type Rejected } from './letter-window.ts';

/** Looks up why a record of one partition is a dead letter; returns undefined when it is none. */
export type LetterLookup = (
  record: Pick<KafkaRecord, 'offset' | 'timestamp'>,
) => Pick<DeadLetter, 'reason'> | undefined;

/** Letters that a process keeps in memory, over all partitions: 17 bytes each, at most twice that while they grow. */
const MAX_KNOWN = 1_000_000;

/** A reading of the topic for one partition, which goes on where it failed. */
interface Reload {
  partition: number;
  window: LetterWindow;
  /** By partition of the dead-letter topic: the next offset to read. */
  next: Map<number, number>;
}

/**
 * Tells readers that go through the events topic again which of its records are dead letters. Create one a
 * process. The first call reads the whole dead-letter topic, which takes seconds or more; later calls read
 * only what was added.
 *
 * The memory is bounded, since public keys can make any number of letters. Of more letters than fit, the ones with
 * the lowest offsets of each partition stay. When a reader comes to the others, the topic is read again for its
 * partition.
 */
export class KnownLetters {
  readonly #kafka: Config['kafka'];
  readonly #offsets: TopicOffsets;
  readonly #read: typeof readRange;
  readonly #most: number;
  /** By partition of the dead-letter topic: the next offset to read. */
  #next = new Map<number, number>();
  /** By partition of the events topic. */
  #windows = new Map<number, LetterWindow>();
  #known = 0;
  #reload: Reload | undefined;
  /** One read at a time: each begins where the one before has ended. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #catchUp = coalesce(() => this.#oneAtATime(() => this.#readOn()));

  /**
   * @param options.read how to read a range of the topic; tests replace it.
   * @param options.most letters to keep in memory.
   */
  constructor(kafka: Config['kafka'], { read = readRange, most = MAX_KNOWN } = {}) {
    this.#kafka = kafka;
    this.#offsets = new TopicOffsets(kafka, kafka.dlqTopic);
    this.#read = read;
    this.#most = most;
  }

  /** How many letters are in memory. */
  get size(): number {
    return this.#known;
  }

  /**
   * Reads on, so that {@link of} knows at least all letters that were visible to readers when this was called.
   * Callers that arrive during a read share the next one. After a failed read, the next one continues where
   * it stopped.
   * @throws errors of {@link readRange}.
   */
  catchUp(): Promise<void> {
    return this.#catchUp();
  }

  /**
   * The dead letters among a range of a partition's records, as far as {@link catchUp} has read.
   * @throws errors of {@link readRange}; the next call continues.
   */
  async of(partition: number, range: OffsetRange): Promise<LetterLookup> {
    const window = this.#windows.get(partition) ?? new LetterWindow();
    const find = window.covers(range)
      ? window.slice(range)
      : await this.#oneAtATime(() => this.#readAgain(partition, range));
    // Another timestamp means that the topic was deleted and created again.
    return ({ offset, timestamp }) => {
      const known = find(offset);
      return known?.timestamp === timestamp ? known : undefined;
    };
  }

  #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  async #readOn(): Promise<void> {
    const ends = await this.#offsets.fetch();
    if (ends.some(({ partition, high }) => high < (this.#next.get(partition) ?? 0))) {
      // The topic was deleted and created again. Lookups handed out before keep the old letters.
      this.#next = new Map();
      this.#windows = new Map();
      this.#known = 0;
      this.#reload = undefined;
    }
    for (const { partition, low, high } of ends) {
      await this.#readUpTo(this.#next, { partition, low, high }, (of, letter) => {
        const window = getOrMake(this.#windows, of, () => new LetterWindow());
        const before = window.size;
        window.add(letter);
        this.#known += window.size - before;
        if (this.#known > this.#most) this.#shrink();
      });
    }
  }

  /** Reads the letters of one partition from an offset on, as many as fit, and at least those of the range. */
  async #readAgain(partition: number, range: OffsetRange): Promise<(offset: number) => Rejected | undefined> {
    const begun = this.#reload;
    const goesOn = begun?.partition === partition && begun.window.covers(range);
    const reload: Reload = goesOn
      ? begun
      : { partition, window: new LetterWindow(range.from), next: new Map() };
    this.#reload = reload;
    const { window, next } = reload;
    for (const { partition: of, low } of await this.#offsets.fetch()) {
      await this.#readUpTo(next, { partition: of, low, high: this.#next.get(of) ?? 0 }, (home, letter) => {
        if (home !== partition) return;
        window.add(letter);
        if (window.size > this.#most / 2) window.halve(range.to);
      });
    }
    this.#reload = undefined;
    const found = window.slice(range);
    this.#windows.set(partition, window);
    this.#shrink();
    return found;
  }

  /** Lets the partition with the most letters forget half of them, until all fit. */
  #shrink(): void {
    const windows = [...this.#windows.values()];
    const count = () => windows.reduce((sum, { size }) => sum + size, 0);
    for (this.#known = count(); this.#known > this.#most; this.#known = count()) {
      windows.reduce((most, one) => (one.size > most.size ? one : most)).halve();
    }
  }

  async #readUpTo(
    next: Map<number, number>,
    { partition, low, high }: { partition: number; low: number; high: number },
    take: (partition: number, letter: Rejected) => void,
  ): Promise<void> {
    const from = Math.max(low, next.get(partition) ?? 0);
    if (from >= high) return;
    const takeAll = async (records: TopicRecord[]) => {
      for (const record of records) {
        const { letter } = readLetterRecord(record) ?? {};
        const { topic, partition: home, offset, timestamp } = record.headers;
        if (!letter || topic !== this.#kafka.eventsTopic) continue;
        const { reason } = letter;
        take(Number(home), { offset: Number(offset), timestamp: Number(timestamp), reason });
      }
      next.set(partition, records.at(-1)!.offset + 1);
    };
    await this.#read(this.#kafka, partition, from, high, takeAll, this.#kafka.dlqTopic);
    next.set(partition, high);
  }

  close(): Promise<void> {
    return this.#offsets.close();
  }
}
