import type { Config } from '../../shared/config.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { type ConnectionOptions, connectRedis, type RedisClient } from '../../shared/store/connection.ts';
import { StoreReader } from '../../shared/store/reads.ts';
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
