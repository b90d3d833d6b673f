import { addDays, type Days, lengthOf } from '../../view/period.ts';
import type { ProductDay, ProductMetric } from './metrics.ts';

/** All days of a range. */
export const daysIn = (range: Days): string[] =>
  Array.from({ length: lengthOf(range) }, (_, i) => addDays(range.from, i));

/** A metric on every day of a range. The API leaves out days without an event: counts are 0 there, rates unknown. */
export function everyDay(
  active: readonly ProductDay[],
  range: Days,
  { ofDay, kind }: ProductMetric,
): (number | null)[] {
  const byDay = new Map(active.map((day) => [day.date, day]));
  return daysIn(range).map((date) => {
    const day = byDay.get(date);
    return day && ofDay ? ofDay(day) : kind === 'rate' ? null : 0;
  });
}
