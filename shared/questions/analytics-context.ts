import { openLetters } from '../dead-letters/letter-index.ts';
import { Copies } from '../derived/copies.ts';
import { DerivedReader } from '../derived/derived-reader.ts';
import { PerGeneration } from '../generations/generation.ts';
import type { Config } from '../platform/config.ts';
import type { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { memoryUsed } from '../platform/redis/memory.ts';
import { localDay } from '../platform/time.ts';
import { StoreReader } from '../shard/reader.ts';
import type { SiteSource } from '../sites/source.ts';
import type { StatusSources } from '../status/system-status.ts';
import type { AnswerContext } from './answer.ts';
import { AnswerCache } from './answer-cache.ts';

/** What answering questions, and telling the system's status, needs of the world outside. */
export type AnalyticsContext = AnswerContext &
  Pick<StatusSources, 'fetchCommitted' | 'countDeadLetters' | 'memoryUsed'>;

/**
 * The context of each generation, on connections that the caller opens and closes.
 * @param redis with enableAutoPipelining.
 * @param copies those that the process has in memory, too
 */
export function analyticsContexts(
  { adminKeyHash, answerMaxAgeMs, cartAbandonedMinutes, kafka, aggregateGroup: group }: Omit<Config, 'redis'>,
  redis: RedisClient,
  offsets: Pick<TopicOffsets, 'fetch'> & Partial<Pick<TopicOffsets, 'fetchCommitted'>>,
  sites: SiteSource,
  copies = new Copies(redis),
): PerGeneration<AnalyticsContext> {
  // The data of time zones takes some ms to load: now, not in the first answer.
  localDay(Date.now(), 'UTC');
  const cache = new AnswerCache(redis);
  return new PerGeneration(sites, kafka, (generation) => ({
    sites,
    adminKeyHash,
    generation: generation.id,
    store: new StoreReader(redis, generation),
    readerAt: (moment) => new DerivedReader(redis, generation, copies, moment),
    cache,
    fetchOffsets: () => offsets.fetch(),
    fetchCommitted:
      group !== undefined && offsets.fetchCommitted ? () => offsets.fetchCommitted!(group) : undefined,
    countDeadLetters: async () => (await openLetters(redis)).open,
    memoryUsed: () => memoryUsed(redis),
    cartAbandonedMinutes,
    answerMaxAgeMs,
  }));
}
