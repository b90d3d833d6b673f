import type { Context } from 'aws-lambda';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { takeOverCarts } from '../../shared/carts/take-over-carts.ts';
import { openLetters } from '../../shared/dead-letters/letter-index.ts';
import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import { CopyPreparer } from '../../shared/derived/copy-preparer.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { logger, observed } from '../../shared/platform/observe/observe.ts';
import { memoryUsed } from '../../shared/platform/redis/memory.ts';
import { inLambdasTime } from '../../shared/platform/time-limit.ts';
import { OpenErasures } from '../../shared/privacy/open-erasures.ts';
import { continueErasures } from '../../shared/privacy/publish-erasure.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { DayPacker } from '../../shared/shard/packing/day-packer.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { repairFunnels } from '../../shared/sites/site-funnels.ts';
import { measureLag } from '../../shared/status/measure-lag.ts';
import { runSweep } from '../../shared/sweep/run-sweep.ts';
import { measureSilence } from '../../shared/sweep/silent-sites.ts';
import { type Swept, sweep } from '../../shared/sweep/sweep-shards.ts';

const { settings, redis, sites, sitesWriter, offsets, producer, perGeneration } = openRuntime({
  enableAutoPipelining: true,
});
const { kafka, cartAbandonedMinutes, silenceMinutes, aggregateGroup: group } = settings;
const letters = openDeadLetters(kafka, redis(), sites(), {
  producer: producer(),
  stores: perGeneration((generation) => new ShardStore(redis(), generation)),
});
const contexts = perGeneration((generation) => ({
  store: new StoreReader(redis(), generation),
  fetchOffsets: () => offsets().fetch(),
  countDeadLetters: async () => (await openLetters(redis())).open,
  memoryUsed: () => memoryUsed(redis()),
  fetchCommitted: group === undefined ? undefined : () => offsets().fetchCommitted(group),
  funnels: new FunnelStore(redis(), generation),
  receipts: new Receipts(redis(), generation),
  open: new OpenErasures(redis()),
  publish: (events: FootfallEvent[]) => producer().sendEvents(events),
  claims: new CartClaims(redis(), generation),
  trimmer: new Trimmer(redis(), generation),
  packer: new DayPacker(redis(), generation),
  preparer: new CopyPreparer(redis(), generation),
  openWriter: () => SignalWriter.open(kafka),
  partitions: kafka.partitions,
  cartAbandonedMinutes,
}));

/** The time for looking for silent sites, ms. */
const SILENCE_MS = 10_000;
/** An erasure is its request's for as long as the request may run. */
const ERASURES_IDLE_MS = 30_000;

/**
 * The housekeeping of every minute: measures the system's status, brings Redis' copies of sites, funnels and dead
 * letters up to date, finishes replays and erasures, signals abandoned carts, trims what has expired, packs settled days,
 * and makes copies of their sums. Throws when Redis or Kafka is away; the next run goes on.
 */
export function handler(_event: unknown, lambda?: Context): Promise<void> {
  const parts = {
    measure: async () => measureLag(await contexts.current(), silence),
    reconcile,
    sweep: sweepShards,
    pack,
    erase,
    sweepLetters,
  };
  const remainingMs = () => lambda?.getRemainingTimeInMillis?.() ?? Infinity;
  return observed(lambda, {}, () => inLambdasTime(lambda, () => runSweep(parts, remainingMs)));
}

async function silence(): Promise<void> {
  const all = (await sites().current()).all();
  const { store } = await contexts.current();
  const until = performance.now() + SILENCE_MS;
  await measureSilence(store, all, { minutes: silenceMinutes, now: Date.now(), until });
}

async function reconcile(): Promise<void> {
  await sites().reconcile();
  const { funnels } = await contexts.current();
  const mended = await repairFunnels({ sites: sites(), writer: sitesWriter(), funnels });
  if (mended > 0) logger.warn('Wrong definitions of funnels in shards are repaired', { mended });
}

async function sweepShards(remainingMs: number): Promise<Swept> {
  const all = (await sites().current()).all();
  const generations = await sites().generations();
  const takeOver = () => takeOverCarts(redis(), generations, { kafka, sites: all });
  // Read again: a switch of generations before this run is known by now.
  return sweep({ ...(await contexts.current()), sites: all, takeOver }, remainingMs);
}

async function pack(forMs: number): Promise<number> {
  const deadline = performance.now() + forMs;
  const { packer, preparer } = await contexts.current();
  const all = (await sites().current()).all();
  const goOn = () => performance.now() < deadline;
  const packed = await packer.run(all, { now: Date.now(), goOn });
  // In the time that is left: what is packed is read faster.
  await preparer.run(all, { now: Date.now(), goOn });
  return packed;
}

async function erase(forMs: number): Promise<void> {
  const all = (await sites().current()).all();
  const options = { sites: all, until: performance.now() + forMs, idleMs: ERASURES_IDLE_MS };
  const finished = await continueErasures(await contexts.current(), options);
  if (finished > 0) logger.info('Erasures of people with many ids are published', { finished });
}

async function sweepLetters(forMs: number): Promise<void> {
  const finished = await letters.replayer.finish(performance.now() + forMs);
  if (finished > 0) logger.warn('Abandoned replays of dead letters are finished', { finished });
  await letters.topic.trim();
}
