import { type ChainableCommander, Cluster, type Command, Redis, type RedisOptions } from 'ioredis';
import { logger } from '../observe/observe.ts';
import { secretOf } from '../secrets.ts';
import { signInWith } from './secret.ts';
import { replyCode, translateError } from './unavailable.ts';

/** One server, or a cluster, where the keys of one script or transaction have to be in one slot. */
export type RedisClient = Redis | Cluster;

/** The server, or the primaries of a cluster, which are known once it has answered a command. */
export const serversOf = (redis: RedisClient): Redis[] =>
  redis instanceof Cluster ? redis.nodes('master') : [redis];

/** Where Redis is: `config().redis`. */
export interface RedisAddress {
  /** redis:// or rediss://, with user and password if the server needs them. */
  url: string;
  /** Whether the URL names a node of a cluster. */
  cluster?: boolean;
  /** Put before every key. */
  keyPrefix?: string;
  /** Authorities that the server's certificate may come from, in PEM, instead of those that Node knows. */
  ca?: string | undefined;
  /** ARN of the secret with `username`, `password` and `certificate` (the authorities, in PEM); each may be absent. */
  secret?: string | undefined;
}

export interface ConnectionOptions {
  /** How long a command may take, all its tries included, ms. */
  commandTimeout?: number;
  /** A server that owes an answer for longer gets a new connection, ms; `commandTimeout` when absent. */
  socketTimeout?: number;
  /** Sends the commands of one tick to one server together. */
  enableAutoPipelining?: boolean;
}

/** How long a command may take where nothing else is said, ms. */
export const COMMAND_TIMEOUT_MS = 10_000;
/** How long a new connection may take, ms. */
const CONNECT_MS = 2_000;
/** The pause between two tries of a command that a cluster refuses for now, ms. */
const RETRY_MS = 100;

/**
 * A connection with limits on every wait: an outage must show in seconds. A command that finds Redis away is tried once
 * more, then fails. A server that owes an answer for longer than a command may take gets a new connection: after a
 * failover the old one can stay open for hours without a server at its other end.
 *
 * In a cluster a command follows its slot. It is sent on where the slot has moved (MOVED, ASK), and tried again while the
 * slot moves (TRYAGAIN) or has no primary (CLUSTERDOWN, a closed connection), for as long as a command may take.
 *
 * Commands fail with {@link RedisUnavailable} when Redis does not do them, else with ioredis' errors.
 */
export function connectRedis(address: RedisAddress, options: ConnectionOptions = {}): RedisClient {
  const {
    commandTimeout = COMMAND_TIMEOUT_MS,
    socketTimeout = commandTimeout,
    enableAutoPipelining = false,
  } = options;
  const { url, cluster = false, keyPrefix = '', ca, secret } = address;
  const own = {
    connectTimeout: CONNECT_MS,
    commandTimeout,
    socketTimeout,
    ...(url.startsWith('rediss:') && { tls: ca === undefined ? {} : { ca } }),
  };
  // With a secret, the client connects when that was read.
  const lazyConnect = secret !== undefined;
  const redis = cluster
    ? watched(connectCluster(url, keyPrefix, { ...own, lazyConnect }), commandTimeout)
    : watched(connectOne(url, { ...own, lazyConnect, keyPrefix, enableAutoPipelining }));
  if (secret !== undefined) signInWith(redis, secretOf(secret));
  return redis;
}

function connectOne(url: string, own: RedisOptions): Redis {
  return new Redis(url, {
    ...own,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(RETRY_MS * times, 1_000),
    // This server was the primary before a failover. Its name leads to another server by now; 2: try again there.
    reconnectOnError: ({ message }) => (replyCode(message) === 'READONLY' ? 2 : false),
  });
}

/**
 * For commands on one slot that one server answers in this order, in one round trip. A cluster needs a transaction for
 * that: while a slot moves, the commands of a pipeline may be answered by different servers, or by one that has only
 * some of the keys and takes the others for empty.
 */
export const inOrder = (redis: RedisClient) => (redis.isCluster ? redis.multi() : redis.pipeline());

/** The answers of a pipeline or transaction, in order. @throws the first error among them. */
export async function answersOf<T extends unknown[]>(pipeline: Pick<ChainableCommander, 'exec'>): Promise<T> {
  try {
    const results = (await pipeline.exec()) ?? [];
    return results.map(([error, value]) => {
      if (error) throw error;
      return value;
    }) as T;
  } catch (error) {
    throw translateError(error as Error);
  }
}

/**
 * Without ioredis' own pipelining: it would resend a whole pipeline because of one moving slot, and it takes the number
 * of a script's keys for its first key. Commands of one tick still go out without waiting for answers.
 */
function connectCluster(
  url: string,
  keyPrefix: string,
  { lazyConnect, ...own }: { commandTimeout: number; lazyConnect: boolean; tls?: { ca?: string } },
): Cluster {
  const { hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Cluster([{ host, port: Number(port || 6379) }], {
    keyPrefix,
    lazyConnect,
    // Names are not resolved, so that they match certificates (Amazon ElastiCache User Guide, in-transit encryption; ioredis, "AWS
    // ElastiCache Clusters with TLS").
    dnsLookup: (name, callback) => callback(null, name),
    slotsRefreshTimeout: CONNECT_MS,
    clusterRetryStrategy: (times) => Math.min(RETRY_MS * times, 1_000),
    // Only time ends the tries, since a failover takes seconds. Each try goes to any node first, then to the right one.
    maxRedirections: Math.ceil((2 * own.commandTimeout) / RETRY_MS),
    retryDelayOnFailover: RETRY_MS,
    retryDelayOnClusterDown: RETRY_MS,
    retryDelayOnTryAgain: RETRY_MS,
    redisOptions: {
      ...own,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      maxRetriesPerRequest: 1,
    },
  });
}

/**
 * Makes the errors of commands our own, see {@link translateError}. Errors without a reply get the connection's failure as
 * their cause, which is also logged, once until Redis is back. Errors lose the arguments of their commands, which may be
 * passwords or users' ids.
 * @param limitMs for a command with all its tries, in a cluster, where ioredis limits each try only.
 */
function watched<T extends RedisClient>(client: T, limitMs?: number): T {
  let reason: Error | undefined;
  let said = new Set<string>();
  const note = (error: Error) => {
    stripped(error);
    reason = (error as { lastNodeError?: Error }).lastNodeError ?? error;
    if (said.has(reason.message)) return;
    said.add(reason.message);
    logger.warn('Redis cannot be reached', reason);
  };
  client.on('error', note);
  client.on('node error', note);
  client.on('ready', () => {
    reason = undefined;
    said = new Set();
  });

  const deadlines = new WeakMap<Command, number>();
  const send = client.sendCommand.bind(client) as (command: Command, ...rest: unknown[]) => Promise<unknown>;
  client.sendCommand = (command: Command, ...rest: unknown[]) => {
    if (limitMs !== undefined) {
      // A pipeline that is sent again has the same command objects.
      const now = performance.now();
      const deadline = deadlines.get(command) ?? now + limitMs;
      deadlines.set(command, deadline);
      command.setTimeout(Math.max(1, deadline - now));
    }
    const { reject } = command;
    command.reject = (error) => {
      stripped(error);
      reject.call(command, translateError(error, reason));
    };
    return send(command, ...rest);
  };
  return client;
}

function stripped(error: Error & { command?: { name: string; args?: unknown } }): void {
  if (error.command) delete error.command.args;
}
