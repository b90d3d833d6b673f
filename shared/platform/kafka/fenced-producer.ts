import type { Producer, Transaction } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { openProducer } from './open-producer.ts';
import { asOutage } from './outage.ts';

/**
 * The only producer of a transactional id that can write. Opening it ends the transactions of all earlier
 * producers, and the brokers reject whatever those still send (KIP-98, "Zombie fencing"). So what the topic
 * holds then is all that earlier ones will ever have written.
 */
export class FencedProducer {
  readonly #producer: Producer;
  /** kafkajs requests the producer's epoch, which fences off the others, with its first transaction. */
  #first: Transaction | undefined;
  #failure: unknown;

  private constructor(producer: Producer, first: Transaction) {
    this.#producer = producer;
    this.#first = first;
  }

  /**
   * @param timeoutMs if the process dies in a transaction, readers wait this long for what comes after it.
   * @throws errors of kafkajs when Kafka is unreachable.
   */
  static async open(
    kafka: Config['kafka'],
    transactionalId: string,
    timeoutMs: number,
  ): Promise<FencedProducer> {
    // Brokers need a moment to abort another producer's transaction, and report a concurrent transaction
    // meanwhile.
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
      throw asOutage(error);
    }
  }

  /**
   * Commits everything that `write` sends, or nothing. Call it once at a time, and not after a failure:
   * kafkajs gives the sequence numbers of a failed send to the next one. A broker that had stored the failed
   * send takes the next one for its repetition, acknowledges it and drops it (KIP-98, "Idempotent Producer
   * Guarantees").
   * @returns what `write` returns.
   * @throws errors of `write` and kafkajs; {@link isFenced} recognizes that another producer was opened or
   *   the transaction took too long. After an error in the commit itself, the transaction may be committed or
   *   not.
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

/** If aborting fails, the next producer's opening does it, or the brokers after the timeout. */
async function abort(transaction: Transaction): Promise<void> {
  if (transaction.isActive()) await transaction.abort().catch(() => {});
}

/**
 * Whether brokers rejected a request because another producer was opened or the transaction took too long.
 *
 * While the coordinator ends the transaction of a producer that is being fenced off, it answers that producer's commit
 * with CONCURRENT_TRANSACTIONS (TransactionCoordinator.endTransaction). kafkajs can't send the commit again. The next
 * producer to open finds the transaction committed or aborted, as after any other fencing.
 */
export const isFenced = (error: unknown): boolean =>
  ['INVALID_PRODUCER_EPOCH', 'CONCURRENT_TRANSACTIONS'].includes((error as { type?: string }).type ?? '');
