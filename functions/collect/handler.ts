import { admitting } from '../../shared/intake/admission.ts';
import { RateLimiter } from '../../shared/intake/rate-limiter.ts';
import { limitOf } from '../../shared/intake/request-limits.ts';
import { config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { logger, record } from '../../shared/platform/observe/observe.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { collectRoutes } from './routes.ts';

const { kafka, redis, rateLimits, countryHeader } = config();
/** One for each warm container, whatever the number of requests. */
const producer = new EventProducer(kafka);
/** Nobody waits long for it: Kafka alone is what events need, and it has the sites as well. */
const connection = connectRedis(redis, {
  enableAutoPipelining: true,
  commandTimeout: 500,
  socketTimeout: 2_000,
});
const limiter = new RateLimiter(connection, rateLimits, (error) =>
  logger.warn('Nobody is limited, since Redis does not answer', error),
);
const route = routerOf(
  collectRoutes({
    sites: openSites(kafka, connection),
    publish: (events) => producer.sendEvents(events),
    countryHeader,
    limit: limitOf(limiter, (metric) => record(metric, 1)),
  }),
);

export const handler = httpStack(admitting(route, { isFull: () => producer.isFull }));
