import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../shared/config.ts';
import { type PartitionOffsets, TopicOffsets } from '../../shared/kafka/offsets.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { ShardStore } from '../../shared/store/shard.ts';

/** When nothing has been counted for so long, nobody is counting. */
const PATIENCE_MS = 20_000;
const POLL_MS = 200;

/**
 * Waits until aggregate has applied everything that is in the events topic now.
 * @param onLag is told how many records are left.
 * @returns the records left: 0, or more when nothing has moved for 20 s or the signal came.
 */
export async function waitUntilApplied(
  config: Config,
  signal: AbortSignal,
  onLag: (records: number) => void,
): Promise<number> {
  // An empty partition needs no waiting, whatever its shard says.
  const ends = (await offsetsNow(config.kafka)).filter(({ low, high }) => high > low);
  const redis = connectRedis(config.redis.url);
  const store = new ShardStore(redis);
  try {
    let lag = Number.POSITIVE_INFINITY;
    let movedAt = performance.now();
    while (lag > 0 && !signal.aborted && performance.now() - movedAt < PATIENCE_MS) {
      const left = await Promise.all(
        ends.map(async ({ partition, high }) =>
          Math.max(0, high - (await store.read(partition, [])).head.next),
        ),
      );
      const now = left.reduce((sum, records) => sum + records, 0);
      if (now < lag) movedAt = performance.now();
      lag = now;
      onLag(lag);
      if (lag > 0) await sleep(POLL_MS);
    }
    return lag;
  } finally {
    redis.disconnect();
  }
}

/** How far the events topic goes now. */
export async function offsetsNow(kafka: Config['kafka']): Promise<PartitionOffsets[]> {
  const offsets = new TopicOffsets(kafka);
  try {
    return await offsets.fetch();
  } finally {
    await offsets.close();
  }
}
