import { eventCount } from '../fold/counter-names.ts';
import { type Counters, increase } from '../platform/counters.ts';

/** Counters of several days added up. */
export function sumOf(all: readonly Counters[]): Counters {
  const total: Counters = new Map();
  for (const sums of all) for (const [counter, amount] of sums) increase(total, counter, amount);
  return total;
}

const EVENT_COUNT = eventCount('');

/** The counters of events by name, most frequent first. */
export function eventsByName(sums: ReadonlyMap<string, number>): Record<string, number> {
  const rows = [...sums].filter(([counter]) => counter.startsWith(EVENT_COUNT));
  rows.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return Object.fromEntries(rows.map(([counter, count]) => [counter.slice(EVENT_COUNT.length), count]));
}

/** All events, whatever their name. */
export function totalOf(events: Record<string, number>): number {
  return Object.values(events).reduce((sum, count) => sum + count, 0);
}
