import { eventKey } from '../events/event.ts';
import { partitionOf } from '../events/partition.ts';
import type { Generation } from '../generations/generation.ts';
import type { Site } from '../sites/sites.ts';
import { slices } from '../slices.ts';
import type { RedisClient } from './connection.ts';
import { erasedField } from './fields.ts';
import { keysOf } from './keys.ts';
import { eachKey } from './scan.ts';
import { readScript } from './script.ts';

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
  redis.defineCommand('carryCarts', { lua: readScript('carry.lua') });
  const scripted = redis as RedisClient & CarryCommand;
  const [theirs, ours] = [keysOf(from.id), keysOf(to.id)];
  let carried = 0;
  for (let shard = 0; shard < from.partitions; shard++) {
    for (const site of sites) {
      const flat = await redis.zrange(theirs.leftCarts(shard, site), '0', '-1', 'WITHSCORES');
      if (flat.length === 0) continue;
      const claims = await redis.hgetall(theirs.claims(shard, site));
      const left = slices(flat, 2) as [user: string, found: string][];
      const homes = Map.groupBy(left, ([user]) => partitionOf(eventKey({ site, user }), to.partitions));
      for (const [home, carts] of homes) {
        for (const some of slices(carts, MAX_CARTS)) {
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

/**
 * Carries over receipts of erasures and the tombstones of who was erased, where the log no longer has the erasure. It
 * looks through all keys of the server.
 * @returns how many receipts were carried.
 */
export async function carryErasures(
  redis: RedisClient,
  { from, to, sites }: { from: Generation; to: Generation; sites: readonly Site[] },
): Promise<number> {
  const known = new Set(sites.map(({ id }) => id));
  const [theirs, ours] = [keysOf(from.id), keysOf(to.id)];
  const everywhere = Array.from({ length: to.partitions }, (_, shard) => shard);
  const receipts = new Map<string, { site: string; receipt: string; shards: number[] }>();
  for await (const key of eachKey(redis, theirs.prefix)) {
    const found = /^\{p(\d+)\}:(receipt|erased):([^:]+):(.+)$/.exec(key.slice(theirs.prefix.length));
    if (!found || !known.has(found[3]!)) continue;
    const [shard, kind, site, name] = [Number(found[1]), found[2], found[3]!, found[4]!];
    if (kind === 'receipt') {
      const one = receipts.get(`${site}:${name}`) ?? { site, receipt: name, shards: [] };
      one.shards.push(shard);
      receipts.set(`${site}:${name}`, one);
      continue;
    }
    const [tombstone, ttl] = await Promise.all([redis.get(key), redis.pttl(key)]);
    if (tombstone === null || ttl <= 0) continue;
    // It stands for a user whom nobody can name, so in another number of shards it is in all of them.
    for (const home of to.partitions === from.partitions ? [shard] : everywhere) {
      await redis.set(ours.tombstone(home, site, name), tombstone, 'PX', ttl, 'NX');
      await redis.hset(ours.head(home), erasedField(site), '1');
    }
  }
  let carried = 0;
  for (const { site, receipt, shards } of receipts.values()) {
    const there = await Promise.all(
      everywhere.map((shard) => redis.exists(ours.receipt(shard, site, receipt))),
    );
    if (there.includes(1)) continue;
    for (const shard of shards) {
      const key = theirs.receipt(shard, site, receipt);
      const [fields, left] = [await redis.hgetall(key), await redis.pttl(key)];
      if (Object.keys(fields).length === 0) continue;
      const name = ours.receipt(shard % to.partitions, site, receipt);
      for (const [field, value] of Object.entries(fields)) {
        // Of two shards that are one now, what both have counted is added up; what was asked for is in one of them.
        if (/^\d+$/.test(value) && !/^(of|requested)$|^at:/.test(field))
          await redis.hincrby(name, field, value);
        else await redis.hset(name, field, value);
      }
      if (left > 0) await redis.pexpire(name, left);
    }
    carried++;
  }
  return carried;
}
