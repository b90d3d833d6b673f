import type { DeadLetter } from '../event/decode.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Config } from '../platform/config.ts';
import { getOrMake } from '../platform/counters.ts';
import { readRange, type TopicRecord } from '../platform/kafka/read-range.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import { readLetterRecord } from './letter-record.ts';

/** Looks up why a record of one partition is a dead letter; returns undefined when it is none. */
export type LetterLookup = (
  record: Pick<KafkaRecord, 'offset' | 'timestamp'>,
) => Pick<DeadLetter, 'reason' | 'detail'> | undefined;

/** A dead letter and the timestamp of its record. */
type Known = Pick<DeadLetter, 'reason' | 'detail'> & { timestamp: number };

/**
 * Tells readers that go through the events topic again which of its records are dead letters. Create one a
 * process. The first call reads the whole dead-letter topic, which takes seconds or more; later calls read
 * only what was added. Uses about 100 bytes of memory per letter.
 */
export class KnownLetters {
  readonly #kafka: Config['kafka'];
  readonly #offsets: TopicOffsets;
  readonly #read: typeof readRange;
  /** By partition of the dead-letter topic: the next offset to read. */
  #next = new Map<number, number>();
  /** By partition and offset of the rejected record. */
  #found = new Map<number, Map<number, Known>>();
  /** Interns details: letters repeat the same few sentences. */
  readonly #details = new Map<string, string>();
  readonly #catchUp = coalesce(() => this.#readOn());

  /** @param read how to read a range of the topic; tests replace it. */
  constructor(kafka: Config['kafka'], read = readRange) {
    this.#kafka = kafka;
    this.#offsets = new TopicOffsets(kafka, kafka.dlqTopic);
    this.#read = read;
  }

  /**
   * The dead letters of a partition: at least all whose letter was visible to readers when this was called.
   * Callers that arrive during a read share the next one. After a failed read, the next one continues where
   * it stopped.
   * @throws errors of {@link readRange}.
   */
  async of(partition: number): Promise<LetterLookup> {
    await this.#catchUp();
    const found = getOrMake(this.#found, partition, () => new Map<number, Known>());
    // Another timestamp means that the topic was deleted and created again.
    return ({ offset, timestamp }) => {
      const known = found.get(offset);
      return known?.timestamp === timestamp ? known : undefined;
    };
  }

  async #readOn(): Promise<void> {
    const ends = await this.#offsets.fetch();
    if (ends.some(({ partition, high }) => high < (this.#next.get(partition) ?? 0))) {
      // The topic was deleted and created again. Lookups handed out before keep the old letters.
      this.#next = new Map();
      this.#found = new Map();
    }
    for (const { partition, low, high } of ends) {
      const from = Math.max(low, this.#next.get(partition) ?? 0);
      if (from >= high) continue;
      const take = async (records: TopicRecord[]) => {
        for (const record of records) this.#take(record);
        this.#next.set(partition, records.at(-1)!.offset + 1);
      };
      await this.#read(this.#kafka, partition, from, high, take, this.#kafka.dlqTopic);
      this.#next.set(partition, high);
    }
  }

  #take(record: TopicRecord): void {
    const { letter } = readLetterRecord(record) ?? {};
    const { topic, partition, offset, timestamp } = record.headers;
    if (!letter || topic !== this.#kafka.eventsTopic) return;
    const { reason } = letter;
    const detail = getOrMake(this.#details, letter.detail, () => letter.detail);
    getOrMake(this.#found, Number(partition), () => new Map<number, Known>()).set(Number(offset), {
      ...{ reason, detail, timestamp: Number(timestamp) },
    });
  }

  close(): Promise<void> {
    return this.#offsets.close();
  }
}
