import { Redis, type RedisOptions } from 'ioredis';

/**
 * A connection with limits on every wait: an outage must show in seconds. A command that finds Redis away is
 * tried once more, then fails.
 */
export function connectRedis(url: string, options: RedisOptions = {}): Redis {
  const redis = new Redis(url, {
    connectTimeout: 2_000,
    commandTimeout: 10_000,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(100 * times, 1_000),
    ...options,
  });
  // Failures reach whoever sent a command; without a listener ioredis would print each reconnect as well.
  redis.on('error', () => {});
  return redis;
}
