import { DateTime } from 'luxon';
import * as z from 'zod';
import { OTHER } from '../event/dimensions.ts';
import { eventCount, isEventCount, ORDERS, revenueIn } from '../fold/counter-names.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { localDay, MINUTE_MS, monthOf } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, sumOf, totalOf } from './arithmetic.ts';
import { amountOf, amountRows, amountSchema } from './money-figures.ts';
import { question } from './question.ts';

/** Whole minutes before the present one. */
const MINUTES = 30;

/** How many pages and products are listed. */
const MOST_VIEWED = 10;

const count = z.number().int();

export const liveSchema = z
  .object({
    users_5m: count.meta({ description: 'Users with an event within the last 5 minutes' }),
    users_30m: count.meta({ description: 'The same for 30 minutes' }),
    open_carts: z
      .object({
        users: count,
        value: z.array(amountSchema).meta({ description: 'What is in these carts, by currency' }),
      })
      .meta({ description: 'Users with a filled cart that does not count as abandoned' }),
    checkouts: count.meta({
      description: 'Users who began a checkout within the last 30 minutes, and have bought nothing since',
    }),
    orders_30m: count.meta({ description: 'Orders in the minutes below' }),
    revenue_30m: z.array(amountSchema).meta({ description: 'Their revenue, by currency' }),
    pages: z
      .array(z.object({ page: z.string(), views: count }))
      .meta({ description: 'The ten pages and screens with the most views in the minutes below' }),
    products: z
      .array(z.object({ product_id: z.string(), name: z.string().optional(), views: count }))
      .meta({ description: 'The same for products: view_item' }),
    minutes: z
      .array(
        z.object({
          start: z.iso.datetime({ offset: true }).meta({ description: "By the site's clock" }),
          events: count,
          views: count.meta({ description: 'Of products: view_item' }),
          carts: count.meta({ description: 'add_to_cart' }),
          checkouts: count.meta({ description: 'begin_checkout' }),
          orders: count,
          revenue: z.array(amountSchema),
        }),
      )
      .meta({ description: 'The present minute and the 30 before it, oldest first' }),
  })
  .meta({
    id: 'Live',
    examples: [
      {
        users_5m: 42,
        users_30m: 160,
        open_carts: {
          users: 17,
          value: [{ currency: 'EUR', amount: '1310.40', amount_minor: 131_040 }],
        },
        checkouts: 3,
        orders_30m: 5,
        revenue_30m: [{ currency: 'EUR', amount: '245.50', amount_minor: 24_550 }],
        pages: [
          { page: '/', views: 64 },
          { page: '/tea', views: 31 },
        ],
        products: [{ product_id: 'tea-1', name: 'Green tea', views: 12 }],
        minutes: [
          {
            start: '2026-03-31T18:05:00+02:00',
            events: 51,
            views: 30,
            carts: 4,
            checkouts: 1,
            orders: 1,
            revenue: [{ currency: 'EUR', amount: '24.90', amount_minor: 2_490 }],
          },
        ],
      },
    ],
  });

const REVENUE = revenueIn('');
const isWanted = (counter: string) =>
  counter === ORDERS || isEventCount(counter) || counter.startsWith(REVENUE);

/**
 * What is going on now.
 * @param cartMinutes without a change after which a cart counts as abandoned
 */
export async function readLive(
  store: StoreReader,
  site: Site,
  cartMinutes: number,
  now = Date.now(),
): Promise<z.infer<typeof liveSchema>> {
  const present = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const minutes = Array.from({ length: MINUTES + 1 }, (_, i) => {
    const start = present - (MINUTES - i) * MINUTE_MS;
    return { start, day: localDay(start, site.zone) };
  });
  const starts = minutes.map(({ start }) => start);
  const [users_5m, users_30m, carts, checkouts, sums, pages, products] = await Promise.all([
    store.live(site.id, now - 5 * MINUTE_MS),
    store.live(site.id, now - 30 * MINUTE_MS),
    // At just that age it is abandoned.
    store.cartsSince(site, now - cartMinutes * MINUTE_MS + 1),
    store.checkouts(site.id, now - 30 * MINUTE_MS),
    store.minutes(site.id, minutes, isWanted),
    store.viewed(site.id, 'page', starts),
    mostViewedProducts(store, site, starts),
  ]);
  const all = sumOf(sums);
  return {
    users_5m,
    users_30m,
    open_carts: openCarts([...carts.values()]),
    checkouts,
    orders_30m: all.get(ORDERS) ?? 0,
    revenue_30m: revenueOf(all),
    pages: mostViewed(pages).map(([page, views]) => ({ page, views })),
    products,
    minutes: minutes.map(({ start }, i) => minuteOf(start, sums[i]!, site)),
  };
}

/** What has the most views, and how many. A shard's values beyond its first ones are no page and no product. */
const mostViewed = (views: Counters) =>
  [...views]
    .filter(([value]) => value !== OTHER)
    .sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))
    .slice(0, MOST_VIEWED);

async function mostViewedProducts(store: StoreReader, site: Site, starts: readonly number[]) {
  const products = mostViewed(await store.viewed(site.id, 'product', starts));
  const month = monthOf(localDay(starts.at(-1)!, site.zone));
  const ids = products.map(([id]) => id);
  const names = await store.names(site.id, [month - 1, month], ids);
  return products.map(([id, views]) => {
    const name = names.get(id);
    return { product_id: id, ...(name !== undefined && { name }), views };
  });
}

function openCarts(days: readonly { carts: number; value: Counters }[]) {
  const worth: Counters = new Map();
  let users = 0;
  for (const { carts, value } of days) {
    users += carts;
    for (const [currency, minor] of value) increase(worth, currency, minor);
  }
  return { users, value: amountRows(worth) };
}

function minuteOf(start: number, sums: Counters, site: Site) {
  const events = (name: string) => sums.get(eventCount(name)) ?? 0;
  return {
    start: DateTime.fromMillis(start, { zone: site.zone }).toISO({ suppressMilliseconds: true })!,
    events: totalOf(eventsByName(sums)),
    views: events('view_item'),
    carts: events('add_to_cart'),
    checkouts: events('begin_checkout'),
    orders: sums.get(ORDERS) ?? 0,
    revenue: revenueOf(sums),
  };
}

/** Revenue by currency. A sum of 0 has no row: whether it is stored depends on the order of the events. */
const revenueOf = (sums: Counters) =>
  [...sums]
    .filter(([counter, minor]) => counter.startsWith(REVENUE) && minor !== 0)
    .map(([counter, minor]) => amountOf(minor, counter.slice(REVENUE.length)))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));

export const liveQuestion = question({
  path: '/v1/live',
  summary: 'What is going on now: users, carts, checkouts, orders, pages and products of the last half hour',
  answer: liveSchema,
  cached: 'moment',
  csv: {
    columns: [
      ...['users_5m', 'users_30m', 'open_carts', 'open_carts_value', 'checkouts'],
      ...['orders_30m', 'revenue_30m'],
    ],
    // The minutes are a table of their own: /v1/series by minute. Pages and products do not fit in one row.
    rows: ({ minutes: _, pages: __, products: ___, open_carts, ...rest }) => [
      { ...rest, open_carts: open_carts.users, open_carts_value: open_carts.value },
    ],
  },
  read: ({ store, site, cartAbandonedMinutes }) => readLive(store, site, cartAbandonedMinutes),
});
