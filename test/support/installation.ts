import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { openSitesWriter } from '../../shared/sites/writer.ts';
import { closing } from './closing.ts';
import { unlimited } from './collecting.ts';
import { type Answer, ask, type RequestOptions } from './http.ts';
import { analyticsRoutes, collectRoutes, deadLettersRoutes, sitesRoutes } from './routes.ts';

const ADMIN_KEY = 'the-admin-key-of-this-installation';

/** All functions that answer over HTTP, with connections and memory of their own. */
export interface Installation {
  handler: ReturnType<typeof httpStack>;
  /** What collect has published. */
  published: FootfallEvent[];
  /** Asks with a key, the installation's when none is named; a body is sent as JSON. */
  ask<T = { data: never; code: string }>(
    method: string,
    target: string,
    body?: unknown,
    options?: RequestOptions & { key?: string },
  ): Promise<Answer<T>>;
}

/** Opens the functions on a test's own topics and database, with the sites of its directory. */
export function openInstallation({ kafka, redis, ...settings }: Config): Installation {
  const connection = closing(
    connectRedis(redis, { enableAutoPipelining: true, commandTimeout: 1_000 }),
    (one) => one.disconnect(),
  );
  const sites = closing(openSites(kafka, connection), (one) => one.close());
  const writer = closing(
    openSitesWriter(kafka, connection, (state) => sites.learn(state)),
    (one) => one.close(),
  );
  const letters = closing(openDeadLetters(kafka, connection, sites), (one) => one.close());
  const published: FootfallEvent[] = [];
  const handler = httpStack(
    routerOf([
      ...sitesRoutes({
        sites,
        writer,
        funnels: new PerGeneration(sites, kafka, (one) => new FunnelStore(connection, one)),
        adminKeyHash: keyHash(ADMIN_KEY),
      }),
      ...deadLettersRoutes({ ...letters, sites, adminKeyHash: keyHash(ADMIN_KEY), timeMs: 25_000 }),
      ...collectRoutes({
        sites,
        publish: async (events) => {
          published.push(...events);
        },
        limit: unlimited,
      }),
      ...analyticsRoutes(
        analyticsContexts(
          { kafka, ...settings, adminKeyHash: keyHash(ADMIN_KEY) },
          connection,
          { fetch: async () => [] },
          sites,
        ),
      ),
    ]),
  );
  return {
    handler,
    published,
    ask: (method, target, body, { key = ADMIN_KEY, headers, ...options } = {}) =>
      ask(handler, method, target, {
        ...options,
        headers: { ...(key !== '' && { authorization: `Bearer ${key}` }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
  };
}
