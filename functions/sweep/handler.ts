import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { config } from '../../shared/config.ts';
import { openDeadLetters } from '../../shared/dead-letters/open.ts';
import { openSites } from '../../shared/directory/directory.ts';
import { SignalWriter } from '../../shared/kafka/signals.ts';
import { logger, metrics } from '../../shared/observe.ts';
import { CartClaims } from '../../shared/store/claims.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { Trimmer } from '../../shared/store/trim.ts';
import { sweep } from './sweep.ts';

const { kafka, redis, cartAbandonedMinutes } = config();

const connection = connectRedis(redis.url, { enableAutoPipelining: true });
const directory = openSites(kafka, connection);
const letters = openDeadLetters(kafka, connection, directory);
/** Of a run, for dead letters: reading many of them may go on with the next one. */
const LETTERS_MS = 30_000;
const context = {
  claims: new CartClaims(connection),
  trimmer: new Trimmer(connection),
  openWriter: () => SignalWriter.open(kafka),
  partitions: kafka.partitions,
  cartAbandonedMinutes,
};

/**
 * Brings Redis' copy of the sites and its index of dead letters up to date, finishes replays that were begun, signals
 * the carts that were left behind, and trims what has expired.
 * Runs every minute; throws when Redis or Kafka is away, and the next run goes on.
 */
export async function handler(_event: unknown, lambda?: Context): Promise<void> {
  if (lambda) logger.addContext(lambda);
  // Without Kafka there is still something to trim.
  const reconciled = await Promise.allSettled([directory.reconcile()]);
  const sites = (await directory.current()).all();
  const [{ signalled, trimmed, failures }, swept] = await Promise.all([
    sweep({ ...context, sites }, lambda?.getRemainingTimeInMillis()),
    Promise.allSettled([sweepLetters()]),
  ]);
  for (const result of [...reconciled, ...swept]) {
    if (result.status === 'rejected') failures.push(result.reason);
  }
  metrics.addMetric('signalled', MetricUnit.Count, signalled);
  metrics.addMetric('trimmed', MetricUnit.Count, trimmed);
  metrics.publishStoredMetrics();
  for (const failure of failures) logger.error('A sweep failed; the next one goes on', failure as Error);
  if (failures.length > 0) throw failures[0];
}

async function sweepLetters(): Promise<void> {
  const finished = await letters.register.finish(performance.now() + LETTERS_MS);
  if (finished > 0)
    logger.warn('Replays of dead letters were begun by others and are finished', { finished });
  await letters.topic.trim();
}
