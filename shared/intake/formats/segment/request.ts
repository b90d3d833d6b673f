import { FootfallError } from '../../../platform/errors.ts';
import { readJson } from '../../../platform/http/body.ts';
import { type HttpRequest, json } from '../../../platform/http/stack.ts';
import { basicUserOf, bearerOf } from '../../../sites/authorize.ts';
import type { Sites } from '../../../sites/site.ts';
import type { Format, Sender, Verdict } from '../../format.ts';
import type { Incoming } from '../../incoming.ts';
import { listOfEvents, MAX_BODY_BYTES } from '../../limits.ts';
import { summaryOf } from '../../verdicts.ts';
import { objectOf } from '../common/fit.ts';
import { fromSegment, type MessageType } from './message.ts';

/** Segment's HTTP API: `POST /v1/track` and its like take one message, `POST /v1/batch` many. */
export const segmentFormat = (type: MessageType | 'batch'): Format => ({
  senderOf,
  eventsOf: (request, received) => {
    const body = bodyOf(request);
    return type === 'batch' ? batched(body, received) : [fromSegment(body, { type, place: '', received })];
  },
  answer,
});

/** Read once, though a key that stands in the body is looked for before the events are. */
const bodies = new WeakMap<HttpRequest, unknown>();

function bodyOf(request: HttpRequest): unknown {
  if (!bodies.has(request)) bodies.set(request, readJson(request, MAX_BODY_BYTES));
  return bodies.get(request);
}

/**
 * The write key is the user name of Basic authentication with server libraries, and stands in the body with those
 * of browsers and apps; with OAuth the header has a token that means nothing here, and the body has the key. So
 * the first that is a site's write key decides.
 */
function senderOf(request: HttpRequest, sites: Sites): Sender {
  for (const keyOf of [bearerOf, basicUserOf, keyInBody]) {
    const key = keyOf(request);
    const site = key !== undefined && sites.forWriteKey(key);
    if (site) return { site, key };
  }
  const message =
    "A site's write key is required: as Basic user name, as Bearer token or as writeKey in the body.";
  throw new FootfallError('unauthorized', 401, message);
}

function keyInBody(request: HttpRequest): string | undefined {
  const { writeKey } = objectOf(bodyOf(request));
  return typeof writeKey === 'string' ? writeKey : undefined;
}

function batched(body: unknown, received: number): Incoming[] {
  const { batch, sentAt, context } = objectOf(body);
  return listOfEvents(batch, 'batch').map((message, index) =>
    fromSegment(message, { place: `batch[${index}]`, received, sentAt, context }),
  );
}

/** Segment's own answer. What is not counted beside what is, is told in members that its libraries pass over. */
function answer(verdicts: Verdict[]) {
  const summary = summaryOf(verdicts);
  return json(200, { success: true, ...(summary.accepted < verdicts.length && summary) });
}
