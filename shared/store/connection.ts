import { type Cluster, Redis, type RedisOptions } from 'ioredis';

/** One server, or a cluster, in which what is asked in one go has to lie in one slot. */
export type RedisClient = Redis | Cluster;

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
    // What was the primary before a failover: the name that we connect to leads to another one by now. 2: once more there.
    reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false),
    ...options,
  });
  // Failures reach whoever sent a command; without a listener ioredis would print each reconnect as well.
  redis.on('error', () => {});
  return redis;
}
