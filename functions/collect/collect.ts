import { randomUUID } from 'node:crypto';
import { FootfallError } from '../../shared/errors.ts';
import { enrich, type Visitor } from '../../shared/events/enrich.ts';
import type { FootfallEvent } from '../../shared/events/event.ts';
import { translate } from '../../shared/events/plain.ts';
import type { HttpRequest, HttpResponse } from '../../shared/http/stack.ts';
import type { Site, Sites } from '../../shared/sites.ts';
import type { Format, Incoming, Verdict } from './format.ts';
import { visitorOf } from './visitor.ts';

/** What collecting needs of the world outside. */
export interface CollectContext {
  sites: Sites;
  /** Resolves when all in-sync replicas have the events. */
  publish(events: FootfallEvent[]): Promise<void>;
  /** In which the edge says a visitor's country, in lower case; absent: none does. */
  countryHeader?: string;
}

/**
 * Takes a request's events: each is judged for itself, and the answer comes when the brokers have those that were
 * accepted.
 * @throws FootfallError what the format throws, and `kafka_unavailable` 503.
 */
export async function collect(
  format: Format,
  request: HttpRequest,
  { sites, publish, countryHeader }: CollectContext,
): Promise<HttpResponse> {
  const site = format.siteOf(request, sites);
  const received = Date.now();
  const visitor = visitorOf(request, { countryHeader, fromBrowsers: format.fromBrowsers });
  const { events, verdicts } = judge(format.eventsOf(request, site, received), site, received, visitor);
  if (events.length > 0) {
    try {
      await publish(events);
    } catch (cause) {
      const message = 'The events could not be stored now. Send them again, with the same ids.';
      throw new FootfallError('kafka_unavailable', 503, message, { cause, retryAfter: 5, expose: true });
    }
  }
  return format.answer(verdicts);
}

function judge(incoming: readonly Incoming[], site: Site, received: number, visitor: Visitor) {
  const events: FootfallEvent[] = [];
  const verdicts = incoming.map((one, index): Verdict => {
    if ('refusals' in one) return { index, status: 'refused', errors: one.refusals };
    const result = translate(one.plain, site, received, randomUUID);
    if ('event' in result) {
      const { userAgent = visitor.userAgent } = one;
      events.push(enrich(result.event, { ...visitor, userAgent }));
      return { index, status: 'accepted', id: result.event.id };
    }
    const errors = result.refusals.map((refusal) => ({ ...refusal, path: one.pathOf(refusal.path) }));
    return { index, status: 'refused', errors };
  });
  return { events, verdicts };
}
