import * as z from 'zod';
import { type Cart, type CartLine, cartOf, cartValue } from '../fold/cart.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import {
  cursorOf,
  cursorParameter,
  limitParameter,
  nextCursor,
  readCursor,
} from '../platform/http/cursor.ts';
import { dayStart, MINUTE_MS } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { dayRange, rangeParameters } from './date-range.ts';
import { amountOf, amountSchema } from './money-figures.ts';
import { STATES_AT_ONCE } from './person.ts';
import { unitsSchema } from './products.ts';
import { question, rowsIn } from './question.ts';

export const cartsQuery = z.object({
  ...rangeParameters,
  limit: limitParameter(100),
  cursor: cursorParameter,
});

/** The contents of a cart. */
export const cartContents = {
  lines: z.array(z.object({ product_id: z.string(), quantity: unitsSchema })),
  value: z.array(amountSchema),
};

export const cartsSchema = z
  .object({
    threshold_minutes: z
      .number()
      .int()
      .meta({ description: 'A cart without a change for this long counts as abandoned' }),
    total: z.number().int(),
    carts: z.array(
      z.object({
        user_id: z.string(),
        last_activity: z.iso.datetime(),
        signalled: z.boolean().meta({ description: 'cart_abandoned was published for it' }),
        ...cartContents,
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'AbandonedCarts',
    examples: [
      {
        threshold_minutes: 60,
        total: 1,
        carts: [
          {
            user_id: 'ana',
            last_activity: '2026-03-31T16:40:02.000Z',
            signalled: true,
            lines: [{ product_id: 'tea-1', quantity: 2 }],
            value: [{ currency: 'EUR', amount: '25.00', amount_minor: 2_500 }],
          },
        ],
      },
    ],
  });

/** Abandoned carts, the latest first. The range applies to the day of their last change. */
export async function readCarts(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof cartsQuery>,
  thresholdMinutes: number,
  now = Date.now(),
): Promise<z.infer<typeof cartsSchema>> {
  const { from, to } = dayRange(query, site);
  const range = {
    from: dayStart(from, site.zone),
    to: Math.min(dayStart(to + 1, site.zone) - 1, now - thresholdMinutes * MINUTE_MS),
  };
  const [ts, user] = readCursor(query.cursor, z.tuple([z.number(), z.string().max(256)])) ?? [];
  const after = ts === undefined || user === undefined ? undefined : { ts, user };
  const [total, found] = await Promise.all([
    store.countCarts(site.id, range.from, range.to),
    store.carts(site.id, { ...range, after, limit: query.limit + 1 }),
  ]);
  const page = found.slice(0, query.limit);
  const users = page.map((cart) => cart.user);
  const signalled = await store.signalled(site.id, users);
  // Only the carts are kept: a state may have some 500 kB.
  const carts: (Cart | undefined)[] = [];
  for (const some of chunkArray(users, STATES_AT_ONCE)) {
    const states = await Promise.all(some.map((one) => store.user(site.id, one)));
    carts.push(...states.map((state) => state && cartOf(state.cart)));
  }
  const last = page.at(-1);
  return {
    threshold_minutes: thresholdMinutes,
    total,
    carts: page.map((cart, i) => {
      const lines = carts[i]?.lines ?? [];
      return {
        user_id: cart.user,
        last_activity: new Date(cart.ts).toISOString(),
        signalled: signalled[i]!,
        ...contentsOf(lines),
      };
    }),
    ...(found.length > query.limit && last && { next_cursor: cursorOf([last.ts, last.user]) }),
  };
}

export function contentsOf(lines: readonly CartLine[]) {
  return {
    lines: lines.map(({ product, quantity }) => ({ product_id: product, quantity })),
    value: [...cartValue(lines)].sort().map(([currency, amount]) => amountOf(amount, currency)),
  };
}

export const cartsQuestion = question({
  path: '/v1/carts/abandoned',
  summary: 'Carts that were filled and left, the latest first',
  query: cartsQuery,
  answer: cartsSchema,
  cached: 'never',
  csv: rowsIn(cartsSchema, 'carts'),
  read: ({ store, site, cartAbandonedMinutes }, _, query) =>
    readCarts(store, site, query, cartAbandonedMinutes),
});
