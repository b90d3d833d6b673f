import { PERIODS_KEPT } from '../fold/cohorts.ts';
import { DAY_MS, type Day, MINUTE_MS, type Month, monthOf } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';

/** How long what is stored is kept. */

/** Live users are those of the last half hour. */
export const LIVE_MS = 30 * MINUTE_MS;
/** Trending products are of the last hours. */
export const TRENDING_HOURS = 48;
/** A cart that nobody touched for so long is no longer waited for. */
export const CARTS_KEPT_MS = 30 * DAY_MS;

/**
 * A shard knows for so long which dead letters were replayed there, by the log's timestamps. A replay that was begun
 * and not finished is published again by the next sweep, so this is ample; the clock has no part in it, since a refill
 * reads old records again.
 */
export const REPLAYS_KEPT_MS = 30 * DAY_MS;

/** Sites keep a hundred years at the most. */
const TIMELINE_MONTHS = 1_201;

/**
 * The months of which a user may have a timeline. The user's state names them, but a month stays until it is old as a
 * whole, and the state goes so long after the last event: the last months may be there without it.
 * @param now ms
 */
export function timelineMonths(now: number): Month[] {
  // Of a zone that is ahead.
  const last = monthOf(Math.floor(now / DAY_MS) + 1);
  return Array.from({ length: TIMELINE_MONTHS }, (_, i) => last - i);
}

/**
 * Seconds since the epoch: the end of a day (in any zone) and so long after it. What ended before 1970 ends in
 * its first second: SET takes no other times, and an error inside the script would leave it half done.
 */
export const expiry = (day: Day, keptMs: number) => Math.max(1, ((day + 2) * DAY_MS + keptMs) / 1000);

/** When the numbers of a day are gone, in seconds since the epoch. */
export const dayExpiry = (day: Day, site: Site) => expiry(day, site.retention_days * DAY_MS);

/** A cohort is followed for years after it began, and then kept like any other number of those years' days. */
export const cohortExpiry = (start: Day, site: Site) =>
  dayExpiry(start + 31 * (PERIODS_KEPT.month + 1), site);
