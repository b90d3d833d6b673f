import { FootfallError } from '../errors.ts';
import { redisCode } from '../redis/connection.ts';
import type { HttpRequest, HttpResponse } from './stack.ts';

type Handler = (request: HttpRequest) => Promise<HttpResponse>;

/** Says that Kafka is away. @param message one sentence on what was not done, or may have been. */
export const kafkaUnavailable = (message: string, cause: unknown) =>
  new FootfallError('kafka_unavailable', 503, message, { cause, retryAfter: 5, expose: true });

/** Says that Redis is away where a handler found it so. @throws FootfallError `redis_unavailable` 503. */
export function orUnavailable(handler: Handler): Handler {
  return async (request) => {
    try {
      return await handler(request);
    } catch (cause) {
      if (cause instanceof FootfallError || !isOutage(cause)) throw cause;
      const message = 'Redis does not answer now; ask again.';
      throw new FootfallError('redis_unavailable', 503, message, { cause, retryAfter: 2, expose: true });
    }
  };
}

const CODES = new Set([
  ...['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK', 'BUSY', 'OOM'],
  // Of the last, the disk is full.
  ...['EXECABORT', 'NOREPLICAS', 'MISCONF'],
]);

/**
 * ioredis' errors for a server that is away, restarting, full, or too slow, and for a cluster whose slot is moving, has
 * no primary for the moment, or can not be found at all. EXECABORT is a transaction in which one of these was said.
 */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError'].includes(error.name) ||
    /^(Connection is closed|Command timed out|None of startup nodes|Too many Cluster redirections)/.test(
      error.message,
    ) ||
    CODES.has(redisCode(error.message) ?? '') ||
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND)/.test((error as NodeJS.ErrnoException).code ?? '')
  );
}
