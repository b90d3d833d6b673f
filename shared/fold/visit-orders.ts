import { type Counters, increase } from '../platform/counters.ts';
import { ordersIn, revenueIn } from './counter-names.ts';
import { FROM_DEVICE } from './order-copy.ts';
import { type PersonCopy, type PersonOrders, shareOfPerson } from './person-orders.ts';
import { addOrders, SESSION_GAP_MS, type Session, type SessionOrders, type Sessions } from './sessions.ts';

/** What was bought in each session, and the keys of the person's orders that are in it. */
export type VisitOrders = ReadonlyMap<Session, SessionOrders & { keys: readonly string[] }>;

/**
 * Finds the visit of each of a person's orders. It follows from the sessions and orders alone, so late events and
 * verdicts change it without a trace.
 */
export function visitOrders(sessions: Sessions, orders: PersonOrders): VisitOrders {
  const found = new Map<Session, { orders: number; money: Counters; keys: string[] }>();
  for (const session of sessions.open) {
    if (session.forgotten) found.set(session, { ...session.forgotten, keys: [] });
  }
  for (const [key, order] of orders) {
    if (order.isSettled) continue;
    const { visit, money } = shareOfPerson(order);
    const session = visit && visitOf(visit, sessions);
    if (!session) continue;
    const before = found.get(session);
    const added = addOrders(before, { orders: 1, money: moneyOf(money) })!;
    found.set(session, { ...added, keys: [...(before?.keys ?? []), key] });
  }
  return found;
}

function moneyOf(money: readonly [string, number] | undefined): Counters {
  const counters: Counters = new Map();
  if (!money) return counters;
  increase(counters, revenueIn(money[0]), money[1]);
  increase(counters, ordersIn(money[0]), 1);
  return counters;
}

/** The visit that a copy belongs to: the one that it opened or extended, that it names, or that it falls into. */
function visitOf(copy: PersonCopy, { open, closedUntil }: Sessions): Session | undefined {
  const { ts, session: name } = copy;
  if (copy.visitRank === FROM_DEVICE) return open.findLast(({ start, end }) => start <= ts && ts <= end);
  const named = name === undefined ? [] : open.filter(({ names }) => names.includes(name));
  if (named.length > 0) return named.findLast(({ start }) => start <= ts) ?? named[0];
  if (ts <= closedUntil) return undefined;
  const before = open.findLast(({ start }) => start <= ts);
  if (before && ts - before.end <= SESSION_GAP_MS) return before;
  return open.find(({ start }) => start > ts && start - ts <= SESSION_GAP_MS);
}

/** Whether the same was bought. */
export function isSameOrders(a: SessionOrders | undefined, b: SessionOrders | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.orders === b.orders &&
    a.money.size === b.money.size &&
    a.money.entries().every(([counter, amount]) => b.money.get(counter) === amount)
  );
}
