import { logger } from '../platform/observe/observe.ts';
import { problemLines } from '../platform/validation.ts';
import { type Site, Sites, siteSchema } from './site.ts';

/** All sites as of an offset of their topic. */
export interface SitesState {
  /** Offset of the first record that is not included. */
  next: number;
  /**
   * JSON by id. Kept as text, so that a program keeps fields it does not know. Keys that begin with # hold
   * other records, see generation.ts.
   */
  sites: ReadonlyMap<string, string>;
}

/**
 * Parses the sites, ordered by id. Logs and skips a site that cannot be parsed, so the others keep working.
 */
export function sitesOf({ sites }: SitesState): Sites {
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
    logger.error('Skipping a stored site that does not match the schema', {
      problems: problemLines(parsed.error),
    });
  } catch {
    logger.error('Skipping a stored site that is not JSON');
  }
  return undefined;
}
