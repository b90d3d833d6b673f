import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { config } from '../../shared/config.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { mendFunnels } from '../../shared/directory/funnels.ts';
import { openRegister } from '../../shared/directory/register.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { SignalWriter } from '../../shared/kafka/signals.ts';
import { logger, metrics } from '../../shared/observe.ts';
import { CartClaims } from '../../shared/store/claims.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { FunnelStore } from '../../shared/store/funnels.ts';
import { Trimmer } from '../../shared/store/trim.ts';
import { sweep } from './sweep.ts';
import { takeOverCarts } from './take-over.ts';

const { kafka, redis, cartAbandonedMinutes } = config();

const connection = connectRedis(redis.url, { enableAutoPipelining: true });
const directory = openSites(kafka, connection);
const register = openRegister(kafka, connection, (state) => directory.learn(state));
const contexts = new PerGeneration(directory, kafka, (generation) => ({
  funnels: new FunnelStore(connection, generation),
  claims: new CartClaims(connection, generation),
  trimmer: new Trimmer(connection, generation),
  openWriter: () => SignalWriter.open(kafka),
  partitions: kafka.partitions,
  cartAbandonedMinutes,
}));

/**
 * Brings Redis' copy of the sites up to date and the shards' definitions of funnels, signals the carts that were left behind, and trims what has expired.
 * Runs every minute; throws when Redis or Kafka is away, and the next run goes on.
 */
export async function handler(_event: unknown, lambda?: Context): Promise<void> {
  if (lambda) logger.addContext(lambda);
  // Without Kafka there is still something to trim.
  const reconciled = await Promise.allSettled([
    directory.reconcile().then(async () => {
      const mended = await mendFunnels({
        sites: directory,
        register,
        funnels: (await contexts.current()).funnels,
      });
      if (mended > 0) logger.warn('Definitions of funnels were wrong and are put right', { mended });
    }),
  ]);
  const sites = (await directory.current()).all();
  const generations = await directory.generations();
  const takeOver = () => takeOverCarts(connection, generations, { kafka, sites });
  const { signalled, trimmed, failures } = await sweep(
    { ...(await contexts.current()), sites, takeOver },
    lambda?.getRemainingTimeInMillis(),
  );
  for (const result of reconciled) if (result.status === 'rejected') failures.push(result.reason);
  metrics.addMetric('signalled', MetricUnit.Count, signalled);
  metrics.addMetric('trimmed', MetricUnit.Count, trimmed);
  metrics.publishStoredMetrics();
  for (const failure of failures) logger.error('A sweep failed; the next one goes on', failure as Error);
  if (failures.length > 0) throw failures[0];
}
