import { Cluster } from 'ioredis';
import { type RedisClient, serversOf } from './connection.ts';

/** Keys that one call looks at: well below a ms. */
const COUNT = 1_000;

/** All keys of a server, or of all masters of a cluster, that begin so; those that come or go meanwhile or not. */
export async function* eachKey(redis: RedisClient, prefix: string): AsyncGenerator<string> {
  for await (const keys of keysByStep(redis, prefix)) yield* keys;
}

/**
 * Removes all keys that begin so, in steps that each hold a server for a ms; their memory is given back in the
 * background.
 * @param onRemoved told after each step how many are gone.
 */
export async function removeKeys(
  redis: RedisClient,
  prefix: string,
  { onRemoved = () => {}, signal }: { onRemoved?: (count: number) => void; signal?: AbortSignal } = {},
): Promise<number> {
  let removed = 0;
  for await (const keys of keysByStep(redis, prefix)) {
    if (signal?.aborted) break;
    // One by one: in a cluster they lie in many slots.
    const gone = await Promise.all(keys.map((key) => redis.unlink(key)));
    removed += gone.reduce((sum, one) => sum + one, 0);
    onRemoved(removed);
  }
  return removed;
}

async function* keysByStep(redis: RedisClient, prefix: string): AsyncGenerator<string[]> {
  // Its nodes are known once it has answered something.
  if (redis instanceof Cluster) await redis.exists('-');
  // ioredis puts it before keys, but neither before patterns nor off what is found.
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
