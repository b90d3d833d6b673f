import { FootfallError } from '../errors.ts';
import { isKafkaOutage } from '../kafka/outage.ts';
import { RedisUnavailable } from '../redis/unavailable.ts';

/** @param message says what was not done, or may have been. */
export const kafkaUnavailable = (message: string, cause: unknown) =>
  new FootfallError('kafka_unavailable', 503, message, { cause, retryAfter: 5, expose: true });

/** The answer to an outage of Redis or Kafka: 503 with the seconds to wait. Undefined for any other error. */
export function outageOf(error: unknown): FootfallError | undefined {
  if (error instanceof RedisUnavailable) {
    const message = 'Redis does not answer now. Try again.';
    return new FootfallError('redis_unavailable', 503, message, {
      cause: error,
      retryAfter: 2,
      expose: true,
    });
  }
  return isKafkaOutage(error) ? kafkaUnavailable('Kafka does not answer now. Try again.', error) : undefined;
}
