import { periodOf, periodStart } from '../fold/cohorts.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../fold/resolution.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { splitField } from '../platform/redis/fields.ts';
import {
  DAY_MS,
  type Day,
  dayStart,
  formatDay,
  HOUR_MS,
  localDay,
  localHourStart,
  MINUTE_MS,
} from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { type DayRange, daysOf } from './date-range.ts';

/** Lengths of time that a series can have; weeks begin on Monday. */
export const GRAINS = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type Grain = (typeof GRAINS)[number];
export type CalendarGrain = Exclude<Grain, 'minute' | 'hour'>;

/** The most buckets of one answer. */
export const MAX_BUCKETS = 10_000;

export const isClockGrain = (grain: Grain): grain is 'minute' | 'hour' =>
  grain === 'minute' || grain === 'hour';

/** A span of time and its counters. */
export interface Bucket {
  /** The first day as YYYY-MM-DD, or the instant at which an hour or minute begins. */
  start: string;
  sums: Counters;
}

/** Every day, week or month of a range in the site's own calendar, with the days of the range in it. */
export async function calendarBuckets(
  store: StoreReader,
  site: Site,
  range: DayRange,
  grain: CalendarGrain,
): Promise<(Bucket & { days: Day[] })[]> {
  const days = daysOf(range);
  const sums = new Map<Day, Counters>();
  for (const { day, sums: own } of await store.dayHashes('day', site.id, days)) {
    const point = getOrMake(sums, startOfPeriod(day, grain), () => new Map());
    for (const [counter, amount] of own) increase(point, counter, amount);
  }
  const groups = Map.groupBy(days, (day) => startOfPeriod(day, grain));
  return [...groups].map(([start, own]) => ({
    start: formatDay(start),
    sums: sums.get(start) ?? new Map(),
    days: own,
  }));
}

/** The first day of the day, week or month that a day is in. */
export const startOfPeriod = (day: Day, grain: CalendarGrain) => periodStart(periodOf(day, grain), grain);

/**
 * Every bucket of a range that has begun, made of hours or minutes. These are instants, so the zone can be any.
 * @throws FootfallError `range_too_long` 400, with the limit; `not_kept` 400 where only the site's own days are still
 *   kept; `unsupported_zone` 400 where the zone's hours are not the site's.
 */
export async function clockBuckets(
  store: StoreReader,
  site: Site,
  { from, to }: DayRange,
  { grain, zone, now }: { grain: Grain; zone: string; now: number },
): Promise<Bucket[]> {
  const begin = dayStart(from, zone);
  const end = Math.min(dayStart(to + 1, zone), Math.max(now, begin + 1));
  checkKept(begin, grain, now);
  const step = grain === 'minute' ? MINUTE_MS : HOUR_MS;
  if ((end - begin) / step > MAX_BUCKETS) {
    throw new FootfallError('range_too_long', 400, `A series has at most ${MAX_BUCKETS} points.`, {
      details: { limit_points: MAX_BUCKETS },
    });
  }
  if (grain !== 'minute' && zone !== site.zone) checkHours({ begin, end }, zone, site);
  const startOf = startsOf(grain, zone);
  const points = new Map<string, Bucket>();
  const addPoint = (start: string) => points.set(start, { start, sums: new Map() });
  for (let ts = begin; ts < end; ts += step) addPoint(startOf(ts));
  // Where a clock went back by half an hour, the steps are half an hour away from the hours.
  addPoint(startOf(end - 1));
  const days = daysOf({ from: localDay(begin, site.zone), to: localDay(end - 1, site.zone) });
  for (const { sums } of await store.dayHashes(grain === 'minute' ? 'minutes' : 'hours', site.id, days)) {
    for (const [field, amount] of sums) {
      const [seconds, counter] = splitField(field);
      const stored = Number(seconds) * 1_000;
      const ts = grain === 'minute' ? stored : firstOfHour(stored, site.zone);
      const point = ts >= begin && ts < end ? points.get(startOf(ts)) : undefined;
      if (point) increase(point.sums, counter, amount);
    }
  }
  return [...points.values()];
}

function startsOf(grain: Grain, zone: string): (ts: number) => string {
  if (grain === 'minute') return (ts) => new Date(Math.floor(ts / MINUTE_MS) * MINUTE_MS).toISOString();
  if (grain === 'hour') return (ts) => new Date(firstOfHour(localHourStart(ts, zone), zone)).toISOString();
  return (ts) => formatDay(startOfPeriod(localDay(ts, zone), grain));
}

/**
 * The first instant of an hour, ms. Where a change of the clocks is by half an hour (Lord Howe), an hour can lack its
 * first half or come a second time for its second half. Its clock then begins within the hour before, and the hour
 * with the change.
 * @param hourStart when the hour began by its clock, from {@link localHourStart}. Hours are stored under it.
 */
function firstOfHour(hourStart: number, zone: string): number {
  let first = hourStart;
  while (first < hourStart + HOUR_MS && localHourStart(first, zone) !== hourStart) first += MINUTE_MS;
  return first;
}

/** Older hours and minutes are deleted: a series of zeros would be a wrong answer. */
function checkKept(begin: number, grain: Grain, now: number): void {
  const keptMs = grain === 'minute' ? MINUTES_KEPT_MS : HOURS_KEPT_MS;
  if (begin >= now - keptMs - DAY_MS) return;
  const kept = `${grain === 'minute' ? 'Minutes' : 'Hours'} go back ${keptMs / DAY_MS} days`;
  const why = isClockGrain(grain) ? '' : ', and days of another zone are made of hours';
  throw new FootfallError('not_kept', 400, `${kept}${why}.`, { details: { limit_days: keptMs / DAY_MS } });
}

/** Hours and days of another zone are made of the site's hours, so they have to begin with one. */
function checkHours({ begin, end }: { begin: number; end: number }, zone: string, site: Site): void {
  for (let ts = begin; ts < end; ts += HOUR_MS) {
    if ((localHourStart(ts, zone) - localHourStart(ts, site.zone)) % HOUR_MS !== 0) {
      const message = `Hours of ${zone} are not hours of the site's zone, ${site.zone}.`;
      throw new FootfallError('unsupported_zone', 400, message);
    }
  }
}
