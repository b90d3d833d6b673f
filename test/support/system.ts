import { PerGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { TopicCatalog } from '../../shared/platform/kafka/topic-catalog.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { closing } from './closing.ts';
import type { TestConfig } from './fresh-config.ts';
import { ask, type RequestOptions } from './http.ts';
import { systemRoutes } from './routes.ts';

const INSTALLATION_KEY = 'the-admin-key-of-this-installation';

/** The function `system`, with connections of its own. It knows the sites of the configuration's directory. */
export function systemHandler({ kafka, redis: address }: TestConfig): ReturnType<typeof httpStack> {
  const redis = closing(connectRedis(address, { enableAutoPipelining: true, commandTimeout: 2_000 }), (one) =>
    one.disconnect(),
  );
  const sites = closing(openSites(kafka, redis), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  return httpStack(
    routerOf(
      systemRoutes({
        ...{ kafka, redis, sites, adminKeyHash: keyHash(INSTALLATION_KEY) },
        catalog: closing(new TopicCatalog(kafka), (one) => one.close()),
        stores: new PerGeneration(sites, kafka, (generation) => new StoreReader(redis, generation)),
        fetchOffsets: () => offsets.fetch(),
      }),
    ),
  );
}

/** Asks the function `system` with a key, the installation's when none is named; '' for none. */
export function openSystem(config: TestConfig) {
  const handler = systemHandler(config);
  return <T>(
    target: string,
    { key = INSTALLATION_KEY, ...options }: RequestOptions & { key?: string } = {},
  ) =>
    ask<{ data: T; code?: string }>(handler, 'GET', target, {
      ...options,
      headers: { ...(key !== '' && { authorization: `Bearer ${key}` }) },
    });
}
