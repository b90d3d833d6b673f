import { config } from '../../shared/config.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { Sites } from '../../shared/sites.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { StoreReader } from '../../shared/store/reads.ts';
import { routerOf } from './router.ts';
import { routesOf } from './routes.ts';

const { kafka, redis, sites } = config();
const connection = connectRedis(redis.url, {
  enableAutoPipelining: true,
  // Well below the function's timeout, so that an outage is answered with 503 and not by the gateway.
  commandTimeout: 3_000,
});
const offsets = new TopicOffsets(kafka);

export const handler = httpStack(
  routerOf(routesOf(new Sites(sites), new StoreReader(connection, kafka.partitions), () => offsets.fetch())),
);
