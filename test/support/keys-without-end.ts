import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { keyNames } from './redis-data.ts';

/**
 * The keys of a shard that stay. Their fields and members are bounded, or the sweep trims them; memory.test measures
 * that.
 */
const STAYING = [
  ...['head', 'ledger', 'derived', 'days', 'touched', 'packed', 'funnels', 'replayed'],
  ...['cart', 'due', 'left', 'claim'],
] as const;

/** Keys of no shard that stay: the copy of the sites, and the index of the dead letters. */
const COPIES = /^ff:(sites$|\{dlq\}:)/;

const OF_A_SHARD = /^ff:[^:]+:\{p\d+\}:(\w+)/;

/** Names of all keys that Redis keeps for good although their kind expires. There should be none. */
export async function keysWithoutEnd(redis: RedisClient): Promise<string[]> {
  const names = (await keyNames(redis)).filter((name) => {
    const family = OF_A_SHARD.exec(name)?.[1];
    return family === undefined ? !COPIES.test(name) : !STAYING.includes(family as never);
  });
  const lives = await Promise.all(names.map((name) => redis.ttl(name)));
  return names.filter((_, i) => lives[i] === -1).sort();
}
