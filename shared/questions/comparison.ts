import * as z from 'zod';
import type { Until } from '../derived/derived-reader.ts';
import { HOURS_KEPT_MS } from '../fold/resolution.ts';
import { FootfallError } from '../platform/errors.ts';
import {
  DAY_MS,
  type Day,
  formatDay,
  hourOf,
  localDay,
  monthOf,
  monthStart,
  parseDay,
} from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import { assertRange, type DayRange } from './date-range.ts';

const isDay = (text: string | undefined) => text !== undefined && parseDay(text) !== undefined;

/** The query parameters of a comparison. */
export const comparisonParameters = {
  compare: z
    .union([
      z.enum(['previous', 'year']),
      z
        .string()
        .regex(/^\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/)
        .refine((text) => text.split('..').every(isDay), 'must be two days'),
    ])
    .optional()
    .meta({
      description:
        'Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year ' +
        'before. FROM..TO: these days',
      example: 'previous',
    }),
  align: z
    .enum(['weekday'])
    .optional()
    .meta({
      description:
        'The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with ' +
        'compare=previous, up to three days earlier or later with FROM..TO',
    }),
  compare_hours: z
    .enum(['same', 'all'])
    .optional()
    .meta({
      description:
        'same: a range up to today is compared with the last day up to the same hour, where the answer is counted by ' +
        'hour and these hours are kept; the default. all: with whole days',
    }),
};

export interface ComparisonQuery {
  compare?: string | undefined;
  align?: 'weekday' | undefined;
  compare_hours?: 'same' | 'all' | undefined;
}

/**
 * The days that a range is compared with.
 * @throws FootfallError `reversed_range` and `range_too_long` 400.
 */
export function comparedRange({ from, to }: DayRange, { compare, align }: ComparisonQuery): DayRange {
  const length = to - from + 1;
  if (compare === 'previous') return shifted({ from, to }, align ? Math.ceil(length / 7) * 7 : length);
  if (compare === 'year') {
    return align ? shifted({ from, to }, 364) : { from: yearBefore(from), to: yearBefore(to) };
  }
  const [first, last] = compare!.split('..').map((text) => parseDay(text)!) as [Day, Day];
  const other = { from: first, to: last };
  assertRange(other);
  if (!align) return other;
  const ahead = (((first - from) % 7) + 7) % 7;
  return shifted(other, ahead <= 3 ? ahead : ahead - 7);
}

const shifted = ({ from, to }: DayRange, days: number): DayRange => ({ from: from - days, to: to - days });

/** The same day of the year before; the 28th of February for the 29th. */
function yearBefore(day: Day): Day {
  const month = monthOf(day);
  const inMonth = day - monthStart(month);
  return Math.min(monthStart(month - 12) + inMonth, monthStart(month - 11) - 1);
}

/**
 * Where the last day compared with ends, when today is compared with it: at the hour that has begun today. Undefined
 * when the day is compared as a whole.
 */
export function untilOf(
  range: DayRange,
  other: DayRange,
  { site, now, compare_hours = 'same' }: Pick<ComparisonQuery, 'compare_hours'> & { site: Site; now: number },
): Until | undefined {
  const today = localDay(now, site.zone);
  if (compare_hours === 'all' || range.to !== today || other.to >= today) return undefined;
  if (other.to * DAY_MS < now - HOURS_KEPT_MS + 2 * DAY_MS) return undefined;
  return { day: other.to, hour: hourOf(now, site.zone) };
}

/** @example textOf({ day, hour: 14 }) // '2026-03-30T14:00' */
export const untilText = ({ day, hour }: Until) => `${formatDay(day)}T${String(hour).padStart(2, '0')}:00`;

/** @throws FootfallError `compare_without_from`, `align_without_compare` 400. */
export function assertComparison(query: ComparisonQuery & { from?: string | undefined }): void {
  const { compare, align, compare_hours } = query;
  if (compare === undefined) {
    if (align === undefined && compare_hours === undefined) return;
    throw new FootfallError('align_without_compare', 400, 'align and compare_hours need compare.');
  }
  if (query.from === undefined) {
    throw new FootfallError(
      'compare_without_from',
      400,
      'compare needs from or range: before all days there are none.',
    );
  }
}
