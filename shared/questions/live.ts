import { DateTime } from 'luxon';
import * as z from 'zod';
import { eventCount, isEventCount, ORDERS, revenueIn } from '../fold/counter-names.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { localDay, MINUTE_MS } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, sumOf, totalOf } from './arithmetic.ts';
import { amountOf, amountRows, amountSchema } from './money-figures.ts';
import { question } from './question.ts';

/** Whole minutes before the present one. */
const MINUTES = 30;

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
  const [users_5m, users_30m, carts, checkouts, sums] = await Promise.all([
    store.live(site.id, now - 5 * MINUTE_MS),
    store.live(site.id, now - 30 * MINUTE_MS),
    // At just that age it is abandoned.
    store.cartsSince(site, now - cartMinutes * MINUTE_MS + 1),
    store.checkouts(site.id, now - 30 * MINUTE_MS),
    store.minutes(site.id, minutes, isWanted),
  ]);
  const all = sumOf(sums);
  return {
    users_5m,
    users_30m,
    open_carts: openCarts([...carts.values()]),
    checkouts,
    orders_30m: all.get(ORDERS) ?? 0,
    revenue_30m: revenueOf(all),
    minutes: minutes.map(({ start }, i) => minuteOf(start, sums[i]!, site)),
  };
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
  summary: 'What is going on now: users, carts, checkouts and orders of the last half hour',
  answer: liveSchema,
  cached: 'moment',
  csv: {
    columns: [
      ...['users_5m', 'users_30m', 'open_carts', 'open_carts_value', 'checkouts'],
      ...['orders_30m', 'revenue_30m'],
    ],
    // The minutes are a table of their own: /v1/series by minute.
    rows: ({ minutes: _, open_carts, ...rest }) => [
      { ...rest, open_carts: open_carts.users, open_carts_value: open_carts.value },
    ],
  },
  read: ({ store, site, cartAbandonedMinutes }) => readLive(store, site, cartAbandonedMinutes),
});
