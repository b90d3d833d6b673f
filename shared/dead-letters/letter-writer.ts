import type { DeadLetter } from '../event/decode.ts';
import type { Config } from '../platform/config.ts';
import { FencedProducer, isFenced } from '../platform/kafka/fenced-producer.ts';
import { type EventProducer, type OutgoingRecord, requestsOf } from '../platform/kafka/producer.ts';
import { type Action, claimsOf, letterKeyOf } from './letter-record.ts';

/** A request makes two transactions of some 50 ms each. If a writer dies in one, readers wait this long. */
const TRANSACTION_MS = 10_000;

/**
 * Publishes records that cannot be counted: the original bytes, with the reason in the headers. The key names
 * the place of the rejected record, so a letter that is published twice after a crash is recognized.
 */
export async function publishDeadLetters(
  producer: EventProducer,
  topic: string,
  letters: readonly DeadLetter[],
): Promise<void> {
  await producer.send(
    topic,
    letters.map(({ record, reason, detail }): OutgoingRecord => {
      const value = Buffer.from(record.value ?? '', 'base64');
      const { site } = claimsOf(value);
      return {
        key: letterKeyOf(record),
        value,
        headers: {
          reason,
          detail,
          topic: record.topic,
          partition: String(record.partition),
          offset: String(record.offset),
          timestamp: String(record.timestamp),
          // In base64: a key may hold any bytes.
          ...(record.key !== undefined && { key: record.key }),
          ...(site !== undefined && { site }),
        },
      };
    }),
  );
}

/** What a letter is replayed as: always exactly these bytes under this key. */
export interface Replay {
  key: string;
  value: Buffer;
}

/**
 * The only writer of actions on dead letters. Opening one ends the transactions of all earlier writers, and
 * the brokers reject whatever those still send (see fenced-producer.ts). So the actions that the topic holds
 * when a writer opens are all that earlier writers will ever have written.
 */
export class LetterWriter {
  readonly #topic: string;
  readonly #producer: FencedProducer;

  private constructor(topic: string, producer: FencedProducer) {
    this.#topic = topic;
    this.#producer = producer;
  }

  /** @throws errors of kafkajs when Kafka is unreachable. */
  static async open(kafka: Config['kafka']): Promise<LetterWriter> {
    const { dlqTopic } = kafka;
    return new LetterWriter(dlqTopic, await FencedProducer.open(kafka, `${dlqTopic}-writer`, TRANSACTION_MS));
  }

  /**
   * Records actions, all or none; resolves when the transaction is committed.
   * @returns false when another writer was opened in between. The actions were then either committed before
   *   that, or never will be.
   * @throws errors of kafkajs when Kafka is unreachable; the actions may be committed or not.
   */
  async write(actions: readonly { action: Action; replay?: Replay }[]): Promise<boolean> {
    try {
      await this.#producer.commit(async (transaction) => {
        for (const messages of requestsOf(actions.map(recordOf))) {
          await transaction.send({
            topic: this.#topic,
            acks: -1,
            messages: messages.map(({ timestamp: _, ...message }) => message),
          });
        }
      });
      return true;
    } catch (error) {
      if (isFenced(error)) return false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

function recordOf({ action, replay }: { action: Action; replay?: Replay }): OutgoingRecord {
  const { letter, at, by, note, reason, timestamp, site } = action;
  return {
    key: letter,
    value: replay?.value ?? '',
    headers: {
      action: action.action,
      at: String(at),
      by,
      reason,
      timestamp: String(timestamp),
      ...(note !== undefined && { note }),
      ...(site !== undefined && { site }),
      ...(replay && { key: Buffer.from(replay.key).toString('base64') }),
    },
  };
}
