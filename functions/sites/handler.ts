import { FunnelStore } from '../../shared/funnels/store.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { openSitesWriter } from '../../shared/sites/writer.ts';
import { sitesRoutes } from './routes.ts';

const { kafka, redis, adminKeyHash } = config();
// Sites can be made without Redis, so nothing waits long for it.
const connection = connectRedis(redis, { enableAutoPipelining: true, commandTimeout: 1_000 });
const sites = openSites(kafka, connection);
const writer = openSitesWriter(kafka, connection, (state) => sites.learn(state));
const stores = new PerGeneration(sites, kafka, (generation) => new FunnelStore(connection, generation));

export const handler = httpStack(routerOf(sitesRoutes({ sites, writer, funnels: stores, adminKeyHash })));
