import { Cluster } from 'ioredis';
import { type RedisClient, serversOf } from './connection.ts';

/** Keys that one call looks at, which takes well below a ms. */
const COUNT = 1_000;

/** All keys with a prefix, in all servers of a cluster. Keys that appear or vanish meanwhile may be missing. */
export async function* eachKey(redis: RedisClient, prefix: string): AsyncGenerator<string> {
  for await (const keys of keysByStep(redis, prefix)) yield* keys;
}

/**
 * Removes all keys with a prefix, in steps that each hold a server for a ms. Redis frees their memory in the background.
 * @param onRemoved gets the number of removed keys after each step.
 * @returns the number of removed keys.
 */
export async function removeKeys(
  redis: RedisClient,
  prefix: string,
  { onRemoved = () => {}, signal }: { onRemoved?: (count: number) => void; signal?: AbortSignal } = {},
): Promise<number> {
  let removed = 0;
  for await (const keys of keysByStep(redis, prefix)) {
    if (signal?.aborted) break;
    // One by one: in a cluster they are in many slots.
    const gone = await Promise.all(keys.map((key) => redis.unlink(key)));
    removed += gone.reduce((sum, one) => sum + one, 0);
    onRemoved(removed);
  }
  return removed;
}

async function* keysByStep(redis: RedisClient, prefix: string): AsyncGenerator<string[]> {
  // A cluster's nodes are known once it has answered a command.
  if (redis instanceof Cluster) await redis.exists('-');
  // ioredis adds the prefix to keys, but neither adds it to patterns nor removes it from the keys that it finds.
  const before = redis.options.keyPrefix ?? '';
  const pattern = `${before}${prefix}`.replace(/[*?[\]\\]/g, '\\$&');
  for (const server of serversOf(redis)) {
    let cursor = '0';
    do {
      const [next, keys] = await server.scan(cursor, 'MATCH', `${pattern}*`, 'COUNT', COUNT);
      if (keys.length > 0) yield keys.map((key) => key.slice(before.length));
      cursor = next;
    } while (cursor !== '0');
  }
}
