import * as z from 'zod';
import { keyOfTransaction } from '../event/order-note.ts';
import { refundsOf } from '../fold/order-refunds.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { formatDay, localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { LIVE_MS } from '../shard/retention.ts';
import type { Site } from '../sites/site.ts';
import { amountOf, amountSchema } from './money-figures.ts';
import { readPerson, STATES_AT_ONCE } from './person.ts';
import { productsQuery, readProducts } from './products.ts';
import { idParameter, question } from './question.ts';

/** Products of the last days, today included. */
const PRODUCT_DAYS = 28;
/** The longest text that products are searched for. Longer ones may still be ids. */
const MAX_PRODUCT_TEXT = 200;

const searchQuery = z.object({
  q: idParameter(256).meta({ description: 'A text in a product, or an id', example: 'tea' }),
  limit: z.coerce
    .number('a whole number')
    .int()
    .min(1)
    .max(50)
    .default(10)
    .meta({ description: 'The most products, and the most people' }),
});

const searchSchema = z
  .object({
    q: z.string(),
    products: z
      .array(
        z.object({
          product_id: z.string(),
          name: z.string().optional(),
          interactions: z
            .number()
            .int()
            .meta({ description: `Of the last ${PRODUCT_DAYS} days` }),
        }),
      )
      .meta({
        description:
          `Products with the text in their id or name, in any case, and an interaction in the last ${PRODUCT_DAYS} ` +
          'days; those with the most interactions first',
      }),
    people: z
      .array(
        z.object({
          user_id: z
            .string()
            .meta({ description: 'The user; for an anonymous id that became a user, that user' }),
          id: z.string().meta({ description: 'The id that was found' }),
          known: z.boolean().meta({ description: "True for the shop's own user id" }),
          last_seen: z.iso.datetime(),
        }),
      )
      .meta({
        description:
          'The person with exactly this id, also an anonymous one. Then people whose id begins with the text, in any ' +
          "case, as far as they are in the site's newest interactions (/v1/live/interactions)",
      }),
    orders: z
      .array(
        z.object({
          transaction_id: z.string(),
          at: z.iso.datetime(),
          user_id: z.string().optional().meta({ description: 'The buyer. Absent: not known, or erased' }),
          total: amountSchema.optional(),
          refunded: z.array(amountSchema),
        }),
      )
      .meta({ description: 'The order with exactly this transaction id' }),
  })
  .meta({
    id: 'Search',
    examples: [
      {
        q: 'ada',
        products: [{ product_id: 'canada-mug', name: 'Mug', interactions: 12 }],
        people: [{ user_id: 'ada', id: 'ada', known: true, last_seen: '2026-03-31T18:05:12.250Z' }],
        orders: [],
      },
    ],
  });

type Query = z.infer<typeof searchQuery>;
type Search = z.infer<typeof searchSchema>;
type Found = Search['people'][number];

/** Products by a part of their id or name, people by their ids, and an order by its transaction id. */
async function readSearch(store: StoreReader, site: Site, query: Query, now = Date.now()): Promise<Search> {
  const [products, people, orders] = await Promise.all([
    findProducts(store, site, query, now),
    findPeople(store, site, query, now),
    findOrders(store, site, query.q),
  ]);
  return { q: query.q, products, people, orders };
}

async function findProducts(store: StoreReader, site: Site, { q, limit }: Query, now: number) {
  if (q.length > MAX_PRODUCT_TEXT) return [];
  const today = localDay(now, site.zone);
  const query = productsQuery.parse({
    ...{ from: formatDay(today - PRODUCT_DAYS + 1), to: formatDay(today) },
    ...{ search: q, limit },
  });
  const { products } = await readProducts(store, site, query);
  return products.map(({ product_id, name, value }) => ({
    product_id,
    ...(name !== undefined && { name }),
    interactions: value,
  }));
}

async function findPeople(
  store: StoreReader,
  site: Site,
  { q, limit }: Query,
  now: number,
): Promise<Found[]> {
  const newest = (await store.newest(site.id, now - LIVE_MS)).flat().sort((a, b) => b.ts - a.ts);
  const wanted = q.toLowerCase();
  const recent = newest.flatMap(({ user }) => (user?.toLowerCase().startsWith(wanted) ? [user] : []));
  const ids = [...new Set([q, ...recent])].slice(0, limit);
  const found = new Map<string, Found>();
  for (const some of chunkArray(ids, STATES_AT_ONCE)) {
    for (const one of await Promise.all(some.map((id) => findPerson(store, site, id)))) {
      // A visitor and the user whom the visitor became are one person.
      if (one && !found.has(one.user_id)) found.set(one.user_id, one);
    }
  }
  return [...found.values()];
}

async function findPerson(store: StoreReader, site: Site, id: string): Promise<Found | undefined> {
  const { user, state } = await readPerson(store, site, id);
  // As for a profile: a state may be there before the first event.
  if (!state || state.first === Infinity) return undefined;
  return {
    ...{ user_id: user, id, known: state.firstKnown !== Infinity },
    last_seen: new Date(state.last).toISOString(),
  };
}

async function findOrders(store: StoreReader, site: Site, transaction: string): Promise<Search['orders']> {
  const order = await store.order(site.id, keyOfTransaction(transaction));
  if (!order?.first) return [];
  const { first, money, buyer } = order;
  // The home of an order forgets who bought it when that person is erased.
  const person = buyer && buyer.by !== '' ? await findPerson(store, site, buyer.by) : undefined;
  const refunded = new Map<string, number>();
  for (const { money: back } of refundsOf(order)) {
    if (back) refunded.set(back[0], (refunded.get(back[0]) ?? 0) + back[1]);
  }
  return [
    {
      transaction_id: transaction,
      at: new Date(first.ts).toISOString(),
      ...(person && { user_id: person.user_id }),
      ...(money && { total: amountOf(money.said[1], money.said[0]) }),
      refunded: [...refunded].sort().map(([currency, minor]) => amountOf(minor, currency)),
    },
  ];
}

export const searchQuestion = question({
  path: '/v1/search',
  summary: 'Products by id or name, people by id, and an order by its transaction id',
  query: searchQuery,
  answer: searchSchema,
  cached: 'never',
  csv: {
    columns: ['kind', 'id', 'name'],
    rows: ({ products, people, orders }) => [
      ...products.map(({ product_id, name }) => ({ kind: 'product', id: product_id, name })),
      ...people.map(({ user_id }) => ({ kind: 'person', id: user_id })),
      ...orders.map(({ transaction_id }) => ({ kind: 'order', id: transaction_id })),
    ],
  },
  read: ({ store, site }, _, query) => readSearch(store, site, query),
});
