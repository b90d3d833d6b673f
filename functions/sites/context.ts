import type { SiteRegister } from '../../shared/directory/register.ts';
import type { PerGeneration } from '../../shared/generations/generation.ts';
import type { SiteSource } from '../../shared/sites/source.ts';
import type { FunnelStore } from '../../shared/store/funnels.ts';

/** What making and changing sites needs of the world outside. */
export interface SitesContext {
  sites: SiteSource;
  register: Pick<SiteRegister, 'change'>;
  funnels: Pick<PerGeneration<FunnelStore>, 'current'>;
  /** SHA-256, in hex, of the installation's admin key; without it nobody has one. */
  adminKeyHash: string | undefined;
}
