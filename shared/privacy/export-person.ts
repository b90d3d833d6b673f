import * as z from 'zod';
import { SESSION_DIMENSIONS } from '../event/dimensions.ts';
import { KEPT_FIELDS, type KeptKind } from '../event/kept-fields.ts';
import { transactionOfKey } from '../event/order-note.ts';
import { fromThousandths } from '../event/quantity.ts';
import type { WayIn } from '../event/ways-in.ts';
import { lastPurchase } from '../fold/cart.ts';
import { FROM_SERVER } from '../fold/order-copy.ts';
import { shareOfPerson } from '../fold/person-orders.ts';
import { RESOLUTIONS } from '../fold/resolution.ts';
import { REACHED } from '../fold/sessions.ts';
import type { Interaction } from '../fold/timeline.ts';
import type { UserState } from '../fold/user-state.ts';
import { visitOrders } from '../fold/visit-orders.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { cursorOf, nextCursor, readCursor } from '../platform/http/cursor.ts';
import { formatDay, monthStart } from '../platform/time.ts';
import { readIds, STATES_AT_ONCE } from '../questions/person.ts';
import { unknownUser } from '../questions/user.ts';
import type { StoreReader, UserLists } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';

/**
 * A page ends before it exceeds this. A Lambda function answers with 6 MB at most (AWS, "Lambda quotas"), and
 * the body is encoded as JSON text once more.
 */
const MAX_PAGE_BYTES = 4_000_000;

export const exportQuery = z.strictObject({
  // An id of 256 control characters is six times as long in JSON.
  cursor: z.string().max(4_000).optional().meta({ description: '`next_cursor` of the previous page' }),
});

/** The most ids in a page. The lookup of what is held takes a ms or two for each. */
const MAX_IDS_A_PAGE = 1_000;
/** More of them would not fit into an answer. */
const MAX_FURTHER = 1_000;

const instant = z.iso.datetime().nullable();
const whole = z.number().int();
const minor = whole.meta({ description: 'Minor units' });
const pieces = z.number().meta({ description: 'Pieces, with up to three decimals' });

const stateSchema = z
  .object({
    first_seen: instant,
    last_seen: instant,
    known_since: instant.meta({ description: "First event with the shop's own user id" }),
    counters: z.record(z.string(), whole).meta({
      description:
        '`n:<event>`: number of events. Revenue, refunds and orders by currency; money in minor units',
    }),
    active_days: z.array(z.iso.date()),
    sessions: z.array(
      z.object({
        start: z.iso.datetime(),
        end: z.iso.datetime(),
        views: whole.meta({ description: 'Views of pages and screens' }),
        engaged_ms: whole.meta({ description: 'Time in the foreground, as far as the client says so' }),
        names: z.array(z.string()).meta({ description: 'What the senders call the session' }),
        reached: z.array(z.enum(REACHED)).meta({ description: 'Steps of a purchase, by their events' }),
        orders: whole,
        money: z.record(z.string(), minor),
        kept_as: z.enum(RESOLUTIONS),
        attributes: z.record(z.string(), z.object({ value: z.string(), since: z.iso.datetime() })),
      }),
    ),
    closed_sessions: whole.meta({ description: 'Earlier sessions; only their number is kept' }),
    sessions_closed_until: instant,
    funnels: z.array(
      z.object({
        funnel: z.string(),
        steps: z.array(z.array(z.iso.datetime())).meta({ description: 'Times at which each step was taken' }),
        settled: z.array(z.object({ day: z.iso.date(), steps: whole })),
        settled_until: instant,
      }),
    ),
    cart: z.object({
      last_purchase: instant,
      last_activity: instant,
      purchases: z.array(z.iso.datetime()).meta({ description: 'Those that late events may still concern' }),
      touches: z
        .array(z.iso.datetime())
        .meta({ description: 'Other events about carts that changed no line' }),
      settled_until: instant,
      changes: z.array(
        z.object({
          at: z.iso.datetime(),
          product_id: z.string(),
          quantity: pieces,
          currency: z.string().nullable(),
          amount_minor: whole,
        }),
      ),
    }),
    products: z.array(z.object({ product_id: z.string(), last_seen: z.iso.datetime() })),
    orders: z.array(
      z.object({
        transaction_id: z.string().nullable().meta({ description: 'null: the order has none' }),
        copies: z.array(
          z.object({
            at: z.iso.datetime(),
            id: z.string().meta({ description: "The event's id" }),
            sent_as: z.string().meta({ description: 'The id of the person under which it came' }),
            way_in: z
              .string()
              .nullable()
              .meta({ description: 'How it came in, as far as the order keeps it' }),
            server: z
              .boolean()
              .meta({ description: "Whether a server sent it, and not the visitor's device" }),
            currency: z.string().nullable(),
            total_minor: whole.nullable(),
            session_id: z.string().nullable(),
          }),
        ),
        is_buyer: z.boolean().meta({ description: 'Whether the order counts as this person’s' }),
        refunded_minor: z.record(z.string(), whole).meta({ description: 'What was given back, by currency' }),
      }),
    ),
    user_id: z.string().nullable().meta({ description: 'The user that this anonymous id became' }),
    aliases: z.array(z.string()).meta({ description: 'The latest 100 anonymous ids that became this user' }),
    further_aliases: z
      .array(z.string())
      .meta({ description: `Earlier such ids, ${MAX_FURTHER} at most. \`held\` has all` }),
    event_ids: z
      .object({ since: instant, hashes: whole })
      .meta({ description: 'Hashes that detect repeated events; they contain nothing else' }),
    timeline_bytes: z
      .array(z.object({ month: z.string(), characters: whole }))
      .meta({ description: 'Characters written to the timeline, by month' }),
    erased_until: instant.meta({
      description: 'An earlier erasure of this id removed everything received until then',
    }),
  })
  .meta({ description: 'The working state, from which all other numbers of the user are computed' });

