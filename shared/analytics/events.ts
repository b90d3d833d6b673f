import { z } from 'zod';
import { eventCount } from '../aggregation/counters.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../aggregation/fold.ts';
import type { Sums } from '../aggregation/sums.ts';
import { FootfallError } from '../errors.ts';
import { EVENT_NAME } from '../events/event.ts';
import type { Site } from '../sites.ts';
import { splitField } from '../store/fields.ts';
import type { StoreReader } from '../store/reads.ts';
import {
  DAY_MS,
  type Day,
  dayStart,
  formatDay,
  HOUR_MS,
  localDay,
  localHourStart,
  MINUTE_MS,
} from '../time.ts';
import { eventsByName, sumOf, totalOf } from './counts.ts';
import { askedDays, type DayRange, rangeParameters } from './range.ts';

/** A series by minute or hour has at most so many points. */
const MAX_POINTS = 3_000;

export const eventsQuery = z.object({
  ...rangeParameters,
  event: z
    .string()
    .regex(EVENT_NAME)
    .optional()
    .meta({ description: 'Only events of this name', example: 'add_to_cart' }),
  grain: z
    .enum(['day', 'hour', 'minute'])
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
 * @throws `range_too_long` (400) for too many points, `not_kept` (400) for minutes or hours of days so old that
 *   only the day is kept.
 */
export async function readEvents(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof eventsQuery>,
): Promise<z.infer<typeof eventsSchema>> {
  const only = (sums: Sums): Sums => {
    if (query.event === undefined) return sums;
    const counter = eventCount(query.event);
    return new Map([[counter, sums.get(counter) ?? 0]]);
  };
  const { days, covered } = await askedDays(store, site, query);
  const byDay = await store.dayHashes('day', site.id, days);
  const events = eventsByName(only(sumOf(byDay.map(({ sums }) => sums))));
  // A series ends with today, however far the range goes.
  const past = { from: covered.from, to: Math.min(covered.to, localDay(Date.now(), site.zone)) };
  const grain = query.grain;
  return {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    total: totalOf(events),
    events,
    ...(grain === 'day' && { series: points(dayStarts(past), byDayStart(byDay), only) }),
    ...((grain === 'hour' || grain === 'minute') && {
      series: await fineSeries(store, site, grain, past, only),
    }),
  };
}

async function fineSeries(
  store: StoreReader,
  site: Site,
  grain: 'hour' | 'minute',
  range: DayRange,
  only: (sums: Sums) => Sums,
) {
  const keptMs = grain === 'hour' ? HOURS_KEPT_MS : MINUTES_KEPT_MS;
  const begin = dayStart(range.from, site.zone);
  if (begin < Date.now() - keptMs - DAY_MS) {
    throw new FootfallError('not_kept', 400, `A series by ${grain} reaches back ${keptMs / DAY_MS} days.`, {
      details: { limit_days: keptMs / DAY_MS },
    });
  }
  const end = Math.min(dayStart(range.to + 1, site.zone), Date.now());
  const step = grain === 'hour' ? HOUR_MS : MINUTE_MS;
  if ((end - begin) / step > MAX_POINTS) {
    throw new FootfallError('range_too_long', 400, `A series has at most ${MAX_POINTS} points.`, {
      details: { limit_points: MAX_POINTS },
    });
  }
  const hashes = await store.dayHashes(grain === 'hour' ? 'hours' : 'minutes', site.id, daysOf(range));
  const byStart = new Map<string, Sums>();
  for (const { sums } of hashes) {
    for (const [field, amount] of sums) {
      const [seconds, counter] = splitField(field);
      const start = new Date(Number(seconds) * 1_000).toISOString();
      const point = byStart.get(start) ?? new Map<string, number>();
      byStart.set(start, point.set(counter, amount));
    }
  }
  const startOf = (ts: number) => (grain === 'hour' ? localHourStart(ts, site.zone) : ts - (ts % step));
  const starts = new Set<string>();
  for (let ts = begin; ts < end; ts += step) starts.add(new Date(startOf(ts)).toISOString());
  // Where a clock was put back by half an hour, the steps are half an hour away from the hours.
  if (begin < end) starts.add(new Date(startOf(end - 1)).toISOString());
  return points([...starts], byStart, only);
}

function points(starts: string[], byStart: Map<string, Sums>, only: (sums: Sums) => Sums) {
  return starts.map((start) => {
    const events = eventsByName(only(byStart.get(start) ?? new Map()));
    return { start, total: totalOf(events), events };
  });
}

/** Each day of a range; none when it is all in the future. */
const daysOf = ({ from, to }: DayRange) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

const dayStarts = (range: DayRange) => daysOf(range).map(formatDay);

const byDayStart = (days: { day: Day; sums: Sums }[]) =>
  new Map(days.map(({ day, sums }) => [formatDay(day), sums]));
