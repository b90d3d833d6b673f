import type { ConditionSources } from '../../shared/analytics/condition.ts';
import type { Config } from '../../shared/config.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import type { TopicOffsets } from '../../shared/kafka/offsets.ts';
import type { SiteSource } from '../../shared/sites/source.ts';
import { AnswerCache } from '../../shared/store/answer-cache.ts';
import type { RedisClient } from '../../shared/store/connection.ts';
import { openLetters } from '../../shared/store/dead-letter-index.ts';
import { StoreReader } from '../../shared/store/reads.ts';
import type { AnswerContext } from './answer.ts';

/** What answering needs, and saying how all is. */
export type AnalyticsContext = AnswerContext & Pick<ConditionSources, 'fetchCommitted' | 'countDeadLetters'>;

/** In each generation, made of connections that the caller opens and closes. @param redis with enableAutoPipelining. */
export function contextOf(
  { answerMaxAgeMs, cartAbandonedMinutes, kafka, aggregateGroup: group }: Omit<Config, 'redis'>,
  redis: RedisClient,
  offsets: Pick<TopicOffsets, 'fetch'> & Partial<Pick<TopicOffsets, 'fetchCommitted'>>,
  sites: SiteSource,
): PerGeneration<AnalyticsContext> {
  const cache = new AnswerCache(redis);
  return new PerGeneration(sites, kafka, (generation) => ({
    sites,
    generation: generation.id,
    store: new StoreReader(redis, generation),
    cache,
    fetchOffsets: () => offsets.fetch(),
    fetchCommitted:
      group !== undefined && offsets.fetchCommitted ? () => offsets.fetchCommitted!(group) : undefined,
    countDeadLetters: async () => (await openLetters(redis)).open,
    cartAbandonedMinutes,
    answerMaxAgeMs,
  }));
}
