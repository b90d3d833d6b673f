import * as z from 'zod';
import type { Generation } from '../generations/generation.ts';
import type { Config } from '../platform/config.ts';
import type { TopicCatalog } from '../platform/kafka/topic-catalog.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';

export const topicSchema = z
  .object({
    topic: z.string(),
    holds: z.enum(['events', 'dead_letters', 'signals', 'sites']),
    exists: z.boolean().meta({ description: 'False: nothing was ever sent there, or it was deleted' }),
    partitions: z.array(
      z.object({
        partition: z.number().int(),
        low: z.number().int().meta({ description: 'The offset of the first record that Kafka still has' }),
        end: z.number().int().meta({ description: 'The offset of the next record' }),
      }),
    ),
  })
  .meta({ id: 'Topic' });

interface OwnTopic {
  topic: string;
  holds: z.infer<typeof topicSchema>['holds'];
}

/**
 * The topics that this installation reads and writes. Others of the same Kafka are not shown: they may belong to
 * programs whose data the operator of Footfall may not see.
 * @param generations may count further topics of events
 */
export function ownTopics(
  kafka: Config['kafka'],
  generations: readonly Pick<Generation, 'topic'>[],
): OwnTopic[] {
  const further = new Set(generations.map(({ topic }) => topic));
  further.delete(kafka.eventsTopic);
  return [
    { topic: kafka.eventsTopic, holds: 'events' },
    ...[...further].map((topic) => ({ topic, holds: 'events' as const })),
    { topic: kafka.dlqTopic, holds: 'dead_letters' },
    { topic: kafka.signalsTopic, holds: 'signals' },
    { topic: kafka.sitesTopic, holds: 'sites' },
  ];
}

interface TopicWithOffsets extends OwnTopic {
  exists: boolean;
  partitions: PartitionOffsets[];
}

/** The topics with the offsets of those that exist. @throws as {@link TopicCatalog}. */
export const withOffsets = (
  catalog: TopicCatalog,
  topics: readonly OwnTopic[],
  existing: ReadonlySet<string>,
): Promise<TopicWithOffsets[]> =>
  Promise.all(
    topics.map(async (one) => {
      const exists = existing.has(one.topic);
      return { ...one, exists, partitions: exists ? await catalog.offsets(one.topic) : [] };
    }),
  );

/** A topic as answers show it. */
export const presentTopic = ({ partitions, ...topic }: TopicWithOffsets): z.infer<typeof topicSchema> => ({
  ...topic,
  partitions: partitions.map(({ partition, low, high }) => ({ partition, low, end: high })),
});
