import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { config } from '../../shared/config.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { logger, metrics } from '../../shared/observe.ts';
import { Sites } from '../../shared/sites.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { RateLimiter } from '../../shared/store/rate-limit.ts';
import { limitOf } from './limits.ts';
import { collectRoutes } from './routes.ts';

const { kafka, redis, rateLimits, sites } = config();
/** One for each warm container, whatever the number of requests. */
const producer = new EventProducer(kafka);
/** Connects beside the first request. Nobody waits long for it: Kafka alone is what events need. */
const limiter = new RateLimiter(
  connectRedis(redis.url, {
    commandTimeout: 250,
    socketTimeout: 2_000,
    lazyConnect: rateLimits.key.perSecond === 0 && rateLimits.address.perSecond === 0,
  }),
  rateLimits,
  (error) => logger.warn('Nobody is limited, since Redis does not answer', error),
);
const route = routerOf(
  collectRoutes({
    sites: new Sites(sites),
    publish: (events) => producer.sendEvents(events),
    limit: limitOf(limiter, (name) => metrics.addMetric(name, MetricUnit.Count, 1)),
  }),
);

export const handler = httpStack(async (request, context) => {
  try {
    return await route(request, context);
  } finally {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
});
