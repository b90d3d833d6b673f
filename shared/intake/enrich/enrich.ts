import type { FootfallEvent } from '../../event/event.ts';
import { channelOf, type TrafficSource } from './channel.ts';
import { hostOf, trafficSource } from './traffic-source.ts';
import { agentOf } from './user-agent.ts';

/** What is known of a visitor beside the event: never an address. */
export interface Visitor {
  userAgent?: string | undefined;
  /** ISO 3166 alpha-2. */
  country?: string;
  /** Of the page that sent the event, without `www.`. */
  host?: string;
}

/**
 * Adds to an event what follows from it and from its visitor: device, browser, operating system, country, where the
 * visit came from, its channel. What the event says itself stays. A bot's event is marked and else as it was.
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
    // From one of its own pages to the next: it led nobody here.
    ...(isOwn ? withoutReferrer : event),
  };
}

const saysWhereFrom = ({ source, medium, campaign }: TrafficSource) =>
  source !== undefined || medium !== undefined || campaign !== undefined;
