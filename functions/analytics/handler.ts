import { bindEndpoints, routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { record } from '../../shared/platform/observe/observe.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { analyticsEndpoints, docsPages } from './routes.ts';

const { settings, redis, offsets, sites } = openRuntime({
  enableAutoPipelining: true,
  // Well below the function's timeout: the function answers an outage with 503 before the gateway gives up.
  commandTimeout: 3_000,
});
const contexts = analyticsContexts(settings, redis(), offsets(), sites());
const route = routerOf(bindEndpoints([...analyticsEndpoints, ...docsPages], () => contexts));

export const handler = httpStack(async (request, context) => {
  const began = performance.now();
  try {
    return await route(request, context);
  } finally {
    record(METRICS.answerMs, performance.now() - began);
  }
});
