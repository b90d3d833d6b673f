import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import { bindEndpoints, routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { deadLettersEndpoints } from './routes.ts';

const { settings, redis, sites, producer, perGeneration } = openRuntime({
  enableAutoPipelining: true,
  commandTimeout: 5_000,
});
const { kafka, adminKeyHash } = settings;
const context = {
  ...openDeadLetters(kafka, redis(), sites(), {
    producer: producer(),
    stores: perGeneration((generation) => new ShardStore(redis(), generation)),
  }),
  ...{ sites: sites(), adminKeyHash },
  // The function has 29 s, and must answer the caller within them.
  timeMs: 22_000,
};

export const handler = httpStack(routerOf(bindEndpoints(deadLettersEndpoints, () => context)));
