import type { DeadLetter } from '../event/decode.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Config } from '../platform/config.ts';
import { getOrMake } from '../platform/counters.ts';
import { readRange, type TopicRecord } from '../platform/kafka/read-range.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import { readLetterRecord } from './record.ts';

/** Why a record of one partition is a dead letter by now; undefined: it is none. */
export type Refused = (
  record: Pick<KafkaRecord, 'offset' | 'timestamp'>,
) => Pick<DeadLetter, 'reason' | 'detail'> | undefined;

/** A letter, by what its record is known by. */
type Known = Pick<DeadLetter, 'reason' | 'detail'> & { timestamp: number };

/**
 * Which records of the events topic are dead letters, for who reads the log once more. A process has one: it reads the
 * topic of dead letters when it is asked for the first time, in seconds or more, and from then on only what has come.
 * It keeps some 100 bytes of each letter.
 */
export class RefusedRecords {
  readonly #kafka: Config['kafka'];
  readonly #offsets: TopicOffsets;
  readonly #read: typeof readRange;
  /** By partition of the topic of dead letters: the offset up to which it was read. */
  #next = new Map<number, number>();
  /** By partition and offset of the refused record. */
  #found = new Map<number, Map<number, Known>>();
  /** Letters say the same few sentences. */
  readonly #details = new Map<string, string>();
  readonly #catchUp = coalesce(() => this.#readOn());

  /** @param read how a range of the topic is read. */
  constructor(kafka: Config['kafka'], read = readRange) {
    this.#kafka = kafka;
    this.#offsets = new TopicOffsets(kafka, kafka.dlqTopic);
    this.#read = read;
  }

  /**
   * What of a partition is a dead letter: all whose letter readers could see when this was asked. Who asks while others
   * wait shares the next reading. When it fails, the next one goes on where it has come to.
   * @throws what {@link readRange} throws.
   */
  async of(partition: number): Promise<Refused> {
    await this.#catchUp();
    const found = getOrMake(this.#found, partition, () => new Map<number, Known>());
    // One of another time is of a topic that was made anew.
    return ({ offset, timestamp }) => {
      const known = found.get(offset);
      return known?.timestamp === timestamp ? known : undefined;
    };
  }

  async #readOn(): Promise<void> {
    const ends = await this.#offsets.fetch();
    if (ends.some(({ partition, high }) => high < (this.#next.get(partition) ?? 0))) {
      // The topic was made anew. Who was told of the letters before keeps those.
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
