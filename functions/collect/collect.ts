import { randomUUID } from 'node:crypto';
import { FootfallError } from '../../shared/errors.ts';
import type { FootfallEvent } from '../../shared/events/event.ts';
import { type Refusal, translate } from '../../shared/events/plain.ts';
import { writeSite } from '../../shared/http/auth.ts';
import { readJson } from '../../shared/http/body.ts';
import { type HttpRequest, type HttpResponse, json } from '../../shared/http/stack.ts';
import type { Site, Sites } from '../../shared/sites.ts';

/** Of one request, after unpacking. */
const MAX_BODY_BYTES = 1_000_000;
const MAX_EVENTS = 500;

/** What became of one event of a request; `index` is its place in it. */
export type Verdict =
  | { index: number; status: 'accepted'; id: string }
  | { index: number; status: 'refused'; errors: Refusal[] };

/**
 * Takes one event or `{events: […]}`. Answers 202 once the brokers have every accepted event, with a verdict
 * for each; 400 when none could be accepted.
 * @param publish resolves when all in-sync replicas have the events.
 * @throws FootfallError `unauthorized` 401, `invalid_body` 400, `invalid_events` 400, `body_too_large` 413,
 *   `too_many_events` 413, `kafka_unavailable` 503.
 */
export async function collect(
  request: HttpRequest,
  sites: Sites,
  publish: (events: FootfallEvent[]) => Promise<void>,
): Promise<HttpResponse> {
  const site = writeSite(request, sites);
  const body = readJson(request, MAX_BODY_BYTES);
  const { inputs, prefix } = inputsOf(body);
  const { events, verdicts } = judge(inputs, prefix, site, Date.now());
  if (events.length === 0) {
    const errors = verdicts.flatMap((verdict) => (verdict.status === 'refused' ? verdict.errors : []));
    throw new FootfallError('invalid_events', 400, 'No event could be accepted.', { details: { errors } });
  }
  try {
    await publish(events);
  } catch (cause) {
    const message = 'The events could not be stored now. Send them again, with the same ids.';
    throw new FootfallError('kafka_unavailable', 503, message, { cause, retryAfter: 5, expose: true });
  }
  const refused = verdicts.length - events.length;
  return json(202, { accepted: events.length, refused, events: verdicts });
}

/** The events of a body, and how the path to each begins. */
function inputsOf(body: unknown): { inputs: unknown[]; prefix: (index: number) => string } {
  const isBatch = typeof body === 'object' && body !== null && 'events' in body;
  if (!isBatch) return { inputs: [body], prefix: () => '' };
  const { events } = body;
  if (!Array.isArray(events) || events.length === 0) {
    const errors = [{ code: 'invalid_event', path: 'events', message: 'an array of 1 to 500 events' }];
    throw new FootfallError('invalid_events', 400, 'events must be an array of events.', {
      details: { errors },
    });
  }
  if (events.length > MAX_EVENTS) {
    throw new FootfallError('too_many_events', 413, `A request takes at most ${MAX_EVENTS} events.`, {
      details: { limit: MAX_EVENTS },
    });
  }
  return { inputs: events, prefix: (index) => `events[${index}]` };
}

function judge(inputs: unknown[], prefix: (index: number) => string, site: Site, received: number) {
  const events: FootfallEvent[] = [];
  const verdicts = inputs.map((input, index): Verdict => {
    const result = translate(input, site, received, randomUUID);
    if ('event' in result) {
      events.push(result.event);
      return { index, status: 'accepted', id: result.event.id };
    }
    const errors = result.refusals.map((refusal) => ({
      ...refusal,
      path: [prefix(index), refusal.path].filter((part) => part !== '').join('.'),
    }));
    return { index, status: 'refused', errors };
  });
  return { events, verdicts };
}
