import type { Context } from 'aws-lambda';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { takeOverCarts } from '../../shared/carts/take-over-carts.ts';
import { openLetters } from '../../shared/dead-letters/letter-index.ts';
import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { PerGeneration } from '../../shared/generations/generation.ts';
import { config } from '../../shared/platform/config.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { logger, observed } from '../../shared/platform/observe/observe.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { memoryUsed } from '../../shared/platform/redis/memory.ts';
import { inLambdasTime } from '../../shared/platform/time-limit.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { repairFunnels } from '../../shared/sites/site-funnels.ts';
import { openSitesWriter } from '../../shared/sites/writer.ts';
import { measure } from '../../shared/status/measure-lag.ts';
import { runSweep } from './run.ts';
import { type Swept, sweep } from './sweep.ts';

const { kafka, redis, cartAbandonedMinutes, aggregateGroup: group } = config();

const connection = connectRedis(redis, { enableAutoPipelining: true });
const directory = openSites(kafka, connection);
const writer = openSitesWriter(kafka, connection, (state) => directory.learn(state));
const offsets = new TopicOffsets(kafka);
const letters = openDeadLetters(kafka, connection, directory);
const contexts = new PerGeneration(directory, kafka, (generation) => ({
  store: new StoreReader(connection, generation),
  fetchOffsets: () => offsets.fetch(),
  countDeadLetters: async () => (await openLetters(connection)).open,
  fetchCommitted: group === undefined ? undefined : () => offsets.fetchCommitted(group),
  funnels: new FunnelStore(connection, generation),
  claims: new CartClaims(connection, generation),
  trimmer: new Trimmer(connection, generation),
  openWriter: () => SignalWriter.open(kafka),
  partitions: kafka.partitions,
  cartAbandonedMinutes,
}));

/**
 * Measures how everything is, brings Redis' copy of the sites, the shards' definitions of funnels and the index of dead
 * letters up to date, finishes replays that were begun, signals the carts that were left behind, and trims what has
 * expired. Runs every minute; throws when Redis or Kafka is away, and the next run goes on.
 */
export function handler(_event: unknown, lambda?: Context): Promise<void> {
  const parts = {
    measure: async () => measure(await contexts.current(), () => memoryUsed(connection)),
    reconcile,
    sweep: sweepShards,
    sweepLetters,
  };
  const remainingMs = () => lambda?.getRemainingTimeInMillis?.() ?? Infinity;
  return observed(lambda, {}, () => inLambdasTime(lambda, () => runSweep(parts, remainingMs)));
}

async function reconcile(): Promise<void> {
  await directory.reconcile();
  const { funnels } = await contexts.current();
  const mended = await repairFunnels({ sites: directory, writer, funnels });
  if (mended > 0) logger.warn('Definitions of funnels were wrong and are put right', { mended });
}

async function sweepShards(remainingMs: number): Promise<Swept> {
  const sites = (await directory.current()).all();
  const generations = await directory.generations();
  const takeOver = () => takeOverCarts(connection, generations, { kafka, sites });
  // Anew: a switch that was made before this run is known by now.
  return sweep({ ...(await contexts.current()), sites, takeOver }, remainingMs);
}

async function sweepLetters(forMs: number): Promise<void> {
  const finished = await letters.replayer.finish(performance.now() + forMs);
  if (finished > 0)
    logger.warn('Replays of dead letters were begun by others and are finished', { finished });
  await letters.topic.trim();
}
