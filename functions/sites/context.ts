import type { FunnelContext } from '../../shared/directory/funnels.ts';
import type { SiteSource } from '../../shared/sites/source.ts';

/** What making and changing sites needs of the world outside. */
export interface SitesContext extends FunnelContext {
  sites: SiteSource;
  /** SHA-256, in hex, of the installation's admin key; without it nobody has one. */
  adminKeyHash: string | undefined;
}
