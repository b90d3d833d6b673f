import type { FootfallEvent } from '../../shared/event/event.ts';
import { distinct } from './naive.ts';
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

/** The user that stands for erased people: their events count as events and in sessions, but for no person. */
const NOBODY = '\u0000erased ';
export const isNobody = (user: string) => user.startsWith(NOBODY);

/** All ids of the people, as they were known before. */
export function erasedIds({ site, asked, before }: Erasure): Set<string> {
  const known = identities(before.filter((event) => event.site === site));
  const personOf = (id: string) => known.get(JSON.stringify([site, id])) ?? id;
  const people = new Set(asked.map(personOf));
  const ids = before.filter((event) => event.site === site).map(({ user }) => user);
  return new Set([...asked, ...people, ...ids.filter((id) => people.has(personOf(id)))]);
}

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
