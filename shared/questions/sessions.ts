import * as z from 'zod';
import { SESSION_MS } from '../fold/counter-names.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { sumOf } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import { question, rowsIn } from './question.ts';
import { sessionExample, sessionFigures, sessionFiguresOf } from './session-figures.ts';

export const sessionsQuery = z.object(rangeParameters);

export const sessionsSchema = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    ...sessionFigures,
    session_ms: z.number().int().meta({ description: 'Total length of all sessions, ms' }),
    days: z.array(z.object({ date: z.iso.date(), ...sessionFigures })),
  })
  .meta({
    id: 'Sessions',
    examples: [
      {
        from: '2026-03-01',
        to: '2026-03-31',
        ...sessionExample,
        session_ms: 1_077_944_600,
        days: [{ date: '2026-03-01', ...sessionExample }],
      },
    ],
  });

/** Sessions of a range, in total and by the day on which they began. */
export async function readSessions(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof sessionsQuery>,
): Promise<z.infer<typeof sessionsSchema>> {
  const { days, covered } = await resolveRange(store, site, query);
  const byDay = await store.dayHashes('day', site.id, days);
  const total = sumOf(byDay.map(({ sums }) => sums));
  return {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    ...sessionFiguresOf(total),
    session_ms: total.get(SESSION_MS) ?? 0,
    days: byDay.map(({ day, sums }) => ({ date: formatDay(day), ...sessionFiguresOf(sums) })),
  };
}

export const sessionsQuestion = question({
  path: '/v1/sessions',
  summary: 'Sessions, bounces and how long sessions are, in total and by day',
  query: sessionsQuery,
  answer: sessionsSchema,
  cached: 'days',
  csv: rowsIn(sessionsSchema, 'days'),
  wholeDayFigures: () => [],
  read: ({ store, site }, _, query) => readSessions(store, site, query),
});
