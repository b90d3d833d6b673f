import type { AccessContext } from './access.ts';
import type { FunnelContext } from './site-funnels.ts';

/** What making and changing sites needs of the world outside. */
export type SitesContext = AccessContext & FunnelContext;