const membership = instant.meta({ description: 'null: not in this list' });

/** Fields that are kept and not counted, under their names; amounts as `tax_minor` and the like. */
const keptName = (field: string, kind: KeptKind) => (kind === 'amount' ? `${field}_minor` : field);
const keptShape = Object.fromEntries(
  Object.entries(KEPT_FIELDS).map(([field, kind]) => [
    keptName(field, kind),
    kind === 'amount' ? minor.optional() : z.string().optional(),
  ]),
) as Record<string, z.ZodOptional<z.ZodString | typeof minor>>;

export const exportSchema = z
  .object({
    asked: z.string(),
    user_id: z.string().nullable().meta({
      description:
        'The user that the requested anonymous id became. This export is of that id alone; request the user for all',
    }),
    ids: whole.meta({ description: "Number of the person's ids, over all pages" }),
    held: z
      .array(
        z.object({
          id: z.string(),
          state: stateSchema.nullable(),
          lists: z
            .object({
              live: membership,
              checkout: membership,
              filled_cart: membership,
              cart_to_look_at: membership,
              cart_signalled: membership,
              signal_under_way: z.string().nullable(),
            })
            .meta({ description: "When the id entered each of the site's lists" }),
        }),
      )
      .meta({ description: 'Each id appears on one page only' }),
    interactions: z
      .array(
        z.object({
          user: z.string().meta({ description: 'The id that the event was sent with' }),
          month: z.string(),
          id: z.string(),
          name: z.string(),
          timestamp: z.iso.datetime(),
          items: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).optional(),
          value_minor: whole.optional(),
          currency: z.string().optional(),
          transaction_id: z.string().optional(),
          page: z.string().optional(),
          search_term: z.string().optional(),
          properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
          ...keptShape,
        }),
      )
      .meta({ description: 'By id and month, in order of arrival' }),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'Held',
    examples: [
      {
        asked: 'ada',
        user_id: null,
        ids: 1,
        held: [],
        interactions: [
          {
            user: 'ada',
            month: '2026-03',
            id: 'e-1',
            name: 'view_item',
            timestamp: '2026-03-31T18:05:12.250Z',
            items: [{ id: 'tea-1', quantity: 1 }],
          },
        ],
        next_cursor: 'WyJhZGEiLDY3NSwxXQ',
      },
    ],
  });

type PersonExport = z.infer<typeof exportSchema>;

/**
 * Where a page begins: at an id, and within it at an interaction of a month, counted from 0. Without `month`:
 * at its state.
 */
interface Position {
  id: string;
  month?: number | undefined;
  index: number;
}

const position = z
  .tuple([z.string(), z.number().int().optional(), z.number().int().min(0).optional()])
  .transform(([id, month, index = 0]): Position => ({ id, month, index }));

/**
 * Exports everything held about a person under any of their ids, in pages. Of an anonymous id that became a user, exports
 * what is held under that id, and names the user. Events that arrive in between may be missing.
 * @param now ms
 * @throws FootfallError `unknown_user` 404 when nothing is held, `invalid_parameter` 400 for a cursor that is
 *   not ours.
 */
