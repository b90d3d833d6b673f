import type { FunnelContext } from '../../shared/directory/funnels.ts';
import type { PerGeneration } from '../../shared/generations/generation.ts';
import type { AccessContext } from '../../shared/http/access.ts';
import type { FunnelStore } from '../../shared/store/funnels.ts';

/** What making and changing sites needs of the world outside. */
export type SitesContext = AccessContext & FunnelContext;

/** The same for all requests: each works with the generation that is current then. */
export type SitesContexts = Omit<SitesContext, 'funnels'> & {
  funnels: Pick<PerGeneration<FunnelStore>, 'current'>;
};
