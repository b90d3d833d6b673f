import * as z from 'zod';
import { PERIODS, PERIODS_KEPT, type Period } from '../fold/cohorts.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { rate } from './arithmetic.ts';
import { cohortStarts } from './cohort-starts.ts';
import { rangeParameters } from './date-range.ts';
import { question } from './question.ts';
import { rateSchema } from './session-figures.ts';

export const retentionQuery = z.object({
  ...rangeParameters,
  period: z.enum(PERIODS).default('week').meta({
    description:
      'Weeks begin on Monday. There is a cohort for each period that the range touches, always of the whole period',
  }),
  periods: z.coerce
    .number('a whole number')
    .int()
    .min(1)
    .max(PERIODS_KEPT.day + 1)
    .default(8)
    .meta({
      description:
        'How many periods a cohort is followed, its own included: at most 91 days, 54 weeks, 37 months',
    }),
});

export const retentionSchema = z
  .object({
    period: z.enum(PERIODS),
    cohorts: z.array(
      z.object({
        start: z.iso
          .date()
          .meta({ description: 'First day of the period in which the users were first seen' }),
        users: z.number().int(),
        retained: z.array(
          z.object({
            period: z.number().int().meta({ description: 'Periods after the first one, which is 0' }),
            users: z.number().int(),
            rate: rateSchema,
          }),
        ),
      }),
    ),
  })
  .meta({
    id: 'Retention',
    examples: [
      {
        period: 'week',
        cohorts: [
          {
            start: '2026-03-02',
            users: 700,
            retained: [
              { period: 0, users: 700, rate: 1 },
              { period: 1, users: 210, rate: 0.3 },
            ],
          },
        ],
      },
    ],
  });

/** How many of the users first seen in each period of a range were active in each later period. */
export async function readRetention(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof retentionQuery>,
  now = Date.now(),
): Promise<z.infer<typeof retentionSchema>> {
  const { period } = query;
  const { starts, begunOf } = await cohortStarts(store, site, query, now);
  const found = await store.cohorts(site.id, period, starts);
  const cohorts = found
    .map(({ day, sums }) => {
      const users = sums.get('0') ?? 0;
      const retained = Array.from({ length: begunOf(day) }, (_, n) => {
        const active = sums.get(String(n)) ?? 0;
        return { period: n, users: active, rate: rate(active, users) };
      });
      return { start: formatDay(day), users, retained };
    })
    .filter(({ users }) => users > 0);
  return { period: period satisfies Period, cohorts };
}

export const retentionQuestion = question({
  path: '/v1/retention',
  summary: 'Of the users first seen in a day, week or month, how many came back later',
  query: retentionQuery,
  answer: retentionSchema,
  // The number of periods that have begun grows without any event.
  cached: 'moment',
  csv: {
    columns: ['start', 'period', 'users', 'rate'],
    rows: ({ cohorts }) =>
      cohorts.flatMap(({ start, retained }) => retained.map((cell) => ({ start, ...cell }))),
  },
  read: ({ store, site }, _, query) => readRetention(store, site, query),
});
