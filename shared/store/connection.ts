import { Redis, type RedisOptions } from 'ioredis';

/**
 * A connection with limits on every wait: an outage must show in seconds. A command that finds Redis away is
 * tried once more, then fails. A server that owes an answer for longer than a command may take gets a new
 * connection: after a failover the old one can stay open for hours with nobody at its other end.
 */
export function connectRedis(url: string, options: RedisOptions = {}): Redis {
  const { commandTimeout = 10_000 } = options;
  const redis = new Redis(url, {
    connectTimeout: 2_000,
    commandTimeout,
    socketTimeout: commandTimeout,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(100 * times, 1_000),
    ...options,
  });
  // Failures reach whoever sent a command; without a listener ioredis would print each reconnect as well.
  redis.on('error', () => {});
  return redis;
}
