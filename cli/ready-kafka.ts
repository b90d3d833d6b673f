import { kafkaFailure } from '../local/failures.ts';
import type { Config } from '../shared/platform/config.ts';
import { FootfallError } from '../shared/platform/errors.ts';
import { withAdmin } from '../shared/platform/kafka/client.ts';
import { topicPlans } from '../shared/platform/kafka/topics.ts';

/**
 * Checks that Kafka answers and has the topics, before a command begins to work with them. Creates nothing: in another
 * cluster than the one that was meant, this must leave no trace.
 * @throws FootfallError `kafka_unreachable` and `missing_topics` 503, `wrong_partitions` 500; each says what to do.
 */
export async function readyKafka(kafka: Config['kafka']): Promise<void> {
  const { brokers, eventsTopic, partitions } = kafka;
  try {
    await withAdmin(kafka, 'footfall-topics', async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = topicPlans(kafka).flatMap(({ topic }) => (existing.has(topic) ? [] : [topic]));
      if (missing.length > 0) {
        const which = missing.length === 1 ? `has no topic ${missing[0]}` : `lacks ${missing.join(', ')}`;
        const message = `Kafka at ${brokers.join(', ')} ${which}. Create the topics with: npx footfall topics create`;
        throw new FootfallError('missing_topics', 503, message);
      }
      const found = (await admin.fetchTopicOffsets(eventsTopic)).length;
      if (found !== partitions) {
        const message = `Topic ${eventsTopic} has ${found} partitions but EVENTS_PARTITIONS is ${partitions}.`;
        throw new FootfallError('wrong_partitions', 500, message);
      }
    });
  } catch (error) {
    const failure = kafkaFailure(error, brokers);
    if (!failure) throw error;
    const message =
      failure.kind === 'away'
        ? `Kafka does not answer at ${brokers.join(', ')}. Start it with npm start, or set KAFKA_BROKERS.`
        : failure.message;
    throw new FootfallError('kafka_unreachable', 503, message, { cause: error });
  }
}
