import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, type Redis } from 'ioredis';
import type { Secret, SecretFields } from '../secrets.ts';
import { isRefusedCertificate } from '../tls.ts';
import { replyCode } from './unavailable.ts';

/** Between two reads of a secret that cannot be read, ms. */
const RETRY_MS = 500;

/** Replies of a server that does not take the password. */
const REFUSED: ReadonlySet<string> = new Set(['WRONGPASS', 'NOAUTH']);

/**
 * Lets a client sign in with a secret's `username` and `password`, and trust the authorities in its `certificate`. It
 * connects once the secret was read; commands wait for that as for any connection. When the server refuses the secret,
 * the secret is read again, and commands that wait are sent over the next connection.
 * @param redis made with `lazyConnect`
 */
export function signInWith(redis: Redis | Cluster, secret: Secret): void {
  if (redis instanceof Cluster) {
    // Connections that look for slots are copies of the nodes' and have no handlers of their own.
    redis.on('+node', (node: Redis) => prepare(node, secret));
    redis.on('node error', (error: Error) => void renewAfter(error, secret, redis.nodes()));
    redis.on('error', (error: Error & { lastNodeError?: Error }) => {
      void renewAfter(error.lastNodeError ?? error, secret, redis.nodes());
    });
    afterReading(redis, secret, () => {});
  } else {
    prepare(redis, secret);
    redis.on('error', (error: Error) => void renewAfter(error, secret, [redis]));
  }
  redis.connect().catch(() => {});
}

function prepare(redis: Redis, secret: Secret): void {
  if (secret.fields) apply(redis, secret.fields);
  // ioredis sets it when it begins to connect, and notes the database of each command that waits.
  (redis as unknown as { condition: object }).condition ??= { select: redis.options.db, subscriber: false };
  afterReading(redis, secret, (fields) => apply(redis, fields));
  for (const name of ['hello', 'auth'] as const) retryRefused(redis, secret, name);
}

/** ioredis takes these for its next connection. */
function apply({ options }: Redis, fields: SecretFields): void {
  const { username, password, certificate } = fields;
  if (username !== undefined) options.username = username;
  if (password !== undefined) options.password = password;
  if (certificate !== undefined && options.tls) options.tls.ca = certificate;
}

/** Makes a client connect only when the secret was read. */
function afterReading(redis: Redis | Cluster, secret: Secret, take: (fields: SecretFields) => void): void {
  const connect = redis.connect.bind(redis) as () => Promise<void>;
  let opening: Promise<void> | undefined;
  const open = async () => {
    const fields = await readWhile(() => redis.status !== 'end', secret, redis);
    if (!fields) throw new Error('Connection is closed.');
    take(fields);
    await connect();
  };
  redis.connect = () => {
    if (secret.fields) {
      take(secret.fields);
      return connect();
    }
    opening ??= open().finally(() => {
      opening = undefined;
    });
    return opening;
  };
}

/** Tries until the secret can be read or the client is closed. Failures become the client's, as those to connect. */
async function readWhile(
  isOpen: () => boolean,
  secret: Secret,
  redis: Redis | Cluster,
): Promise<SecretFields | undefined> {
  while (isOpen()) {
    try {
      const fields = await secret.read();
      return isOpen() ? fields : undefined;
    } catch (error) {
      redis.emit('error', error as Error);
      await sleep(RETRY_MS, undefined, { ref: false });
    }
  }
  return undefined;
}

/**
 * ioredis fails all waiting commands when the server refuses the password. With a new secret, the connection is given up
 * before that, and the next one does the commands.
 */
function retryRefused(redis: Redis, secret: Secret, name: 'hello' | 'auth'): void {
  type SignIn = (...args: unknown[]) => Promise<unknown>;
  const own = redis as unknown as Record<typeof name, SignIn> & { retryAttempts: number };
  const signIn = own[name].bind(redis);
  own[name] = async (...args) => {
    const used = secret.fields;
    try {
      return await signIn(...args);
    } catch (error) {
      if (!isRefused(error) || !(await secret.renew(used))) throw error;
      apply(redis, secret.fields!);
      const closed = new Promise((resolve) => {
        redis.once('close', () => resolve(undefined));
      });
      // This try does not count: ioredis would fail the commands after the second one.
      own.retryAttempts = 0;
      redis.disconnect(true);
      await closed;
      throw error;
    }
  };
}

async function renewAfter(error: Error, secret: Secret, nodes: readonly Redis[]): Promise<void> {
  if (!isRefused(error) && !isRefusedCertificate(error)) return;
  if (await secret.renew(secret.fields)) for (const node of nodes) apply(node, secret.fields!);
}

const isRefused = (error: unknown) => REFUSED.has(replyCode((error as Error).message) ?? '');
