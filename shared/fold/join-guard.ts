import type { FootfallEvent } from '../event/event.ts';
import type { Day } from '../platform/time.ts';
import type { UserState } from './user-state.ts';

/**
 * A page that sends the same user id for everyone would make one user of all its visitors. A user whom more visitors
 * turn out to be within a day is taken for such an id: further visitors stay visitors. Their shards had sent their
 * states and events, and get them back.
 */

/** How many visitors may become one user within a site-local day. */
export const MAX_JOINS_A_DAY = 50;
/** How many may become one user in all: events may name days of the past. */
export const MAX_JOINS = 5_000;

/** The visitor whose shard has sent the record to the user's; undefined for other records. */
export const visitorOf = ({ joins, visitor }: FootfallEvent): string | undefined => joins?.user ?? visitor;

/**
 * Whether the user takes what the shard of a visitor has sent. Counts the visitor with the first part of the state.
 * @param isState whether it is a part of the visitor's state, which comes before the visitor's events
 * @param day of the event
 */
export function admits(
  state: UserState,
  { visitor, isState, day }: { visitor: string; isState: boolean; day: Day },
): boolean {
  const { joins, aliases, furtherAliases } = state;
  if (aliases.includes(visitor)) return true;
  if (joins.isStopped) return false;
  // The state has no room for the names of all visitors that it has taken.
  if (!isState) return true;
  if (aliases.length + furtherAliases >= MAX_JOINS) {
    state.joins = { ...joins, isStopped: true };
    return false;
  }
  // Late events are few, and history is not what a page sends now.
  if (day < joins.day) return true;
  const count = joins.day === day ? joins.count + 1 : 1;
  state.joins = { day, count, isStopped: count > MAX_JOINS_A_DAY };
  return !state.joins.isStopped;
}
