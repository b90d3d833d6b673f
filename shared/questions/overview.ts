import * as z from 'zod';
import { fromThousandths } from '../event/quantity.ts';
import {
  BOTS,
  NEW_ACCOUNTS,
  NEW_USERS,
  ORDERS,
  PRODUCT_EVENTS,
  REFUNDS,
  UNITS,
  UNITS_REFUNDED,
} from '../fold/counter-names.ts';
import { formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, totalOf } from './arithmetic.ts';
import { customerExample, customerFigures, customerFiguresOf } from './customer-figures.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import {
  averageOrderSchema,
  averageOrders,
  orderMoneyExample,
  orderMoneyRows,
  orderMoneySchema,
} from './money-figures.ts';
import { unitsSchema } from './products.ts';
import { oneRow, question } from './question.ts';
import { sessionExample, sessionFigures, sessionFiguresOf } from './session-figures.ts';
import { countUsers, userFigures, userFiguresOf } from './unique-users.ts';

export const overviewQuery = z.object(rangeParameters);

export const overviewSchema = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    total_events: z.number().int(),
    bots: z.number().int().meta({ description: 'Events of bots; no other number includes them' }),
    ...userFigures,
    new_accounts: z
      .number()
      .int()
      .meta({ description: "Users whose first event with the shop's user id is in the range" }),
    ...customerFigures,
    orders: z.number().int(),
    refunds: z.number().int(),
    units: unitsSchema,
    units_refunded: unitsSchema,
    products: z.number().int().meta({ description: 'Products with an event in the range' }),
    money: z.array(orderMoneySchema),
    average_order: averageOrderSchema,
    ...sessionFigures,
  })
  .meta({
    id: 'Overview',
    examples: [
      {
        from: '2026-03-01',
        to: '2026-03-31',
        total_events: 48_210,
        bots: 1_934,
        users: 4_390,
        new_users: 3_104,
        returning_users: 1_286,
        new_accounts: 412,
        ...customerExample,
        orders: 655,
        refunds: 21,
        units: 1_402,
        units_refunded: 30,
        products: 873,
        money: [orderMoneyExample],
        average_order: [{ currency: 'EUR', amount: '79.91', amount_minor: 7_991 }],
        ...sessionExample,
      },
    ],
  });

/** A site's totals over a range. */
export async function readOverview(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof overviewQuery>,
): Promise<z.infer<typeof overviewSchema>> {
  const { days, covered } = await resolveRange(store, site, query);
  const [sums, users, products] = await Promise.all([
    store.dayTotals(site.id, days),
    countUsers(store, site, days, covered.from),
    store.products(site.id, days, PRODUCT_EVENTS),
  ]);
  const sum = (counter: string) => sums.get(counter) ?? 0;
  return {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    total_events: totalOf(eventsByName(sums)),
    bots: sum(BOTS),
    ...userFiguresOf(users, sum(NEW_USERS)),
    new_accounts: sum(NEW_ACCOUNTS),
    ...customerFiguresOf(sums),
    orders: sum(ORDERS),
    refunds: sum(REFUNDS),
    units: fromThousandths(sum(UNITS)),
    units_refunded: fromThousandths(sum(UNITS_REFUNDED)),
    // A product whose order moved to another day is still in the day's ranking, with 0.
    products: products.sumOf(PRODUCT_EVENTS).reduce((count, amount) => (amount === 0 ? count : count + 1), 0),
    money: orderMoneyRows(sums),
    average_order: averageOrders(sums),
    ...sessionFiguresOf(sums),
  };
}

export const overviewQuestion = question({
  path: '/v1/overview',
  summary: "A site's totals over a range of days",
  query: overviewQuery,
  answer: overviewSchema,
  cached: 'days',
  csv: oneRow(overviewSchema),
  wholeDayFigures: () => ['users', 'new_users', 'returning_users', 'new_accounts', 'products'],
  read: ({ store, site }, _, query) => readOverview(store, site, query),
});
