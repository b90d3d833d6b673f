import { PerGeneration } from '../../shared/generations/generation.ts';
import { config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { privacyRoutes } from './routes.ts';

const { kafka, redis } = config();
const connection = connectRedis(redis, { enableAutoPipelining: true, commandTimeout: 3_000 });
const sites = openSites(kafka, connection);
const producer = new EventProducer(kafka);

export const handler = httpStack(
  routerOf(
    privacyRoutes({
      sites,
      stores: new PerGeneration(sites, kafka, (generation) => ({
        store: new StoreReader(connection, generation),
        receipts: new Receipts(connection, generation),
      })),
      publish: (events) => producer.sendEvents(events),
      // Longer than aggregate waits for a batch to fill, and well within the function's timeout.
      waitMs: 6_000,
    }),
  ),
);
