import * as z from 'zod';
import { chunkArray } from '../platform/chunk-array.ts';
import { FootfallError } from '../platform/errors.ts';
import {
  cursorOf,
  cursorParameter,
  limitParameter,
  nextCursor,
  readCursor,
} from '../platform/http/cursor.ts';
import { type Day, localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import {
  type CountedOrder,
  copiesOf,
  figuresOf,
  orderExample,
  orderFigures,
  readOrderPeople,
} from './order-rows.ts';
import { STATES_AT_ONCE } from './person.ts';
import { question } from './question.ts';

/**
 * The most orders of a table. It is one answer of at most 6 MB, made within a request's time; a row has some 250 bytes,
 * and is made from two or three reads.
 */
export const MAX_TABLE_ORDERS = 10_000;

/** Keys of orders that are read at once. */
const KEYS_AT_ONCE = 1_000;

export const ordersQuery = z.object({
  ...rangeParameters,
  limit: limitParameter(100).meta({
    description: 'The most orders of a page. As CSV all orders of the range come, without pages',
  }),
  cursor: cursorParameter,
});

const orderRow = z.object({
  ...orderFigures,
  lines: z.number().int(),
  copies: z.number().int().meta({
    description: 'Purchases with this transaction id that the order was merged from, 20 at most',
  }),
});

export const ordersSchema = z.object({ orders: z.array(orderRow), next_cursor: nextCursor }).meta({
  id: 'Orders',
  examples: [
    {
      orders: [
        {
          ...orderExample,
          lines: 1,
          copies: 2,
        },
      ],
    },
  ],
});

type OrderRow = z.infer<typeof orderRow>;

/** The columns of the table: amounts in units of the currency alone, the site's clock first. */
const COLUMNS = [
  ...(['id', 'transaction_id', 'local_time', 'time', 'currency'] as const),
  ...(['gross', 'discounts', 'revenue', 'refunded', 'net', 'shipping', 'tax'] as const),
  ...([
    'units',
    'lines',
    'user_id',
    'is_first',
    'coupon',
    'country',
    'source',
    'medium',
    'channel',
    'copies',
  ] as const),
];

/**
 * The orders whose earliest copy lies in a range of the site's days, latest first.
 * @param isTable all of the range's orders instead of a page
 * @throws FootfallError `too_many_orders` (400) for a table of more than {@link MAX_TABLE_ORDERS}.
 */
export async function readOrders(
  store: StoreReader,
  site: Site,
  { cursor, limit, ...range }: z.infer<typeof ordersQuery>,
  isTable = false,
): Promise<z.infer<typeof ordersSchema>> {
  const { days } = await resolveRange(store, site, range);
  if (isTable) {
    await mustFitTable(store, site, days);
    return { orders: await readTable(store, site, days) };
  }
  const [ts, key] = readCursor(cursor, z.tuple([z.number().int(), z.string().max(500)])) ?? [];
  const after = ts === undefined || key === undefined ? undefined : { ts, key };
  const found = await store.orders(site.id, upTo(days, after, site), { after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    orders: await readRows(store, site, page),
    ...(found.length > limit && last && { next_cursor: cursorOf([last.ts, last.key]) }),
  };
}

async function mustFitTable(store: StoreReader, site: Site, days: readonly Day[]): Promise<void> {
  const orders = await store.countOrders(site.id, days);
  if (orders <= MAX_TABLE_ORDERS) return;
  const message = `A table has at most ${MAX_TABLE_ORDERS} orders, and the range has ${orders}. Ask for fewer days, or for pages as JSON.`;
  throw new FootfallError('too_many_orders', 400, message, {
    details: { orders, limit: MAX_TABLE_ORDERS },
  });
}

async function readTable(store: StoreReader, site: Site, days: readonly Day[]): Promise<OrderRow[]> {
  const rows: OrderRow[] = [];
  let after: { ts: number; key: string } | undefined;
  for (;;) {
    const found = await store.orders(site.id, upTo(days, after, site), { after, limit: KEYS_AT_ONCE });
    rows.push(...(await readRows(store, site, found)));
    if (found.length < KEYS_AT_ONCE) return rows;
    after = found.at(-1);
  }
}

/** The days on which orders behind a place may be. */
const upTo = (days: readonly Day[], after: { ts: number } | undefined, { zone }: Site): readonly Day[] =>
  after ? days.filter((day) => day <= localDay(after.ts, zone)) : days;

/** Reads a few orders at a time: one may have more than 1 MB. */
async function readRows(
  store: StoreReader,
  site: Site,
  found: readonly { key: string }[],
): Promise<OrderRow[]> {
  const rows: OrderRow[] = [];
  for (const some of chunkArray(found, STATES_AT_ONCE)) {
    const orders = await readCounted(
      store,
      site,
      some.map(({ key }) => key),
    );
    const people = await readOrderPeople(store, site, orders);
    for (const order of orders) {
      rows.push({
        ...figuresOf(order, people, site),
        lines: order.state.lines?.said.length ?? 0,
        copies: copiesOf(order.state, people).length,
      });
    }
  }
  return rows;
}

/** Some orders, without those that have expired since they were listed. */
export async function readCounted(
  store: StoreReader,
  site: Site,
  keys: readonly string[],
): Promise<CountedOrder[]> {
  const states = await Promise.all(keys.map((key) => store.order(site.id, key)));
  return keys.flatMap((key, i) => {
    const { first, ...rest } = states[i] ?? {};
    return first ? [{ key, state: { ...rest, first } as CountedOrder['state'] }] : [];
  });
}

export const ordersQuestion = question({
  path: '/v1/orders',
  summary: 'Orders of a range of days, the latest first; as CSV all of them',
  query: ordersQuery,
  answer: ordersSchema,
  cached: 'never',
  csv: {
    columns: COLUMNS,
    rows: ({ orders }) =>
      orders.map((order) => Object.fromEntries(COLUMNS.map((name) => [name, order[name]]))),
  },
  read: ({ store, site, isTable }, _, query) => readOrders(store, site, query, isTable),
});