export async function exportPerson(
  store: StoreReader,
  site: Site,
  asked: string,
  query: z.infer<typeof exportQuery>,
  now = Date.now(),
): Promise<PersonExport> {
  const from = readCursor(query.cursor, position);
  const alias = (await store.user(site.id, asked))?.alias;
  // An anonymous id may be a guess, or shared: what others did under other ids is not its.
  const ids = alias === undefined ? await readIds(store, site, asked) : [asked];
  const page = new Page(alias);
  let isAnything = from !== undefined;
  let looked = 0;
  for (const id of ids) {
    if (from && id < from.id) continue;
    if (looked++ === MAX_IDS_A_PAGE) return page.data(asked, ids, [id]);
    const begin = from?.id === id ? from : { id, index: 0 };
    const [state, lists, months] = await Promise.all([
      store.user(site.id, id),
      store.lists(site.id, id),
      store.timelineMonths(site.id, id, now),
    ]);
    const isHeld = state || months.length > 0 || Object.values(lists).some((one) => one !== undefined);
    if (!isHeld) continue;
    isAnything = true;
    if (begin.month === undefined) {
      const further = state?.furtherAliases ? await someFurther(store, site, id) : [];
      const waysIn = await readWaysIn(store, site, state);
      const one = {
        id,
        state: state ? presentState(state, further, waysIn) : null,
        lists: presentLists(lists),
      };
      if (!page.hasRoomFor(one)) return page.data(asked, ids, [id]);
      page.held.push(one);
    }
    for (const month of months) {
      if (begin.month !== undefined && month < begin.month) continue;
      const interactions = await store.interactions(site.id, id, [month]);
      const first = begin.month === month ? begin.index : 0;
      for (let index = first; index < interactions.length; index++) {
        const one = presentInteraction(id, month, interactions[index]!);
        if (!page.hasRoomFor(one)) return page.data(asked, ids, [id, month, index]);
        page.interactions.push(one);
      }
    }
  }
  if (!isAnything) throw unknownUser();
  return page.data(asked, ids);
}

async function someFurther(store: StoreReader, site: Site, id: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const some of store.furtherAliases(site.id, id)) {
    for (const alias of some) found.add(alias);
    if (found.size >= MAX_FURTHER) break;
  }
  return [...found].slice(0, MAX_FURTHER);
}

/** How copies of orders came in, by the order's key, then by the copy's person and event. Their homes have that. */
type WaysIn = ReadonlyMap<string, ReadonlyMap<string, WayIn>>;

const copyName = ({ by, id, ts }: { by?: string | undefined; id: string; ts: number }) =>
  JSON.stringify([by, id, ts]);

async function readWaysIn(store: StoreReader, site: Site, state: UserState | undefined): Promise<WaysIn> {
  const ways = new Map<string, Map<string, WayIn>>();
  for (const keys of chunkArray([...(state?.orders.keys() ?? [])], STATES_AT_ONCE)) {
    await Promise.all(
      keys.map(async (key) => {
        const { copies = [] } = (await store.order(site.id, key)) ?? {};
        ways.set(key, new Map(copies.flatMap((copy) => (copy.via ? [[copyName(copy), copy.via]] : []))));
      }),
    );
  }
  return ways;
}

class Page {
  readonly #user: string | null;
  readonly held: PersonExport['held'] = [];
  readonly interactions: PersonExport['interactions'] = [];
  #bytes = 0;

  /** @param user that the requested id became */
  constructor(user: string | undefined) {
    this.#user = user ?? null;
  }

  /** The first entry of a page always fits. */
  hasRoomFor(one: object): boolean {
    this.#bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(one)));
    return this.#bytes <= MAX_PAGE_BYTES || this.held.length + this.interactions.length === 0;
  }

  data(asked: string, ids: readonly string[], next?: (string | number)[]): PersonExport {
    const { held, interactions } = this;
    return {
      asked,
      user_id: this.#user,
      ids: ids.length,
      held,
      interactions,
      ...(next && { next_cursor: cursorOf(next) }),
    };
  }
}

/** null: never. */
const iso = (ts: number) => (Number.isFinite(ts) ? new Date(ts).toISOString() : null);
const time = (ts: number) => new Date(ts).toISOString();
const monthText = (month: number) => formatDay(monthStart(month)).slice(0, 7);

