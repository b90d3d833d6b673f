import { bindEndpoints, routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { TopicCatalog } from '../../shared/platform/kafka/topic-catalog.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import type { SystemContext } from '../../shared/system/system-context.ts';
import { systemEndpoints } from './routes.ts';

const { settings, redis, sites, offsets, perGeneration } = openRuntime({
  enableAutoPipelining: true,
  // An outage is answered, not waited for.
  commandTimeout: 2_000,
});
const { kafka, adminKeyHash } = settings;
const context: SystemContext = {
  ...{ kafka, adminKeyHash },
  redis: redis(),
  sites: sites(),
  catalog: new TopicCatalog(kafka),
  stores: perGeneration((generation) => new StoreReader(redis(), generation)),
  fetchOffsets: () => offsets().fetch(),
};

export const handler = httpStack(routerOf(bindEndpoints(systemEndpoints, () => context)));
