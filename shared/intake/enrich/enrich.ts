import type { FootfallEvent } from '../../event/event.ts';
import { channelOf, type TrafficSource } from './channel.ts';
import { isReferrer, type ReferrerTerms } from './referrers.ts';
import { hostOf, trafficSource } from './traffic-source.ts';
import { type Agent, agentOf } from './user-agent.ts';

/** What is known of a visitor besides the event: never an address. */
export interface Visitor {
  userAgent?: string | undefined;
  /** What a user agent said, when it is not known itself. */
  agent?: Agent | undefined;
  /** ISO 3166-1 alpha-2. */
  country?: string;
  /** Host of the page that sent the event, without `www.`. */
  host?: string;
}

/** Events of an order: a program may report them, but a person bought. */
const OF_ORDER: ReadonlySet<string> = new Set(['purchase', 'refund']);

/**
 * Adds to an event what follows from it and its visitor: device, browser, operating system, country, traffic
 * source and channel. Fields that the event has stay. A bot's event gets `bot` and nothing else. An order is
 * never a bot's: its user agent may be that of a shop's server or of a payment provider. An event without a person keeps
 * no address beyond the page's path and the referrer's host, since a query may name the visitor.
 * @param site what the site says of referrers.
 * @returns another event.
 */
export function enrich(
  event: FootfallEvent,
  visitor: Visitor,
  site: ReferrerTerms = NO_TERMS,
): FootfallEvent {
  const { country, host } = visitor;
  const { bot, device, browser, os } = saidBy(visitor);
  if (bot !== undefined && !OF_ORDER.has(event.name)) return withoutAddresses({ ...event, bot });
  const referrer = hostOf(event.referrer);
  const isInternal = referrer !== undefined && !isReferrer(referrer, [hostOf(event.page), host], site);
  const from = saysWhereFrom(event) ? event : trafficSource(event.page, isInternal ? undefined : referrer);
  const { source, medium, campaign } = from;
  // A link from one page of the site to the next is no referrer.
  const enriched = isInternal ? withoutReferrer(event) : { ...event };
  add(enriched, { country, device, browser, os, source, medium, campaign, channel: channelOf(from) });
  return withoutAddresses(enriched);
}

function withoutReferrer({ referrer: _, ...others }: FootfallEvent): FootfallEvent {
  return others;
}

type Added = Pick<
  FootfallEvent,
  'country' | 'device' | 'browser' | 'os' | 'source' | 'medium' | 'campaign' | 'channel'
>;

/** Sets fields that the event does not have. */
function add(event: FootfallEvent, found: { [F in keyof Added]: Added[F] | undefined }): void {
  for (const field of ADDED) {
    const value = found[field];
    if (value !== undefined && event[field] === undefined) event[field] = value;
  }
}

const ADDED = ['country', 'device', 'browser', 'os', 'source', 'medium', 'campaign', 'channel'] as const;

const NO_TERMS: ReferrerTerms = { ignored_referrers: [] };

/** Cuts the addresses of an event without a person, once they have said where the visit came from. */
function withoutAddresses(event: FootfallEvent): FootfallEvent {
  if (!event.personless) return event;
  const { page, referrer, ...others } = event;
  const path = page?.replace(/[?#].*$/s, '');
  const host = hostOf(referrer);
  return { ...others, ...(path && { page: path }), ...(host && { referrer: `https://${host}/` }) };
}

/** The bot that a user agent names although the event is an order; undefined when there is none. */
export const ignoredBot = ({ name }: FootfallEvent, visitor: Visitor): string | undefined =>
  OF_ORDER.has(name) ? saidBy(visitor).bot : undefined;

/** What the visitor's user agent says. */
export const saidBy = ({ userAgent, agent }: Visitor): Agent =>
  userAgent === undefined && agent !== undefined ? agent : agentOf(userAgent ?? '');

const saysWhereFrom = ({ source, medium, campaign }: TrafficSource) =>
  source !== undefined || medium !== undefined || campaign !== undefined;
