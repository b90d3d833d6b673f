import { firstGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import {
  type ConnectionOptions,
  connectRedis,
  type RedisClient,
} from '../../shared/platform/redis/connection.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { closing } from './closing.ts';

/** The read side of a test's database, and its connection, closed after the tests of the file. */
export function openReader(
  { kafka, redis: address }: Pick<Config, 'kafka' | 'redis'>,
  options: ConnectionOptions = {},
): { redis: RedisClient; reader: StoreReader } {
  const redis = closing(connectRedis(address, { enableAutoPipelining: true, ...options }), (one) =>
    one.disconnect(),
  );
  return { redis, reader: new StoreReader(redis, firstGeneration(kafka)) };
}
