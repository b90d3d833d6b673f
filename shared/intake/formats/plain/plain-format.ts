import { readJson } from '../../../platform/http/body.ts';
import { json } from '../../../platform/http/stack.ts';
import { writeSender } from '../../../sites/authorize.ts';
import type { Format } from '../../format.ts';
import { type Incoming, refusalsOfNumbers, within } from '../../incoming.ts';
import { listOfEvents, MAX_BODY_BYTES } from '../../request-limits.ts';
import { summaryOf } from '../../verdicts.ts';

/** `POST /v1/events`: one event, or `{events: […]}`. The answer has a verdict for each. */
export const plainFormat: Format = {
  rawFormat: 'plain',
  // The script for pages says so in its URL.
  wayInOf: ({ queryStringParameters }) => (queryStringParameters?.via === 'script' ? 'script' : 'plain'),
  senderOf: writeSender,
  eventsOf: (request) => incoming(readJson(request, MAX_BODY_BYTES)),
  answer: (verdicts) => json(202, summaryOf(verdicts)),
};

function incoming(body: unknown): Incoming[] {
  const isBatch = typeof body === 'object' && body !== null && 'events' in body;
  if (!isBatch) return [incomingOf(body, '')];
  return listOfEvents(body.events, 'events').map((plain, index) => incomingOf(plain, `events[${index}]`));
}

/** @param place path of the event in the request's body. */
export function incomingOf(plain: unknown, place: string): Incoming {
  const raw = () => plain;
  const refusals = refusalsOfNumbers(plain, place);
  if (refusals.length > 0) return { refusals, plain, raw };
  return { plain, raw, userAgent: userAgentOf(plain), pathOf: (path) => within(place, path) };
}

/** Reads it from an event that is not validated yet. */
function userAgentOf(plain: unknown): string | undefined {
  if (typeof plain !== 'object' || plain === null || !('user_agent' in plain)) return undefined;
  return typeof plain.user_agent === 'string' ? plain.user_agent : undefined;
}
