import * as z from 'zod';
import { eventCount } from '../fold/counter-names.ts';
import { type FunnelDefinition, SHOP_FUNNEL } from '../funnels/definition.ts';
import { stepLabel } from '../funnels/progress.ts';
import { funnelDefinitionSchema, funnelStep, shownFunnel, unknownFunnel } from '../funnels/schema.ts';
import { increase } from '../platform/counters.ts';
import { DAY_MS, dayStart, formatDay, HOUR_MS, localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { rate } from './arithmetic.ts';
import { type DayRange, rangeParameters, resolveRange, within } from './date-range.ts';
import { idParameter, question, rowsIn } from './question.ts';
import { rateSchema } from './session-figures.ts';
import { isFirstSince } from './unique-users.ts';

export const funnelsSchema = z.object({ funnels: z.array(funnelDefinitionSchema) }).meta({
  id: 'Funnels',
  examples: [
    {
      funnels: [
        {
          id: 'shop',
          name: 'Shop',
          by: 'user',
          window_hours: 168,
          steps: SHOP_FUNNEL.steps,
        },
      ],
    },
  ],
});

/** The funnels of a site: the shop funnel, then its own. */
async function readFunnels(store: StoreReader, site: Site): Promise<z.infer<typeof funnelsSchema>> {
  return { funnels: [SHOP_FUNNEL, ...(await store.funnels(site.id))].map(shownFunnel) };
}

export const funnelsQuestion = question({
  path: '/v1/funnels',
  summary: 'The funnels of the site: the shop funnel, and those that it defined',
  answer: funnelsSchema,
  cached: 'never',
  csv: rowsIn(funnelsSchema, 'funnels'),
  read: ({ store, site }) => readFunnels(store, site),
});

export const funnelQuery = z.object({
  ...rangeParameters,
  interval: z
    .enum(['day'])
    .optional()
    .meta({ description: 'Adds `days`: how far those came who entered on each day' }),
});

const count = z.number().int();

export const funnelSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    by: z.enum(['user', 'session']),
    window_hours: count,
    from: z.iso.date(),
    to: z.iso.date(),
    steps: z.array(
      z.object({
        step: count,
        ...funnelStep.shape,
        count: count.meta({
          description: 'Users, or sessions, that entered in the range and reached this step',
        }),
        rate_from_first: rateSchema,
        rate_from_previous: rateSchema,
        drop_off: count.meta({
          description: 'Users, or sessions, that took the step before and not this one',
        }),
        median_seconds: z.number().int().nullable().meta({
          description: 'Since the step before, over all entries; exact below 1,000, then to three digits',
        }),
      }),
    ),
    days: z
      .array(
        z.object({
          date: z.iso.date(),
          counts: z.array(count).meta({ description: 'One for each of the steps, in their order' }),
        }),
      )
      .optional()
      .meta({
        description:
          'With `interval=day`: the days with events. A user who enters on two days is in both, and once in `steps`',
      }),
  })
  .meta({
    id: 'Funnel',
    examples: [
      {
        id: 'shop',
        name: 'Shop',
        by: 'user',
        window_hours: 168,
        from: '2026-03-01',
        to: '2026-03-31',
        steps: [
          {
            step: 1,
            event: 'view_item',
            count: 3_000,
            rate_from_first: 1,
            rate_from_previous: 1,
            drop_off: 0,
            median_seconds: null,
          },
          {
            step: 2,
            event: 'add_to_cart',
            count: 1_200,
            rate_from_first: 0.4,
            rate_from_previous: 0.4,
            drop_off: 1_800,
            median_seconds: 95,
          },
        ],
      },
    ],
  });

/**
 * How many of the users or sessions that entered a funnel in a range reached each step. The shop funnel leaves out the
 * steps that no event has taken, from the range's first day to the end of the window of its last one.
 * @throws FootfallError `unknown_funnel` (404).
 */
export async function readFunnel(
  store: StoreReader,
  site: Site,
  id: string,
  query: z.infer<typeof funnelQuery>,
): Promise<z.infer<typeof funnelSchema>> {
  const definition = [SHOP_FUNNEL, ...(await store.funnels(site.id))].find((one) => one.id === id);
  if (!definition) throw unknownFunnel();
  const { days, covered } = await resolveRange(store, site, query);
  const found = await store.funnel(site.id, definition.key, days);
  const shown = definition.skips
    ? await stepsSent(store, site, covered, stepsIn(found, definition))
    : [...definition.steps.keys()];
  const sumOfDay = countSteps(found, shown);
  const counts = shown.map((_, i) =>
    sumOfDay.reduce((sum, { day, gaps }) => {
      for (const [gap, often] of gaps[i]!) if (isFirstSince(gap, day, covered.from)) sum += often;
      return sum;
    }, 0),
  );
  const { name, by, window_hours } = definition;
  return {
    id,
    name,
    by,
    window_hours,
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    steps: shown.map((step, i) => {
      const before = counts[i - 1] ?? counts[i]!;
      return {
        step: i + 1,
        ...definition.steps[step]!,
        count: counts[i]!,
        rate_from_first: rate(counts[i]!, counts[0]!),
        rate_from_previous: rate(counts[i]!, before),
        drop_off: before - counts[i]!,
        median_seconds: medianOf(sumOfDay.map(({ seconds }) => seconds[i]!)),
      };
    }),
    ...(query.interval && {
      days: sumOfDay.map(({ day, gaps }) => ({
        date: formatDay(day),
        counts: gaps.map((some) => some.values().reduce((sum, often) => sum + often, 0)),
      })),
    }),
  };
}

