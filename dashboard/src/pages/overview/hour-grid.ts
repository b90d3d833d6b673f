import type { components } from '../../api/schema.d.ts';
import { addDays, type Days } from '../../view/period.ts';

type Point = components['schemas']['Series']['points'][number];

/** Hours are kept for 90 days; the first of them is going out. */
const KEPT_DAYS = 89;

/** The days of a range whose hours are kept; undefined when all are older. */
export function keptHours({ from, to }: Days, today: string): Days | undefined {
  const first = addDays(today, 1 - KEPT_DAYS);
  if (to < first) return undefined;
  return { from: from < first ? first : from, to };
}

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export const WEEKDAY_NAMES = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

export interface HourGrid {
  /** The average of each hour of each weekday, Monday first; undefined: the range has no such hour. */
  hours: (number | undefined)[][];
  /** The average day of each weekday. */
  days: (number | undefined)[];
  /** The largest hour. */
  best: { weekday: number; hour: number; value: number } | undefined;
  bestDay: number | undefined;
}

/**
 * Averages by weekday and hour of the clock in a zone. A range has not each weekday equally often, so sums could not be
 * compared. When clocks go back, an hour comes twice on one day and both count as one; when they go forward, that
 * day lacks an hour and does not lower its average.
 * @param points by hour; what is not over must not be among them.
 */
export function hourGrid(points: readonly Point[], zone: string): HourGrid {
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  });
  const sums = WEEKDAYS.map(() => Array.from({ length: 24 }, () => ({ sum: 0, days: new Set<string>() })));
  for (const { start, value } of points) {
    const parts = Object.fromEntries(
      clock.formatToParts(new Date(start)).map((one) => [one.type, one.value]),
    );
    const cell = sums[WEEKDAYS.indexOf(parts.weekday as 'Mon')]![Number(parts.hour)]!;
    cell.sum += value ?? 0;
    cell.days.add(`${parts.year}-${parts.month}-${parts.day}`);
  }
  const hours = sums.map((row) =>
    row.map(({ sum, days }) => (days.size === 0 ? undefined : sum / days.size)),
  );
  const days = hours.map((row) =>
    row.every((value) => value === undefined) ? undefined : row.reduce<number>((sum, v) => sum + (v ?? 0), 0),
  );
  let best: HourGrid['best'];
  for (const [weekday, row] of hours.entries()) {
    for (const [hour, value] of row.entries()) {
      if (value !== undefined && value > (best?.value ?? 0)) best = { weekday, hour, value };
    }
  }
  const top = Math.max(...days.map((value) => value ?? 0));
  return { hours, days, best, bestDay: top > 0 ? days.indexOf(top) : undefined };
}
