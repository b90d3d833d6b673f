import type { SiteRegister } from '../../shared/directory/register.ts';
import type { AccessContext } from '../../shared/http/access.ts';
import type { FunnelStore } from '../../shared/store/funnels.ts';

/** What making and changing sites needs of the world outside. */
export interface SitesContext extends AccessContext {
  register: Pick<SiteRegister, 'change'>;
  funnels: FunnelStore;
}
