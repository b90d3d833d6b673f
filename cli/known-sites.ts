import type { Config } from '../shared/platform/config.ts';
import { readSites } from '../shared/sites/directory.ts';
import type { Sites } from '../shared/sites/site.ts';
import { readyKafka } from './ready-kafka.ts';

/** The sites, for a tool that is about to send. @throws FootfallError `kafka_unreachable`, saying what to start. */
export async function knownSites(config: Pick<Config, 'kafka' | 'redis'>): Promise<Sites> {
  await readyKafka(config.kafka);
  return readSites(config);
}
