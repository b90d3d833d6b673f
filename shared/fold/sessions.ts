import { dimensionValue, NOT_SET, SESSION_DIMENSIONS, type SessionDimension } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { MINUTE_MS } from '../platform/time.ts';
import { bytesOfTexts } from './bytes-of-texts.ts';
import { RESOLUTIONS, type Resolution } from './resolution.ts';

/** A longer pause between two events of a user ends a session, ms. GA4's default as well. */
export const SESSION_GAP_MS = 30 * MINUTE_MS;

/** How many of a user's newest sessions stay open to late events: at least, and at most. */
const MIN_OPEN = 100;
const MAX_OPEN = 400;
/** The most bytes of open sessions, packed. The newest one stays open whatever it weighs. */
const MAX_OPEN_BYTES = 150_000;
/** So few weigh less whatever is in them, and need no weighing: values have 200 characters, names 100. */
const LIGHT = 15;

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
  /** Views of pages and screens. */
  readonly views: number;
  /** How long its pages were in the foreground, as far as clients say so, ms. */
  readonly engagedMs: number;
  /** ts of the first and of the last event that a visitor caused, ms; undefined when all came by themselves. */
  readonly active: readonly [first: number, last: number] | undefined;
  /** What senders call it (GA4's session_id), sorted. */
  readonly names: readonly string[];
  /** Which of {@link REACHED} it has, a bit for each. */
  readonly steps: number;
  /** The finest resolution of its events, as an index of RESOLUTIONS. */
  readonly grain: number;
  /** Orders that the user's state has forgotten; it has the others, see visit-orders.ts. */
  readonly forgotten: SessionOrders | undefined;
  /** In the order of SESSION_DIMENSIONS. */
  readonly attributes: readonly (Attribute | undefined)[];
}

