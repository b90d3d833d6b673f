import { type Erased, unpackUserState } from '../fold/user-state.ts';
import type { Generation } from '../generations/generation.ts';
import { answersOf, type RedisClient } from '../platform/redis/connection.ts';
import { userDigest } from '../platform/redis/digest.ts';
import { erasedField } from '../platform/redis/fields.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { eachKey } from '../platform/redis/scan.ts';
import { Receipts } from './receipts-store.ts';

/** Erasures that one generation has and another one lacks. */
export interface MissingErasures {
  /** Users, identified by digest only. */
  tombstones: { shard: number; site: string; digest: string }[];
  /** Finished erasures. */
  receipts: { site: string; receipt: string }[];
}

/** An erased user whose earlier activity a generation still holds. */
export interface RevivedUser {
  site: string;
  user: string;
  erased: Erased;
}

/**
 * Finds erasures that one generation has and another one lacks, because it lags or because the log no longer
 * has them. Scans all keys of the server.
 */
export async function findMissingErasures(
  redis: RedisClient,
  { from, to, sites }: { from: Generation; to: Generation; sites: readonly string[] },
): Promise<MissingErasures> {
  const known = new Set(sites);
  const [theirs, ours] = [keysOf(from.id), keysOf(to.id)];
  const [theirReceipts, ourReceipts] = [new Receipts(redis, from), new Receipts(redis, to)];
  const lacking: MissingErasures = { tombstones: [], receipts: [] };
  const seen = new Set<string>();
  for await (const key of eachKey(redis, theirs.prefix)) {
    const found = /^\{p(\d+)\}:(receipt|erased):([^:]+):(.+)$/.exec(key.slice(theirs.prefix.length));
    if (!found || !known.has(found[3]!) || seen.has(key)) continue;
    seen.add(key);
    const [shard, kind, site, name] = [Number(found[1]), found[2], found[3]!, found[4]!];
    if (kind === 'erased') {
      const names = homesOf(shard, from, to).map((home) => ours.tombstone(home, site, name));
      if (!(await isAsLate(redis, names, await redis.get(key))))
        lacking.tombstones.push({ shard, site, digest: name });
      continue;
    }
    if (seen.has(`${site}:${name}`)) continue;
    seen.add(`${site}:${name}`);
    const isDone = async (receipts: Receipts) => (await receipts.read(site, name))?.isDone ?? false;
    if (!(await isDone(ourReceipts)) && (await isDone(theirReceipts)))
      lacking.receipts.push({ site, receipt: name });
  }
  return lacking;
}

/**
 * Copies erasures that the log no longer has. Call it once the other generation has read beyond the place
 * where it was when `lacking` was found: only erasures still missing then are copied. Calling it again
 * changes nothing.
 * @returns the number of receipts copied, and the users whose earlier activity the other generation holds,
 *   because the log kept it longer than the erasure. The caller erases them there.
 */
export async function transferErasures(
  redis: RedisClient,
  { from, to, lacking }: { from: Generation; to: Generation; lacking: MissingErasures },
): Promise<{ receipts: number; revived: RevivedUser[] }> {
  const [theirs, ours] = [keysOf(from.id), keysOf(to.id)];
  /** By site and digest. */
  const erased = new Map<string, Erased>();
  for (const { shard, site, digest } of lacking.tombstones) {
    const name = theirs.tombstone(shard, site, digest);
    const [tombstone, ttl] = [await redis.get(name), await redis.pttl(name)];
    if (tombstone === null || ttl <= 0) continue;
    const homes = homesOf(shard, from, to);
    const names = homes.map((home) => ours.tombstone(home, site, digest));
    if (await isAsLate(redis, names, tombstone)) continue;
    for (const home of homes) {
      await redis.set(ours.tombstone(home, site, digest), tombstone, 'PX', ttl);
      await redis.hset(ours.head(home), erasedField(site), '1');
    }
    erased.set(`${site}:${digest}`, JSON.parse(tombstone) as Erased);
  }
  let receipts = 0;
  for (const one of lacking.receipts) if (await transferReceipt(redis, { from, to, ...one })) receipts++;
  return { receipts, revived: erased.size > 0 ? await revivedOf(redis, to, erased) : [] };
}

