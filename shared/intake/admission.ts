import { FootfallError } from '../platform/errors.ts';
import type { HttpHandler } from '../platform/http/stack.ts';

/**
 * Requests that a process handles at once. Lambda hands a container one at a time (and more of them to other
 * containers, see serverless.yml). Elsewhere, accepting more would only slow all of them down.
 */
const MAX_AT_ONCE = 256;

/**
 * Wraps a handler so that it rejects requests beyond its capacity, before reading any of their content.
 * @param isFull checked for each request; the caller's own reason to reject.
 * @throws FootfallError `overloaded` 503.
 */
export function admitting(
  handler: HttpHandler,
  { isFull, maxAtOnce = MAX_AT_ONCE }: { isFull: () => boolean; maxAtOnce?: number },
): HttpHandler {
  let atOnce = 0;
  return async (request, context) => {
    if (atOnce >= maxAtOnce || isFull()) {
      const message = 'Too many requests at once. Send this one again.';
      throw new FootfallError('overloaded', 503, message, { retryAfter: 2, expose: true });
    }
    atOnce++;
    try {
      return await handler(request, context);
    } finally {
      atOnce--;
    }
  };
}
