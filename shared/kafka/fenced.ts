import type { Producer, Transaction } from 'kafkajs';
import type { Config } from '../config.ts';
import { kafkaClient } from './client.ts';
import { openProducer } from './open-producer.ts';

/**
 * Opens the newest producer of a transactional id: the transactions of all before it are ended, and what those still
 * send, however late, is refused (KIP-98, "Zombie fencing"). So what its topic has from now on is all that earlier
 * ones will ever have written.
 * @param timeoutMs a transaction that nobody ends keeps readers from what comes after it for so long.
 * @throws what kafkajs throws when Kafka is away.
 */
export async function openFenced(
  kafka: Config['kafka'],
  transactionalId: string,
  timeoutMs: number,
): Promise<{ producer: Producer; transaction: Transaction }> {
  // Aborting another's transaction takes the brokers a moment, in which they say that there is one.
  const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 };
  const producer = openProducer(kafkaClient(kafka, transactionalId, { retry }), {
    transactionalId,
    transactionTimeout: timeoutMs,
    retry,
  });
  try {
    await producer.connect();
    // kafkajs asks for the producer's epoch, which shuts the others out, with its first transaction.
    return { producer, transaction: await producer.transaction() };
  } catch (error) {
    await producer.disconnect();
    throw error;
  }
}

/** Whether the brokers refused because another producer was opened, or because the transaction took too long. */
export const isFenced = (error: unknown): boolean =>
  (error as { type?: string }).type === 'INVALID_PRODUCER_EPOCH';
