import type { DeadLetter } from '../event/decode.ts';
import type { Config } from '../platform/config.ts';
import { FencedProducer, isFenced } from '../platform/kafka/fenced-producer.ts';
import { type EventProducer, type OutgoingRecord, requestsOf } from '../platform/kafka/producer.ts';
import { type Action, claimsOf, letterKeyOf } from './record.ts';

/** Two of them in a request, some 50 ms each; of a writer that died in one, readers wait for so long. */
const TRANSACTION_MS = 10_000;

/**
 * Publishes what can't be counted: the original bytes, and why in the headers. The key names where the record
 * stood, so that a dead letter which a crash makes us publish twice is known as one.
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
          // In base64: a key may be any bytes.
          ...(record.key !== undefined && { key: record.key }),
          ...(site !== undefined && { site }),
        },
      };
    }),
  );
}

/** What a letter is replayed as: exactly these bytes, under exactly this key, however often. */
export interface Replay {
  key: string;
  value: Buffer;
}

/**
 * The one writer of what is done with dead letters. Whoever opens one ends the transactions of all before it, and what
 * those still send is refused (see fenced.ts): so what the topic says has been done when a writer was opened is all
 * that earlier ones will ever have said.
 */
export class LetterWriter {
  readonly #topic: string;
  readonly #producer: FencedProducer;

  private constructor(topic: string, producer: FencedProducer) {
    this.#topic = topic;
    this.#producer = producer;
  }

  /** @throws what kafkajs throws when Kafka is away. */
  static async open(kafka: Config['kafka']): Promise<LetterWriter> {
    const { dlqTopic } = kafka;
    return new LetterWriter(dlqTopic, await FencedProducer.open(kafka, `${dlqTopic}-writer`, TRANSACTION_MS));
  }

  /**
   * Says what is done, all of it or nothing; resolves when it is committed.
   * @returns false when another writer was opened meanwhile: then it was either stored before that, or never will be.
   * @throws what kafkajs throws when Kafka is away; then it may have been stored, or not.
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
