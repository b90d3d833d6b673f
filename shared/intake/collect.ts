import { randomUUID } from 'node:crypto';
import type { FootfallEvent } from '../event/event.ts';
import { kafkaUnavailable } from '../platform/http/outage-errors.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';
import { isKafkaOutage } from '../platform/kafka/outage.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { record } from '../platform/observe/observe.ts';
import { checkOrigin } from '../sites/origin.ts';
import type { Site } from '../sites/site.ts';
import { findSite, type SiteSource } from '../sites/source.ts';
import { enrich, ignoredBot, type Visitor } from './enrich/enrich.ts';
import type { Format, Sender, Verdict } from './format.ts';
import type { Incoming, IncomingEvent } from './incoming.ts';
import { type Refusal, translate } from './plain-event.ts';
import type { Charge } from './rate-limiter.ts';
import { visitorOf } from './request-visitor.ts';
import { isNoUserAgent } from './values/placeholders.ts';
import type { Warning } from './values/warning.ts';
import { warningsOf } from './verdicts.ts';

/** Dependencies of {@link collect}. */
export interface CollectContext {
  sites: SiteSource;
  /** Resolves when all in-sync replicas have the events. */
  publish(events: FootfallEvent[]): Promise<void>;
  /**
   * Charges the cost of a request before any of it is published. @throws FootfallError `rate_limited` 429.
   */
  limit(taking: Charge): Promise<void>;
  /**
   * Header, in lower case, in which the edge (CloudFront, Cloudflare …) names a visitor's country; undefined:
   * none.
   */
  countryHeader?: string;
}

/**
 * Accepts a request's events. Judges each event by itself, and answers when the brokers have the accepted
 * ones.
 * @throws errors of the format; FootfallError `origin_not_allowed` 403, `rate_limited` 429,
 *   `sites_unavailable`, `overloaded` and `kafka_unavailable` 503.
 */
export async function collect(
  format: Format,
  request: HttpRequest,
  { sites, publish, limit, countryHeader }: CollectContext,
): Promise<HttpResponse> {
  const received = Date.now();
  const address = request.requestContext.http.sourceIp;
  let sender: Sender;
  let incoming: Incoming[];
  try {
    sender = await findSite(sites, (known) => format.senderOf(request, known));
    checkOrigin(request, sender.site);
    incoming = format.eventsOf(request, received);
  } catch (error) {
    // Limits guesses of keys, and requests without events, too.
    await limit({ address, cost: 1 });
    throw error;
  }
  const { site, key } = sender;
  await limit({ key, address, cost: Math.max(1, incoming.length) });
  const visitor = visitorOf(request, { countryHeader, fromBrowsers: format.fromBrowsers });
  const { events, verdicts } = judge(incoming, site, received, visitor);
  for (const verdict of verdicts) {
    if (verdict.status === 'refused')
      record(METRICS.refusedEvents, 1, { code: verdict.errors[0]?.code ?? 'invalid_event' });
  }
  if (events.length > 0) {
    try {
      await publish(events);
    } catch (cause) {
      if (!isKafkaOutage(cause)) throw cause;
      throw kafkaUnavailable(
        'Kafka does not answer, so the events were not stored. Send them again with the same ids.',
        cause,
      );
    }
    record(METRICS.acceptedEvents, events.length);
  }
  return format.answer(verdicts);
}

function judge(incoming: readonly Incoming[], site: Site, received: number, visitor: Visitor) {
  const events: FootfallEvent[] = [];
  const verdicts = incoming.map((one, index): Verdict => {
    if ('refusals' in one) return { index, status: 'refused', errors: one.refusals };
    const result = translate(one.plain, site, received, randomUUID);
    const placed = (refusal: Refusal) => ({ ...refusal, path: one.pathOf(refusal.path) });
    if ('refusals' in result) return { index, status: 'refused', errors: result.refusals.map(placed) };
    const { event, refund, deadLetter } = result;
    const userAgent = isNoUserAgent(one.userAgent) ? undefined : one.userAgent;
    const from = { ...visitor, userAgent: userAgent ?? visitor.userAgent };
    events.push(enrich(event, from, site));
    if (refund) events.push(enrich(refund, from, site));
    const all = warningsOf(one, result);
    const bot = ignoredBot(event, from);
    if (bot !== undefined) all.push(notABot(bot, one));
    const warnings = all.length > 0 && { warnings: all };
    return deadLetter
      ? { index, status: 'dead_lettered', id: event.id, errors: [placed(deadLetter)], ...warnings }
      : { index, status: 'accepted', id: event.id, ...warnings };
  });
  return { events, verdicts };
}

const notABot = (bot: string, { pathOf }: IncomingEvent): Warning => ({
  code: 'not_a_bot',
  path: pathOf('user_agent'),
  message: `names ${bot}, a program; it was ignored, since an order is never a bot's`,
});
