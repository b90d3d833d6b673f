import { type Day, monthOf, monthStart } from '../platform/time.ts';
import type { DayRange } from './date-range.ts';

/** Ranges of days by name. As in GA4, the last days and months are whole ones: they end before today, or this month. */
export const NAMED_RANGES = [
  'today',
  'yesterday',
  'last_7_days',
  'last_14_days',
  'last_28_days',
  'last_30_days',
  'last_90_days',
  'week_to_date',
  'last_week',
  'month_to_date',
  'last_month',
  'quarter_to_date',
  'year_to_date',
  'last_year',
  'last_12_months',
] as const;
export type NamedRange = (typeof NAMED_RANGES)[number];

/**
 * The days that a name stands for.
 * @param today in the site's zone
 * @example namedRange('last_week', parseDay('2026-11-30')!) // Monday 23 to Sunday 29 November
 */
export function namedRange(name: NamedRange, today: Day): DayRange {
  const month = monthOf(today);
  // The first of January 1970 was a Thursday.
  const monday = today - ((((today + 3) % 7) + 7) % 7);
  const lastDays = (days: number) => ({ from: today - days, to: today - 1 });
  switch (name) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return lastDays(1);
    case 'last_7_days':
      return lastDays(7);
    case 'last_14_days':
      return lastDays(14);
    case 'last_28_days':
      return lastDays(28);
    case 'last_30_days':
      return lastDays(30);
    case 'last_90_days':
      return lastDays(90);
    case 'week_to_date':
      return { from: monday, to: today };
    case 'last_week':
      return { from: monday - 7, to: monday - 1 };
    case 'month_to_date':
      return { from: monthStart(month), to: today };
    case 'last_month':
      return { from: monthStart(month - 1), to: monthStart(month) - 1 };
    case 'quarter_to_date':
      return { from: monthStart(month - (month % 3)), to: today };
    case 'year_to_date':
      return { from: monthStart(month - (month % 12)), to: today };
    case 'last_year':
      return { from: monthStart(month - (month % 12) - 12), to: monthStart(month - (month % 12)) - 1 };
    case 'last_12_months':
      return { from: monthStart(month - 12), to: monthStart(month) - 1 };
  }
}
