import type { UserState } from '../fold/user-state.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';

/** Somebody who was asked for under one of their ids. */
export interface Person {
  /** The shop's own user id of who was a visitor once; else the id asked for. */
  user: string;
  /** What is known under that id; undefined when that is nothing yet. */
  state: UserState | undefined;
  /** All ids that they have events under, that id first. */
  ids: string[];
}

/**
 * All ids of the person that an id is of, in order: also those that a chain of ids leads to, and more than a profile
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

/** Who an id is of: an anonymous id that became a user is that user. */
export async function readPerson(store: StoreReader, site: Site, asked: string): Promise<Person> {
  const own = await store.user(site.id, asked);
  const user = own?.alias ?? asked;
  const state = user === asked ? own : await store.user(site.id, user);
  // The user's shard may not have heard of the visitor yet.
  const ids = [...new Set([user, ...(state?.aliases ?? []), asked])];
  return { user, state, ids };
}