/** What was bought in a session. */
export interface SessionOrders {
  readonly orders: number;
  /** Revenue and orders by currency. */
  readonly money: Counters;
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

/** GA4's events of views. */
const VIEWS: ReadonlySet<string> = new Set(['page_view', 'screen_view']);
export const isView = (name: string): boolean => VIEWS.has(name);

/**
 * Events that clients send by themselves. They show nothing of the visitor's interest, so they engage no session
 * (Analytics Help, "Automatically collected events" and "Enhanced measurement events").
 */
const AUTOMATIC: ReadonlySet<string> = new Set([
  'user_engagement',
  'session_start',
  'first_visit',
  'first_open',
  'scroll',
]);

/** The steps of a purchase that a session may reach, by the event that takes them. Bought it has with an order. */
export const REACHED = ['view_item', 'add_to_cart', 'begin_checkout'] as const;

/** A session of this length is engaged, ms (Analytics Help, "Engagement rate and bounce rate"). */
const ENGAGED_MS = 10_000;

/** How many names of a session are kept. */
const MAX_NAMES = 8;

/** Whether an event opens a visit, or belongs to one by its time. Refunds and what servers send do not. */
export const opensSession = ({ name, server }: FootfallEvent): boolean => name !== 'refund' && !server;

/** The steps that an event takes, a bit for each. */
function stepsOf(name: string): number {
  const step = (REACHED as readonly string[]).indexOf(name);
  return step < 0 ? 0 : 1 << step;
}

/** An event as a session of its own. */
export function sessionOf(event: FootfallEvent, grain: Resolution): Session {
  const { ts, name, engaged_ms = 0, session_id } = event;
  return {
    start: ts,
    end: ts,
    views: isView(name) ? 1 : 0,
    engagedMs: engaged_ms,
    active: AUTOMATIC.has(name) ? undefined : [ts, ts],
    names: session_id === undefined ? [] : [session_id],
    steps: stepsOf(name),
    grain: RESOLUTIONS.indexOf(grain),
    forgotten: undefined,
    attributes: SESSION_DIMENSIONS.map((dimension) => {
      const value = dimensionValue(event, dimension);
      return value === undefined ? undefined : ([ts, value] as const);
    }),
  };
}

/**
 * The session with an event that is not earlier than its first one. The same as joining it with {@link sessionOf}, for a
 * fraction of the cost: values that the session has from earlier events are not even read.
 */
function extend(session: Session, event: FootfallEvent, grain: Resolution): Session {
  const { ts, name, engaged_ms = 0, session_id } = event;
  const { start, end, views, engagedMs, active, names, steps, forgotten, attributes } = session;
  return {
    start,
    end: Math.max(end, ts),
    views: VIEWS.has(name) ? views + 1 : views,
    engagedMs: engagedMs + engaged_ms,
    active: AUTOMATIC.has(name) ? active : withTime(active, ts),
    names: session_id === undefined || names.includes(session_id) ? names : joinNames(names, [session_id]),
    steps: steps | stepsOf(name),
    grain: Math.min(session.grain, RESOLUTIONS.indexOf(grain)),
    forgotten,
    attributes: withValues(attributes, event),
  };
}

function withTime(active: Session['active'], ts: number): Session['active'] {
  if (!active) return [ts, ts];
  if (ts < active[0]) return [ts, active[1]];
  return ts > active[1] ? [active[0], ts] : active;
}

function withValues(attributes: Session['attributes'], event: FootfallEvent): Session['attributes'] {
  let values: (Attribute | undefined)[] | undefined;
  for (let i = 0; i < SESSION_DIMENSIONS.length; i++) {
    const one = attributes[i];
    if (one && one[0] < event.ts) continue;
    const value = dimensionValue(event, SESSION_DIMENSIONS[i]!);
    if (value === undefined) continue;
    const kept = earlier([event.ts, value], one);
    if (kept === one) continue;
    values ??= [...attributes];
    values[i] = kept;
  }
  return values ?? attributes;
}

/**
 * Whether GA4 would call the session engaged: 10 seconds, two views or a conversion. Else it is a bounce.
 * @param orders in the session
 */
export const isEngaged = ({ views, engagedMs, active }: Session, orders: number): boolean =>
  orders > 0 ||
  views >= 2 ||
  engagedMs >= ENGAGED_MS ||
  (active !== undefined && active[1] - active[0] >= ENGAGED_MS);

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

/** Adds an event. @returns as {@link addSession} */
export function addEvent(sessions: Sessions, event: FootfallEvent, grain: Resolution): boolean {
  const { open } = sessions;
  const newest = open.at(-1);
  // Nearly all events belong to the user's newest session.
  if (newest && event.ts >= newest.start && event.ts - newest.end <= SESSION_GAP_MS) {
    open[open.length - 1] = extend(newest, event, grain);
    return true;
  }
  return addSession(sessions, sessionOf(event, grain));
}

/**
 * Adds a session, or an event as one. It joins all sessions that are no more than a pause away.
 * @returns false when it is not added: it may belong to a forgotten session, so it counts as none rather than as one of
 *   its own.
 */
export function addSession(sessions: Sessions, added: Session): boolean {
  const { open, closedUntil } = sessions;
  // Of two ids of a person, one may have open sessions from a time for which the other one's are closed.
  const isBeside = ({ start, end }: Session) =>
    start <= closedUntil && start - added.end <= SESSION_GAP_MS && added.start - end <= SESSION_GAP_MS;
  if (added.start <= closedUntil && !open.some(isBeside)) return false;
  let to = open.length;
  while (to > 0 && open[to - 1]!.start - added.end > SESSION_GAP_MS) to--;
  let from = to;
  let joined = added;
  while (from > 0 && joined.start - open[from - 1]!.end <= SESSION_GAP_MS) {
    from--;
    joined = join(open[from]!, joined);
  }
  open.splice(from, to - from, joined);
  return true;
}

/**
 * Adds the sessions of another id of the same person.
 * @returns those too old to stay open. What was counted of them has to stay counted.
 */
export function mergeSessions(sessions: Sessions, other: Sessions): Session[] {
  const early = other.open.filter((session) => !addSession(sessions, session));
  sessions.closed += other.closed + early.length;
  // An event of the other id may belong to one of the other's forgotten sessions.
  sessions.closedUntil = Math.max(sessions.closedUntil, other.closedUntil);
  return early;
}

function join(a: Session, b: Session): Session {
  return {
    start: Math.min(a.start, b.start),
    end: Math.max(a.end, b.end),
    views: a.views + b.views,
    engagedMs: a.engagedMs + b.engagedMs,
    active:
      a.active && b.active
        ? [Math.min(a.active[0], b.active[0]), Math.max(a.active[1], b.active[1])]
        : (a.active ?? b.active),
    names: b.names.every((name) => a.names.includes(name)) ? a.names : joinNames(a.names, b.names),
    steps: a.steps | b.steps,
    grain: Math.min(a.grain, b.grain),
    forgotten: addOrders(a.forgotten, b.forgotten),
    attributes: a.attributes.map((one, i) => earlier(one, b.attributes[i])),
  };
}

const joinNames = (a: readonly string[], b: readonly string[]) =>
  [...new Set([...a, ...b])].sort().slice(0, MAX_NAMES);

/** The orders of both. */
export function addOrders(
  a: SessionOrders | undefined,
  b: SessionOrders | undefined,
): SessionOrders | undefined {
  if (!a || !b) return a ?? b;
  const money = new Map(a.money);
  for (const [counter, amount] of b.money) increase(money, counter, amount);
  return { orders: a.orders + b.orders, money };
}

/** The earlier one; at the same time the smaller value, since the order of arrival must not matter. */
function earlier(a: Attribute | undefined, b: Attribute | undefined): Attribute | undefined {
  if (!a || !b) return a ?? b;
  if (a[0] !== b[0]) return a[0] < b[0] ? a : b;
  return a[1] < b[1] ? a : b;
}

/**
 * Closes the oldest sessions once there are many and no event can change them any more, or once they are too much.
 * @param last ts of the user's last event, ms
 * @param inTime how much earlier than `last` an event may still happen, ms
 * @returns those
 */
export function closeSessions(sessions: Sessions, last: number, inTime: number): Session[] {
  const { open } = sessions;
  if (open.length <= LIGHT) return [];
  let count = 0;
  while (
    open.length - count > MAX_OPEN ||
    (open.length - count > MIN_OPEN && open[count]!.end < last - inTime - SESSION_GAP_MS)
  ) {
    count++;
  }
  let bytes = open.reduce((sum, session, i) => (i < count ? sum : sum + bytesOfSession(session)), 0);
  for (; bytes > MAX_OPEN_BYTES && count < open.length - 1; count++) bytes -= bytesOfSession(open[count]!);
  if (count === 0) return [];
  sessions.closedUntil = Math.max(sessions.closedUntil, open[count - 1]!.end + SESSION_GAP_MS);
  sessions.closed += count;
  return open.splice(0, count);
}

/** About what a session takes, packed. */
function bytesOfSession({ names, forgotten, attributes }: Session): number {
  let bytes = 40 + bytesOfTexts(names) + (forgotten?.money.size ?? 0) * 24;
  for (const one of attributes) if (one) bytes += 8 + Buffer.byteLength(one[1]);
  return bytes;
}

type PackedSession = [
  start: number,
  length: number,
  views: number,
  engagedMs: number,
  /** From the start to the first event that a visitor caused, and from the last such event to the end. */
  active: [number, number] | null | 0,
  names: readonly string[] | 0,
  /** Four times the steps, and the grain. */
  stepsAndGrain: number,
  forgotten: [orders: number, money: Counters] | null,
  /** Those of its first event, nearly all, without a time. */
  attributes: (string | [number, string] | null)[] | null,
];

export function packSessions({ open, closed, closedUntil }: Sessions) {
  const packed = open.map((session): PackedSession => {
    const { start, end, views, engagedMs, active, names, steps, grain, forgotten, attributes } = session;
    const values = attributes.map((one): string | [number, string] | null => {
      if (!one) return null;
      return one[0] === start ? one[1] : [one[0] - start, one[1]];
    });
    // Nearly always all of it, and then 0 says so in one byte.
    const margins: PackedSession[4] = active ? [active[0] - start, end - active[1]] : null;
    return [
      start,
      end - start,
      views,
      engagedMs,
      margins?.every((margin) => margin === 0) ? 0 : margins,
      names.length > 0 ? names : 0,
      steps * 4 + grain,
      forgotten ? [forgotten.orders, forgotten.money] : null,
      values.some((value) => value !== null) ? values : null,
    ];
  });
  return [packed, closed, closed === 0 ? 0 : closedUntil] as const;
}

export function unpackSessions([packed, closed, closedUntil]: ReturnType<typeof packSessions>): Sessions {
  const open = packed.map(
    ([start, length, views, engagedMs, active, names, stepsAndGrain, forgotten, values]): Session => ({
      start,
      end: start + length,
      views,
      engagedMs,
      active:
        active === null
          ? undefined
          : active === 0
            ? [start, start + length]
            : [start + active[0], start + length - active[1]],
      names: names === 0 ? [] : names,
      steps: stepsAndGrain >> 2,
      grain: stepsAndGrain & 3,
      forgotten: forgotten ? { orders: forgotten[0], money: forgotten[1] } : undefined,
      attributes: SESSION_DIMENSIONS.map((_, i): Attribute | undefined => {
        const value = values?.[i];
        if (value == null) return undefined;
        return typeof value === 'string' ? [start, value] : [start + value[0], value[1]];
      }),
    }),
  );
  return { open, closed, closedUntil: closed === 0 ? -Infinity : closedUntil };
}
