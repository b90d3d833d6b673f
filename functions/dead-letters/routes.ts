import type { DeadLettersContext } from '../../shared/dead-letters/letters-context.ts';
import { countLetters, listLetters } from '../../shared/dead-letters/list-letters.ts';
import { discardLetters, replayLetters } from '../../shared/dead-letters/replay-letters.ts';
import { showLetter } from '../../shared/dead-letters/show-letter.ts';
import { kafkaUnavailable, orUnavailable } from '../../shared/platform/http/outage.ts';
import type { Route } from '../../shared/platform/http/router.ts';
import type { HttpRequest, HttpResponse } from '../../shared/platform/http/stack.ts';
import { isKafkaOutage } from '../../shared/platform/kafka/outage.ts';

/** What could not be counted, and what is done with it. */
export function deadLettersRoutes(context: DeadLettersContext): Route[] {
  const does = (operation: (request: HttpRequest, context: DeadLettersContext) => Promise<HttpResponse>) =>
    orUnavailable(async (request) => {
      try {
        return await operation(request, context);
      } catch (cause) {
        if (!isKafkaOutage(cause)) throw cause;
        throw kafkaUnavailable('Kafka does not answer now; ask again.', cause);
      }
    });
  return [
    { method: 'GET', path: '/v1/dead-letters', handler: does(listLetters) },
    { method: 'GET', path: '/v1/dead-letters/counts', handler: does(countLetters) },
    { method: 'GET', path: '/v1/dead-letters/{letter}', handler: does(showLetter) },
    { method: 'POST', path: '/v1/dead-letters/replay', handler: does(replayLetters) },
    { method: 'POST', path: '/v1/dead-letters/discard', handler: does(discardLetters) },
  ];
}
