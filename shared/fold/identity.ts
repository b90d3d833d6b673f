import { erasureEvent } from '../event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent, MAX_PARTS, type Origin } from '../event/event.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { newSessions } from './sessions.ts';
import { type Erased, newUserState, packUserState, type UserState, unpackUserState } from './user-state.ts';

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

/**
 * The visitor's event as one of the user's. That they said who they are is the user's own doing; that it is a replay,
 * this shard's to know.
 */
export function forwardEvent(event: FootfallEvent, user: string, origin: Origin): Forwarded {
  const { identifies, replays: _, ...rest } = event;
  return { ...rest, user, origin, ...(identifies === user && { known: true }) };
}

/**
 * The visitor's history as records for the user: one, or several where it is long, since a broker takes records of
 * 1 MB. Each holds a part of the state, and they are joined one after the other.
 */
export function forwardState(
  { site, user: from, id, ts, received }: FootfallEvent,
  user: string,
  state: UserState,
  origin: Omit<Origin, 'part'>,
): Forwarded[] {
  return partsOf(state).map((packed, part) => {
    const joins = { user: from, state: packed.toString('base64') };
    return {
      v: EVENT_VERSION,
      id,
      site,
      user,
      name: 'identify',
      ts,
      received,
      // No event: it can't be too late.
      backfill: true,
      origin: { ...origin, part },
      joins,
    };
  });
}

/** Bytes of a packed state that go into one record; base64 makes a third more of them. */
const MAX_STATE_BYTES = 300_000;
/** What of a longer one is in a record: far less than those bytes, however long its texts are. */
const SESSIONS_A_PART = 60;
const FUNNELS_A_PART = 4;
const ORDERS_A_PART = 10;

function partsOf(state: UserState): Buffer[] {
  // Ids are for the visitor's own shard, which goes on to see their events first; so is the timeline.
  const { ids, months, furtherAliases, erased } = newUserState();
  const own = { ids, months, furtherAliases, erased };
  const whole = packUserState({ ...state, ...own });
  if (whole.length <= MAX_STATE_BYTES) return [whole];
  const { sessions, funnels, orders } = state;
  const { open, closed, closedUntil } = sessions;
  const empty = newUserState();
  const parts: UserState[] = [
    {
      ...state,
      ...own,
      sessions: { open: [], closed, closedUntil },
      funnels: empty.funnels,
      orders: empty.orders,
    },
    ...chunkArray(open, SESSIONS_A_PART).map((some) => ({
      ...newUserState(),
      sessions: { ...newSessions(), open: some },
    })),
    ...chunkArray([...funnels], FUNNELS_A_PART).map((some) => ({
      ...newUserState(),
      funnels: new Map(some),
    })),
    ...chunkArray([...orders], ORDERS_A_PART).map((some) => ({ ...newUserState(), orders: new Map(some) })),
  ];
  return parts.map(packUserState);
}

/** What makes another shard forget an id of a person whom this one has forgotten. */
export const forwardErasure = (
  site: string,
  user: string,
  { until, receipt }: Erased,
  origin: Origin,
): Forwarded => ({ ...erasureEvent({ site, user, at: until, erases: { receipt } }), origin });

/** @throws Error on a state that this code can not unpack. */
export const joinedState = ({ state }: { state: string }): UserState =>
  unpackUserState(Buffer.from(state, 'base64'));

/** By source partition: the position of the last record from there. */
export type Arrivals = Map<number, number>;

/** Orders the records that come from one partition; several of them may be of one offset. */
export const positionOf = ({ offset, part }: Origin) => offset * MAX_PARTS + part;

/** Notes that a record has come from another shard. Returns false when it is a repetition. */
export function arrive(arrivals: Arrivals, origin: Origin): boolean {
  const position = positionOf(origin);
  if (position <= (arrivals.get(origin.partition) ?? -1)) return false;
  arrivals.set(origin.partition, position);
  return true;
}
