import type { AccessContext } from './access.ts';
import type { FunnelContext } from './site-funnels.ts';

/** Dependencies of the endpoints that create and change sites and funnels. */
export type SitesContext = AccessContext & FunnelContext;
