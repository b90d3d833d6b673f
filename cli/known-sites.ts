import type { Config } from '../shared/platform/config.ts';
import { readSites } from '../shared/sites/directory.ts';
import type { Sites } from '../shared/sites/site.ts';
import { readyKafka } from './ready-kafka.ts';

/** Reads the sites for a command that is about to send. @throws as {@link readyKafka}; FootfallError `sites_unavailable` 503. */
export async function knownSites(config: Pick<Config, 'kafka' | 'redis'>): Promise<Sites> {
  await readyKafka(config.kafka);
  return readSites(config);
}