function presentState(
  state: UserState,
  further: string[],
  waysIn: WaysIn,
): NonNullable<PersonExport['held'][number]['state']> {
  const { sessions, cart, ids } = state;
  const bought = visitOrders(sessions, state.orders);
  return {
    first_seen: iso(state.first),
    last_seen: iso(state.last),
    known_since: iso(state.firstKnown),
    counters: Object.fromEntries(state.sums),
    active_days: state.days.map(formatDay),
    sessions: sessions.open.map((session) => {
      const { start, end, views, engagedMs, names, steps, grain, attributes } = session;
      const { orders = 0, money = [] } = bought.get(session) ?? {};
      return {
        start: time(start),
        end: time(end),
        views,
        engaged_ms: engagedMs,
        names: [...names],
        reached: REACHED.filter((_, i) => steps & (1 << i)),
        orders,
        money: Object.fromEntries(money),
        kept_as: RESOLUTIONS[grain]!,
        attributes: Object.fromEntries(
          attributes.flatMap((one, i) =>
            one ? [[SESSION_DIMENSIONS[i]!, { value: one[1], since: time(one[0]) }]] : [],
          ),
        ),
      };
    }),
    closed_sessions: sessions.closed,
    sessions_closed_until: iso(sessions.closedUntil),
    funnels: [...state.funnels].map(([funnel, { times, settled, settledUntil }]) => ({
      funnel,
      steps: times.map((step) => step.map(time)),
      settled: settled.map(([day, taken]) => ({ day: formatDay(day), steps: countBits(taken) })),
      settled_until: iso(settledUntil),
    })),
    cart: {
      last_purchase: iso(lastPurchase(cart)),
      last_activity: iso(Math.max(cart.touches.at(-1) ?? -Infinity, cart.changes.at(-1)?.[0] ?? -Infinity)),
      purchases: cart.purchases.map(time),
      touches: cart.touches.map(time),
      settled_until: iso(cart.settledUntil),
      changes: cart.changes.map(([ts, product_id, quantity, currency, amount_minor]) => ({
        ...{ at: time(ts), product_id, quantity: fromThousandths(quantity), currency, amount_minor },
      })),
    },
    products: [...state.products].map(([product_id, ts]) => ({ product_id, last_seen: time(ts) })),
    orders: [...state.orders].map(([key, order]) => {
      const { isBuyer, refunded } = shareOfPerson(order);
      return {
        transaction_id: transactionOfKey(key) ?? null,
        copies: order.copies.map(({ ts, id, by, money, session, visitRank }) => ({
          at: time(ts),
          id,
          sent_as: by,
          way_in: waysIn.get(key)?.get(copyName({ ts, id, by })) ?? null,
          server: visitRank === FROM_SERVER,
          currency: money?.said[0] ?? null,
          total_minor: money?.said[1] ?? null,
          session_id: session ?? null,
        })),
        is_buyer: isBuyer,
        refunded_minor: Object.fromEntries(refunded),
      };
    }),
    user_id: state.alias ?? null,
    aliases: state.aliases,
    further_aliases: further,
    event_ids: {
      since: ids.since > 0 ? time(ids.since) : null,
      hashes: ids.current.length + ids.previous.length,
    },
    timeline_bytes: [...state.months].map(([month, characters]) => ({ month: monthText(month), characters })),
    erased_until: state.erased ? time(state.erased.until) : null,
  };
}

/** One bit is set for each step that was taken. */
const countBits = (taken: number) => taken.toString(2).replaceAll('0', '').length;

const presentLists = ({
  live,
  checkout,
  cart,
  due,
  left,
  claim,
}: UserLists): PersonExport['held'][number]['lists'] => ({
  live: iso(live ?? Infinity),
  checkout: iso(checkout ?? Infinity),
  filled_cart: iso(cart ?? Infinity),
  cart_to_look_at: iso(due ?? Infinity),
  cart_signalled: iso(left ?? Infinity),
  signal_under_way: claim ?? null,
});

function presentInteraction(
  user: string,
  month: number,
  interaction: Interaction,
): PersonExport['interactions'][number] {
  const { id, name, ts, items, value, tax, shipping, discount, props, ...rest } = interaction;
  return {
    ...{ user, month: monthText(month), id, name, timestamp: time(ts), ...rest },
    ...(items && { items: items as Record<string, string | number>[] }),
    ...(value !== undefined && { value_minor: value }),
    ...(tax !== undefined && { tax_minor: tax }),
    ...(shipping !== undefined && { shipping_minor: shipping }),
    ...(discount !== undefined && { discount_minor: discount }),
    ...(props && { properties: props }),
  };
}
