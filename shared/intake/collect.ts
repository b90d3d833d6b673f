import { randomUUID } from 'node:crypto';
import type { FootfallEvent } from '../event/event.ts';
import type { InvalidEvent, RawFormat } from '../event/invalid.ts';
import { kafkaUnavailable } from '../platform/http/outage-errors.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';
import { isKafkaOutage } from '../platform/kafka/outage.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { record } from '../platform/observe/observe.ts';
import { checkOrigin } from '../sites/origin.ts';
import { findSite, type SiteSource } from '../sites/source.ts';
import type { Format, Sender, Verdict } from './format.ts';
import type { Incoming } from './incoming.ts';
import { InvalidEvents } from './keep-invalid.ts';
import type { Charge } from './rate-limiter.ts';
import { visitorOf } from './request-visitor.ts';
import { type Surroundings, understand } from './understand.ts';

/** Dependencies of {@link collect}. */
export interface CollectContext {
  sites: SiteSource;
  /**
   * Resolves when all in-sync replicas have the events.
   * @param invalid those that were not understood, to be kept as dead letters.
   */
  publish(events: FootfallEvent[], invalid: InvalidEvent[]): Promise<void>;
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
  const via = format.wayInOf?.(request) ?? format.rawFormat;
  const { events, invalid, verdicts } = judge(incoming, {
    ...{ site, received, visitor, via, newId: randomUUID },
    format: format.rawFormat,
  });
  for (const verdict of verdicts) {
    if (verdict.status === 'refused')
      record(METRICS.refusedEvents, 1, { code: verdict.errors[0]?.code ?? 'invalid_event' });
  }
  if (events.length > 0 || invalid.length > 0) {
    try {
      await publish(events, invalid);
    } catch (cause) {
      if (!isKafkaOutage(cause)) throw cause;
      throw kafkaUnavailable(
        'Kafka does not answer, so the events were not stored. Send them again with the same ids.',
        cause,
      );
    }
    if (events.length > 0) record(METRICS.acceptedEvents, events.length);
  }
  return format.answer(verdicts);
}

/** Judges each event by itself. */
function judge(incoming: readonly Incoming[], surroundings: Surroundings & { format: RawFormat }) {
  const events: FootfallEvent[] = [];
  const invalid = new InvalidEvents(surroundings);
  const verdicts = incoming.map((one, index): Verdict => {
    const understood = understand(one, surroundings);
    if ('refusals' in understood) {
      invalid.add(one, understood.found);
      return { index, status: 'refused', errors: understood.refusals };
    }
    const { event, refund, deadLetter, warnings: all } = understood;
    events.push(event);
    if (refund) events.push(refund);
    const warnings = all.length > 0 && { warnings: all };
    return deadLetter
      ? { index, status: 'dead_lettered', id: event.id, errors: [deadLetter], ...warnings }
      : { index, status: 'accepted', id: event.id, ...warnings };
  });
  return { events, invalid: invalid.records, verdicts };
}
