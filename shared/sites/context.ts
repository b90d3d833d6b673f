import type { FunnelStore } from '../funnels/store.ts';
import type { PerGeneration } from '../generations/generation.ts';
import type { AccessContext } from './access.ts';
import type { FunnelContext } from './site-funnels.ts';

/** What making and changing sites needs of the world outside. */
export type SitesContext = AccessContext & FunnelContext;

/** The same for all requests: each works with the generation that is current then. */
export type SitesContexts = Omit<SitesContext, 'funnels'> & {
  funnels: Pick<PerGeneration<FunnelStore>, 'current'>;
};
