import { config } from '../../shared/config.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { EventProducer } from '../../shared/kafka/producer.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { StoreReader } from '../../shared/store/reads.ts';
import { Receipts } from '../../shared/store/receipts.ts';
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
