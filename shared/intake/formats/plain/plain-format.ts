import { readJson } from '../../../platform/http/body.ts';
import { json } from '../../../platform/http/stack.ts';
import { writeSender } from '../../../sites/authorize.ts';
import type { Format } from '../../format.ts';
import { type Incoming, within } from '../../incoming.ts';
import { listOfEvents, MAX_BODY_BYTES } from '../../request-limits.ts';
import { summaryOf } from '../../verdicts.ts';

/** `POST /v1/events`: one event, or `{events: […]}`. The answer has a verdict for each. */
export const plainFormat: Format = {
  senderOf: writeSender,
  eventsOf: (request) => incoming(readJson(request, MAX_BODY_BYTES)),
  answer: (verdicts) => json(202, summaryOf(verdicts)),
};

function incoming(body: unknown): Incoming[] {
  const isBatch = typeof body === 'object' && body !== null && 'events' in body;
  if (!isBatch) return [{ plain: body, userAgent: userAgentOf(body), pathOf: (path) => path }];
  return listOfEvents(body.events, 'events').map((plain, index) => ({
    plain,
    userAgent: userAgentOf(plain),
    pathOf: (path) => within(`events[${index}]`, path),
  }));
}

/** Reads it from an event that is not validated yet. */
function userAgentOf(plain: unknown): string | undefined {
  if (typeof plain !== 'object' || plain === null || !('user_agent' in plain)) return undefined;
  return typeof plain.user_agent === 'string' ? plain.user_agent : undefined;
}
