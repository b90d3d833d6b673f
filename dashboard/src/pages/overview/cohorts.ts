import type { DataOf } from '../../api/types.ts';
import { addDays, type Days } from '../../view/period.ts';

type Period = DataOf<'/v1/retention'>['period'];
type Cohort = DataOf<'/v1/retention'>['cohorts'][number];

/** Periods that are shown, the first one included. */
export const SHOWN: Record<Period, number> = { day: 15, week: 13, month: 13 };
/** The days that cohorts reach back at least: within a range of a week, people cannot come back after four. */
const LEAST_DAYS: Record<Period, number> = { day: 14, week: 84, month: 365 };

/** The range in which the people were first seen: the page's, or longer. */
export function cohortDays({ from, to }: Days, period: Period): Days {
  const least = addDays(to, 1 - LEAST_DAYS[period]);
  return { from: from < least ? from : least, to };
}

/** The number of a day's period, so that periods can be counted. */
function indexOf(day: string, period: Period): number {
  const days = Date.parse(day) / 86_400_000;
  if (period === 'day') return days;
  // 1 Jan 1970 was a Thursday; weeks begin on Monday.
  if (period === 'week') return Math.floor((days + 3) / 7);
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}

/** Whether the n-th period after a cohort's own is going on. */
export const isUnfinished = (start: string, n: number, period: Period, today: string): boolean =>
  indexOf(start, period) + n >= indexOf(today, period);

/** The share of all people that came back after n periods, over the cohorts for which that period is over. */
export function averageRates(cohorts: readonly Cohort[], period: Period, today: string): number[] {
  const width = Math.max(0, ...cohorts.map(({ retained }) => retained.length));
  const averages: number[] = [];
  for (let n = 0; n < width; n++) {
    const whole = cohorts.filter(
      ({ start, retained }) => retained[n] && !isUnfinished(start, n, period, today),
    );
    const people = whole.reduce((sum, { users }) => sum + users, 0);
    if (people === 0) continue;
    averages[n] = whole.reduce((sum, { retained }) => sum + retained[n]!.users, 0) / people;
  }
  return averages;
}
