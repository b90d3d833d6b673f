import { Cluster, type Redis } from 'ioredis';
import { type RedisClient, serversOf } from './connection.ts';
import { addressOf, ownErrors } from './scan.ts';
import { RedisUnavailable } from './unavailable.ts';

/** What one server of Redis says of itself. Null: it does not tell; some hosted servers refuse INFO. */
export interface ServerInfo {
  /** host:port */
  address: string;
  version: string | null;
  /** Bytes. */
  usedMemory: number | null;
  /** Bytes; 0: no limit. */
  maxMemory: number | null;
  /** What happens when the memory is full, such as `noeviction`. */
  policy: string | null;
  /** Keys of the database, also of others than this installation. */
  keys: number | null;
}

/** Asks the server, or each primary of a cluster. @throws RedisUnavailable */
export async function serverInfos(redis: RedisClient): Promise<ServerInfo[]> {
  // A cluster's nodes are known once it has answered a command.
  if (redis instanceof Cluster) await redis.exists('-');
  return Promise.all(serversOf(redis).map(infoOf));
}

async function infoOf(server: Redis): Promise<ServerInfo> {
  const [about, memory, keys] = await Promise.all([
    orNull(server.info('server')),
    orNull(server.info('memory')),
    orNull(server.dbsize()),
  ]);
  const bytes = (name: string) => {
    const value = infoField(memory, name);
    return value === null ? null : Number(value);
  };
  return {
    address: addressOf(server),
    version: infoField(about, 'redis_version'),
    usedMemory: bytes('used_memory'),
    maxMemory: bytes('maxmemory'),
    policy: infoField(memory, 'maxmemory_policy'),
    keys,
  };
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await ownErrors(answer);
  } catch (error) {
    if (error instanceof RedisUnavailable) throw error;
    return null;
  }
}

/** @returns a field of what INFO answers, such as `redis_version`; null when it is not there. */
export const infoField = (info: string | null, name: string): string | null =>
  new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info ?? '')?.[1] ?? null;
