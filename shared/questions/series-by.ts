import {
  type Dimension,
  isBotDimension,
  isEventDimension,
  isItemDimension,
  isOrderDimension,
  isSessionDimension,
  NOT_SET,
  type StoredDimension,
  storedForSessions,
} from '../event/dimensions.ts';
import { EVENTS } from '../fold/counter-names.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { type Day, formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, totalOf } from './arithmetic.ts';
import { hasOrderValues } from './breakdowns.ts';
import { type DayRange, within } from './date-range.ts';
import { type Bucket, type CalendarGrain, startOfPeriod } from './time-buckets.ts';

/** What the values beyond the largest ones are called. */
export const REST = '(rest)';

/** One value of a dimension over time. */
export interface ValueSeries {
  value: string;
  /** Over the whole range. */
  sums: Counters;
  /** By start of the bucket, YYYY-MM-DD. */
  buckets: ReadonlyMap<string, Counters>;
}

/** Which metrics of a series each kind of dimension has. */
export function metricsBy(dimension: Dimension): readonly string[] {
  if (isBotDimension(dimension)) return ['bots'];
  if (isItemDimension(dimension)) return ['units', 'units_refunded', 'revenue', 'refunded', 'net'];
  const events = isEventDimension(dimension) ? ['events'] : [];
  if (isSessionDimension(dimension)) {
    return [
      ...events,
      ...['sessions', 'engaged_sessions', 'engagement_rate', 'bounces', 'bounce_rate', 'session_ms_average'],
      ...[
        'viewed_sessions',
        'view_rate',
        'carted_sessions',
        'cart_rate',
        'checkout_sessions',
        'checkout_rate',
      ],
      ...['converted_sessions', 'conversion_rate', 'orders', 'revenue', 'average_order'],
    ];
  }
  return [
    ...events,
    ...['orders', 'refunds', 'gross', 'discounts', 'revenue', 'refunded', 'net', 'shipping', 'tax'],
    'average_order',
  ];
}

/** The breakdown that has a metric by a dimension: sessions have one of their own beside that of events. */
const breakdownWith = (metric: string, dimension: Dimension): StoredDimension =>
  isSessionDimension(dimension) && metric !== 'events' ? storedForSessions(dimension) : dimension;

/**
 * The largest values of a dimension over time, and the rest together.
 * @param points the site's totals: what an event's dimension does not count is the rest of them
 * @param sizeOf by which values are large, of their counters over the whole range; equal ones in the order of their names
 */
export async function seriesByValue(
  store: StoreReader,
  site: Site,
  {
    range,
    grain,
    dimension,
    metric,
    top,
  }: { range: DayRange; grain: CalendarGrain; dimension: Dimension; metric: string; top: number },
  points: readonly Bucket[],
  sizeOf: (sums: Counters) => number,
): Promise<ValueSeries[]> {
  const stored = breakdownWith(metric, dimension);
  const days: Day[] = within(await store.days(site.id), range);
  const all = new Map<string, { value: string; sums: Counters; buckets: Map<string, Counters> }>();
  const add = (value: string, start: string, counter: string, amount: number) => {
    const one = getOrMake(all, value, () => ({ value, sums: new Map(), buckets: new Map() }));
    increase(one.sums, counter, amount);
    increase(
      getOrMake(one.buckets, start, () => new Map()),
      counter,
      amount,
    );
  };
  const starts = new Map(days.map((day) => [day, formatDay(startOfPeriod(day, grain))]));
  await store.eachValue(site.id, days, stored, (day, counter, value, amount) =>
    add(value, starts.get(day)!, counter, amount),
  );
  const withEvents = isEventDimension(stored);
  if (withEvents || isOrderDimension(stored)) addNotSet([...all.values()], points, { withEvents, add });
  const ranked = [...all.values()]
    .filter(({ sums, buckets }) => [sums, ...buckets.values()].some((some) => sizeOf(some) !== 0))
    .map((one) => ({ one, size: sizeOf(one.sums) }))
    .sort((a, b) => b.size - a.size || (a.one.value < b.one.value ? -1 : 1))
    .map(({ one }) => one);
  const [largest, others] = [ranked.slice(0, top), ranked.slice(top)];
  return others.length === 0 ? largest : [...largest, addedUp(others)];
}

/** Events and orders without a value are not stored: they are the totals less those that have one. */
function addNotSet(
  values: readonly ValueSeries[],
  points: readonly Bucket[],
  {
    withEvents,
    add,
  }: { withEvents: boolean; add(value: string, start: string, counter: string, amount: number): void },
): void {
  const counted = values.map(({ buckets }) => buckets);
  for (const { start, sums } of points) {
    const own = counted.flatMap((buckets) => buckets.get(start) ?? []);
    if (withEvents) add(NOT_SET, start, EVENTS, totalOf(eventsByName(sums)));
    for (const [counter, amount] of sums) if (hasOrderValues(counter)) add(NOT_SET, start, counter, amount);
    for (const one of own) for (const [counter, amount] of one) add(NOT_SET, start, counter, -amount);
  }
}

function addedUp(values: readonly ValueSeries[]): ValueSeries {
  const rest = { value: REST, sums: new Map<string, number>(), buckets: new Map<string, Counters>() };
  for (const { sums, buckets } of values) {
    for (const [counter, amount] of sums) increase(rest.sums, counter, amount);
    for (const [start, own] of buckets) {
      const total = getOrMake(rest.buckets, start, () => new Map());
      for (const [counter, amount] of own) increase(total, counter, amount);
    }
  }
  return rest;
}
