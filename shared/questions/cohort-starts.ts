import { PERIODS_KEPT, type Period, periodOf, periodStart } from '../fold/cohorts.ts';
import { type Day, localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { dayRange, type RangeQuery } from './date-range.ts';

/** The cohorts of a range. */
export interface CohortStarts {
  /** The first day of each period of the range in which the site has events. */
  starts: Day[];
  /** How many periods of a cohort have begun and are kept, at least 1 and at most as many as the query asks for. */
  begunOf(start: Day): number;
}

/**
 * Finds the cohorts of a query. Whole periods: a week that began before the range has all of its people.
 * @param now ms since the epoch
 * @throws as {@link dayRange}
 */
export async function cohortStarts(
  store: StoreReader,
  site: Site,
  query: RangeQuery & { period: Period; periods: number },
  now: number,
): Promise<CohortStarts> {
  const { period, periods } = query;
  const range = dayRange(query, site);
  const [first, last] = [periodOf(range.from, period), periodOf(range.to, period)];
  const own = (await store.days(site.id)).map((day) => periodOf(day, period));
  const current = periodOf(localDay(now, site.zone), period);
  return {
    starts: [...new Set(own.filter((one) => one >= first && one <= last))].map((one) =>
      periodStart(one, period),
    ),
    begunOf: (start) =>
      Math.max(1, Math.min(periods, current - periodOf(start, period) + 1, PERIODS_KEPT[period] + 1)),
  };
}
