import { EVENT_VERSION, type FootfallEvent, type Origin } from '../events/event.ts';
import { packUserState, type UserState, unpackUserState } from './user-state.ts';

/**
 * Who somebody is, once it is known: an `identify` of an anonymous visitor makes them and a user one person. What
 * the visitor had added to numbers of people (users, sessions, cohorts, funnels, carts) is taken back in their
 * shard, and their state goes, as a record of the events topic, to the user's shard, where it becomes part of
 * the user's. Their later events, which come under the anonymous id, are sent on in the same way.
 *
 * A record that one shard sends to another says where it comes from. Shards publish before they commit, so a
 * crash repeats records; it repeats them in their order, thus a shard that remembers the last one it had from
 * each other shard knows a repetition.
 */

/** A record for another user's shard. */
export type Forwarded = FootfallEvent & { origin: Origin };

/** Whether the event says who an anonymous visitor is. */
export const tellsWho = (event: FootfallEvent): event is FootfallEvent & { identifies: string } =>
  event.identifies !== undefined && !event.known;

/** The visitor's event as one of the user's. That they said who they are is the user's own doing. */
export function forwardEvent(event: FootfallEvent, user: string, origin: Origin): Forwarded {
  const { identifies, ...rest } = event;
  return { ...rest, user, origin, ...(identifies === user && { known: true }) };
}

/** The visitor's history as a record for the user. */
export function forwardState(
  { site, user: from, id, ts, received }: FootfallEvent,
  user: string,
  state: UserState,
  origin: Origin,
): Forwarded {
  // Ids are for the visitor's own shard, which goes on to see their events first; so is the timeline.
  const moved = { ...state, ids: { since: 0, current: [], previous: [] }, months: new Map() };
  const joins = { user: from, state: packUserState(moved).toString('base64') };
  // No event: it can't be too late.
  const backfill = true;
  return { v: EVENT_VERSION, id, site, user, name: 'identify', ts, received, backfill, origin, joins };
}

export const joinedState = ({ state }: { state: string }): UserState =>
  unpackUserState(Buffer.from(state, 'base64'));

/** By source partition: the position of the last record from there. */
export type Arrivals = Map<number, number>;

/** Orders the records that come from one partition; two of them may be of one offset. */
export const positionOf = ({ offset, part }: Origin) => offset * 2 + part;

/** Notes that a record has come from another shard. Returns false when it is a repetition. */
export function arrive(arrivals: Arrivals, origin: Origin): boolean {
  const position = positionOf(origin);
  if (position <= (arrivals.get(origin.partition) ?? -1)) return false;
  arrivals.set(origin.partition, position);
  return true;
}
