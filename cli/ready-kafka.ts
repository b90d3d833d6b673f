import type { Config } from '../shared/platform/config.ts';
import { FootfallError } from '../shared/platform/errors.ts';
import { isKafkaUnreachable } from '../shared/platform/kafka/outage.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';

/**
 * Creates the topics that are missing, before a command begins to send.
 * @throws FootfallError `kafka_unreachable` 503, which says what to start.
 */
export async function readyKafka(kafka: Config['kafka']): Promise<void> {
  try {
    await ensureTopics(kafka);
  } catch (error) {
    if (!isKafkaUnreachable(error)) throw error;
    throw new FootfallError(
      'kafka_unreachable',
      503,
      `Kafka does not answer at ${kafka.brokers.join(', ')}. Start it with npm start, or set KAFKA_BROKERS.`,
      { cause: error },
    );
  }
}
