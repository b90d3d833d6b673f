import { FootfallError } from '../../../platform/errors.ts';
import { readJson } from '../../../platform/http/body.ts';
import { type HttpRequest, json } from '../../../platform/http/stack.ts';
import { basicUserOf, bearerOf } from '../../../sites/authorize.ts';
import type { Sites } from '../../../sites/site.ts';
import type { Format, Sender, Verdict } from '../../format.ts';
import type { Incoming } from '../../incoming.ts';
import { listOfEvents, MAX_BODY_BYTES } from '../../request-limits.ts';
import { summaryOf } from '../../verdicts.ts';
import { type Fields, isObject, objectOf } from '../common/convert-values.ts';
import { type Envelope, fromSegment, type MessageType } from './message.ts';

/** Segment's HTTP API: `POST /v1/track` and similar paths take one message, `POST /v1/batch` many. */
export const segmentFormat = (type: MessageType | 'batch'): Format => ({
  rawFormat: 'segment',
  senderOf,
  eventsOf: (request, received) => {
    const body = bodyOf(request);
    return type === 'batch' ? batched(body, received) : [kept(body, { type, place: '', received })];
  },
  answer,
});

/** Parsed bodies, since the key may be in the body and is needed before the events. */
const bodies = new WeakMap<HttpRequest, unknown>();

function bodyOf(request: HttpRequest): unknown {
  if (!bodies.has(request)) bodies.set(request, readJson(request, MAX_BODY_BYTES));
  return bodies.get(request);
}

/**
 * Server libraries send the write key as the user name of Basic authentication, browser and app libraries in
 * the body. With OAuth the header holds a token that means nothing here, and the body the key. So the first
 * valid write key decides.
 */
function senderOf(request: HttpRequest, sites: Sites): Sender {
  for (const keyOf of [bearerOf, basicUserOf, keyInBody]) {
    const key = keyOf(request);
    const site = key !== undefined && sites.forWriteKey(key);
    if (site) return { site, key };
  }
  const message = 'A write key is required: as Basic user name, as Bearer token or as writeKey in the body.';
  throw new FootfallError('unauthorized', 401, message);
}

function keyInBody(request: HttpRequest): string | undefined {
  const { writeKey } = objectOf(bodyOf(request));
  return typeof writeKey === 'string' ? writeKey : undefined;
}

function batched(body: unknown, received: number): Incoming[] {
  const { batch, sentAt, context: given } = objectOf(body);
  const context = firstFields(objectOf(given));
  return listOfEvents(batch, 'batch').map((message, index) =>
    kept(message, { place: `batch[${index}]`, received, sentAt, context }),
  );
}

/** Reads a message, which can be read again by itself: with what its path and its batch say. */
function kept(message: unknown, envelope: Envelope): Incoming {
  const raw = () => {
    if (!isObject(message)) return message;
    const { writeKey: _, context: own, ...rest } = message;
    const { ip: __, ...context } = { ...objectOf(envelope.context), ...objectOf(own) };
    return {
      ...rest,
      ...(envelope.type !== undefined && { type: envelope.type }),
      ...(envelope.sentAt !== undefined && { sentAt: envelope.sentAt }),
      ...(Object.keys(context).length > 0 && { context }),
    };
  };
  return { ...fromSegment(message, envelope), raw };
}
/** Fields of a batch's context that are read. Segment's libraries send some twenty. */
const MAX_CONTEXT_FIELDS = 100;

/** Each message of the batch gets a copy. */
const firstFields = (context: Fields): Fields =>
  Object.fromEntries(Object.entries(context).slice(0, MAX_CONTEXT_FIELDS));

/**
 * Segment's own answer. Events that are not counted or were put right are reported in extra fields, which its
 * libraries ignore.
 */
function answer(verdicts: Verdict[]) {
  const summary = summaryOf(verdicts);
  const isAllPlain = verdicts.every((one) => one.status === 'accepted' && !one.warnings);
  return json(200, { success: true, ...(!isAllPlain && summary) });
}
