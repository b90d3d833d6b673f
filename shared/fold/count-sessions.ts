import { SESSION_DIMENSIONS, storedForSessions } from '../event/dimensions.ts';
import { type Counters, increase } from '../platform/counters.ts';
import type { Site } from '../sites/site.ts';
import {
  BOUNCES,
  CARTED_SESSIONS,
  CHECKOUT_SESSIONS,
  CONVERTED_SESSIONS,
  ORDERS,
  SESSION_MS,
  SESSIONS,
  VIEWED_SESSIONS,
} from './counter-names.ts';
import type { DeltaBuilder } from './delta-builder.ts';
import { RESOLUTIONS } from './resolution.ts';
import { isEngaged, REACHED, type Session, type SessionOrders, sessionValues } from './sessions.ts';
import { isSameOrders, type VisitOrders } from './visit-orders.ts';

/** Sessions of a person in the order of time, and what was bought in them. */
export interface Visits {
  sessions: readonly Session[];
  bought: VisitOrders;
}

/** Where sessions are counted. */
interface Place {
  site: Site;
  builder: DeltaBuilder;
}

/** In the order of SESSION_DIMENSIONS. */
const BREAKDOWNS = SESSION_DIMENSIONS.map(storedForSessions);

/** In the order of REACHED. */
const REACHED_SESSIONS = [VIEWED_SESSIONS, CARTED_SESSIONS, CHECKOUT_SESSIONS];

/** Counts a person's sessions as they are now, in place of what was counted of them before. */
export function recountSessions(before: Visits, after: Visits, place: Place): void {
  const isSame = (was: Session | undefined, is: Session | undefined) =>
    was !== undefined && was === is && isSameOrders(before.bought.get(was), after.bought.get(is));
  // An event changes one session, or joins some that follow each other: the others stand before and behind.
  let from = 0;
  let [endBefore, endAfter] = [before.sessions.length, after.sessions.length];
  while (from < endBefore && isSame(before.sessions[from], after.sessions[from])) from++;
  while (
    endBefore > from &&
    endAfter > from &&
    isSame(before.sessions[endBefore - 1], after.sessions[endAfter - 1])
  ) {
    endBefore--;
    endAfter--;
  }
  const former = before.sessions.slice(from, endBefore);
  for (const session of after.sessions.slice(from, endAfter)) {
    const amounts: Counters = new Map();
    addSessionTo(amounts, session, after.bought.get(session), 1);
    // What a session has become: nearly always under the same values, so only what differs is written.
    const i = former.findIndex((one) => isSamePlace(one, session));
    const [was] = i < 0 ? [] : former.splice(i, 1);
    if (was) addSessionTo(amounts, was, before.bought.get(was), -1);
    write(session, amounts, place);
  }
  for (const session of former) countSession(session, before.bought.get(session), -1, place);
}

/** Counts one session, or takes it back. */
export function countSession(
  session: Session,
  bought: SessionOrders | undefined,
  sign: 1 | -1,
  place: Place,
): void {
  const amounts: Counters = new Map();
  addSessionTo(amounts, session, bought, sign);
  write(session, amounts, place);
}

/** Whether two sessions are counted at the same time and under the same values. */
function isSamePlace(a: Session, b: Session): boolean {
  if (a.start !== b.start || a.grain !== b.grain) return false;
  return a.attributes === b.attributes || a.attributes.every((one, i) => one?.[1] === b.attributes[i]?.[1]);
}

function addSessionTo(
  amounts: Counters,
  session: Session,
  bought: SessionOrders | undefined,
  sign: 1 | -1,
): void {
  const { start, end, steps } = session;
  const orders = bought?.orders ?? 0;
  increase(amounts, SESSIONS, sign);
  if (!isEngaged(session, orders)) increase(amounts, BOUNCES, sign);
  if (end > start) increase(amounts, SESSION_MS, sign * (end - start));
  for (let i = 0; i < REACHED.length; i++) {
    if (steps & (1 << i)) increase(amounts, REACHED_SESSIONS[i]!, sign);
  }
  if (orders > 0) increase(amounts, CONVERTED_SESSIONS, sign);
  if (!bought) return;
  increase(amounts, ORDERS, sign * orders);
  for (const [counter, amount] of bought.money) increase(amounts, counter, sign * amount);
}

/** Adds a session's amounts to its time and to its values. Orders and money are those of its values alone. */
function write(session: Session, amounts: Counters, { site, builder }: Place): void {
  for (const [counter, amount] of amounts) if (amount === 0) amounts.delete(counter);
  if (amounts.size === 0) return;
  const { counters, dayDelta } = builder.minute(session.start, RESOLUTIONS[session.grain]!, site);
  const values = sessionValues(session);
  const sums = BREAKDOWNS.map((dimension, i) => builder.breakdown(dayDelta, dimension, values[i]!));
  for (const [counter, amount] of amounts) {
    if (OF_SESSIONS.has(counter)) builder.add(counters, counter, amount);
    for (const one of sums) builder.add(one, counter, amount);
  }
}

const OF_SESSIONS: ReadonlySet<string> = new Set([
  ...[SESSIONS, BOUNCES, SESSION_MS, CONVERTED_SESSIONS],
  ...REACHED_SESSIONS,
]);
