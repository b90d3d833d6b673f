import * as z from 'zod';
import { TRENDING_METRICS } from '../fold/counter-names.ts';
import { limitParameter } from '../platform/http/cursor.ts';
import { HOUR_MS, localDay, monthOf } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { TRENDING_HOURS } from '../shard/retention.ts';
import type { Site } from '../sites/site.ts';
import { question, rowsIn } from './question.ts';

export const trendingQuery = z.object({
  metric: z.enum(TRENDING_METRICS).default('views'),
  half_life_hours: z.coerce
    .number('a number')
    .min(1)
    .max(TRENDING_HOURS)
    .default(6)
    .meta({ description: 'The hours after which an event counts half' }),
  limit: limitParameter(10),
});

export const trendingSchema = z
  .object({
    metric: z.enum(TRENDING_METRICS),
    half_life_hours: z.number(),
    products: z.array(
      z.object({
        rank: z.number().int(),
        product_id: z.string(),
        name: z.string().optional(),
        score: z
          .number()
          .meta({ description: 'The sum of the metric over the last 48 hours, weighted by age' }),
      }),
    ),
  })
  .meta({
    id: 'Trending',
    examples: [
      {
        metric: 'views',
        half_life_hours: 6,
        products: [{ rank: 1, product_id: 'tea-1', name: 'Green tea', score: 81.4142 }],
      },
    ],
  });

/** The products with the most activity now. */
export async function readTrending(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof trendingQuery>,
  now = Date.now(),
): Promise<z.infer<typeof trendingSchema>> {
  const { metric, half_life_hours, limit } = query;
  const current = Math.floor(now / HOUR_MS) * HOUR_MS;
  const weights = new Map<number, number>();
  for (let start = current; start > now - TRENDING_HOURS * HOUR_MS; start -= HOUR_MS) {
    weights.set(start, 2 ** ((start - now) / (half_life_hours * HOUR_MS)));
  }
  const scores = await store.trending(site.id, metric, weights);
  const ranked = [...scores]
    .map(([product, score]) => ({ product, score: Math.round(score * 10_000) / 10_000 }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.product < b.product ? -1 : 1))
    .slice(0, limit);
  const month = monthOf(localDay(now, site.zone));
  const names = await store.names(
    site.id,
    [month - 1, month],
    ranked.map(({ product }) => product),
  );
  return {
    metric,
    half_life_hours,
    products: ranked.map(({ product, score }, i) => {
      const name = names.get(product);
      return { rank: i + 1, product_id: product, ...(name !== undefined && { name }), score };
    }),
  };
}

export const trendingQuestion = question({
  path: '/v1/trending',
  summary: 'The products with the most activity now',
  query: trendingQuery,
  answer: trendingSchema,
  cached: 'moment',
  csv: rowsIn(trendingSchema, 'products'),
  read: ({ store, site }, _, query) => readTrending(store, site, query),
});
