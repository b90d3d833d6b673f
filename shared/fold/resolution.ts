import type { FootfallEvent } from '../event/event.ts';
import { DAY_MS } from '../platform/time.ts';

/** How long minutes and hours are kept. Older events (imports) are counted by day only. */
export const MINUTES_KEPT_MS = 2 * DAY_MS;
export const HOURS_KEPT_MS = 90 * DAY_MS;

/** The finest unit of time by which an event is counted: the later it comes, the coarser. */
export const RESOLUTIONS = ['minute', 'hour', 'day'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export function resolutionOf({ received, ts }: Pick<FootfallEvent, 'received' | 'ts'>): Resolution {
  const age = received - ts;
  return age < MINUTES_KEPT_MS ? 'minute' : age < HOURS_KEPT_MS ? 'hour' : 'day';
}
