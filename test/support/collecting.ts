import type { CollectContext } from '../../shared/intake/collect.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import type { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { collectRoutes } from './routes.ts';

/** For tests of everything else. */
export const unlimited: CollectContext['limit'] = async () => {};

/** The collect function, publishing wherever a test says, and taking all that comes unless it says otherwise. */
export const collecting = (
  sites: Sites,
  publish: CollectContext['publish'],
  limit: CollectContext['limit'] = unlimited,
) =>
  httpStack(
    routerOf(
      collectRoutes({ sites: fixedSites(sites), publish, limit, countryHeader: 'cloudfront-viewer-country' }),
    ),
  );
