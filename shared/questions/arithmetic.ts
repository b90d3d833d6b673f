import { eventCount } from '../fold/counter-names.ts';
import { type Counters, increase } from '../platform/counters.ts';

/** The counters of several days, added up. */
export function sumOf(all: readonly Counters[]): Counters {
  const total: Counters = new Map();
  for (const sums of all) for (const [counter, amount] of sums) increase(total, counter, amount);
  return total;
}

const EVENT_COUNT = eventCount('');

/** Events by name, the most frequent first. */
export function eventsByName(sums: ReadonlyMap<string, number>): Record<string, number> {
  const rows = [...sums].filter(([counter]) => counter.startsWith(EVENT_COUNT));
  rows.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return Object.fromEntries(rows.map(([counter, count]) => [counter.slice(EVENT_COUNT.length), count]));
}

/** All events, whatever their name. */
export function totalOf(events: Record<string, number>): number {
  return Object.values(events).reduce((sum, count) => sum + count, 0);
}

/** A part of a whole, to four decimals; null when the whole is 0. */
export const rate = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;

/** Rounded to a whole number, halves away from zero; null when there is nothing to divide by. */
export function average(sum: number, count: number): number | null {
  if (count === 0) return null;
  const size = Math.round(Math.abs(sum / count));
  // Not −0, which is another number to whoever compares.
  return sum < 0 ? 0 - size : size;
}
