import { config } from '../../shared/config.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { openSites } from '../../shared/site-directory.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { collectRoutes } from './routes.ts';

const { kafka, redis } = config();
/** One for each warm container, whatever the number of requests. */
const producer = new EventProducer(kafka);
/** Not needed to take events: without Redis the sites are read from Kafka, and that must not wait long. */
const connection = connectRedis(redis.url, { enableAutoPipelining: true, commandTimeout: 1_000 });

export const handler = httpStack(
  routerOf(
    collectRoutes({
      sites: openSites(kafka, connection),
      publish: (events) => producer.sendEvents(events),
    }),
  ),
);
