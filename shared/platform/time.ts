import { IANAZone } from 'luxon';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/**
 * Zones change their offset on quarter-hours of UTC, except a few that changed at 00:01 local time (St. John's and
 * Moncton until 2011, Casey until 2022). Within nearly all quarters the offset is constant.
 */
const QUARTER_MS = 900_000;
const MAX_CACHED_QUARTERS = 100_000;

interface ZoneOffsets {
  zone: IANAZone;
  /** NaN for a quarter in which the offset changes. */
  byQuarter: Map<number, number>;
}
const zones = new Map<string, ZoneOffsets>();

/** How far the zone's clock is ahead of UTC at `ts` (ms since the epoch), ms. */
export function offsetAt(ts: number, zone: string): number {
  let offsets = zones.get(zone);
  if (!offsets) {
    offsets = { zone: IANAZone.create(zone), byQuarter: new Map() };
    zones.set(zone, offsets);
  }
  const quarter = Math.floor(ts / QUARTER_MS);
  let offset = offsets.byQuarter.get(quarter);
  if (offset === undefined) {
    if (offsets.byQuarter.size >= MAX_CACHED_QUARTERS) offsets.byQuarter.clear();
    const start = quarter * QUARTER_MS;
    offset = offsets.zone.offset(start) * MINUTE_MS;
    if (offsets.zone.offset(start + QUARTER_MS - 1) * MINUTE_MS !== offset) offset = NaN;
    offsets.byQuarter.set(quarter, offset);
  }
  return Number.isNaN(offset) ? offsets.zone.offset(ts) * MINUTE_MS : offset;
}

/** A calendar day as the number of days since 1970-01-01; site-local when made by {@link localDay}. */
export type Day = number;

/** The site-local day of an instant (ms since the epoch). */
export function localDay(ts: number, zone: string): Day {
  return Math.floor((ts + offsetAt(ts, zone)) / DAY_MS);
}

/**
 * The instant (ms) at which the site-local hour of `ts` began. An hour that a clock change repeats begins at two
 * different instants.
 */
export function localHourStart(ts: number, zone: string): number {
  const local = ts + offsetAt(ts, zone);
  return ts - (local - Math.floor(local / HOUR_MS) * HOUR_MS);
}

/** The hour of the zone's clock at an instant (ms), 0 to 23. */
export const hourOf = (ts: number, zone: string): number => new Date(ts + offsetAt(ts, zone)).getUTCHours();

/** The first instant (ms) of a local day: midnight, or the first minute after it where a change skips midnight. */
export function dayStart(day: Day, zone: string): number {
  const midnight = day * DAY_MS;
  // Offsets lie within a day of UTC; the candidates before and after the day's changes bracket the answer.
  const early = midnight - offsetAt(midnight - DAY_MS, zone);
  const late = midnight - offsetAt(midnight + DAY_MS, zone);
  const [low, high] = early < late ? [early, late] : [late, early];
  for (let ts = low; ts < high; ts += MINUTE_MS) {
    if (localDay(ts, zone) >= day) return ts;
  }
  return high;
}

/** `YYYY-MM-DD` of a day. */
export function formatDay(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The day that `YYYY-MM-DD` names; undefined when there is no such day (2026-02-30). */
export function parseDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return undefined;
  return ms / DAY_MS;
}

/** A calendar month as year × 12 + (month − 1). */
export type Month = number;

export function monthOf(day: Day): Month {
  const date = new Date(day * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The first day of a month. */
export function monthStart(month: Month): Day {
  return Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS;
}
