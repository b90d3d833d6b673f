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

/** The visitor whose shard has sent the record to the user's; undefined for other records. */
export const visitorOf = ({ joins, visitor }: FootfallEvent): string | undefined => joins?.user ?? visitor;

/**
 * Whether the user takes what a record holds, as far as the shard of a visitor has sent it. Counts the visitor, once
 * for each.
 * @param day of the event
 */
export function admits(state: UserState, event: FootfallEvent, day: Day): boolean {
  const { joins, aliases } = state;
  const visitor = visitorOf(event);
  if (visitor === undefined || aliases.includes(visitor)) return true;
  if (joins.isStopped) return false;
  // The user has taken the visitor before, and the state has no room for the id.
  if (!event.joins) return true;
  // Late events are few, and history is not what a page sends now.
  if (day < joins.day) return true;
  const count = joins.day === day ? joins.count + 1 : 1;
  state.joins = { day, count, isStopped: count > MAX_JOINS_A_DAY };
  return !state.joins.isStopped;
}
