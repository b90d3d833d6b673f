import { setTimeout as sleep } from 'node:timers/promises';
import { PerGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { type PartitionOffsets, TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { freshnessOf } from '../../shared/status/freshness.ts';

/** If nothing is counted for this long, no aggregate runs, ms. */
const PATIENCE_MS = 20_000;
const POLL_MS = 200;

/**
 * Waits until aggregate has applied everything that is in the events topic now.
 * @param onLag is told how many records are left.
 * @returns the records left: 0, or more when nothing has moved for 20 s or the signal has aborted.
 */
export async function waitUntilApplied(
  config: Config,
  signal: AbortSignal,
  onLag: (records: number) => void,
): Promise<number> {
  const ends = await offsetsNow(config.kafka);
  const redis = connectRedis(config.redis, { enableAutoPipelining: true });
  const directory = openSites(config.kafka, redis);
  const stores = new PerGeneration(
    directory,
    config.kafka,
    (generation) => new StoreReader(redis, generation),
  );
  try {
    let lag = Number.POSITIVE_INFINITY;
    let movedAt = performance.now();
    while (lag > 0 && !signal.aborted && performance.now() - movedAt < PATIENCE_MS) {
      // The lag is known because the ends of the topic are.
      const store = await stores.current();
      const now = freshnessOf(Date.now(), ends, await store.heads()).lag_events!;
      if (now < lag) movedAt = performance.now();
      lag = now;
      onLag(lag);
      if (lag > 0) await sleep(POLL_MS);
    }
    return lag;
  } finally {
    await directory.close();
    redis.disconnect();
  }
}

/** Reads how far the events topic goes now. */
export async function offsetsNow(kafka: Config['kafka']): Promise<PartitionOffsets[]> {
  const offsets = new TopicOffsets(kafka);
  try {
    return await offsets.fetch();
  } finally {
    await offsets.close();
  }
}
