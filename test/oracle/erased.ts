import type { FootfallEvent } from '../../shared/event/event.ts';
import { distinct } from './naive.ts';
import { asPeople, identities } from './people.ts';

/** People who were erased, for the naive program: it has the list of what came before and of what came after. */
export interface Erasure {
  site: string;
  /** One id of each person. */
  asked: readonly string[];
  /** ms: what happened or was received until then and comes after the erasure is dropped. */
  at: number;
  before: readonly FootfallEvent[];
  after: readonly FootfallEvent[];
}

/** Neither happened nor received until then. */
export const isAfter = ({ ts, received }: FootfallEvent, at: number) => ts > at && received > at;

/** Whose the events of somebody erased are: they count as events and in sessions, and are nobody's. */
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

/** What is known of whom afterwards, in the order of arrival. */
export function keptEvents(erasure: Erasure): FootfallEvent[] {
  const { site, at, before, after } = erasure;
  const ids = erasedIds(erasure);
  const isTheirs = (event: FootfallEvent) => event.site === site && ids.has(event.user);
  return [
    ...before.filter((event) => !isTheirs(event)),
    ...after.filter((event) => !isTheirs(event) || isAfter(event, at)),
  ];
}

/** All that counts, under the ids of the people that it is of, or of nobody. */
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
