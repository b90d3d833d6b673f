import { partitionOf } from '../event/partition.ts';
import type { Generation } from '../generations/generation.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keysOf } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { userKey } from '../platform/user-key.ts';

interface CarryCommand {
  carryCarts(keyCount: number, ...args: (string | number)[]): Promise<number>;
}

/** One call of the script takes so many carts. */
const MAX_CARTS = 500;

/**
 * Carries over what is in no log: which carts were signalled, and the claims of those that are being signalled. What
 * the other generation learns of afterwards is not in it; the same again adds that.
 * @returns how many carts were carried.
 */
export async function carryCarts(
  redis: RedisClient,
  { from, to, sites }: { from: Generation; to: Generation; sites: readonly string[] },
): Promise<number> {
  redis.defineCommand('carryCarts', { lua: readScript('carts/carry.lua') });
  const scripted = redis as RedisClient & CarryCommand;
  const [theirs, ours] = [keysOf(from.id), keysOf(to.id)];
  let carried = 0;
  for (let shard = 0; shard < from.partitions; shard++) {
    for (const site of sites) {
      const flat = await redis.zrange(theirs.leftCarts(shard, site), '0', '-1', 'WITHSCORES');
      if (flat.length === 0) continue;
      const claims = await redis.hgetall(theirs.claims(shard, site));
      const left = chunkArray(flat, 2) as [user: string, found: string][];
      const homes = Map.groupBy(left, ([user]) => partitionOf(userKey({ site, user }), to.partitions));
      for (const [home, carts] of homes) {
        for (const some of chunkArray(carts, MAX_CARTS)) {
          const changed = await redis.zmscore(
            theirs.carts(shard, site),
            some.map(([user]) => user),
          );
          const filled = some.flatMap(([user, found], i) =>
            changed[i] == null ? [] : [user, changed[i], found, claims[user] ?? ''],
          );
          if (filled.length === 0) continue;
          carried += await scripted.carryCarts(
            3,
            ours.carts(home, site),
            ours.leftCarts(home, site),
            ours.claims(home, site),
            ...filled,
          );
        }
      }
    }
  }
  return carried;
}
