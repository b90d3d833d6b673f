import type { Route } from '../../shared/platform/http/router.ts';
import type { HttpRequest, HttpResponse } from '../../shared/platform/http/stack.ts';
import type { SitesContext, SitesContexts } from '../../shared/sites/context.ts';
import { createFunnel, endFunnel } from '../../shared/sites/manage-funnels.ts';
import {
  changeSite,
  createKey,
  createSite,
  endKey,
  listSites,
  replaceKey,
  showSite,
} from '../../shared/sites/manage-sites.ts';

/** Making and changing sites, and their funnels. */
export function sitesRoutes(contexts: SitesContexts): Route[] {
  const does =
    (operation: (request: HttpRequest, context: SitesContext) => Promise<HttpResponse>) =>
    async (request: HttpRequest) =>
      operation(request, { ...contexts, funnels: await contexts.funnels.current() });
  return [
    { method: 'POST', path: '/v1/sites', handler: does(createSite) },
    { method: 'GET', path: '/v1/sites', handler: does(listSites) },
    { method: 'GET', path: '/v1/sites/{site}', handler: does(showSite) },
    { method: 'PATCH', path: '/v1/sites/{site}', handler: does(changeSite) },
    { method: 'POST', path: '/v1/sites/{site}/keys', handler: does(createKey) },
    { method: 'POST', path: '/v1/sites/{site}/keys/{key}/rotate', handler: does(replaceKey) },
    { method: 'DELETE', path: '/v1/sites/{site}/keys/{key}', handler: does(endKey) },
    { method: 'POST', path: '/v1/funnels', handler: does(createFunnel) },
    { method: 'DELETE', path: '/v1/funnels/{funnel}', handler: does(endFunnel) },
  ];
}
