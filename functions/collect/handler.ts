import { admitting } from '../../shared/intake/admission.ts';
import type { CollectContext } from '../../shared/intake/collect.ts';
import { RateLimiter } from '../../shared/intake/rate-limiter.ts';
import { limitOf } from '../../shared/intake/request-limits.ts';
import { bindEndpoints, routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { logger, record } from '../../shared/platform/observe/observe.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { collectEndpoints } from './routes.ts';

// No request waits long for Redis: events need only Kafka, which has the sites as well.
const { settings, redis, sites, producer } = openRuntime({
  enableAutoPipelining: true,
  commandTimeout: 500,
  socketTimeout: 2_000,
});
const limiter = new RateLimiter(redis(), settings.rateLimits, (error) =>
  logger.warn('Redis does not answer, so no request is limited', error),
);
const context: CollectContext = {
  sites: sites(),
  publish: (events, invalid) => producer().sendEvents([...events, ...invalid]),
  countryHeader: settings.countryHeader,
  limit: limitOf(limiter, (metric) => record(metric, 1)),
};
const route = routerOf(bindEndpoints(collectEndpoints, () => context));

export const handler = httpStack(admitting(route, { isFull: () => producer().isFull }));
