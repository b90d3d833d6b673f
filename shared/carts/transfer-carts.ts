import { partitionOf } from '../event/partition.ts';
import type { Generation } from '../generations/generation.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keysOf } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { userKey } from '../platform/user-key.ts';

interface TransferCommand {
  transferCarts(keyCount: number, ...args: (string | number)[]): Promise<number>;
}

/** Carts of one script call. */
const MAX_CARTS = 500;

/**
 * Copies between generations what no topic holds: which carts were signalled, and the claims of carts that
 * are being signalled. Call it again to copy what the other generation has learned since.
 * @returns the number of carts copied.
 */
export async function transferCarts(
  redis: RedisClient,
  { from, to, sites }: { from: Generation; to: Generation; sites: readonly string[] },
): Promise<number> {
  redis.defineCommand('transferCarts', { lua: readScript('carts/transfer-carts.lua') });
  const scripted = redis as RedisClient & TransferCommand;
  const [theirs, ours] = [keysOf(from.id), keysOf(to.id)];
  let transferred = 0;
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
          transferred += await scripted.transferCarts(
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
  return transferred;
}
