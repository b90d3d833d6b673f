import { z } from 'zod';
import { EVENT_NAME } from '../event/event.ts';
import { eventCount } from '../fold/counter-names.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../fold/fold.ts';
import type { Counters } from '../platform/counters.ts';
import { DAY_MS, formatDay, localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, sumOf, totalOf } from './counts.ts';
import { askedDays, type DayRange, rangeParameters } from './date-range.ts';
import { dayPoints, finePoints, GRAINS, type Grain, isFine, MAX_POINTS, type Point } from './time-buckets.ts';

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
      description: `Adds a series of at most ${MAX_POINTS} points. Hours reach back ${HOURS_KEPT_MS / DAY_MS} days, minutes ${MINUTES_KEPT_MS / DAY_MS}; days as long as the site keeps them`,
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
          start: z.string().meta({ description: 'A day as YYYY-MM-DD, or the instant at which it begins' }),
          total: z.number().int(),
          events: z.record(z.string(), z.number().int()),
        }),
      )
      .optional()
      .meta({ description: 'Every point of the range that is not in the future, the empty ones, too' }),
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
 * @throws as {@link finePoints}.
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
  const { days, covered } = await askedDays(store, site, query);
  const byDay = await store.dayHashes('day', site.id, days);
  const events = eventsByName(only(sumOf(byDay.map(({ sums }) => sums))));
  const total = {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    total: totalOf(events),
    events,
  };
  if (query.grain === undefined) return total;
  const points = await pointsOf(store, site, covered, query.grain);
  return {
    ...total,
    series: points.map(({ start, sums }) => {
      const own = eventsByName(only(sums));
      return { start, total: totalOf(own), events: own };
    }),
  };
}

/** Up to now, however far the range goes. */
async function pointsOf(
  store: StoreReader,
  site: Site,
  { from, to }: DayRange,
  grain: Grain,
): Promise<Point[]> {
  const now = Date.now();
  const range = { from, to: Math.min(to, localDay(now, site.zone)) };
  if (range.to < from) return [];
  if (!isFine(grain)) return dayPoints(store, site, range, grain);
  return finePoints(store, site, range, { grain, zone: site.zone, now });
}
