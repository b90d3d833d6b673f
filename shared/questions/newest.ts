import * as z from 'zod';
import { MAX_NEWEST, type NewestInteraction } from '../fold/newest-interactions.ts';
import { cursorOf, readCursor } from '../platform/http/cursor.ts';
import type { StoreReader } from '../shard/reader.ts';
import { LIVE_MS } from '../shard/retention.ts';
import type { Site } from '../sites/site.ts';
import { amountOf, amountSchema } from './money-figures.ts';
import { question } from './question.ts';

export const newestQuery = z.object({
  limit: z.coerce
    .number('a whole number')
    .int()
    .min(1)
    .max(MAX_NEWEST)
    .default(MAX_NEWEST)
    .meta({ description: 'The most interactions of the answer' }),
  after: z
    .string()
    .max(10_000)
    .optional()
    .meta({ description: '`position` of an earlier answer: only what was counted since then' }),
});

const newestSchema = z
  .object({
    interactions: z.array(
      z.object({
        id: z.string().meta({ description: 'The id of the event, unique for a user' }),
        at: z.iso.datetime().meta({ description: 'When it happened' }),
        name: z.string(),
        user_id: z
          .string()
          .optional()
          .meta({
            description:
              'The id under which it was counted: the user of a visitor who had signed in by then, else the ' +
              'anonymous id. Both lead to the same profile. Absent for an event of no person',
          }),
        product_id: z.string().optional().meta({ description: 'The first product' }),
        product_name: z.string().optional(),
        lines: z.number().int().optional().meta({ description: 'How many lines there are, when several' }),
        page: z.string().optional().meta({ description: 'Its path' }),
        search_term: z.string().optional(),
        transaction_id: z.string().optional(),
        value: amountSchema.optional(),
        country: z.string().optional(),
        device: z.string().optional(),
      }),
    ),
    position: z.string().meta({ description: 'Give it as `after` to get what is counted from now on' }),
  })
  .meta({
    id: 'NewestInteractions',
    examples: [
      {
        interactions: [
          {
            id: 'purchase:o-1001',
            at: '2026-03-31T18:05:12.250Z',
            name: 'purchase',
            user_id: 'ada',
            product_id: 'tea-1',
            product_name: 'Green tea',
            page: '/thank-you',
            transaction_id: 'o-1001',
            value: { currency: 'EUR', amount: '24.90', amount_minor: 2_490 },
            country: 'ES',
            device: 'mobile',
          },
        ],
        position: 'WyI1IiwxMjAsMF0',
      },
    ],
  });

type Newest = z.infer<typeof newestSchema>;

/**
 * The site's newest interactions, newest first, from the last half hour.
 *
 * An answer with `after` leaves out what the earlier answer had seen, not what happened earlier: a late event appears.
 * A position of another generation leaves out nothing.
 * @throws FootfallError `invalid_parameter` 400 for a text that is no position.
 */
export async function readNewest(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof newestQuery>,
  now = Date.now(),
): Promise<Newest> {
  const after = readCursor(query.after, z.tuple([z.string()], z.number()), {
    parameter: 'after',
    field: 'position',
  });
  const shards = await store.newest(site.id, now - LIVE_MS);
  const [generation, ...positions] = after ?? [];
  const isOurs = generation === store.generation && positions.length === shards.length;
  /** By partition: the offset of the last record that was seen. */
  const seen = shards.map((_, i) => (isOurs ? positions[i]! : -1));
  const fresh = shards.flatMap((found, i) => found.filter(({ offset }) => offset > seen[i]!));
  const position = shards.map((found, i) => Math.max(seen[i]!, ...found.map(({ offset }) => offset)));
  return {
    interactions: fresh.sort(newestFirst).slice(0, query.limit).map(present),
    position: cursorOf([store.generation, ...position]),
  };
}

/** As a shard orders them: by time, then by the bytes of user and id. */
function newestFirst(a: NewestInteraction, b: NewestInteraction): number {
  const bytes = ({ user, id }: NewestInteraction) => Buffer.from(JSON.stringify([user ?? null, id]));
  return b.ts - a.ts || Buffer.compare(bytes(b), bytes(a));
}

function present({ user, id, ts, name, details }: NewestInteraction): Newest['interactions'][number] {
  const { product, value, currency, ...rest } = details;
  return {
    id,
    at: new Date(ts).toISOString(),
    name,
    ...(user !== undefined && { user_id: user }),
    ...(product !== undefined && { product_id: product }),
    ...rest,
    ...(value !== undefined && currency !== undefined && { value: amountOf(value, currency) }),
  };
}

export const newestQuestion = question({
  path: '/v1/live/interactions',
  summary: 'The newest interactions of the last half hour, newest first',
  query: newestQuery,
  answer: newestSchema,
  cached: 'never',
  csv: {
    columns: ['at', 'name', 'user_id', 'product_id', 'value', 'currency', 'country', 'device', 'page', 'id'],
    rows: ({ interactions }) =>
      interactions.map(({ value, ...rest }) => ({
        ...rest,
        ...(value && { value: value.amount, currency: value.currency }),
      })),
  },
  read: ({ store, site }, _, query) => readNewest(store, site, query),
});
