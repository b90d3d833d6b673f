import type { FunnelContext } from '../../shared/directory/funnels.ts';
import type { PerGeneration } from '../../shared/generations/generation.ts';
import type { SiteSource } from '../../shared/sites/source.ts';
import type { FunnelStore } from '../../shared/store/funnels.ts';

/** What making and changing sites needs of the world outside. */
export interface SitesContext extends FunnelContext {
  sites: SiteSource;
  /** SHA-256, in hex, of the installation's admin key; without it nobody has one. */
  adminKeyHash: string | undefined;
}

/** The same for all requests: each works with the generation that is current then. */
export type SitesContexts = Omit<SitesContext, 'funnels'> & {
  funnels: Pick<PerGeneration<FunnelStore>, 'current'>;
};
