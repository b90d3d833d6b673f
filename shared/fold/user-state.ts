import { Packr } from 'msgpackr';
import type { FootfallEvent } from '../event/event.ts';
import type { FunnelState } from '../funnels/progress.ts';
import { STATE_FORMAT } from '../generations/state-format.ts';
import type { Counters } from '../platform/counters.ts';
import { type Day, HOUR_MS, type Month } from '../platform/time.ts';
import { type CartState, newCart, packCart, unpackCart } from './cart.ts';
import type { OlderOrders } from './customer.ts';
import { fromSteps, packTimes, toSteps, unpackTimes } from './pack-times.ts';
import { type PersonOrders, packPersonOrders, unpackPersonOrders } from './person-orders.ts';
import { newSessions, packSessions, type Sessions, unpackSessions } from './sessions.ts';

/** Plain MessagePack; maps stay Maps, since event names such as `constructor` are no safe object keys. */
const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/** Ids of a user's events are remembered at least this long after they were received, ms. */
export const DEDUPE_WINDOW_MS = 72 * HOUR_MS;
/** The most ids in one of the two lists; more of them within a window make it the previous one early. */
export const MAX_IDS = 10_000;
/**
 * The timeline keeps this many characters of a user's month (some 20,000 interactions), and the interaction that goes
 * beyond. Further ones are counted only. Far from the 512 MB at which Redis refuses to append.
 */
export const MAX_TIMELINE_LENGTH = 4_000_000;
/** From this many ids on they are looked up in a set: one user may send most of a batch. */
const IDS_WORTH_A_SET = 100;

/** How many of a user's latest products are remembered. */
const MAX_PRODUCTS = 10;
/** How many of a user's anonymous ids are remembered. A profile reads what is kept under each. */
const MAX_ALIASES = 100;

/**
 * What is known of one user of one site. State does not depend on arrival order, except for remembered ids, truncated
 * history and identity.
 */
export interface UserState {
  /** ts of the earliest event; Infinity before the first one. */
  first: number;
  /** ts of the latest event, including those sent on to another user; -Infinity before the first one. */
  last: number;
  /** ts of the earliest event with the shop's own user id; Infinity when none. */
  firstKnown: number;
  /** By counter as in counter-names.ts: events by name, money in minor units by currency. */
  sums: Counters;
  /** Characters of the timeline by month. */
  months: Map<Month, number>;
  ids: RecentIds;
  /** Site-local days with an event, in order. */
  days: Day[];
  sessions: Sessions;
  /** By the funnel's key. */
  funnels: Map<string, FunnelState>;
  cart: CartState;
  /** Product → ts of the last event with it. */
  products: Map<string, number>;
  orders: PersonOrders;
  /** Later orders that are not among them any more. */
  older: OlderOrders | undefined;
  /** The user that this anonymous visitor is known to be. The state then holds only {@link keptOnDetaching}. */
  alias: string | undefined;
  /** The latest anonymous ids that have become this user, in that order. */
  aliases: string[];
  /** How many more there were. They have a key of their own. */
  furtherAliases: number;
  joins: Joins;
  /** The user that this visitor must not become, see join-guard.ts. */
  refused: string | undefined;
  /** The last erasure of this id. */
  erased: Erased | undefined;
  /** Of its packed form, as it was packed or unpacked last. Not stored. */
  bytes: number;
}

/** How many visitors became the user on the last day on which one did, see join-guard.ts. */
export interface Joins {
  day: Day;
  count: number;
  /** There were too many on some day. It stays so. */
  isStopped: boolean;
}

export interface Erased {
  /** Nothing is kept of what happened or was received until then, ms. */
  until: number;
  receipt: string;
}

/**
 * Two lists of hashed event ids. `current` grows until it is a window old or full, then becomes `previous`. So an id is
 * remembered for one to two windows, in 9 bytes.
 */
export interface RecentIds {
  /** `received` of the event that began `current`, ms. */
  since: number;
  current: number[];
  previous: number[];
  /** The ids of both lists, once there are many. Not stored. */
  all?: Set<number>;
}

export function newUserState(): UserState {
  return {
    first: Infinity,
    last: -Infinity,
    firstKnown: Infinity,
    sums: new Map(),
    months: new Map(),
    ids: { since: 0, current: [], previous: [] },
    days: [],
    sessions: newSessions(),
    funnels: new Map(),
    cart: newCart(),
    products: new Map(),
    orders: new Map(),
    older: undefined,
    alias: undefined,
    aliases: [],
    furtherAliases: 0,
    joins: { day: 0, count: 0, isStopped: false },
    refused: undefined,
    erased: undefined,
    bytes: 0,
  };
}

/** What stays with an anonymous id once its visitor is known as a user. */
export const keptOnDetaching = ({ ids, months, last, furtherAliases, erased }: UserState) => ({
  ids,
  months,
  last,
  furtherAliases,
  erased,
});

/** Notes that an event was about a product. */
export function seeProduct(products: Map<string, number>, product: string, ts: number): void {
  if (ts <= (products.get(product) ?? -Infinity)) return;
  products.set(product, ts);
  if (products.size > MAX_PRODUCTS) products.delete(newestFirst(products).at(-1)![0]);
}

