import type { FootfallEvent } from '../../shared/event/event.ts';
import { distinct } from './naive.ts';
import { NOBODY } from './nobody.ts';
import { asPeople, identities } from './people.ts';

/** An erasure for the naive program, with the events before and after it. */
export interface Erasure {
  site: string;
  /** One id of each person. */
  asked: readonly string[];
  /** ms. Events that happened or were received until then are dropped when they come after the erasure. */
  at: number;
  before: readonly FootfallEvent[];
  after: readonly FootfallEvent[];
}

/** Whether an event both happened and was received after the erasure. */
export const isAfter = ({ ts, received }: FootfallEvent, at: number) => ts > at && received > at;

/** All ids of the people, as they were known before. */
export function erasedIds({ site, asked, before }: Erasure): Set<string> {
  const known = identities(ofPeople(before).filter((event) => event.site === site));
  const personOf = (id: string) => known.get(JSON.stringify([site, id])) ?? id;
  const people = new Set(asked.map(personOf));
  const ids = ofPeople(before)
    .filter((event) => event.site === site)
    .map(({ user }) => user);
  return new Set([...asked, ...people, ...ids.filter((id) => people.has(personOf(id)))]);
}

/**
 * An erasure between the first `share` per cent of some events and the others. Left out of the others is what counts
 * one way or the other by chance, as one shard or another is ahead.
 */
export function erasureWithin(
  events: readonly FootfallEvent[],
  { site, asked, at, share }: Pick<Erasure, 'site' | 'asked' | 'at'> & { share: number },
): Erasure {
  const before = events.slice(0, Math.ceil((events.length * share) / 100));
  const ids = erasedIds({ site, asked, at, before: ofPeople(before), after: [] });
  const nameOf = (event: FootfallEvent) => JSON.stringify([event.user, event.id]);
  const ours = before.filter((event) => event.site === site);
  const seen = new Set(ours.map(nameOf));
  const theirs = ours.filter(({ user }) => ids.has(user));
  const orders = new Set(theirs.map(({ transaction_id }) => transaction_id));
  const others = events.slice(before.length).filter((event) => {
    if (event.site !== site) return true;
    const isLate = ids.has(event.user) && !isAfter(event, at);
    // An erased person's visit keeps the orders that it has, and they may have moved to another visit before.
    const isOfTheirOrder = event.transaction_id !== undefined && orders.has(event.transaction_id) && !isLate;
    return !seen.has(nameOf(event)) && !isOfTheirOrder;
  });
  // Without those, another identify may be a visitor's first.
  const known = identities(ofPeople([...before, ...others]));
  const after = others.filter((event) => {
    if (event.site !== site) return true;
    // An id is forgotten with the user. A visitor that is joining the user is erased, too. Late events of a visitor
    // that joins afterwards are late for the user as well.
    const becomes = known.get(JSON.stringify([site, event.user])) ?? event.identifies;
    return ids.has(event.user) || !ids.has(becomes ?? '') || isAfter(event, at);
  });
  return { site, asked, at, before, after };
}

/** Bots are not people, with any id. */
const ofPeople = (events: readonly FootfallEvent[]) => events.filter(({ bot }) => bot === undefined);

/** The events that remain after the erasure, in order of arrival. */
export function keptEvents(erasure: Erasure): FootfallEvent[] {
  const { site, at, before, after } = erasure;
  const ids = erasedIds(erasure);
  const isTheirs = (event: FootfallEvent) => event.site === site && ids.has(event.user);
  return [
    ...before.filter((event) => !isTheirs(event)),
    ...after.filter((event) => !isTheirs(event) || isAfter(event, at)),
  ];
}

/** All events that count, under the id of their person, or of the user that stands for erased people. */
export function toldAfter(erasure: Erasure): FootfallEvent[] {
  const ids = erasedIds(erasure);
  const gone = asPeople(distinct(erasure.before)).filter(
    ({ site, user }) => site === erasure.site && ids.has(user),
  );
  return [
    ...asPeople(distinct(keptEvents(erasure))),
    ...gone.map((event) => ({ ...event, user: `${NOBODY}${event.user}` })),
  ];
}
