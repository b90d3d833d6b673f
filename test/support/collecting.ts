import type { CollectContext } from '../../functions/collect/collect.ts';
import { collectRoutes } from '../../functions/collect/routes.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import type { Sites } from '../../shared/sites.ts';

/** The collect function, publishing wherever a test says. */
export const collecting = (sites: Sites, publish: CollectContext['publish']) =>
  httpStack(routerOf(collectRoutes({ sites, publish, countryHeader: 'cloudfront-viewer-country' })));
