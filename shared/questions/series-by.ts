import { type Dimension, ITEM_DIMENSIONS, NOT_SET, VALUES } from '../event/dimensions.ts';
import { EVENTS } from '../fold/counter-names.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { splitField } from '../platform/redis/fields.ts';
import { type Day, formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, totalOf } from './arithmetic.ts';
import { hasEventValues, isOfEvents } from './breakdowns.ts';
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
  if (dimension === 'bot') return ['bots'];
  if (isOfEvents(dimension))
    return ['events', 'orders', 'refunds', 'revenue', 'refunded', 'net', 'average_order'];
  if ((ITEM_DIMENSIONS as readonly string[]).includes(dimension)) {
    return ['units', 'units_refunded', 'revenue', 'refunded', 'net'];
  }
  return [
    ...['sessions', 'engaged_sessions', 'engagement_rate', 'bounces', 'bounce_rate', 'session_ms_average'],
    ...['conversion_rate', 'orders', 'revenue', 'average_order'],
  ];
}

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
    top,
  }: { range: DayRange; grain: CalendarGrain; dimension: Dimension; top: number },
  points: readonly Bucket[],
  sizeOf: (sums: Counters) => number,
): Promise<ValueSeries[]> {
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
  for (const { day, sums } of await store.breakdown(site.id, days, dimension)) {
    const start = formatDay(startOfPeriod(day, grain));
    for (const [field, amount] of sums) {
      if (field === VALUES) continue;
      const [counter, value] = splitField(field);
      add(value, start, counter, amount);
    }
  }
  if (isOfEvents(dimension)) addNotSet([...all.values()], points, add);
  const ranked = [...all.values()]
    .filter(({ sums }) => sums.values().some((amount) => amount !== 0))
    .map((one) => ({ one, size: sizeOf(one.sums) }))
    .sort((a, b) => b.size - a.size || (a.one.value < b.one.value ? -1 : 1))
    .map(({ one }) => one);
  const [largest, others] = [ranked.slice(0, top), ranked.slice(top)];
  return others.length === 0 ? largest : [...largest, addedUp(others)];
}

/** Events without a value are not stored: they are the totals less the events that have one. */
function addNotSet(
  values: readonly ValueSeries[],
  points: readonly Bucket[],
  add: (value: string, start: string, counter: string, amount: number) => void,
): void {
  const counted = values.map(({ buckets }) => buckets);
  for (const { start, sums } of points) {
    const own = counted.flatMap((buckets) => buckets.get(start) ?? []);
    add(NOT_SET, start, EVENTS, totalOf(eventsByName(sums)));
    for (const [counter, amount] of sums) if (hasEventValues(counter)) add(NOT_SET, start, counter, amount);
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
