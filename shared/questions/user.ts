import * as z from 'zod';
import { SESSION_DIMENSIONS, type SessionDimension } from '../event/dimensions.ts';
import { cartOf } from '../fold/cart.ts';
import { eventCount, ORDERS } from '../fold/counter-names.ts';
import { countSessions, type Session, sessionValues } from '../fold/sessions.ts';
import { newestFirst } from '../fold/user-state.ts';
import { FootfallError } from '../platform/errors.ts';
import { localDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { eventsByName, totalOf } from './arithmetic.ts';
import { cartContents, contentsOf } from './carts.ts';
import { averageOrderSchema, averageOrders, moneyRows, moneySchema } from './money-figures.ts';
import { readPerson } from './person.ts';
import { latestMonths } from './products.ts';
import { oneRow, question, userParameter } from './question.ts';

export const UNKNOWN_USER = 'Nothing is known of this user';

/** The newest sessions that a profile tells of. */
const MAX_VISITS = 20;

const visitValues = Object.fromEntries(
  SESSION_DIMENSIONS.map((dimension) => [dimension, z.string()]),
) as Record<SessionDimension, z.ZodString>;

export const userSchema = z
  .object({
    user_id: z.string().meta({ description: 'The user; for an anonymous id that became a user, that user' }),
    asked: z.string().meta({ description: 'The requested id' }),
    known: z.boolean().meta({ description: "True for the shop's own user id, false for an anonymous id" }),
    first_seen: z.iso.datetime(),
    last_seen: z.iso.datetime(),
    active_days: z.number().int().meta({ description: 'Days with an event' }),
    sessions: z.number().int(),
    visits: z.array(z.object({ start: z.iso.datetime(), end: z.iso.datetime(), ...visitValues })).meta({
      description: `The last ${MAX_VISITS} sessions, newest first: first and last event, what led there, and with what device`,
    }),
    total_events: z.number().int(),
    events: z.record(z.string(), z.number().int()).meta({ description: 'By name' }),
    orders: z.number().int(),
    refunds: z.number().int(),
    money: z.array(moneySchema).meta({ description: "By currency; net is the user's lifetime value" }),
    average_order: averageOrderSchema,
    products: z
      .array(z.object({ product_id: z.string(), name: z.string().optional(), last_seen: z.iso.datetime() }))
      .meta({ description: 'The last 10 products in events of the user, newest first' }),
    cart: z
      .object({ last_activity: z.iso.datetime(), ...cartContents })
      .nullable()
      .meta({ description: 'What was added and not removed since the last purchase; null: nothing' }),
    aliases: z.array(z.string()).meta({
      description: 'The latest 100 anonymous ids that became this user, in that order',
    }),
  })
  .meta({
    id: 'User',
    examples: [
      {
        user_id: 'ada',
        asked: 'ada',
        known: true,
        first_seen: '2026-01-12T09:30:00.000Z',
        last_seen: '2026-03-31T18:05:12.250Z',
        active_days: 9,
        sessions: 12,
        visits: [
          {
            start: '2026-03-31T17:55:02.100Z',
            end: '2026-03-31T18:05:12.250Z',
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
        ],
        total_events: 57,
        events: { view_item: 51, add_to_cart: 4, purchase: 2 },
        orders: 2,
        refunds: 0,
        money: [
          {
            currency: 'EUR',
            revenue: '80.40',
            refunded: '0.00',
            net: '80.40',
            revenue_minor: 8_040,
            refunded_minor: 0,
            net_minor: 8_040,
          },
        ],
        average_order: [{ currency: 'EUR', amount: '40.20', amount_minor: 4_020 }],
        products: [{ product_id: 'tea-1', name: 'Green tea', last_seen: '2026-03-31T18:05:12.250Z' }],
        cart: {
          last_activity: '2026-03-31T17:58:40.000Z',
          lines: [{ product_id: 'tea-1', quantity: 1 }],
          value: [{ currency: 'EUR', amount: '12.50', amount_minor: 1_250 }],
        },
        aliases: ['0b7e5c1a-cookie'],
      },
    ],
  });

/**
 * A user's engagement: events, sessions, orders and money. For an anonymous id that became a user, that user's.
 * @throws FootfallError `unknown_user` 404.
 */
export async function readUser(
  store: StoreReader,
  site: Site,
  asked: string,
): Promise<z.infer<typeof userSchema>> {
  const { user, state } = await readPerson(store, site, asked);
  // A user whom a visitor is about to become has a state before their first event.
  if (!state || state.first === Infinity) throw unknownUser();
  const { sums, products, cart } = state;
  const events = eventsByName(sums);
  const seen = newestFirst(products);
  const names = await store.names(
    site.id,
    latestMonths(seen.map(([, ts]) => localDay(ts, site.zone))),
    seen.map(([product]) => product),
  );
  const present = cartOf(cart);
  return {
    user_id: user,
    asked,
    known: state.firstKnown !== Infinity,
    first_seen: new Date(state.first).toISOString(),
    last_seen: new Date(state.last).toISOString(),
    active_days: state.days.length,
    sessions: countSessions(state.sessions),
    visits: state.sessions.open.slice(-MAX_VISITS).reverse().map(visitOf),
    total_events: totalOf(events),
    events,
    orders: sums.get(ORDERS) ?? 0,
    refunds: sums.get(eventCount('refund')) ?? 0,
    money: moneyRows(sums),
    average_order: averageOrders(sums),
    products: seen.map(([product_id, ts]) => {
      const name = names.get(product_id);
      return { product_id, ...(name !== undefined && { name }), last_seen: new Date(ts).toISOString() };
    }),
    cart: present
      ? { last_activity: new Date(present.lastActivity).toISOString(), ...contentsOf(present.lines) }
      : null,
    aliases: state.aliases,
  };
}

function visitOf(session: Session) {
  const values = sessionValues(session);
  const said = SESSION_DIMENSIONS.map((dimension, i) => [dimension, values[i]!] as const);
  return {
    start: new Date(session.start).toISOString(),
    end: new Date(session.end).toISOString(),
    ...(Object.fromEntries(said) as Record<SessionDimension, string>),
  };
}

export const unknownUser = () => new FootfallError('unknown_user', 404, `${UNKNOWN_USER}.`);

export const userQuestion = question({
  path: '/v1/users/{user}',
  summary: "A user's engagement",
  parameters: z.object({ user: userParameter }),
  answer: userSchema,
  notFound: UNKNOWN_USER,
  cached: 'never',
  csv: oneRow(userSchema),
  read: ({ store, site }, { user }) => readUser(store, site, user),
});
