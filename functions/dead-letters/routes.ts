import type { DeadLettersContext } from '../../shared/dead-letters/context.ts';
import { countLetters, listLetters } from '../../shared/dead-letters/list.ts';
import { discardLetters, replayLetters } from '../../shared/dead-letters/replay.ts';
import { showLetter } from '../../shared/dead-letters/show.ts';
import type { Route } from '../../shared/platform/http/router.ts';
import type { HttpRequest, HttpResponse } from '../../shared/platform/http/stack.ts';

/** What could not be counted, and what is done with it. */
export function deadLettersRoutes(context: DeadLettersContext): Route[] {
  const does =
    (operation: (request: HttpRequest, context: DeadLettersContext) => Promise<HttpResponse>) =>
    (request: HttpRequest) =>
      operation(request, context);
  return [
    { method: 'GET', path: '/v1/dead-letters', handler: does(listLetters) },
    { method: 'GET', path: '/v1/dead-letters/counts', handler: does(countLetters) },
    { method: 'GET', path: '/v1/dead-letters/{letter}', handler: does(showLetter) },
    { method: 'POST', path: '/v1/dead-letters/replay', handler: does(replayLetters) },
    { method: 'POST', path: '/v1/dead-letters/discard', handler: does(discardLetters) },
  ];
}
