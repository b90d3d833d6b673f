import { erasureEvent } from '../event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent, MAX_PARTS, type Origin } from '../event/event.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { newSessions } from './sessions.ts';
import { type Erased, newUserState, packUserState, type UserState, unpackUserState } from './user-state.ts';

/**
 * Identity: an `identify` event makes an anonymous visitor and a user one person. The visitor's shard takes back what
 * the visitor had added to numbers of people (users, sessions, cohorts, funnels, carts). It sends the visitor's state
 * to the user's shard as a record of the events topic, and there it becomes part of the user. Later events of the
 * anonymous id are sent on in the same way.
 *
 * A record that one shard sends to another carries its origin. Shards publish before they commit, so a crash repeats
 * records, in their order. A shard remembers the last record from each other shard and so detects repetitions.
 */

/** A record for another user's shard. */
export type Forwarded = FootfallEvent & { origin: Origin };

/** Whether the event says which user an anonymous visitor is. */
export const identifiesVisitor = (event: FootfallEvent): event is FootfallEvent & { identifies: string } =>
  event.identifies !== undefined && !event.known;

/**
 * The visitor's event as one of the user's. The `identify` itself counts as done by the known user. That an event is a
 * replay matters only to the visitor's shard.
 */
export function forwardEvent(event: FootfallEvent, user: string, origin: Origin): Forwarded {
  const { identifies, replays: _, ...rest } = event;
  return { ...rest, user, visitor: event.user, origin, ...(identifies === user && { known: true }) };
}

/** What a visitor's shard has sent to a user who does not take it, back to the visitor. See join-guard.ts. */
export function returnToVisitor(event: FootfallEvent, visitor: string, origin: Origin): Forwarded {
  const { user, visitor: _, known: __, joins, ...rest } = event;
  return { ...rest, user: visitor, origin, returned: user, ...(joins && { joins: { ...joins, user } }) };
}

/**
 * The visitor's history as records for the user. A broker takes records of at most 1 MB, so a long history is several
 * records: each holds a part of the state, and the user's shard merges them one after the other.
 */
export function forwardState(
  { site, user: from, id, ts, received, via }: FootfallEvent,
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
      ...(via && { via }),
      // It is no event, so it can't be too late.
      backfill: true,
      origin: { ...origin, part },
      joins,
    };
  });
}

/** The most bytes of a packed state in one record. Base64 adds a third. */
const MAX_STATE_BYTES = 300_000;
/** How a longer state is divided. Each part stays far below those bytes, however long its texts are. */
const SESSIONS_A_PART = 60;
const FUNNELS_A_PART = 4;
const ORDERS_A_PART = 10;

function partsOf(state: UserState): Buffer[] {
  // Ids and timeline stay with the visitor's shard, which still receives their events first.
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
    // Before the sessions: one that is too old to stay open is counted with its orders, once.
    ...chunkArray([...orders], ORDERS_A_PART).map((some) => ({ ...newUserState(), orders: new Map(some) })),
    ...chunkArray(open, SESSIONS_A_PART).map((some) => ({
      ...newUserState(),
      sessions: { ...newSessions(), open: some },
    })),
    ...chunkArray([...funnels], FUNNELS_A_PART).map((some) => ({
      ...newUserState(),
      funnels: new Map(some),
    })),
  ];
  return parts.map(packUserState);
}

/** The record that makes another shard forget a further id of an erased person. */
export const forwardErasure = (
  site: string,
  user: string,
  { until, receipt }: Erased,
  origin: Origin,
): Forwarded => ({ ...erasureEvent({ site, user, at: until, erases: { receipt } }), origin });

/** Unpacks the state in a record of {@link forwardState}. @throws Error when this version can't read it. */
export const joinedState = ({ state }: { state: string }): UserState =>
  unpackUserState(Buffer.from(state, 'base64'));

/** By source partition: the position of the last record from there. */
export type Arrivals = Map<number, number>;

/** A number that orders the records from one partition. Several of them may come from one offset. */
export const positionOf = ({ offset, part }: Origin) => offset * MAX_PARTS + part;

/** Notes that a record has come from another shard. Returns false when it is a repetition. */
export function noteArrival(arrivals: Arrivals, origin: Origin): boolean {
  const position = positionOf(origin);
  if (position <= (arrivals.get(origin.partition) ?? -1)) return false;
  arrivals.set(origin.partition, position);
  return true;
}
