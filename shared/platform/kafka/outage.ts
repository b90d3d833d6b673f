import kafkajs from 'kafkajs';

// Node does not see these among the names that kafkajs exports.
const { KafkaJSAggregateError, KafkaJSError, KafkaJSSASLAuthenticationError } = kafkajs;

/** Kafka did not do in time, or not in full, what it was asked. */
export class KafkaOutage extends Error {
  override readonly name = 'KafkaOutage';
}

/** Whether Kafka was given up on: it is away, starting, or too slow. */
export const isKafkaOutage = (error: unknown): boolean =>
  error instanceof KafkaOutage || error instanceof KafkaJSError || error instanceof KafkaJSAggregateError;

/** Whether a broker refused the user or the password. */
export const isSignInRefused = (error: unknown): boolean => error instanceof KafkaJSSASLAuthenticationError;

/**
 * An error of a call to kafkajs as an outage. kafkajs throws plain Errors as well, such as "Broker not connected": what
 * has no class of its own there is an outage, too.
 */
export const asOutage = (error: unknown): unknown =>
  isKafkaOutage(error) ? error : new KafkaOutage((error as Error).message, { cause: error });
