import { config } from '../../shared/config.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { METRICS } from '../../shared/metrics.ts';
import { record } from '../../shared/observe.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { contextOf } from './context.ts';
import { routesOf } from './routes.ts';

const settings = config();
const connection = connectRedis(settings.redis, {
  enableAutoPipelining: true,
  // Well below the function's timeout, so that an outage is answered with 503 and not by the gateway.
  commandTimeout: 3_000,
});
const sites = openSites(settings.kafka, connection);
const route = routerOf(routesOf(contextOf(settings, connection, new TopicOffsets(settings.kafka), sites)));

export const handler = httpStack(async (request, context) => {
  const began = performance.now();
  try {
    return await route(request, context);
  } finally {
    record(METRICS.answerMs, performance.now() - began);
  }
});
