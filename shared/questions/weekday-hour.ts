import * as z from 'zod';
import { type Counters, increase } from '../platform/counters.ts';
import { fromMinor } from '../platform/money.ts';
import { formatDay, hourOf, localDay, parseDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { currencyCode, type Site } from '../sites/site.ts';
import { dayRange, rangeParameters } from './date-range.ts';
import { question, rowsIn } from './question.ts';
import { isClockMetric, isMoneyMetric, METRICS, metricValue } from './series.ts';
import { clockBuckets } from './time-buckets.ts';

/** Days of an answer without `from`: whole weeks of the hours that are kept. */
const DEFAULT_DAYS = 84;

const CLOCK_METRICS = METRICS.filter(isClockMetric);

export const weekdayHourQuery = z.object({
  from: rangeParameters.from.meta({
    description: `First day, in the site's time zone; default: ${DEFAULT_DAYS} days up to \`to\`. Hours go back 90 days`,
    example: '2026-03-02',
  }),
  to: rangeParameters.to,
  metric: z.enum(CLOCK_METRICS).default('events'),
  currency: currencyCode
    .optional()
    .meta({ description: "For metrics of money; the site's currency when absent" }),
});

export const weekdayHourSchema = z
  .object({
    metric: z.string(),
    currency: z.string().optional(),
    from: z.iso.date(),
    to: z.iso.date(),
    hours: z
      .array(
        z.object({
          weekday: z.number().int().min(1).max(7).meta({ description: '1: Monday, 7: Sunday' }),
          hour: z.number().int().min(0).max(23).meta({ description: "By the site's clock" }),
          times: z.number().int().meta({
            description: 'How often this hour has begun in the range: the number to divide by for an average',
          }),
          value: z.number().nullable().meta({
            description: 'The sum, or the rate of all of them together; money in minor units',
          }),
          amount: z.string().optional().meta({ description: 'Money in units of the currency' }),
        }),
      )
      .meta({ description: 'All 168 hours of a week, Monday first' }),
  })
  .meta({
    id: 'WeekdayHour',
    examples: [
      {
        metric: 'orders',
        from: '2026-03-02',
        to: '2026-03-29',
        hours: [{ weekday: 1, hour: 0, times: 4, value: 12 }],
      },
    ],
  });

/**
 * One metric by weekday and hour of the site's clock, over a range.
 * @throws as {@link clockBuckets}.
 */
export async function readWeekdayHour(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof weekdayHourQuery>,
  now = Date.now(),
): Promise<z.infer<typeof weekdayHourSchema>> {
  const currency = query.currency ?? site.currency;
  const today = localDay(now, site.zone);
  const { to } = dayRange({ to: query.to }, site);
  const last = Math.min(to, today);
  const from = query.from ?? formatDay(last - DEFAULT_DAYS + 1);
  const range = dayRange({ from, to: formatDay(Math.max(last, parseDay(from)!)) }, site);
  const cells = Array.from({ length: 7 * 24 }, () => ({ times: 0, sums: new Map() as Counters }));
  for (const { start, sums } of await clockBuckets(store, site, range, {
    grain: 'hour',
    zone: site.zone,
    now,
  })) {
    const ts = Date.parse(start);
    const weekday = (((localDay(ts, site.zone) + 3) % 7) + 7) % 7;
    const cell = cells[weekday * 24 + hourOf(ts, site.zone)]!;
    cell.times++;
    for (const [counter, amount] of sums) increase(cell.sums, counter, amount);
  }
  const isMoney = isMoneyMetric(query.metric);
  return {
    metric: query.metric,
    ...(isMoney && { currency }),
    from: formatDay(range.from),
    to: formatDay(range.to),
    hours: cells.map(({ times, sums }, i) => {
      const value = metricValue(query.metric, sums, 0, currency);
      return {
        weekday: Math.floor(i / 24) + 1,
        hour: i % 24,
        times,
        value,
        ...(isMoney && value !== null && { amount: fromMinor(value, currency) }),
      };
    }),
  };
}

export const weekdayHourQuestion = question({
  path: '/v1/series/weekday-hour',
  summary: 'One metric by weekday and hour',
  query: weekdayHourQuery,
  answer: weekdayHourSchema,
  cached: 'days',
  csv: rowsIn(weekdayHourSchema, 'hours'),
  read: ({ store, site }, _, query) => readWeekdayHour(store, site, query),
});
