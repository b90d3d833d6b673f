import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../shared/platform/config.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { type Site, siteSchema } from '../../shared/sites/site.ts';
import { KEY_KINDS, storedKey } from '../../shared/sites/site-keys.ts';
import { openSitesWriter } from '../../shared/sites/writer.ts';

/** A site of sites.json. Its keys are in clear, as they are public. */
type DemoSite = Record<'write_keys' | 'read_keys' | 'admin_keys', string[]>;

/** The demo sites, in stored form. */
export function demoSites(): Site[] {
  const file = join(import.meta.dirname, '..', 'sites.json');
  const now = Date.now();
  return (JSON.parse(readFileSync(file, 'utf8')) as DemoSite[]).map((site) =>
    siteSchema.parse({
      ...site,
      keys: KEY_KINDS.flatMap((kind) => site[`${kind}_keys`].map((key) => storedKey(kind, key, now))),
    }),
  );
}

/**
 * Stores those sites that do not exist yet; leaves the others unchanged.
 * @throws FootfallError `sites_unavailable` when Kafka is unreachable.
 */
export async function addSites(
  { kafka, redis }: Pick<Config, 'kafka' | 'redis'>,
  sites: readonly Site[],
): Promise<void> {
  const connection = connectRedis(redis, { commandTimeout: 1_000 });
  const writer = openSitesWriter(kafka, connection);
  try {
    await writer.change((known) => ({
      changed: sites.filter(({ id }) => !known.get(id)),
      result: undefined,
    }));
  } finally {
    await writer.close();
    connection.disconnect();
  }
}
