import { randomUUID } from 'node:crypto';
import { FootfallError } from '../../shared/errors.ts';
import type { FootfallEvent } from '../../shared/events/event.ts';
import { translate } from '../../shared/events/plain.ts';
import { checkOrigin } from '../../shared/http/origin.ts';
import type { HttpRequest, HttpResponse } from '../../shared/http/stack.ts';
import { findSite, type SiteSource } from '../../shared/site-source.ts';
import type { Site } from '../../shared/sites.ts';
import type { Format, Incoming, Verdict } from './format.ts';

/** What collecting needs of the world outside. */
export interface CollectContext {
  sites: SiteSource;
  /** Resolves when all in-sync replicas have the events. */
  publish(events: FootfallEvent[]): Promise<void>;
}

/**
 * Takes a request's events: each is judged for itself, and the answer comes when the brokers have those that were
 * accepted.
 * @throws FootfallError what the format throws, `origin_not_allowed` 403, `sites_unavailable` and
 *   `kafka_unavailable` 503.
 */
export async function collect(
  format: Format,
  request: HttpRequest,
  { sites, publish }: CollectContext,
): Promise<HttpResponse> {
  const site = await findSite(sites, (known) => format.siteOf(request, known));
  checkOrigin(request, site);
  const received = Date.now();
  const { events, verdicts } = judge(format.eventsOf(request, site, received), site, received);
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

function judge(incoming: readonly Incoming[], site: Site, received: number) {
  const events: FootfallEvent[] = [];
  const verdicts = incoming.map((one, index): Verdict => {
    if ('refusals' in one) return { index, status: 'refused', errors: one.refusals };
    const result = translate(one.plain, site, received, randomUUID);
    if ('event' in result) {
      events.push(result.event);
      return { index, status: 'accepted', id: result.event.id };
    }
    const errors = result.refusals.map((refusal) => ({ ...refusal, path: one.pathOf(refusal.path) }));
    return { index, status: 'refused', errors };
  });
  return { events, verdicts };
}