/** Notes that an anonymous id has become the user. @returns the oldest id when there is no more room for it. */
export function addAlias(aliases: string[], alias: string): string | undefined {
  if (aliases.includes(alias)) return undefined;
  aliases.push(alias);
  return aliases.length > MAX_ALIASES ? aliases.shift() : undefined;
}

/** Products by their last event, newest first; those of the same time in the order of their ids. */
export const newestFirst = (products: Map<string, number>): [product: string, ts: number][] =>
  [...products].sort(([a, tsA], [b, tsB]) => tsB - tsA || (a < b ? -1 : 1));

/** Remembers an event's id. @returns false when it is remembered already: the event is a duplicate. */
export function rememberId(ids: RecentIds, event: Pick<FootfallEvent, 'id' | 'received'>): boolean {
  const hash = hash53(event.id);
  if (!ids.all && ids.current.length + ids.previous.length > IDS_WORTH_A_SET) {
    ids.all = new Set([...ids.current, ...ids.previous]);
  }
  if (ids.all ? ids.all.has(hash) : ids.current.includes(hash) || ids.previous.includes(hash)) return false;
  if (ids.current.length === 0) {
    ids.since = event.received;
  } else if (event.received - ids.since >= DEDUPE_WINDOW_MS || ids.current.length >= MAX_IDS) {
    ids.previous = ids.current;
    ids.current = [];
    delete ids.all;
    ids.since = event.received;
  }
  ids.current.push(hash);
  ids.all?.add(hash);
  return true;
}

/**
 * A 53-bit hash of a text (cyrb53, public domain). Two remembered ids of one user collide with probability 1.1e-16, so
 * an event of a user with 10,000 ids is lost to a collision once in 10^12.
 */
function hash53(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}

const finiteOrNull = (value: number) => (Number.isFinite(value) ? value : null);

/** Packs a state, and notes in it how many bytes that took. */
export function packUserState(state: UserState): Buffer {
  const { first, last, firstKnown, sums, months, ids, days, sessions, funnels, cart, products } = state;
  const { alias, aliases, orders, older, furtherAliases, erased, joins, refused } = state;
  const packed = packr.pack([
    STATE_FORMAT,
    finiteOrNull(first),
    finiteOrNull(last),
    finiteOrNull(firstKnown),
    sums,
    months,
    [ids.since, ids.current, ids.previous],
    toSteps(days),
    packSessions(sessions),
    new Map([...funnels].map(([key, funnel]) => [key, packFunnel(funnel)])),
    packCart(cart),
    products,
    alias ?? null,
    aliases,
    packPersonOrders(orders),
    older ? [older.first, ...older.periods] : null,
    furtherAliases,
    erased ? [erased.until, erased.receipt] : null,
    [joins.day, joins.count, joins.isStopped],
    refused ?? null,
  ]) as Buffer;
  state.bytes = packed.length;
  return packed;
}

/** @throws Error for another format than STATE_FORMAT: guessing would miscount. */
export function unpackUserState(bytes: Buffer): UserState {
  const [
    format,
    first,
    last,
    known,
    sums,
    months,
    ids,
    days,
    sessions,
    funnels,
    cart,
    products,
    alias,
    aliases,
    orders,
    older,
    furtherAliases,
    erased,
    joins,
    refused,
  ] = packr.unpack(bytes);
  if (format !== STATE_FORMAT) throw new Error(`Unknown user state format ${String(format)}.`);
  const [since, current, previous] = ids;
  return {
    first: first ?? Infinity,
    last: last ?? -Infinity,
    firstKnown: known ?? Infinity,
    sums,
    months,
    ids: { since, current, previous },
    days: fromSteps(days),
    sessions: unpackSessions(sessions),
    funnels: new Map(
      [...(funnels as Map<string, PackedFunnel>)].map(([key, funnel]) => [key, unpackFunnel(funnel)]),
    ),
    cart: unpackCart(cart),
    products,
    orders: unpackPersonOrders(orders),
    older: older ? { first: older[0], periods: older.slice(1) } : undefined,
    alias: alias ?? undefined,
    aliases,
    furtherAliases,
    joins: { day: joins[0], count: joins[1], isStopped: joins[2] },
    refused: refused ?? undefined,
    erased: erased ? { until: erased[0], receipt: erased[1] } : undefined,
    bytes: bytes.length,
  };
}

type PackedFunnel = [times: number[][], settled: number[], taken: number[], settledUntil: number | null];

const packFunnel = ({ times, settled, settledUntil }: FunnelState): PackedFunnel => [
  packTimes(times),
  toSteps(settled.map(([day]) => day)),
  settled.map(([, taken]) => taken),
  finiteOrNull(settledUntil),
];

const unpackFunnel = ([times, days, taken, settledUntil]: PackedFunnel): FunnelState => ({
  times: unpackTimes(times),
  settled: fromSteps(days).map((day, i) => [day, taken[i]!]),
  settledUntil: settledUntil ?? -Infinity,
});