const shardsOf = ({ partitions }: Generation) => Array.from({ length: partitions }, (_, shard) => shard);

/**
 * With another number of shards, a digest does not tell which shard its tombstone belongs to, so all get it.
 */
const homesOf = (shard: number, from: Generation, to: Generation) =>
  to.partitions === from.partitions ? [shard] : shardsOf(to);

/** Whether one of the named tombstones is of an erasure at least as late as `other`. */
async function isAsLate(
  redis: RedisClient,
  names: readonly string[],
  other: string | null,
): Promise<boolean> {
  const there = await Promise.all(names.map((name) => redis.get(name)));
  return there.some((one) => untilOf(one) >= untilOf(other));
}

const untilOf = (tombstone: string | null) =>
  tombstone === null ? -Infinity : (JSON.parse(tombstone) as Erased).until;

/** Users with a state who were erased after the activity in it. Scans all keys. */
async function revivedOf(
  redis: RedisClient,
  generation: Generation,
  erased: ReadonlyMap<string, Erased>,
): Promise<RevivedUser[]> {
  const keys = keysOf(generation.id);
  const sites = new Set([...erased.keys()].map((name) => name.slice(0, name.indexOf(':'))));
  const revived = new Map<string, RevivedUser>();
  for await (const key of eachKey(redis, keys.prefix)) {
    const [, site, user] = /^\{p\d+\}:u:([^:]+):(.+)$/s.exec(key.slice(keys.prefix.length)) ?? [];
    if (site === undefined || user === undefined || !sites.has(site)) continue;
    const one = erased.get(`${site}:${userDigest(site, user)}`);
    const bytes = one && (await redis.getBuffer(key));
    if (!bytes) continue;
    const state = unpackUserState(bytes);
    // A visitor who became a user has no days of their own; the alias reveals them.
    const isOfBefore = state.first <= one.until || state.alias !== undefined;
    if (isOfBefore && (state.erased?.until ?? -Infinity) < one.until)
      revived.set(key, { site, user, erased: one });
  }
  return [...revived.values()];
}

/** Copies the missing parts of a receipt into one key, so it appears as a whole or not at all. */
async function transferReceipt(
  redis: RedisClient,
  { from, to, site, receipt }: { from: Generation; to: Generation; site: string; receipt: string },
): Promise<boolean> {
  const [theirs, ours] = [keysOf(from.id), keysOf(to.id)];
  const partsOf = (generation: Generation, keys: ShardKeys) =>
    Promise.all(shardsOf(generation).map((shard) => redis.hgetall(keys.receipt(shard, site, receipt))));
  const there = new Set((await partsOf(to, ours)).flatMap((part) => Object.keys(part)));
  const parts = await partsOf(from, theirs);
  const fields = new Map<string, string>();
  for (const [field, value] of parts.flatMap((part) => Object.entries(part))) {
    // What shards sent each other belongs to one generation. In both, all of it has arrived.
    if (there.has(field) || (there.size > 0 && /^(sent|came)$/.test(field))) continue;
    const isSum = /^(sent|came|keys:|entries:)/.test(field);
    fields.set(field, isSum ? String(Number(fields.get(field) ?? 0) + Number(value)) : value);
  }
  const shard = parts.findIndex((part) => Object.keys(part).length > 0);
  const left = shard < 0 ? 0 : await redis.pttl(theirs.receipt(shard, site, receipt));
  if (fields.size === 0 || left <= 0) return false;
  const name = ours.receipt(shard % to.partitions, site, receipt);
  await answersOf(redis.multi().hset(name, Object.fromEntries(fields)).pexpire(name, left));
  return true;
}
