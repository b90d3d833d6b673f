import type { Context } from 'aws-lambda';
import { config } from '../../shared/config.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { mendFunnels } from '../../shared/directory/funnels.ts';
import { openRegister } from '../../shared/directory/register.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { SignalWriter } from '../../shared/kafka/signals.ts';
import { METRICS } from '../../shared/metrics.ts';
import { logger, observed, record } from '../../shared/observe.ts';
import { CartClaims } from '../../shared/store/claims.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { FunnelStore } from '../../shared/store/funnels.ts';
import { memoryUsed } from '../../shared/store/memory.ts';
import { StoreReader } from '../../shared/store/reads.ts';
import { Trimmer } from '../../shared/store/trim.ts';
import { inLambdasTime } from '../../shared/time-limit.ts';
import { measure } from './measure.ts';
import { sweep } from './sweep.ts';

const { kafka, redis, cartAbandonedMinutes, aggregateGroup: group } = config();

const connection = connectRedis(redis.url, { enableAutoPipelining: true });
const directory = openSites(kafka, connection);
const definitions = {
  sites: directory,
  register: openRegister(kafka, connection, (state) => directory.learn(state)),
  funnels: new FunnelStore(connection, kafka.partitions),
};
const offsets = new TopicOffsets(kafka);
const sources = {
  store: new StoreReader(connection, kafka.partitions),
  fetchOffsets: () => offsets.fetch(),
  fetchCommitted: group === undefined ? undefined : () => offsets.fetchCommitted(group),
};
const context = {
  claims: new CartClaims(connection),
  trimmer: new Trimmer(connection),
  openWriter: () => SignalWriter.open(kafka),
  partitions: kafka.partitions,
  cartAbandonedMinutes,
};

/**
 * Measures how everything is, brings Redis' copy of the sites and the shards' funnels up to date, signals the carts
 * that were left behind, and trims what has expired. Runs every minute; throws when Redis or Kafka is away, and the
 * next run goes on.
 */
export function handler(_event: unknown, lambda?: Context): Promise<void> {
  return observed(lambda, {}, () =>
    inLambdasTime(lambda, async () => {
      // First: whatever else fails or takes long, this minute has its figures.
      const isMeasured = await measure(sources, () => memoryUsed(connection));
      // Without Kafka there is still something to trim.
      const reconciled = await Promise.allSettled([directory.reconcile().then(mend)]);
      const sites = (await directory.current()).all();
      const { signalled, trimmed, failures } = await sweep(
        { ...context, sites },
        lambda?.getRemainingTimeInMillis(),
      );
      for (const result of reconciled) if (result.status === 'rejected') failures.push(result.reason);
      record(METRICS.signalled, signalled);
      record(METRICS.trimmed, trimmed);
      for (const failure of failures) logger.error('A sweep failed; the next one goes on', failure as Error);
      if (failures.length > 0) throw failures[0];
      if (isMeasured) record(METRICS.sweeps, 1);
    }),
  );
}

async function mend(): Promise<void> {
  const mended = await mendFunnels(definitions);
  if (mended > 0) logger.warn('Definitions of funnels were wrong and are put right', { mended });
}
