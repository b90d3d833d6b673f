import { z } from 'zod';
import { SHOP_FUNNEL } from '../funnels/definition.ts';
import { funnelDefinitionSchema, funnelStep, shownFunnel, unknownFunnel } from '../funnels/schema.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { rate } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
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
          steps: [{ event: 'view_item' }, { event: 'add_to_cart' }, { event: 'purchase' }],
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

export const funnelQuery = z.object(rangeParameters);

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
 * How many of the users or sessions that entered a funnel in a range reached each step.
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
  const totals: Counters = new Map();
  const times = definition.steps.map((): Map<number, number> => new Map());
  for (const { day, sums } of await store.funnel(site.id, definition.key, days)) {
    for (const [field, amount] of sums) {
      const [kind, value] = field.split('|') as [string, string?];
      const k = kind.slice(1);
      if (kind.startsWith('t')) increase(times[Number(k) - 1]!, Number(value), amount);
      else if (kind.startsWith('s') || isFirstSince(Number(value), day, covered.from)) {
        increase(totals, k, amount);
      }
    }
  }
  const counts = definition.steps.map((_, i) => totals.get(String(i + 1)) ?? 0);
  const { name, by, window_hours } = definition;
  return {
    id,
    name,
    by,
    window_hours,
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    steps: definition.steps.map((one, i) => {
      const before = counts[i - 1] ?? counts[i]!;
      return {
        step: i + 1,
        ...one,
        count: counts[i]!,
        rate_from_first: rate(counts[i]!, counts[0]!),
        rate_from_previous: rate(counts[i]!, before),
        drop_off: before - counts[i]!,
        median_seconds: medianOf(times[i]!),
      };
    }),
  };
}

/** The lower median. @param values how often each value occurs. */
function medianOf(values: ReadonlyMap<number, number>): number | null {
  let total = 0;
  for (const often of values.values()) total += often;
  let seen = 0;
  for (const [value, often] of [...values].sort(([a], [b]) => a - b)) {
    seen += often;
    if (often > 0 && seen * 2 >= total) return value;
  }
  return null;
}

export const funnelQuestion = question({
  path: '/v1/funnels/{funnel}',
  summary: 'How many users or sessions reached each step of a funnel, and how long each step took',
  parameters: z.object({ funnel: idParameter(40).meta({ example: 'shop' }) }),
  query: funnelQuery,
  answer: funnelSchema,
  notFound: 'The site has no such funnel',
  cached: 'days',
  csv: rowsIn(funnelSchema, 'steps'),
  read: ({ store, site }, { funnel }, query) => readFunnel(store, site, funnel, query),
});
