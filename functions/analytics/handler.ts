import { config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { record } from '../../shared/platform/observe/observe.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { contextOf } from '../../shared/questions/context.ts';
import { openSites } from '../../shared/sites/directory.ts';
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
