import { bindEndpoints, routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { OpenErasures } from '../../shared/privacy/open-erasures.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import type { PrivacyContext } from '../../shared/privacy/requests.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { privacyEndpoints } from './routes.ts';

const { settings, redis, sites, producer, perGeneration } = openRuntime({
  enableAutoPipelining: true,
  commandTimeout: 3_000,
});
const context: PrivacyContext = {
  sites: sites(),
  adminKeyHash: settings.adminKeyHash,
  stores: perGeneration((generation) => ({
    store: new StoreReader(redis(), generation),
    receipts: new Receipts(redis(), generation),
    open: new OpenErasures(redis()),
  })),
  publish: (events) => producer().sendEvents(events),
  // Longer than aggregate waits for a batch to fill, and well below the function's timeout.
  waitMs: 6_000,
};

export const handler = httpStack(routerOf(bindEndpoints(privacyEndpoints, () => context)));
