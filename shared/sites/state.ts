import { logger } from '../platform/observe/observe.ts';
import { problemsOf } from '../platform/validation.ts';
import { type Site, Sites, siteSchema } from './site.ts';

/** All sites as of an offset of their topic. */
export interface SiteState {
  /** What lies before this offset is in here. */
  next: number;
  /**
   * By id, as JSON: an older program passes on what it does not know of a site, unless it changes that site. Under a
   * key that begins with # is something else, see generation.ts.
   */
  sites: ReadonlyMap<string, string>;
}

/** In the order of their ids. A site that can't be read is left out and logged: the others must go on. */
export function sitesOf({ sites }: SiteState): Sites {
  const readable: Site[] = [];
  for (const [id, text] of sites) {
    if (id.startsWith('#')) continue;
    const site = siteOf(text);
    if (site?.id === id) readable.push(site);
  }
  return new Sites(readable.sort((a, b) => (a.id < b.id ? -1 : 1)));
}

function siteOf(text: string): Site | undefined {
  try {
    const parsed = siteSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    logger.error('A site is stored in a way that can not be read', {
      problems: problemsOf(parsed.error).map(({ path, message }) => `${path}: ${message}`),
    });
  } catch {
    logger.error('A site is stored as something that is no JSON');
  }
  return undefined;
}
