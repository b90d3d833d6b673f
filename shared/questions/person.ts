import type { UserState } from '../fold/user-state.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';

/** The person behind an id. */
export interface Person {
  /** The shop's user id of a visitor who became a user; else the requested id. */
  user: string;
  /** The state under that id; undefined when there is none yet. */
  state: UserState | undefined;
  /** All ids with events of the person, `user` first. */
  ids: string[];
}

/** How many people's states are read at once: one may have some 500 kB. */
export const STATES_AT_ONCE = 20;

/** The same for ids of one person. Those of visitors who became a user are small. */
const IDS_AT_ONCE = 100;

/**
 * All ids of a person, sorted: also those that only a chain of ids leads to, and those beyond the 100 that a profile
 * lists.
 */
export async function readIds(store: StoreReader, site: Site, asked: string): Promise<string[]> {
  const ids = new Set([asked]);
  const next = [asked];
  while (next.length > 0) {
    for await (const found of eachIdBeside(store, site, next.splice(0, IDS_AT_ONCE))) {
      for (const id of found) {
        if (ids.has(id)) continue;
        ids.add(id);
        next.push(id);
      }
    }
  }
  return [...ids].sort();
}

/** The ids that the states of these ids name as the same person, in pages. An id may come twice. */
export async function* eachIdBeside(
  store: StoreReader,
  site: Site,
  ids: readonly string[],
): AsyncGenerator<string[]> {
  // Only what names ids is kept: a state may have some 500 kB.
  const some = await Promise.all(
    ids.map(async (id) => {
      const state = await store.user(site.id, id);
      if (!state) return { id, beside: [], hasFurther: false };
      const { alias, aliases, furtherAliases } = state;
      return {
        id,
        beside: alias === undefined ? aliases : [...aliases, alias],
        hasFurther: furtherAliases > 0,
      };
    }),
  );
  yield some.flatMap(({ beside }) => beside);
  for (const { id, hasFurther } of some) if (hasFurther) yield* store.furtherAliases(site.id, id);
}

/** The person behind an id. For an anonymous id that became a user, that is the user. */
export async function readPerson(store: StoreReader, site: Site, asked: string): Promise<Person> {
  const own = await store.user(site.id, asked);
  const user = own?.alias ?? asked;
  const state = user === asked ? own : await store.user(site.id, user);
  // The user's shard may not know of the visitor yet.
  const ids = [...new Set([user, ...(state?.aliases ?? []), asked])];
  return { user, state, ids };
}
