import { FootfallError } from '../platform/errors.ts';
import type { HttpHandler } from '../platform/http/stack.ts';

/**
 * Requests that a process works on at once. Lambda hands a container one at a time (and more of them only to further
 * containers, see serverless.yml); elsewhere what is beyond this would only make all of them wait.
 */
const MAX_AT_ONCE = 256;

/**
 * Lets requests in as long as they can be worked off; others are told so before anything of them is looked at.
 * @param isFull asked of each request.
 */
export function admitting(
  handler: HttpHandler,
  { isFull, maxAtOnce = MAX_AT_ONCE }: { isFull: () => boolean; maxAtOnce?: number },
): HttpHandler {
  let atOnce = 0;
  return async (request, context) => {
    if (atOnce >= maxAtOnce || isFull()) {
      const message = 'There are more requests than can be worked off now: send this one again.';
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
