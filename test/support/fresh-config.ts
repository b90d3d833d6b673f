import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { demoSites } from '../../local/sites/demo-sites.ts';
import { type Config, readConfig } from '../../shared/platform/config.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import type { Site } from '../../shared/sites/site.ts';
import { waitFor } from './wait-for.ts';

/** A test's own configuration, with the sites for its functions. */
export type TestConfig = Config & { sites: readonly Site[] };

/**
 * A configuration for one test or test file, isolated from all others: new topics and an empty Redis database or key
 * prefix, on the servers that `npm test` has started.
 * @param options.partitions of the events topic (4)
 * @param options.oneServer for a test that needs one Redis server, also in a run on a cluster
 * @param options.sites instead of those of local/sites.json; no directory has them until addSites
 */
export async function freshConfig(
  options: { partitions?: number; sites?: readonly Site[]; oneServer?: boolean } = {},
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
  // In a run on a cluster, npm test has started one server as well.
  const alone = process.env.FOOTFALL_ONE_REDIS_URL;
  const server = options.oneServer && alone ? { ...config.redis, url: alone, cluster: false } : config.redis;
  // A broker on a busy machine may be slower than a program waits.
  const topics = waitFor('the topics', () => ensureTopics(kafka).then(() => true));
  const [redis] = await Promise.all([freshRedis(server), topics]);
  return { ...config, kafka, redis, sites: options.sites ?? demoSites() };
}

/**
 * On one server each caller gets the next database in turn; by the time one is reused, its test file has ended. A
 * cluster has only one database, so each caller gets a key prefix.
 */
async function freshRedis(redis: Config['redis']): Promise<Config['redis']> {
  if (redis.cluster) return { ...redis, keyPrefix: `t-${randomBytes(4).toString('hex')}:` };
  const connection = new Redis(redis.url);
  try {
    const [, count] = (await connection.config('GET', 'databases')) as [string, string];
    const turn = await connection.incr('test:databases');
    const url = new URL(redis.url);
    url.pathname = `/${1 + (turn % (Number(count) - 1))}`;
    await connection.select(Number(url.pathname.slice(1)));
    await connection.flushdb();
    return { ...redis, url: url.href };
  } finally {
    connection.disconnect();
  }
}
