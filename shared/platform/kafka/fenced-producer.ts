import type { Producer, Transaction } from 'kafkajs';
import type { Config } from '../config.ts';
import { logger } from '../observe/observe.ts';
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
    let step: Step = 'send';
    try {
      const written = await write(transaction);
      step = 'commit';
      await transaction.commit();
      return written;
    } catch (error) {
      this.#failure = asFenced(error, step);
      await abort(transaction);
      throw this.#failure;
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

/** Another producer was opened, or the transaction took too long. Its cause is what the broker said. */
class Fenced extends Error {}

/** Whether a commit failed because another producer was opened or the transaction took too long. */
export const isFenced = (error: unknown): boolean => error instanceof Fenced;

type Step = 'send' | 'commit';

/** Kafka's UNKNOWN_SERVER_ERROR. */
const UNKNOWN = 'UNKNOWN';

/**
 * What brokers say to a producer that is fenced off. While the coordinator ends its transaction, its commit gets
 * CONCURRENT_TRANSACTIONS, or UNKNOWN shortly before: the coordinator does not expect a commit there, and throws
 * (TransactionCoordinator.endTransaction lets PrepareEpochFence pass, and TransactionMetadata.prepareTransitionTo does
 * not). kafkajs can't send the commit again. The next producer to open finds the transaction committed or aborted, as
 * after any other fencing.
 */
const FENCING: Readonly<Record<Step, readonly string[]>> = {
  send: ['INVALID_PRODUCER_EPOCH', 'CONCURRENT_TRANSACTIONS'],
  commit: ['INVALID_PRODUCER_EPOCH', 'CONCURRENT_TRANSACTIONS', UNKNOWN],
};

/** The error of a step, as one that {@link isFenced} knows if the broker has fenced off the producer. */
export function asFenced(error: unknown, step: Step): unknown {
  const { type = '' } = error as { type?: string };
  if (!FENCING[step].includes(type)) return error;
  // It may mean something else, and then stays.
  if (type === UNKNOWN) logger.warn('Kafka answered a commit with an unknown error', error as Error);
  return new Fenced('Another writer was opened, or the transaction took too long.', { cause: error });
}
