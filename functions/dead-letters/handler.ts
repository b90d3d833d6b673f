import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import { config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { deadLettersRoutes } from './routes.ts';

const { kafka, redis, adminKeyHash } = config();
const connection = connectRedis(redis, { enableAutoPipelining: true, commandTimeout: 5_000 });
const sites = openSites(kafka, connection);

export const handler = httpStack(
  routerOf(
    deadLettersRoutes({
      ...openDeadLetters(kafka, connection, sites),
      ...{ sites, adminKeyHash },
      // The function has 29 s, and who asked is to be told what was done before it is ended.
      timeMs: 22_000,
    }),
  ),
);
