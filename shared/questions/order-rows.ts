import * as z from 'zod';
import {
  ORDER_DIMENSIONS,
  type OrderDimension,
  SESSION_DIMENSIONS,
  type SessionDimension,
} from '../event/dimensions.ts';
import { transactionOfKey } from '../event/order-note.ts';
import { fromThousandths } from '../event/quantity.ts';
import { ORDER_PARTS, type OrderPart } from '../fold/counter-names.ts';
import { essentialCopies, type KeptCopy } from '../fold/order-copy.ts';
import { refundsOf } from '../fold/order-refunds.ts';
import type { OrderState } from '../fold/order-state.ts';
import { firstOrder } from '../fold/person-orders.ts';
import { type Session, sessionValues } from '../fold/sessions.ts';
import type { UserState } from '../fold/user-state.ts';
import { visitOrders } from '../fold/visit-orders.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { getOrMake } from '../platform/counters.ts';
import { fromMinor } from '../platform/money.ts';
import { offsetAt } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { STATES_AT_ONCE } from './person.ts';
import { unitsSchema } from './products.ts';

/** What is told of an order, and from where: its home has the order, and its person's state the visit. */

/** An order with an earliest copy: one that has counted. */
export interface CountedOrder {
  /** See order-note.ts. */
  key: string;
  state: OrderState & { first: NonNullable<OrderState['first']> };
}

const AMOUNTS = ['gross', 'discounts', 'revenue', 'refunded', 'net', 'shipping', 'tax'] as const;
type Amount = (typeof AMOUNTS)[number];

const text = z.string().nullable();
const whole = z.number().int();
const amount = (description: string) => z.string().nullable().meta({ description });
const minor = whole.nullable().meta({ description: 'The same in minor units (ISO 4217)' });

/** When something happened. */
export const times = {
  time: z.iso.datetime(),
  local_time: z.string().meta({
    description: "The same by the site's clock: YYYY-MM-DD HH:MM:SS",
    example: '2026-03-31 20:05:12',
  }),
};

export function timesOf(ts: number, { zone }: Site) {
  const local = new Date(ts + offsetAt(ts, zone)).toISOString();
  return {
    time: new Date(ts).toISOString(),
    local_time: `${local.slice(0, 10)} ${local.slice(11, 19)}`,
  };
}

/** What a row of the list and the whole order have in common. */
export const orderFigures = {
  id: z.string().meta({ description: 'The transaction id, else the id of the event' }),
  transaction_id: text.meta({ description: 'null: the order has none' }),
  ...times,
  currency: text,
  gross: amount(
    'revenue + discounts: in units of the currency, as all amounts; null: the order says no money. An order that says no discount has its revenue',
  ),
  discounts: amount('null: not known, since no copy says it in the currency of the order'),
  revenue: amount('The total as it was sent, else the sum of the lines'),
  refunded: amount('Refunds in the currency of the order'),
  net: amount('revenue − refunded'),
  shipping: amount('As discounts'),
  tax: amount('As discounts'),
  gross_minor: minor,
  discounts_minor: minor,
  revenue_minor: minor,
  refunded_minor: minor,
  net_minor: minor,
  shipping_minor: minor,
  tax_minor: minor,
  units: unitsSchema,
  user_id: text.meta({
    description:
      'The buyer. null: no person, an erased one, or one who has bought a hundred times since then',
  }),
  is_first: z.boolean().nullable().meta({
    description: "Whether it is the buyer's first order; null: the buyer is not known, or no longer",
  }),
  coupon: text,
  country: text,
  source: text.meta({ description: 'Of the visit; null: the visit is not known, or no longer' }),
  medium: text.meta({ description: 'As source' }),
  channel: text.meta({ description: 'As source' }),
};

type Figures = { [F in keyof typeof orderFigures]: z.infer<(typeof orderFigures)[F]> };

/** For the OpenAPI document. */
export const orderExample: Figures = {
  id: 'T-1042',
  transaction_id: 'T-1042',
  time: '2026-03-31T18:05:12.250Z',
  local_time: '2026-03-31 20:05:12',
  currency: 'EUR',
  gross: '55.00',
  discounts: '5.00',
  revenue: '50.00',
  refunded: '25.00',
  net: '25.00',
  shipping: '4.90',
  tax: null,
  gross_minor: 5_500,
  discounts_minor: 500,
  revenue_minor: 5_000,
  refunded_minor: 2_500,
  net_minor: 2_500,
  shipping_minor: 490,
  tax_minor: null,
  units: 2,
  user_id: 'ada',
  is_first: false,
  coupon: 'SPRING',
  country: 'ES',
  source: 'newsletter',
  medium: 'email',
  channel: 'Email',
};

/** An order's visit: when it began, and the values of its session. */
export interface Visit {
  start: number;
  values: Record<SessionDimension, string>;
}

/** The people and visits of some orders. */
export interface OrderPeople {
  /** The user that an id belongs to. Undefined for none: a copy's person may be forgotten. */
  userOf(by: string | undefined): string | undefined;
  visitOf(key: string): Visit | undefined;
  /** The key of the first order that a user bought. */
  firstOrderOf(user: string): string | undefined;
}

