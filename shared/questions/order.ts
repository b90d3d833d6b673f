import * as z from 'zod';
import { SESSION_DIMENSIONS, type SessionDimension } from '../event/dimensions.ts';
import { keyOfTransaction, MAX_TRANSACTION_LENGTH } from '../event/order-note.ts';
import { fromThousandths } from '../event/quantity.ts';
import { FROM_SERVER, type OrderLine } from '../fold/order-copy.ts';
import { refundsOf } from '../fold/order-refunds.ts';
import { FootfallError } from '../platform/errors.ts';
import { fromMinor } from '../platform/money.ts';
import { localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import {
  copiesOf,
  figuresOf,
  orderExample,
  orderFigures,
  readOrderPeople,
  times,
  timesOf,
} from './order-rows.ts';
import { readCounted } from './orders.ts';
import { latestMonths, unitsSchema } from './products.ts';
import { idParameter, question } from './question.ts';

const text = z.string().nullable();
const minor = z.number().int().nullable();

const line = z.object({
  product_id: z.string(),
  name: z.string().optional(),
  quantity: unitsSchema,
  amount: text.meta({ description: 'Of the whole line, in units of the currency; null: it has none' }),
  amount_minor: minor,
  discount: z.string().nullable().optional().meta({ description: 'Absent: the line says none' }),
  discount_minor: minor.optional(),
  category: text,
  brand: text,
});

const visitValues = Object.fromEntries(
  SESSION_DIMENSIONS.map((dimension) => [dimension, z.string()]),
) as Record<SessionDimension, z.ZodString>;

export const orderSchema = z
  .object({
    ...orderFigures,
    lines: z.array(line),
    refunds: z
      .array(
        z.object({
          id: z.string().meta({ description: "The event's id" }),
          ...times,
          currency: text,
          amount: text.meta({ description: 'What it gives back; null: no money that is known' }),
          amount_minor: minor,
          lines: z.array(line),
        }),
      )
      .meta({ description: 'In the order in which they happened' }),
    visit: z
      .object({ start: z.iso.datetime(), ...visitValues })
      .nullable()
      .meta({ description: 'The session in which it was bought; null: not known, or no longer' }),
    copies: z
      .array(
        z.object({
          id: z.string().meta({ description: "The event's id" }),
          ...times,
          user_id: text.meta({ description: 'null: no person, or a forgotten one' }),
          way_in: text.meta({ description: 'How it came in, as in /v1/quality; null: not known' }),
          server: z.boolean().meta({ description: "Whether a server sent it, and not the visitor's device" }),
        }),
      )
      .meta({
        description:
          'The purchases that it was merged from, the earliest first, 20 at most. Of one person those that say more than the earlier ones',
      }),
  })
  .meta({
    id: 'Order',
    examples: [
      {
        ...orderExample,
        lines: [
          {
            product_id: 'tea-1',
            name: 'Green tea',
            quantity: 2,
            amount: '50.00',
            amount_minor: 5_000,
            discount: '5.00',
            discount_minor: 500,
            category: 'Tea',
            brand: null,
          },
        ],
        refunds: [
          {
            id: 'refund-7',
            time: '2026-04-02T09:00:00.000Z',
            local_time: '2026-04-02 11:00:00',
            currency: 'EUR',
            amount: '25.00',
            amount_minor: 2_500,
            lines: [
              {
                product_id: 'tea-1',
                name: 'Green tea',
                quantity: 1,
                amount: '25.00',
                amount_minor: 2_500,
                category: 'Tea',
                brand: null,
              },
            ],
          },
        ],
        visit: {
          start: '2026-03-31T17:55:02.100Z',
          source: 'newsletter',
          medium: 'email',
          campaign: 'spring',
          referrer: '(not set)',
          landing_page: '/p/tea-1',
          channel: 'Email',
          device: 'mobile',
          browser: 'Safari',
          os: 'iOS',
          country: 'ES',
        },
        copies: [
          {
            id: 'e-1',
            time: '2026-03-31T18:05:12.250Z',
            local_time: '2026-03-31 20:05:12',
            user_id: 'ada',
            way_in: 'script',
            server: false,
          },
        ],
      },
    ],
  });

type Line = z.infer<typeof line>;

const UNKNOWN_ORDER = 'No order has this transaction id';

/**
 * All that is known of an order: its money, lines, refunds, person, visit, and the copies that it was merged from.
 * @throws FootfallError `unknown_order` 404, also while only refunds of it have come.
 */
export async function readOrder(
  store: StoreReader,
  site: Site,
  transaction: string,
): Promise<z.infer<typeof orderSchema>> {
  const [order] = await readCounted(store, site, [keyOfTransaction(transaction)]);
  if (!order) throw new FootfallError('unknown_order', 404, `${UNKNOWN_ORDER}.`);
  const { state } = order;
  const people = await readOrderPeople(store, site, [order]);
  const refunds = refundsOf(state);
  const lines = state.lines?.said ?? [];
  const all = [lines, ...refunds.map((refund) => refund.lines)].flat();
  const days = [state.first, ...state.refunds].map(({ ts }) => localDay(ts, site.zone));
  const names = await store.names(site.id, latestMonths(days), [...new Set(all.map(([product]) => product))]);
  const visit = people.visitOf(order.key);
  const currency = state.money?.said[0];
  return {
    ...figuresOf(order, people, site),
    lines: lines.map((one) => presentLine(one, names, currency)),
    refunds: refunds.map(({ refund, money, lines }) => ({
      id: refund.id,
      ...timesOf(refund.ts, site),
      currency: money?.[0] ?? null,
      amount: money ? fromMinor(money[1], money[0]) : null,
      amount_minor: money?.[1] ?? null,
      lines: lines.map((one) => presentLine(one, names, money?.[0])),
    })),
    visit: visit ? { start: new Date(visit.start).toISOString(), ...visit.values } : null,
    copies: copiesOf(state, people).map(({ id, ts, by, via, visitRank }) => ({
      id,
      ...timesOf(ts, site),
      user_id: people.userOf(by) ?? null,
      way_in: via ?? null,
      server: visitRank === FROM_SERVER,
    })),
  };
}

function presentLine(
  [product_id, quantity, amount, category, brand, discount]: OrderLine,
  names: ReadonlyMap<string, string>,
  currency: string | undefined,
): Line {
  const name = names.get(product_id);
  const amounts = (minor: number) =>
    currency === undefined ? ([null, null] as const) : ([fromMinor(minor, currency), minor] as const);
  const [text, minor] = amounts(amount);
  return {
    product_id,
    ...(name !== undefined && { name }),
    quantity: fromThousandths(quantity),
    amount: text,
    amount_minor: minor,
    ...(discount !== undefined && {
      discount: amounts(discount)[0],
      discount_minor: amounts(discount)[1],
    }),
    category,
    brand,
  };
}

export const orderQuestion = question({
  path: '/v1/orders/{transaction_id}',
  summary: 'One order: money, lines, refunds, person, visit, and the copies that it was merged from',
  parameters: z.object({
    transaction_id: idParameter(MAX_TRANSACTION_LENGTH).meta({
      description: 'Percent-encoded as in any path',
      example: 'T-1042',
    }),
  }),
  answer: orderSchema,
  notFound: UNKNOWN_ORDER,
  cached: 'never',
  csv: {
    columns: ['transaction_id', 'local_time', 'product_id', 'name', 'quantity', 'amount', 'discount'],
    rows: ({ transaction_id, local_time, lines }) =>
      lines.map((one) => {
        const { amount_minor: _, discount_minor: __, ...rest } = one;
        return { transaction_id, local_time, ...rest };
      }),
  },
  read: ({ store, site }, { transaction_id }) => readOrder(store, site, transaction_id),
});
