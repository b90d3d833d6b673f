import type { FunnelStore } from '../funnels/store.ts';
import type { PerGeneration } from '../generations/generation.ts';
import type { AccessContext } from './access.ts';
import type { FunnelContext } from './site-funnels.ts';

/** Dependencies of the endpoints that create and change sites and funnels. */
export type SitesContext = AccessContext & FunnelContext;

/** The same before the generation is known: each request uses the one that is current when it arrives. */
export type SitesContexts = Omit<SitesContext, 'funnels'> & {
  funnels: Pick<PerGeneration<FunnelStore>, 'current'>;
};
