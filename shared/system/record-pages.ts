/** Which records of a partition a page has, and where the next page begins. Pure; offsets throughout. */

/** What a caller asked for, see `recordsQuery`. */
interface Asked {
  from?: number | undefined;
  before?: number | undefined;
  limit: number;
}

/** A stretch of offsets, and which of its records a page keeps: the oldest or the newest ones. */
interface Stretch {
  /** Inclusive. */
  from: number;
  /** Exclusive. */
  to: number;
  keep: 'first' | 'last';
}

/** The newest first take twice as many offsets: behind each transaction stands a marker, which is no record. */
export function stretchOf({ from, before, limit }: Asked, ends: { low: number; high: number }): Stretch {
  const { low, high } = ends;
  if (from !== undefined) {
    return { from: Math.max(from, low), to: Math.min(before ?? high, high), keep: 'first' };
  }
  const to = Math.max(low, Math.min(before ?? high, high));
  return { from: Math.max(low, to - 2 * limit), to, keep: 'last' };
}

/**
 * Where the next page begins; nothing after the last one.
 * @param at.low the first offset that Kafka still has
 * @param at.next the offset after the last one that was read
 * @param at.oldest of the page's records; undefined when it has none
 */
export function nextPage(
  { from, to, keep }: Stretch,
  at: { low: number; next: number; oldest: number | undefined },
): { next_from?: number; next_before?: number } {
  if (keep === 'first') return at.next < to ? { next_from: at.next } : {};
  const before = at.oldest ?? from;
  return before > at.low ? { next_before: before } : {};
}
