import { ReplyError } from 'ioredis';

/** Redis did not do a command: it is away, restarting, full or too slow. `message` stays what ioredis said. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
  /** `redis_full`: Redis is there, and refuses writes because its memory limit is reached. */
  readonly code: 'redis_full' | 'redis_unavailable';

  constructor(message: string, { isFull = false, ...options }: ErrorOptions & { isFull?: boolean } = {}) {
    super(message, options);
    this.code = isFull ? 'redis_full' : 'redis_unavailable';
  }
}

/**
 * Codes of replies by which Redis says that it cannot do a command now. OOM: its memory is full. MISCONF: it cannot
 * write its disk. EXECABORT: a command of the transaction was refused with one of these.
 */
const NOT_NOW: ReadonlySet<string> = new Set([
  ...['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK', 'BUSY', 'OOM'],
  ...['EXECABORT', 'NOREPLICAS', 'MISCONF'],
]);

/**
 * The error of a command in our own classes. A command that fails without a reply got no answer from Redis; among the
 * replies, {@link NOT_NOW} tells outages from faults of the program.
 * @param reason why the connection is away, when that is known.
 */
export function translateError(error: Error, reason?: Error): Error {
  const isFull = saysFull(error);
  if (error instanceof RedisUnavailable) {
    if (!isFull || error.code === 'redis_full') return error;
    return new RedisUnavailable(error.message, { cause: error.cause, isFull });
  }
  const isReply = error instanceof ReplyError;
  if (isReply && !NOT_NOW.has(replyCode(error.message) ?? '')) return error;
  return new RedisUnavailable(error.message, { cause: (!isReply && reason) || error, isFull });
}

/**
 * Whether Redis refused a command, or a command of the transaction, because its memory is full. ioredis adds the errors
 * of a transaction's commands to its own after it was translated.
 */
function saysFull(error: Error & { previousErrors?: Error[] }): boolean {
  const { message, previousErrors = [] } = error;
  if (replyCode(message) === 'OOM' || /^EXECABORT .*\bOOM\b/.test(message)) return true;
  return previousErrors.some((one) => replyCode(one.message) === 'OOM');
}

/**
 * The code that an error reply begins with. Redis 6 puts the code for which it refused a script's write at the end of
 * another error: "ERR Error running script (call to f_…): @user_script:33: @user_script: 33: -READONLY You can't …".
 */
export function replyCode(message: string): string | undefined {
  return /^ERR Error running script.*: -([A-Z]+) /.exec(message)?.[1] ?? /^[A-Z]+\b/.exec(message)?.[0];
}
