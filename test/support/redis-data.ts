import { Cluster, type Redis } from 'ioredis';
import { type RedisClient, serversOf } from '../../shared/platform/redis/connection.ts';

const prefixOf = (redis: RedisClient) => redis.options.keyPrefix ?? '';

/** Names of a test's own keys, without its prefix. @param pattern in Redis' glob style */
export async function keyNames(redis: RedisClient, pattern = '*'): Promise<string[]> {
  const prefix = prefixOf(redis);
  // A new connection to a cluster knows the servers only after its first answer.
  if (redis instanceof Cluster) await redis.exists('-');
  const before = prefix.replace(/[*?[\]\\]/g, '\\$&');
  const found = await Promise.all(serversOf(redis).map((server) => namesOn(server, before + pattern)));
  return found.flat().map((name) => name.slice(prefix.length));
}

async function namesOn(server: Redis, pattern: string): Promise<string[]> {
  const names = new Set<string>();
  for (let cursor = '0'; ; ) {
    const [next, some] = await server.scan(cursor, 'MATCH', pattern, 'COUNT', 10_000);
    for (const name of some) names.add(name);
    cursor = next;
    if (cursor === '0') return [...names];
  }
}

/** Deletes all of a test's keys: its database, or on a cluster the keys with its prefix. */
export async function loseAll(redis: RedisClient): Promise<void> {
  if (redis instanceof Cluster) await Promise.all((await keyNames(redis)).map((name) => redis.unlink(name)));
  else await redis.flushdb();
}
