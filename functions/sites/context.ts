import type { FunnelContext } from '../../shared/directory/funnels.ts';
import type { AccessContext } from '../../shared/http/access.ts';

/** What making and changing sites needs of the world outside. */
export type SitesContext = AccessContext & FunnelContext;