type FunnelDay = Awaited<ReturnType<StoreReader['funnel']>>[number];

/** A field's parts, see contributionsOf in funnels/progress.ts. */
function fieldOf(field: string): { kind: string; label: string; value: number } {
  const [name, value] = field.split('|') as [string, string?];
  return { kind: name[0]!, label: name.slice(1), value: Number(value ?? 0) };
}

/** The steps, counted from 0, that people took who entered on these days. */
function stepsIn(days: readonly FunnelDay[], { steps }: FunnelDefinition): boolean[] {
  const taken = steps.map(() => false);
  for (const { sums } of days) {
    for (const [field, often] of sums)
      if (often !== 0) taken[Number.parseInt(fieldOf(field).label, 10) - 1] = true;
  }
  return taken;
}

/** The steps of the shop funnel, counted from 0, that any event took that could have counted for the range. */
async function stepsSent(
  store: StoreReader,
  site: Site,
  { from, to }: DayRange,
  taken: readonly boolean[],
): Promise<number[]> {
  const { steps, window_hours } = SHOP_FUNNEL;
  const all = [...steps.keys()];
  if (taken.every(Boolean)) return all;
  const last = localDay(dayStart(to + 1, site.zone) - 1 + window_hours * HOUR_MS, site.zone);
  const days = within(await store.days(site.id), { from, to: last });
  const sums = await store.dayTotals(site.id, days);
  return all.filter((step) => taken[step] || (sums.get(eventCount(steps[step]!.event)) ?? 0) > 0);
}

/**
 * How often each of some steps was reached, by the gap to the day before, and after how many seconds. Counts are of those
 * who have taken all steps before that are shown.
 */
function countSteps(days: readonly FunnelDay[], shown: readonly number[]) {
  let taken = 0;
  const labels = shown.map((step) => {
    taken |= 1 << step;
    return stepLabel(taken);
  });
  return days.map(({ day, sums }) => {
    const gaps = shown.map((): Map<number, number> => new Map());
    const seconds = shown.map((): Map<number, number> => new Map());
    for (const [field, often] of sums) {
      const { kind, label, value } = fieldOf(field);
      const i = labels.indexOf(label);
      if (i >= 0) increase(kind === 't' ? seconds[i]! : gaps[i]!, value, often);
    }
    return { day, gaps, seconds };
  });
}

/** The lower median. @param days how often each value occurs on each of them */
function medianOf(days: readonly ReadonlyMap<number, number>[]): number | null {
  const values = new Map<number, number>();
  let total = 0;
  for (const day of days) {
    for (const [value, often] of day) {
      increase(values, value, often);
      total += often;
    }
  }
  let seen = 0;
  for (const [value, often] of [...values].sort(([a], [b]) => a - b)) {
    seen += often;
    if (often > 0 && seen * 2 >= total) return value;
  }
  return null;
}

const STEP_COLUMNS = Object.keys(funnelSchema.shape.steps.element.shape);

/** Of a step in a table by day. */
const columnOf = ({ step, event }: { step: number; event: string }) => `${step}_${event}`;

const rowsByDay = ({ steps, days = [] }: z.infer<typeof funnelSchema>) =>
  days.map(({ date, counts }) => ({
    date,
    ...Object.fromEntries(steps.map((step, i) => [columnOf(step), counts[i]])),
  }));

export const funnelQuestion = question({
  path: '/v1/funnels/{funnel}',
  summary: 'How many users or sessions reached each step of a funnel, and how long each step took',
  parameters: z.object({ funnel: idParameter(40).meta({ example: 'shop' }) }),
  query: funnelQuery,
  answer: funnelSchema,
  notFound: 'The site has no such funnel',
  cached: 'days',
  // Events until then say which steps the shop sends.
  laterDays: Math.ceil((SHOP_FUNNEL.window_hours * HOUR_MS) / DAY_MS) + 1,
  csv: {
    columns: (answer) => (answer.days ? ['date', ...answer.steps.map(columnOf)] : STEP_COLUMNS),
    rows: (answer) => (answer.days ? rowsByDay(answer) : answer.steps),
  },
  read: ({ store, site }, { funnel }, query) => readFunnel(store, site, funnel, query),
});
