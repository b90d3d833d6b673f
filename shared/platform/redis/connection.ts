import { type ChainableCommander, Cluster, type Command, Redis } from 'ioredis';
import { logger } from '../observe/observe.ts';

/** One server, or a cluster, in which what is asked in one go has to lie in one slot. */
export type RedisClient = Redis | Cluster;

/** The server, or those of a cluster that hold the keys; these are known once it has answered something. */
export const serversOf = (redis: RedisClient): Redis[] =>
  redis instanceof Cluster ? redis.nodes('master') : [redis];

/** Where Redis is, as `config().redis` says it. */
export interface RedisAddress {
  /** redis:// or rediss://, with user and password if it wants them. */
  url: string;
  /** Whether the URL names a node of a cluster. */
  cluster?: boolean;
  /** What every key begins with. */
  keyPrefix?: string;
  /** Certificates in PEM, whom the server's is from, instead of the authorities that Node knows. */
  ca?: string | undefined;
}

export interface ConnectionOptions {
  /** How long a command may take with all that is tried again, ms. */
  commandTimeout?: number;
  /** A server that owes an answer for so long gets a new connection, ms; as long as a command unless it is given. */
  socketTimeout?: number;
  /** Sends in one go what is asked of one server in one tick. */
  enableAutoPipelining?: boolean;
}

/** How long a command may take where nothing else is said, ms. */
export const COMMAND_TIMEOUT_MS = 10_000;
/** How long a new connection may take, ms. */
const CONNECT_MS = 2_000;
/** Between two tries of a command that a cluster refuses for now, ms. */
const RETRY_MS = 100;

/**
 * A connection with limits on every wait: an outage must show in seconds. A command that finds Redis away is
 * tried once more, then fails. A server that owes an answer for longer than a command may take gets a new
 * connection: after a failover the old one can stay open for hours with nobody at its other end.
 *
 * In a cluster a command follows its slot: it is sent on where the slot has moved (MOVED, ASK) and tried again while
 * it moves (TRYAGAIN) or has no primary (CLUSTERDOWN, a closed connection), for as long as a command may take.
 */
export function connectRedis(address: RedisAddress, options: ConnectionOptions = {}): RedisClient {
  const {
    commandTimeout = COMMAND_TIMEOUT_MS,
    socketTimeout = commandTimeout,
    enableAutoPipelining = false,
  } = options;
  const { url, cluster = false, keyPrefix = '', ca } = address;
  const own = {
    connectTimeout: CONNECT_MS,
    commandTimeout,
    socketTimeout,
    ...(ca !== undefined && { tls: { ca } }),
  };
  if (cluster) return watched(connectCluster(url, keyPrefix, own), commandTimeout);
  const redis = new Redis(url, {
    ...own,
    keyPrefix,
    enableAutoPipelining,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(RETRY_MS * times, 1_000),
    // What was the primary before a failover: the name that we connect to leads to another one by now. 2: once more there.
    reconnectOnError: ({ message }) => (redisCode(message) === 'READONLY' ? 2 : false),
  });
  return watched(redis);
}

/**
 * The code that an error of Redis begins with. Redis 6 has the one for which it refused a script's write only at the end
 * of another error: "ERR Error running script (call to f_…): @user_script:33: @user_script: 33: -READONLY You can't …".
 */
export function redisCode(message: string): string | undefined {
  return /^ERR Error running script.*: -([A-Z]+) /.exec(message)?.[1] ?? /^[A-Z]+\b/.exec(message)?.[0];
}

/**
 * For commands of one slot that one server answers in this order, in one round trip. In a cluster that takes a
 * transaction: while a slot moves, a part of a pipeline is answered where its keys are, and the others after it, or
 * all of it by a server that has only some of them and holds the others for empty.
 */
export const inOrder = (redis: RedisClient) => (redis.isCluster ? redis.multi() : redis.pipeline());

/** What the commands of a pipeline or transaction were answered, in order. @throws the first error among the answers. */
export async function answersOf<T extends unknown[]>(pipeline: Pick<ChainableCommander, 'exec'>): Promise<T> {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, value]) => {
    if (error) throw error;
    return value;
  }) as T;
}

/**
 * Nothing is pipelined by ioredis itself: it would send a pipeline on as a whole because of one slot in it that moves,
 * and it takes the number of a script's keys for its first key. What is asked in one tick still goes out without
 * waiting for answers.
 */
function connectCluster(
  url: string,
  keyPrefix: string,
  own: { commandTimeout: number; tls?: { ca: string } },
): Cluster {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Cluster([{ host, port: Number(port || 6379) }], {
    keyPrefix,
    // Names stay names, so that certificates fit (Amazon ElastiCache User Guide, in-transit encryption; ioredis, "AWS
    // ElastiCache Clusters with TLS").
    dnsLookup: (name, callback) => callback(null, name),
    slotsRefreshTimeout: CONNECT_MS,
    clusterRetryStrategy: (times) => Math.min(RETRY_MS * times, 1_000),
    // Time is what ends trying: a failover takes seconds. A try is sent to any node first, and then on to the right one.
    maxRedirections: Math.ceil((2 * own.commandTimeout) / RETRY_MS),
    retryDelayOnFailover: RETRY_MS,
    retryDelayOnClusterDown: RETRY_MS,
    retryDelayOnTryAgain: RETRY_MS,
    redisOptions: {
      ...own,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: own.tls ?? {} }),
      maxRetriesPerRequest: 1,
    },
  });
}

/**
 * Makes errors say why: "Connection is closed" and the like get as their cause what the connection failed by, which is
 * logged as well, once until Redis is there again. An error keeps no argument of its command: a password, or users' ids.
 * @param limitMs of a command with all its tries in a cluster, where ioredis only limits each of them.
 */
function watched<T extends RedisClient>(client: T, limitMs?: number): T {
  let reason: Error | undefined;
  let said = new Set<string>();
  const note = (error: Error) => {
    stripped(error);
    reason = (error as { lastNodeError?: Error }).lastNodeError ?? error;
    if (said.has(reason.message)) return;
    said.add(reason.message);
    logger.warn('Redis can not be reached', reason);
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
      // A pipeline that is tried again sends the same commands.
      const now = performance.now();
      const deadline = deadlines.get(command) ?? now + limitMs;
      deadlines.set(command, deadline);
      command.setTimeout(Math.max(1, deadline - now));
    }
    const { reject } = command;
    command.reject = (error) => {
      stripped(error);
      if (reason && SAYS_NOTHING.test(error.message)) error.cause ??= reason;
      reject.call(command, error);
    };
    return send(command, ...rest);
  };
  return client;
}

/** ioredis' words for a connection that failed by something else. */
const SAYS_NOTHING =
  /^(Connection is closed|Command timed out|Command aborted|Reached the max retries|None of startup nodes|Too many Cluster)/;

function stripped(error: Error & { command?: { name: string; args?: unknown } }): void {
  if (error.command) delete error.command.args;
}
