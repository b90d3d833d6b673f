import * as z from 'zod';
import { EVENT_NAME } from '../event/event.ts';
import { eventCount } from '../fold/counter-names.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../fold/resolution.ts';
import type { Counters } from '../platform/counters.ts';
import { DAY_MS, formatDay, localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, sumOf, totalOf } from './arithmetic.ts';
import { type DayRange, rangeParameters, resolveRange } from './date-range.ts';
import { question } from './question.ts';
import {
  type Bucket,
  calendarBuckets,
  clockBuckets,
  GRAINS,
  type Grain,
  isClockGrain,
  MAX_BUCKETS,
} from './time-buckets.ts';

export const eventsQuery = z.object({
  ...rangeParameters,
  event: z
    .string()
    .regex(EVENT_NAME)
    .optional()
    .meta({ description: 'Only events of this name', example: 'add_to_cart' }),
  grain: z
    .enum(GRAINS)
    .optional()
    .meta({
      description: `Adds a series of at most ${MAX_BUCKETS} points. Hours go back ${HOURS_KEPT_MS / DAY_MS} days, minutes ${MINUTES_KEPT_MS / DAY_MS} days, days as long as the site keeps them`,
      example: 'day',
    }),
});

export const eventsSchema = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    total: z.number().int(),
    events: z.record(z.string(), z.number().int()).meta({ description: 'Frequency by name' }),
    series: z
      .array(
        z.object({
          start: z
            .string()
            .meta({ description: 'A day as YYYY-MM-DD, or the instant at which the hour or minute begins' }),
          total: z.number().int(),
          events: z.record(z.string(), z.number().int()),
        }),
      )
      .optional()
      .meta({ description: 'Every point of the range that is not in the future, empty ones included' }),
  })
  .meta({
    id: 'EventFrequency',
    examples: [
      {
        from: '2026-03-01',
        to: '2026-03-02',
        total: 1_310,
        events: { view_item: 1_200, purchase: 110 },
        series: [
          { start: '2026-03-01', total: 700, events: { view_item: 640, purchase: 60 } },
          { start: '2026-03-02', total: 610, events: { view_item: 560, purchase: 50 } },
        ],
      },
    ],
  });

/**
 * How often events happened, in total and as a series.
 * @throws as {@link clockBuckets}.
 */
export async function readEvents(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof eventsQuery>,
): Promise<z.infer<typeof eventsSchema>> {
  const only = (sums: Counters): Counters => {
    if (query.event === undefined) return sums;
    const counter = eventCount(query.event);
    return new Map([[counter, sums.get(counter) ?? 0]]);
  };
  const { days, covered } = await resolveRange(store, site, query);
  const byDay = await store.dayHashes('day', site.id, days);
  const events = eventsByName(only(sumOf(byDay.map(({ sums }) => sums))));
  const total = {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    total: totalOf(events),
    events,
  };
  if (query.grain === undefined) return total;
  const points = await bucketsOf(store, site, covered, query.grain);
  return {
    ...total,
    series: points.map(({ start, sums }) => {
      const own = eventsByName(only(sums));
      return { start, total: totalOf(own), events: own };
    }),
  };
}

/** Ends now, when the range ends later. */
async function bucketsOf(
  store: StoreReader,
  site: Site,
  { from, to }: DayRange,
  grain: Grain,
): Promise<Bucket[]> {
  const now = Date.now();
  const range = { from, to: Math.min(to, localDay(now, site.zone)) };
  if (range.to < from) return [];
  if (!isClockGrain(grain)) return calendarBuckets(store, site, range, grain);
  return clockBuckets(store, site, range, { grain, zone: site.zone, now });
}

/** One row for each name. */
export const frequencyRows = (events: Record<string, number>) =>
  Object.entries(events).map(([event, count]) => ({ event, count }));

const prefixed = (prefix: string, counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}.${name}`, count]));

export const eventsQuestion = question({
  path: '/v1/events',
  summary: 'How often events happened, in total and as a series',
  query: eventsQuery,
  answer: eventsSchema,
  cached: 'days',
  wholeDayFigures: () => [],
  csv: {
    columns: [],
    rows: ({ events, series }) =>
      series?.map(({ start, total, events }) => ({ start, total, ...prefixed('n', events) })) ??
      frequencyRows(events),
  },
  read: ({ store, site }, _, query) => readEvents(store, site, query),
});
