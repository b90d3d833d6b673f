import { redisFailure } from '../../local/failures.ts';
import { withoutSecrets } from '../../local/without-secrets.ts';
import type { Generation, Generations } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { connectRedis, type RedisClient } from '../../shared/platform/redis/connection.ts';
import { within } from '../../shared/platform/time-limit.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { openSites, type SiteDirectory } from '../../shared/sites/directory.ts';
import { openSitesWriter, type SitesWriter } from '../../shared/sites/writer.ts';
import { readyKafka } from '../ready-kafka.ts';

/** What every step of a rebuild works with. */
export interface RebuildContext {
  config: Config;
  redis: RedisClient;
  directory: SiteDirectory;
  writer: SitesWriter;
  reader(generation: Generation): StoreReader;
  /** Tells people how it goes. */
  log(line: string): void;
  /** Interrupts the step under way, at a place from which the same command goes on. */
  signal: AbortSignal;
}

/**
 * Opens the connections, passes them to `use`, and closes them.
 * @throws FootfallError `kafka_unreachable` and `redis_unreachable` 503, and what `use` throws.
 */
export async function withContext<T>(
  config: Config,
  { log, signal }: Pick<RebuildContext, 'log' | 'signal'>,
  use: (context: RebuildContext) => Promise<T>,
): Promise<T> {
  await readyKafka(config.kafka);
  const redis = connectRedis(config.redis, { enableAutoPipelining: true, commandTimeout: 30_000 });
  const directory = openSites(config.kafka, redis);
  const writer = openSitesWriter(config.kafka, redis, (state) => directory.learn(state));
  const reader = (generation: Generation) => new StoreReader(redis, generation);
  try {
    await readyRedis(redis, config.redis);
    return await use({ config, redis, directory, writer, reader, log, signal });
  } finally {
    await writer.close();
    await directory.close();
    redis.disconnect();
  }
}

/** How long Redis may take for its first answer, ms. */
const READY_MS = 5_000;

/** @throws FootfallError `redis_unreachable` 503 */
async function readyRedis(redis: RedisClient, { url }: Config['redis']): Promise<void> {
  const at = withoutSecrets(url);
  const fail = (message: string, cause?: unknown) =>
    new FootfallError('redis_unreachable', 503, message, { cause });
  const late = `Redis at ${at} did not answer within ${READY_MS / 1_000} s. Start it with npm start, or set REDIS_URL.`;
  try {
    await within(
      READY_MS,
      () => redis.ping(),
      () => fail(late),
    );
  } catch (error) {
    const failure = redisFailure(error, at);
    throw failure ? fail(failure.message, error) : error;
  }
}

/** Reads which generations there are now. */
export async function knownGenerations({ directory }: RebuildContext): Promise<Generations> {
  await directory.complete();
  return directory.generations();
}

/** The configuration of a program that counts this generation. */
export const kafkaOf = ({ kafka }: Config, { topic, partitions }: Generation): Config['kafka'] => ({
  ...kafka,
  eventsTopic: topic,
  partitions,
});
