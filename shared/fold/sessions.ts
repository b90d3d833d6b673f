import { dimensionValue, NOT_SET, SESSION_DIMENSIONS, type SessionDimension } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { MINUTE_MS } from '../platform/time.ts';
import { ordersIn } from './counter-names.ts';

/** A longer pause between two events of a user ends a session (GA4's default, too). */
const SESSION_GAP_MS = 30 * MINUTE_MS;

/** A user's newest sessions are kept open to late events: so many at least, and never more than the second. */
const MIN_OPEN = 100;
const MAX_OPEN = 400;

/** How fine an event is counted, by how late it came. */
export const KEPT_AS = ['minute', 'hour', 'day'] as const;
export type KeptAs = (typeof KEPT_AS)[number];

/** The channel of sessions that nothing led to (GA4's name for it). */
const DIRECT = 'Direct';
const ORIGINS: readonly SessionDimension[] = ['source', 'medium', 'campaign'];

/** A value of a session, and the ts of the event that it is of. */
type Attribute = readonly [ts: number, value: string];

/** Never changed, only replaced: what is no longer in a user's list has to be taken back from the counters. */
export interface Session {
  /** ts of the first and of the last event, ms. */
  readonly start: number;
  readonly end: number;
  readonly events: number;
  /** The finest grain that one of its events is counted by, as an index of KEPT_AS. */
  readonly grain: number;
  readonly orders: number;
  /** Revenue and orders by currency; undefined when nothing was bought. */
  readonly money: Counters | undefined;
  /** In the order of SESSION_DIMENSIONS. */
  readonly attributes: readonly (Attribute | undefined)[];
}

/** A user's sessions. */
export interface Sessions {
  /** In order; those that late events may still join or extend. */
  open: Session[];
  /** How many are closed for good, and the ms until which their last one might have been extended. */
  closed: number;
  closedUntil: number;
}

export const newSessions = (): Sessions => ({ open: [], closed: 0, closedUntil: -Infinity });

/** All that the user ever had. */
export const countSessions = ({ open, closed }: Sessions): number => open.length + closed;

/** @param revenue of a purchase, by counter. */
export function sessionOf(
  event: FootfallEvent,
  grain: KeptAs,
  revenue: [string, number] | undefined,
): Session {
  const { ts } = event;
  let money: Counters | undefined;
  if (revenue) money = new Map([revenue, [ordersIn(event.currency!), 1]]);
  return {
    start: ts,
    end: ts,
    events: 1,
    grain: KEPT_AS.indexOf(grain),
    orders: event.name === 'purchase' ? 1 : 0,
    money,
    attributes: SESSION_DIMENSIONS.map((dimension) => {
      const value = dimensionValue(event, dimension);
      return value === undefined ? undefined : ([ts, value] as const);
    }),
  };
}

/**
 * What a session is counted by, in the order of SESSION_DIMENSIONS. A function of the session alone: what is counted
 * is taken back by the same values when a late event brings others.
 */
export function sessionValues({ attributes }: Session): string[] {
  const isDirect = SESSION_DIMENSIONS.every((one, i) => !ORIGINS.includes(one) || !attributes[i]);
  return SESSION_DIMENSIONS.map(
    (dimension, i) => attributes[i]?.[1] ?? (dimension === 'channel' && isDirect ? DIRECT : NOT_SET),
  );
}

/** Adds a session, or an event as one: it joins all that it comes within the pause of. */
export function addSession(sessions: Sessions, added: Session): void {
  const { open, closedUntil } = sessions;
  // It may belong to a session that is forgotten: better in none than counted as one of its own.
  if (added.start <= closedUntil) return;
  let to = open.length;
  while (to > 0 && open[to - 1]!.start - added.end > SESSION_GAP_MS) to--;
  let from = to;
  let joined = added;
  while (from > 0 && joined.start - open[from - 1]!.end <= SESSION_GAP_MS) {
    from--;
    joined = join(open[from]!, joined);
  }
  open.splice(from, to - from, joined);
}

/**
 * Adds another list of the same person's sessions.
 * @returns those that are so old that they are closed at once: what was counted of them stays.
 */
export function mergeSessions(sessions: Sessions, other: Sessions): Session[] {
  const early = other.open.filter(({ start }) => start <= sessions.closedUntil);
  for (const session of other.open) addSession(sessions, session);
  sessions.closed += other.closed + early.length;
  return early;
}

function join(a: Session, b: Session): Session {
  let money = a.money ?? b.money;
  if (a.money && b.money) {
    money = new Map(a.money);
    for (const [counter, amount] of b.money) increase(money, counter, amount);
  }
  return {
    start: Math.min(a.start, b.start),
    end: Math.max(a.end, b.end),
    events: a.events + b.events,
    grain: Math.min(a.grain, b.grain),
    orders: a.orders + b.orders,
    money,
    attributes: a.attributes.map((one, i) => earlier(one, b.attributes[i])),
  };
}

/** At the same time the smaller value, so that the order of arrival decides nothing. */
function earlier(a: Attribute | undefined, b: Attribute | undefined): Attribute | undefined {
  if (!a || !b) return a ?? b;
  if (a[0] !== b[0]) return a[0] < b[0] ? a : b;
  return a[1] < b[1] ? a : b;
}

/**
 * Forgets sessions that no event in time can change any more, once there are many.
 * @param inTime ms before the user's last event that an event may still come from.
 */
export function closeSessions(sessions: Sessions, last: number, inTime: number): void {
  const { open } = sessions;
  let count = 0;
  while (
    open.length - count > MAX_OPEN ||
    (open.length - count > MIN_OPEN && open[count]!.end < last - inTime - SESSION_GAP_MS)
  ) {
    count++;
  }
  if (count === 0) return;
  sessions.closedUntil = Math.max(sessions.closedUntil, open[count - 1]!.end + SESSION_GAP_MS);
  sessions.closed += count;
  open.splice(0, count);
}

type PackedSession = [number, number, number, number, number, Counters | null, (Attribute | null)[] | null];

export function packSessions({ open, closed, closedUntil }: Sessions) {
  const packed = open.map(({ start, end, events, grain, orders, money, attributes }): PackedSession => {
    const pairs = attributes.map((one) => (one ? ([one[0] - start, one[1]] as const) : null));
    return [start, end - start, events, grain, orders, money ?? null, pairs.some(Boolean) ? pairs : null];
  });
  return [packed, closed, closed === 0 ? 0 : closedUntil] as const;
}

export function unpackSessions([packed, closed, closedUntil]: ReturnType<typeof packSessions>): Sessions {
  const open = packed.map(([start, length, events, grain, orders, money, pairs]) => ({
    start,
    end: start + length,
    events,
    grain,
    orders,
    money: money ?? undefined,
    attributes: SESSION_DIMENSIONS.map((_, i): Attribute | undefined => {
      const pair = pairs?.[i];
      return pair ? [start + pair[0], pair[1]] : undefined;
    }),
  }));
  return { open, closed, closedUntil: closed === 0 ? -Infinity : closedUntil };
}
