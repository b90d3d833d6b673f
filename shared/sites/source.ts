import { type GenerationSource, NO_GENERATIONS } from '../generations/generation.ts';
import { FootfallError } from '../platform/errors.ts';
import type { Sites } from './site.ts';

/** Where the sites come from, and which generation is current; SiteDirectory says what each of these promises. */
export interface SiteSource extends GenerationSource {
  /** As they were a moment ago; costs nothing as a rule. */
  current(): Promise<Sites>;
  /** As they were a second ago at most, for who asks for something that is not there. */
  refreshed(): Promise<Sites>;
  /** All that had been stored when this was called. */
  complete(): Promise<Sites>;
}

/** Sites that never change, of an installation where nothing was ever rebuilt. */
export const fixedSites = (sites: Sites): SiteSource => ({
  generations: async () => NO_GENERATIONS,
  current: async () => sites,
  refreshed: async () => sites,
  complete: async () => sites,
});

/**
 * What a request is about, found by its key: a key that is not known may have been made a moment ago.
 * @param find throws a FootfallError of status 401 when it finds nothing.
 * @throws what `find` throws, and `sites_unavailable` 503.
 */
export async function findSite<T>(source: SiteSource, find: (sites: Sites) => T): Promise<T> {
  const sites = await source.current();
  try {
    return find(sites);
  } catch (error) {
    if (!(error instanceof FootfallError) || error.status !== 401) throw error;
    const fresher = await source.refreshed();
    if (fresher === sites) throw error;
    return find(fresher);
  }
}
