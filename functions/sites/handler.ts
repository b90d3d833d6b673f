import { config } from '../../shared/config.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { openRegister } from '../../shared/directory/register.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/http/router.ts';
import { httpStack } from '../../shared/http/stack.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { FunnelStore } from '../../shared/store/funnels.ts';
import { sitesRoutes } from './routes.ts';

const { kafka, redis, adminKeyHash } = config();
// Sites can be made without Redis, so nothing waits long for it.
const connection = connectRedis(redis, { enableAutoPipelining: true, commandTimeout: 1_000 });
const sites = openSites(kafka, connection);
const register = openRegister(kafka, connection, (state) => sites.learn(state));
const stores = new PerGeneration(sites, kafka, (generation) => new FunnelStore(connection, generation));

export const handler = httpStack(routerOf(sitesRoutes({ sites, register, funnels: stores, adminKeyHash })));
