import { type GenerationSource, NO_GENERATIONS } from '../generations/generation.ts';
import { FootfallError } from '../platform/errors.ts';
import type { Sites } from './site.ts';

/** Where sites and the current generation come from. SiteDirectory documents the guarantees. */
export interface SiteSource extends GenerationSource {
  /** The sites as of at most ten seconds ago; usually from memory. */
  current(): Promise<Sites>;
  /** The sites as of this call, as far as Redis has them, for a key that {@link current} does not know. */
  refreshed(): Promise<Sites>;
  /** All sites that were stored before this call. */
  complete(): Promise<Sites>;
}

/** Sites that never change, in an installation without a rebuild. For tests and tools. */
export const fixedSites = (sites: Sites): SiteSource => ({
  generations: async () => NO_GENERATIONS,
  current: async () => sites,
  refreshed: async () => sites,
  complete: async () => sites,
});

const UNKNOWN: ReadonlySet<number> = new Set([401, 404]);

/**
 * Finds something by the key of a request. If the key or the site is unknown, tries once more with
 * fresher sites: it may be new.
 * @param find throws a FootfallError of status 401 or 404 when it finds nothing.
 * @throws errors of `find`; FootfallError `sites_unavailable` 503.
 */
export async function findSite<T>(source: SiteSource, find: (sites: Sites) => T): Promise<T> {
  const sites = await source.current();
  try {
    return find(sites);
  } catch (error) {
    if (!(error instanceof FootfallError) || !UNKNOWN.has(error.status)) throw error;
    const fresher = await source.refreshed();
    if (fresher === sites) throw error;
    return find(fresher);
  }
}
