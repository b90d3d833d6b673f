import type { Day } from '../platform/time.ts';
import { PERIODS, PERIODS_KEPT, type Period, periodOf, periodStart } from './cohorts.ts';

/**
 * Exact unique users over any range of days. On each day, the users active on it are counted by their gap: the days
 * since they were active before, 0 when never. The unique users of [a, b] are those of each day d in it whose gap is 0
 * or more than d − a: each user is counted on their first active day in the range.
 */

/** Receives what a further active day of a user changes. */
export interface ActivityChanges {
  /** Users of a gap on a day. */
  gap(day: Day, gap: number, amount: 1 | -1): void;
  /** Users of the cohort that begins on `start` who were active `n` periods after it. */
  cohort(period: Period, start: Day, n: number, amount: 1 | -1): void;
}

/**
 * Adds a day to a user's active days, which are in order, and reports what changes: the gap of the next day, and the
 * user's cohorts when it is a new first day. Reports nothing when the day is there already.
 */
export function addActiveDay(days: Day[], day: Day, changes: ActivityChanges): void {
  let at = days.length;
  while (at > 0 && days[at - 1]! > day) at--;
  const before = days[at - 1];
  const after = days[at];
  if (before === day) return;

  changes.gap(day, before === undefined ? 0 : day - before, 1);
  if (after !== undefined) {
    changes.gap(after, before === undefined ? 0 : after - before, -1);
    changes.gap(after, after - day, 1);
  }
  for (const period of PERIODS) {
    const own = periodOf(day, period);
    const isMet = [before, after].some((near) => near !== undefined && periodOf(near, period) === own);
    // A new first day in the period of the former one does not change the cohort either.
    if (isMet) continue;
    if (before === undefined && after !== undefined) countCohort(days, period, changes, -1);
    else if (before !== undefined) addCell(periodOf(days[0]!, period), own, period, changes, 1);
  }
  days.splice(at, 0, day);
  if (before === undefined) {
    for (const period of PERIODS) {
      if (after === undefined || periodOf(after, period) !== periodOf(day, period)) {
        countCohort(days, period, changes, 1);
      }
    }
  }
}

/** Takes back all that a user's active days have added. */
export function removeActiveDays(days: readonly Day[], changes: ActivityChanges): void {
  days.forEach((day, i) => {
    changes.gap(day, i === 0 ? 0 : day - days[i - 1]!, -1);
  });
  if (days.length > 0) for (const period of PERIODS) countCohort(days, period, changes, -1);
}

function countCohort(days: readonly Day[], period: Period, changes: ActivityChanges, amount: 1 | -1): void {
  const first = periodOf(days[0]!, period);
  const active = new Set(days.map((day) => periodOf(day, period)));
  for (const one of active) addCell(first, one, period, changes, amount);
}

function addCell(first: number, own: number, period: Period, changes: ActivityChanges, amount: 1 | -1): void {
  if (own - first <= PERIODS_KEPT[period])
    changes.cohort(period, periodStart(first, period), own - first, amount);
}
