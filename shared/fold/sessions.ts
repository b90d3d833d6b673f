import { dimensionValue, NOT_SET, SESSION_DIMENSIONS, type SessionDimension } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { MINUTE_MS } from '../platform/time.ts';
import { ordersIn } from './counter-names.ts';

/** A longer pause between two events of a user ends a session, ms. GA4's default as well. */
const SESSION_GAP_MS = 30 * MINUTE_MS;

/** How many of a user's newest sessions stay open to late events: at least, and at most. */
const MIN_OPEN = 100;
const MAX_OPEN = 400;

/** The finest unit of time by which an event is counted: the later it comes, the coarser. */
export const RESOLUTIONS = ['minute', 'hour', 'day'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** The channel of a session without a source (GA4's name for it). */
const DIRECT = 'Direct';
const ORIGINS: readonly SessionDimension[] = ['source', 'medium', 'campaign'];

/** A value of a session, and the ts of the event that carries it. */
type Attribute = readonly [ts: number, value: string];

/** Immutable: one that is no longer in a user's list is taken back from the counters as it is. */
export interface Session {
  /** ts of the first and of the last event, ms. */
  readonly start: number;
  readonly end: number;
  readonly events: number;
  /** The finest resolution of its events, as an index of RESOLUTIONS. */
  readonly grain: number;
  readonly orders: number;
  /** Revenue and orders by currency; undefined when nothing was bought. */
  readonly money: Counters | undefined;
  /** In the order of SESSION_DIMENSIONS. */
  readonly attributes: readonly (Attribute | undefined)[];
}

/** A user's sessions. */
export interface Sessions {
  /** In order: those that late events may still join or extend. */
  open: Session[];
  /** How many are closed for good, and until when the last of them might have been extended, ms. */
  closed: number;
  closedUntil: number;
}

export const newSessions = (): Sessions => ({ open: [], closed: 0, closedUntil: -Infinity });

/** How many sessions the user ever had. */
export const countSessions = ({ open, closed }: Sessions): number => open.length + closed;

/** An event as a session of its own. @param revenue of a purchase: its counter and the amount in minor units */
export function sessionOf(
  event: FootfallEvent,
  grain: Resolution,
  revenue: [string, number] | undefined,
): Session {
  const { ts } = event;
  let money: Counters | undefined;
  if (revenue) money = new Map([revenue, [ordersIn(event.currency!), 1]]);
  return {
    start: ts,
    end: ts,
    events: 1,
    grain: RESOLUTIONS.indexOf(grain),
    orders: event.name === 'purchase' ? 1 : 0,
    money,
    attributes: SESSION_DIMENSIONS.map((dimension) => {
      const value = dimensionValue(event, dimension);
      return value === undefined ? undefined : ([ts, value] as const);
    }),
  };
}

/**
 * The values by which a session is counted, in the order of SESSION_DIMENSIONS. They depend on the session alone: when
 * a late event brings others, the session is taken back under the same values under which it was counted.
 */
export function sessionValues({ attributes }: Session): string[] {
  const isDirect = SESSION_DIMENSIONS.every((one, i) => !ORIGINS.includes(one) || !attributes[i]);
  return SESSION_DIMENSIONS.map(
    (dimension, i) => attributes[i]?.[1] ?? (dimension === 'channel' && isDirect ? DIRECT : NOT_SET),
  );
}

/** Adds a session, or an event as one. It joins all sessions that are no more than a pause away. */
export function addSession(sessions: Sessions, added: Session): void {
  const { open, closedUntil } = sessions;
  // It may belong to a forgotten session, so it counts as none rather than as one of its own.
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
 * Adds the sessions of another id of the same person.
 * @returns those too old to stay open. What was counted of them has to stay counted.
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

/** The earlier one; at the same time the smaller value, since the order of arrival must not matter. */
function earlier(a: Attribute | undefined, b: Attribute | undefined): Attribute | undefined {
  if (!a || !b) return a ?? b;
  if (a[0] !== b[0]) return a[0] < b[0] ? a : b;
  return a[1] < b[1] ? a : b;
}

/**
 * Closes the oldest sessions once there are many and no event can change them any more.
 * @param last ts of the user's last event, ms
 * @param inTime how much earlier than `last` an event may still happen, ms
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
