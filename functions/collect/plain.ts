import { FootfallError } from '../../shared/errors.ts';
import { writeSender } from '../../shared/http/auth.ts';
import { readJson } from '../../shared/http/body.ts';
import { json } from '../../shared/http/stack.ts';
import type { Format, Incoming } from './format.ts';
import { MAX_BODY_BYTES, MAX_EVENTS, tooManyEvents } from './limits.ts';
import { summaryOf } from './verdicts.ts';

/** `POST /v1/events`: one event, or `{events: […]}`; each gets its verdict. */
export const plainFormat: Format = {
  senderOf: writeSender,
  eventsOf: (request) => incoming(readJson(request, MAX_BODY_BYTES)),
  answer: (verdicts) => json(202, summaryOf(verdicts)),
};

function incoming(body: unknown): Incoming[] {
  const isBatch = typeof body === 'object' && body !== null && 'events' in body;
  if (!isBatch) return [{ plain: body, userAgent: userAgentOf(body), pathOf: (path) => path }];
  const { events } = body;
  if (!Array.isArray(events) || events.length === 0) {
    const errors = [{ code: 'invalid_event', path: 'events', message: 'an array of 1 to 500 events' }];
    throw new FootfallError('invalid_events', 400, 'events must be an array of events.', {
      details: { errors },
    });
  }
  if (events.length > MAX_EVENTS) throw tooManyEvents(MAX_EVENTS);
  return events.map((plain, index) => ({
    plain,
    userAgent: userAgentOf(plain),
    pathOf: (path) => within(`events[${index}]`, path),
  }));
}

/** Of an event that may still be wrong. */
function userAgentOf(plain: unknown): string | undefined {
  if (typeof plain !== 'object' || plain === null || !('user_agent' in plain)) return undefined;
  return typeof plain.user_agent === 'string' ? plain.user_agent : undefined;
}

const within = (place: string, path: string) => (path === '' ? place : `${place}.${path}`);
