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

/**
 * All ids of a person, sorted: also those that only a chain of ids leads to, and those beyond the 100 that a profile
 * lists.
 */
export async function readIds(store: StoreReader, site: Site, asked: string): Promise<string[]> {
  const ids = new Set<string>();
  let next = [asked];
  while (next.length > 0) {
    for (const id of next) ids.add(id);
    const found = await Promise.all(next.map((id) => idsBeside(store, site, id)));
    next = [...new Set(found.flat())].filter((id) => !ids.has(id));
  }
  return [...ids].sort();
}

async function idsBeside(store: StoreReader, site: Site, id: string): Promise<string[]> {
  const state = await store.user(site.id, id);
  if (!state) return [];
  const further = state.furtherAliases > 0 ? await store.furtherAliases(site.id, id) : [];
  return [...state.aliases, ...further, ...(state.alias === undefined ? [] : [state.alias])];
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
