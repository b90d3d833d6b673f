import { randomBytes } from 'node:crypto';
import { demoSites } from '../../local/sites/demo.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import type { Site } from '../../shared/sites/sites.ts';
import { connectRedis } from '../../shared/store/connection.ts';

/** Of the test's own, with the sites that its functions are told of. */
export type TestConfig = Config & { sites: readonly Site[] };

/**
 * A configuration for one test or test file that meets no other's data: topics of its own (made here) and a
 * Redis database of its own (emptied here), on the servers that `npm test` has started.
 * @param options.partitions of the events topic (4)
 * @param options.sites instead of those of local/sites.json; they are in nobody's directory, see addSites
 */
export async function freshConfig(
  options: { partitions?: number; sites?: readonly Site[] } = {},
): Promise<TestConfig> {
  if (!process.env.KAFKA_BROKERS || !process.env.REDIS_URL) {
    throw new Error('This test needs Kafka and Redis: run it with `npm test -- <path of the test>`.');
  }
  const config = readConfig();
  const topic = `events-${randomBytes(4).toString('hex')}`;
  const kafka = {
    ...config.kafka,
    eventsTopic: topic,
    dlqTopic: `${topic}.dlq`,
    signalsTopic: `${topic}.signals`,
    sitesTopic: `${topic}.sites`,
    partitions: options.partitions ?? 4,
  };
  const [url] = await Promise.all([freshDatabase(config.redis.url), ensureTopics(kafka)]);
  return { ...config, kafka, redis: { url }, sites: options.sites ?? demoSites() };
}

/** Databases are dealt out in turn; one that comes round again belonged to a test file that has ended. */
async function freshDatabase(serverUrl: string): Promise<string> {
  const redis = connectRedis(serverUrl);
  try {
    const [, count] = (await redis.config('GET', 'databases')) as [string, string];
    const turn = await redis.incr('test:databases');
    const url = new URL(serverUrl);
    url.pathname = `/${1 + (turn % (Number(count) - 1))}`;
    await redis.select(Number(url.pathname.slice(1)));
    await redis.flushdb();
    return url.href;
  } finally {
    redis.disconnect();
  }
}
