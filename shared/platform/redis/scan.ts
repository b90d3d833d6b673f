import { Cluster, type Redis } from 'ioredis';
import { type RedisClient, serversOf } from './connection.ts';
import { translateError } from './unavailable.ts';

/** The most keys that one call looks at, about, which takes well below a ms. */
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

/** Where a scan goes on: in which server, and its cursor there. */
export interface ScanPlace {
  /** host:port */
  server: string;
  cursor: string;
}

/**
 * One page of the keys that match a pattern, in all servers of a cluster one after the other. Keys that stay as long as
 * the scan takes are found; some may come twice.
 * @param pattern a glob as for SCAN, over keys without the connection's prefix
 * @param options.after `next` of the page before
 * @param options.limit about how many keys; a page ends with the step that reaches it
 * @param options.steps how many steps at most; each looks at up to about a thousand keys
 * @returns keys without the connection's prefix, and where the next page begins; no `next` after the last one, and
 *   undefined when no server has the address in `after` any more.
 * @throws RedisUnavailable
 */
export async function scanPage(
  redis: RedisClient,
  pattern: string,
  { after, limit, steps }: { after?: ScanPlace | undefined; limit: number; steps: number },
): Promise<{ keys: string[]; next: ScanPlace | undefined } | undefined> {
  // A cluster's nodes are known once it has answered a command.
  if (redis instanceof Cluster) await redis.exists('-');
  const before = redis.options.keyPrefix ?? '';
  const servers = serversOf(redis)
    .map((server) => ({ server, address: addressOf(server) }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  let at = after ? servers.findIndex(({ address }) => address === after.server) : 0;
  if (at === -1) return undefined;
  let cursor = after?.cursor ?? '0';
  let count = Math.min(limit, COUNT);
  const found = new Set<string>();
  for (let step = 0; step < steps && found.size < limit; step++) {
    const { server } = servers[at]!;
    const match = `${escapeGlob(before)}${pattern}`;
    const [next, keys] = await ownErrors(server.scan(cursor, 'MATCH', match, 'COUNT', count));
    for (const key of keys) found.add(key.slice(before.length));
    // Few keys match: look at more of them in a step.
    if (keys.length < limit / steps) count = Math.min(2 * count, COUNT);
    cursor = next;
    if (cursor !== '0') continue;
    at += 1;
    if (at === servers.length) return { keys: [...found], next: undefined };
  }
  return { keys: [...found], next: { server: servers[at]!.address, cursor } };
}

/** host:port */
export const addressOf = ({ options: { host, port } }: Redis) => `${host}:${port}`;

/** A text in a glob that stands for itself. */
export const escapeGlob = (text: string) => text.replace(/[*?[\]\\]/g, '\\$&');

/** Commands to one server of a cluster do not pass the cluster's connection, which makes errors our own. */
export async function ownErrors<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw translateError(error as Error);
  }
}

async function* keysByStep(redis: RedisClient, prefix: string): AsyncGenerator<string[]> {
  // A cluster's nodes are known once it has answered a command.
  if (redis instanceof Cluster) await redis.exists('-');
  // ioredis adds the prefix to keys, but neither adds it to patterns nor removes it from the keys that it finds.
  const before = redis.options.keyPrefix ?? '';
  const pattern = escapeGlob(`${before}${prefix}`);
  for (const server of serversOf(redis)) {
    let cursor = '0';
    do {
      const [next, keys] = await server.scan(cursor, 'MATCH', `${pattern}*`, 'COUNT', COUNT);
      if (keys.length > 0) yield keys.map((key) => key.slice(before.length));
      cursor = next;
    } while (cursor !== '0');
  }
}
