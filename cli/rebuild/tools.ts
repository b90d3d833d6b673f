import type { Generation, Generations } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { connectRedis, type RedisClient } from '../../shared/platform/redis/connection.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { openSites, type SiteDirectory } from '../../shared/sites/directory.ts';
import { openSitesWriter, type SitesWriter } from '../../shared/sites/writer.ts';
import { readyKafka } from '../ready-kafka.ts';

/** What all commands work with. */
export interface Tools {
  config: Config;
  redis: RedisClient;
  directory: SiteDirectory;
  writer: SitesWriter;
  reader(generation: Generation): StoreReader;
  /** For people. */
  log(line: string): void;
  /** Ends what is under way, at a place from which it can be gone on with. */
  signal: AbortSignal;
}

/** Opens connections, has them used, and closes them. */
export async function withTools<T>(
  config: Config,
  { log, signal }: Pick<Tools, 'log' | 'signal'>,
  use: (tools: Tools) => Promise<T>,
): Promise<T> {
  await readyKafka(config.kafka);
  const redis = connectRedis(config.redis, { enableAutoPipelining: true, commandTimeout: 30_000 });
  const directory = openSites(config.kafka, redis);
  const writer = openSitesWriter(config.kafka, redis, (state) => directory.learn(state));
  const reader = (generation: Generation) => new StoreReader(redis, generation);
  try {
    return await use({ config, redis, directory, writer, reader, log, signal });
  } finally {
    await writer.close();
    await directory.close();
    redis.disconnect();
  }
}

/** Which generations there are, as of now. */
export async function knownGenerations({ directory }: Tools): Promise<Generations> {
  await directory.complete();
  return directory.generations();
}

/** The configuration of a program that counts this generation. */
export const kafkaOf = ({ kafka }: Config, { topic, partitions }: Generation): Config['kafka'] => ({
  ...kafka,
  eventsTopic: topic,
  partitions,
});