/** @param people as they were read for this order */
export function figuresOf({ key, state }: CountedOrder, people: OrderPeople, site: Site): Figures {
  const { first, money, lines, buyer } = state;
  const transaction = transactionOfKey(key) ?? null;
  const currency = money?.said[0] ?? null;
  const amounts = amountsOf(state);
  const entries = AMOUNTS.map((name) => [name, amounts?.[name] ?? null] as const);
  const values = people.visitOf(key)?.values;
  const user = people.userOf(buyer?.by);
  const firstKey = user === undefined ? undefined : people.firstOrderOf(user);
  return {
    id: transaction ?? first.id,
    transaction_id: transaction,
    ...timesOf(first.ts, site),
    currency,
    ...(Object.fromEntries(
      entries.map(([name, amount]) => [name, amount === null ? null : fromMinor(amount, currency!)]),
    ) as Record<Amount, string | null>),
    ...(Object.fromEntries(entries.map(([name, amount]) => [`${name}_minor`, amount])) as Record<
      `${Amount}_minor`,
      number | null
    >),
    units: fromThousandths((lines?.said ?? []).reduce((sum, [, quantity]) => sum + quantity, 0)),
    user_id: user ?? null,
    is_first: firstKey === undefined ? null : firstKey === key,
    coupon: saidValue(state, 'coupon'),
    country: saidValue(state, 'country'),
    source: values?.source ?? null,
    medium: values?.medium ?? null,
    channel: values?.channel ?? null,
  };
}

const saidValue = ({ values }: OrderState, dimension: OrderDimension) =>
  values[ORDER_DIMENSIONS.indexOf(dimension)]?.said ?? null;

/** An order's amounts, in minor units of its currency; undefined when it has none. */
function amountsOf(order: OrderState): Record<Amount, number | null> | undefined {
  if (!order.money) return undefined;
  const [currency, revenue] = order.money.said;
  const partOf = (part: OrderPart) => {
    const said = order.parts[ORDER_PARTS.indexOf(part)]?.said;
    return said && said[0] === currency ? said[1] : null;
  };
  const discounts = partOf('discount');
  const refunded = refundsOf(order).reduce(
    (sum, { money }) => (money && money[0] === currency ? sum + money[1] : sum),
    0,
  );
  return {
    gross: revenue + (discounts ?? 0),
    discounts,
    revenue,
    refunded,
    net: revenue - refunded,
    shipping: partOf('shipping'),
    tax: partOf('tax'),
  };
}

/** The copies that an order was merged from, the earliest first; of a person those that say more than the earlier ones. */
export const copiesOf = ({ copies }: OrderState, people: OrderPeople): KeptCopy[] =>
  essentialCopies(copies, (by) => people.userOf(by));

/**
 * Reads who the ids of some orders are, and the orders' visits. A visit is in the state of its person, as long as the
 * person's orders and sessions of that time are.
 * @param orders few: they are held together
 */
export async function readOrderPeople(
  store: StoreReader,
  site: Site,
  orders: readonly CountedOrder[],
): Promise<OrderPeople> {
  const ids = new Set<string>();
  const visitors = new Map<string, Set<string>>();
  for (const { key, state } of orders) {
    for (const by of [state.buyer?.by, state.visit?.by, ...state.copies.map((copy) => copy.by)]) {
      // The home has forgotten whose it is.
      if (by) ids.add(by);
    }
    const visitor = state.visit?.by;
    if (visitor) visitors.set(visitor, (visitors.get(visitor) ?? new Set()).add(key));
  }
  const users = new Map<string, string>();
  const visits = new Map<string, Visit>();
  const firstOrders = new Map<string, string>();
  /** Only what is needed of a state is kept: it may have some 500 kB. */
  const look = async (id: string, keys: ReadonlySet<string>) => {
    const state = await store.user(site.id, id);
    if (state?.alias !== undefined) users.set(id, state.alias);
    if (!state || state.alias !== undefined) return;
    for (const [key, visit] of visitsIn(state, keys)) visits.set(key, visit);
    const first = firstOrder(state.orders);
    if (first !== undefined) firstOrders.set(id, first);
  };
  const none: ReadonlySet<string> = new Set();
  for (const some of chunkArray([...ids], STATES_AT_ONCE)) {
    await Promise.all(some.map((id) => look(id, visitors.get(id) ?? none)));
  }
  const moved = new Map<string, Set<string>>();
  for (const [id, user] of users) {
    const keys = getOrMake(moved, user, () => new Set());
    for (const key of visitors.get(id) ?? none) keys.add(key);
  }
  for (const some of chunkArray([...moved], STATES_AT_ONCE)) {
    await Promise.all(some.map(([user, keys]) => look(user, keys)));
  }
  return {
    firstOrderOf: (user) => firstOrders.get(user),
    userOf: (by) => (by ? (users.get(by) ?? by) : undefined),
    visitOf: (key) => visits.get(key),
  };
}

function visitsIn({ sessions, orders }: UserState, wanted: ReadonlySet<string>): Map<string, Visit> {
  const visits = new Map<string, Visit>();
  for (const [session, { keys }] of visitOrders(sessions, orders)) {
    for (const key of keys) if (wanted.has(key)) visits.set(key, visitIn(session));
  }
  return visits;
}

function visitIn(session: Session): Visit {
  const values = sessionValues(session);
  const named = SESSION_DIMENSIONS.map((dimension, i) => [dimension, values[i]!] as const);
  return { start: session.start, values: Object.fromEntries(named) as Visit['values'] };
}
