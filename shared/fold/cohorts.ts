import { type Day, monthOf, monthStart } from '../platform/time.ts';

/** How active users are grouped by time: by local day, by week (ISO 8601: from Monday), by month. */
export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/** For how many periods a cohort is followed. */
export const PERIODS_KEPT: Record<Period, number> = { day: 90, week: 53, month: 36 };

/** The number of the period that a day is in. Consecutive periods differ by one. 1970-01-01 was a Thursday. */
export function periodOf(day: Day, period: Period): number {
  if (period === 'day') return day;
  return period === 'week' ? Math.floor((day + 3) / 7) : monthOf(day);
}

/** The first day of a period. */
export function periodStart(number: number, period: Period): Day {
  if (period === 'day') return number;
  return period === 'week' ? number * 7 - 3 : monthStart(number);
}
