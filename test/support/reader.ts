import type { Redis, RedisOptions } from 'ioredis';
import type { Config } from '../../shared/config.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { StoreReader } from '../../shared/store/reads.ts';
import { closing } from './closing.ts';

/** The read side of a test's database, and its connection, closed after the tests of the file. */
export function openReader(
  { kafka, redis: { url } }: Pick<Config, 'kafka' | 'redis'>,
  options: RedisOptions = {},
): { redis: Redis; reader: StoreReader } {
  const redis = closing(connectRedis(url, { enableAutoPipelining: true, ...options }), (one) =>
    one.disconnect(),
  );
  return { redis, reader: new StoreReader(redis, firstGeneration(kafka)) };
}
