import { FootfallError } from '../errors.ts';
import { isKafkaOutage } from '../kafka/outage.ts';
import { RedisUnavailable } from '../redis/unavailable.ts';

/** @param message says what was not done, or may have been. */
export const kafkaUnavailable = (message: string, cause: unknown) =>
  new FootfallError('kafka_unavailable', 503, message, { cause, retryAfter: 5, expose: true });

const AWAY = 'Redis does not answer now. Try again.';
/** The detail of `redis_full`. */
export const REDIS_FULL =
  'Redis has reached its memory limit and refuses writes; redis_memory_percent of /v1/health says by how much. Its operator has to give it more memory. Try again then.';

/** The answer to an outage of Redis or Kafka: 503 with the seconds to wait. Undefined for any other error. */
export function outageOf(error: unknown): FootfallError | undefined {
  if (error instanceof RedisUnavailable) {
    const options = { cause: error, expose: true };
    return error.code === 'redis_full'
      ? new FootfallError('redis_full', 503, REDIS_FULL, { ...options, retryAfter: 30 })
      : new FootfallError('redis_unavailable', 503, AWAY, { ...options, retryAfter: 2 });
  }
  return isKafkaOutage(error) ? kafkaUnavailable('Kafka does not answer now. Try again.', error) : undefined;
}
