import { FootfallError } from '../platform/errors.ts';
import { dayText } from '../platform/http/day-parameter.ts';
import { type Day, localDay, parseDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';

/** The longest range that one answer covers. */
export const MAX_RANGE_DAYS = 3_660;

/** The query parameters of a range of days. */
export const rangeParameters = {
  from: dayText.optional().meta({
    description: "First day, in the site's time zone; default: the first day kept",
    example: '2026-03-01',
  }),
  to: dayText
    .optional()
    .meta({ description: 'Last day, inclusive, in the same zone; default: today', example: '2026-03-31' }),
};

export interface RangeQuery {
  from?: string | undefined;
  to?: string | undefined;
}

/** All days from `from` to `to`, both included. */
export interface DayRange {
  from: Day;
  to: Day;
}

/** The range that a query asks for. @throws FootfallError `reversed_range` 400, `range_too_long` 400 with the limit. */
export function dayRange(query: RangeQuery, site: Site): DayRange {
  const today = localDay(Date.now(), site.zone);
  const to = query.to === undefined ? today : parseDay(query.to)!;
  const from = query.from === undefined ? Math.min(to, today - site.retention_days) : parseDay(query.from)!;
  if (query.from !== undefined) assertRange({ from, to });
  return { from, to };
}

/** @throws FootfallError `reversed_range` 400, `range_too_long` 400 with the limit. */
export function assertRange({ from, to }: DayRange): void {
  if (from > to) throw new FootfallError('reversed_range', 400, 'from is after to.');
  if (to - from >= MAX_RANGE_DAYS) {
    throw new FootfallError('range_too_long', 400, `A range has at most ${MAX_RANGE_DAYS} days.`, {
      details: { limit_days: MAX_RANGE_DAYS },
    });
  }
}

/** Every day of a range; none when it ends before it begins. */
export const daysOf = ({ from, to }: DayRange): Day[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** The days that lie in a range. */
export const within = (days: readonly Day[], { from, to }: DayRange) =>
  days.filter((day) => day >= from && day <= to);

/** A range, and the days in it on which the site has events. */
export interface ResolvedRange {
  /** In order. */
  days: Day[];
  /** The range of the answer: it begins with the first day with events when the query has no `from`. */
  covered: DayRange;
}

/** Resolves a query's range, in one round trip. @throws as {@link dayRange}. */
export async function resolveRange(
  store: StoreReader,
  site: Site,
  query: RangeQuery,
): Promise<ResolvedRange> {
  const range = dayRange(query, site);
  const days = within(await store.days(site.id), range);
  return { days, covered: query.from === undefined ? startingWith(days, range) : range };
}

/** `covered` of {@link ResolvedRange}, without a round trip where possible. @throws as {@link dayRange}. */
export async function coveredRange(store: StoreReader, site: Site, query: RangeQuery): Promise<DayRange> {
  return query.from === undefined ? (await resolveRange(store, site, query)).covered : dayRange(query, site);
}

const startingWith = (days: readonly Day[], range: DayRange) => ({ ...range, from: days[0] ?? range.to });
