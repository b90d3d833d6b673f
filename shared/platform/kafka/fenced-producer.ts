import type { Producer, Transaction } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { openProducer } from './open-producer.ts';

/**
 * The newest producer of a transactional id, which alone can write: opening it ends the transactions of all before it,
 * and what those still send, however late, is refused (KIP-98, "Zombie fencing"). So what its topic has from then on is
 * all that earlier ones will ever have written.
 */
export class FencedProducer {
  readonly #producer: Producer;
  /** kafkajs asks for the producer's epoch, which shuts the others out, with its first transaction. */
  #first: Transaction | undefined;
  #failure: unknown;

  private constructor(producer: Producer, first: Transaction) {
    this.#producer = producer;
    this.#first = first;
  }

  /**
   * @param timeoutMs a transaction that nobody ends keeps readers from what comes after it for so long.
   * @throws what kafkajs throws when Kafka is away.
   */
  static async open(
    kafka: Config['kafka'],
    transactionalId: string,
    timeoutMs: number,
  ): Promise<FencedProducer> {
    // Aborting another's transaction takes the brokers a moment, in which they say that there is one.
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 };
    const producer = openProducer(kafkaClient(kafka, transactionalId, { retry }), {
      transactionalId,
      transactionTimeout: timeoutMs,
      retry,
    });
    try {
      await producer.connect();
      return new FencedProducer(producer, await producer.transaction());
    } catch (error) {
      await producer.disconnect();
      throw error;
    }
  }

  /**
   * Commits all that `write` sends, or nothing. One at a time, and none after one that has failed: kafkajs gives the
   * sequence numbers of a failed send to the next one, which a broker that had stored the failed one takes for its
   * repetition, acknowledges and drops (KIP-98, "Idempotent Producer Guarantees").
   * @returns what `write` returns.
   * @throws what `write` and kafkajs throw, {@link isFenced} when another one was opened or it took too long. When that
   *   comes of committing, it may have been committed.
   */
  async commit<T>(write: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    const transaction = this.#first ?? (await this.#producer.transaction());
    this.#first = undefined;
    try {
      const written = await write(transaction);
      await transaction.commit();
      return written;
    } catch (error) {
      this.#failure = error;
      await abort(transaction);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#first) await abort(this.#first);
    await this.#producer.disconnect();
  }
}

/** Else the next one does it by being opened, or the brokers when its time is over. */
async function abort(transaction: Transaction): Promise<void> {
  if (transaction.isActive()) await transaction.abort().catch(() => {});
}

/** Whether the brokers refused because another producer was opened, or because the transaction took too long. */
export const isFenced = (error: unknown): boolean =>
  (error as { type?: string }).type === 'INVALID_PRODUCER_EPOCH';
