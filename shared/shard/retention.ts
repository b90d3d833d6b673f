import { PERIODS_KEPT } from '../fold/cohorts.ts';
import { DAY_MS, type Day, MINUTE_MS, type Month, monthOf } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';

/** How long Redis keeps what is stored. */

/** Live users are those with an event in the last half hour, ms. */
export const LIVE_MS = 30 * MINUTE_MS;
/**
 * Views of pages and products are kept by half hours, ms: the last half hour and the present minute are in two of them.
 */
export const VIEWED_MS = 30 * MINUTE_MS;
/** Until when such a half hour is asked for, ms. @param start of it, ms */
export const viewedUntil = (start: number) => start + VIEWED_MS + LIVE_MS + MINUTE_MS;
/** The hours that trending products are ranked over. */
export const TRENDING_HOURS = 48;
/** A cart that was not touched for this long is no longer abandoned but forgotten, ms. */
export const CARTS_KEPT_MS = 30 * DAY_MS;

/**
 * How long a shard remembers which dead letters were replayed there, ms. Measured by timestamps of the log, since a
 * refill reads old records again. Ample: the next sweep publishes an unfinished replay again.
 */
export const REPLAYS_KEPT_MS = 30 * DAY_MS;

/** A site keeps at most a hundred years. */
const TIMELINE_MONTHS = 1_201;

/**
 * All months that a user can have a timeline of, latest first. The user's state names them, but it may expire before
 * the last months, since a month stays until all of it is old.
 * @param now ms since the epoch
 */
export function timelineMonths(now: number): Month[] {
  // A zone ahead of UTC may be in the next month.
  const last = monthOf(Math.floor(now / DAY_MS) + 1);
  return Array.from({ length: TIMELINE_MONTHS }, (_, i) => last - i);
}

/**
 * When something of a day expires, in seconds since the epoch: `keptMs` after the end of the day in any zone. At least
 * 1: SET takes no times before 1970, and an error inside the script would leave a commit half done.
 */
export const expiry = (day: Day, keptMs: number) => Math.max(1, ((day + 2) * DAY_MS + keptMs) / 1000);

/** When the numbers of a day expire, in seconds since the epoch. */
export const dayExpiry = (day: Day, site: Site) => expiry(day, site.retention_days * DAY_MS);

/** When a cohort expires, in seconds since the epoch: its last period is kept like any other day. */
export const cohortExpiry = (start: Day, site: Site) =>
  dayExpiry(start + 31 * (PERIODS_KEPT.month + 1), site);
