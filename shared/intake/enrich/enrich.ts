import type { FootfallEvent } from '../../event/event.ts';
import { channelOf, type TrafficSource } from './channel.ts';
import { hostOf, trafficSource } from './traffic-source.ts';
import { agentOf } from './user-agent.ts';

/** What is known of a visitor besides the event: never an address. */
export interface Visitor {
  userAgent?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  country?: string;
  /** Host of the page that sent the event, without `www.`. */
  host?: string;
}

/**
 * Adds to an event what follows from it and its visitor: device, browser, operating system, country, traffic
 * source and channel. Fields that the event has stay. A bot's event gets `bot` and nothing else.
 */
export function enrich(event: FootfallEvent, { userAgent = '', country, host }: Visitor): FootfallEvent {
  const { bot, ...agent } = agentOf(userAgent);
  if (bot !== undefined) return { ...event, bot };
  const referrer = hostOf(event.referrer);
  const isOwn = referrer !== undefined && (referrer === hostOf(event.page) || referrer === host);
  const { referrer: _, ...withoutReferrer } = event;
  const from = saysWhereFrom(event) ? {} : trafficSource(event.page, isOwn ? undefined : referrer);
  const channel = channelOf({ ...event, ...from });
  return {
    ...(country && { country }),
    ...agent,
    ...from,
    ...(channel && { channel }),
    // A link from one page of the site to the next is no referrer.
    ...(isOwn ? withoutReferrer : event),
  };
}

const saysWhereFrom = ({ source, medium, campaign }: TrafficSource) =>
  source !== undefined || medium !== undefined || campaign !== undefined;
