import { FunnelStore } from '../../shared/funnels/store.ts';
import { bindEndpoints, routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { sitesEndpoints } from './routes.ts';

// Sites can be made without Redis, so no request waits long for it.
const { settings, redis, sites, sitesWriter, perGeneration } = openRuntime({
  enableAutoPipelining: true,
  commandTimeout: 1_000,
});
const { adminKeyHash } = settings;
const funnels = perGeneration((generation) => new FunnelStore(redis(), generation));
const context = async () => ({
  ...{ sites: sites(), writer: sitesWriter(), adminKeyHash },
  funnels: await funnels.current(),
});

export const handler = httpStack(routerOf(bindEndpoints(sitesEndpoints, context)));
