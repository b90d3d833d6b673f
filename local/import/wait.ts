import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../shared/config.ts';
import { kafkaClient } from '../../shared/kafka/client.ts';
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
  const ends = (await topicEnds(config.kafka)).filter(({ start, end }) => end > start);
  const redis = connectRedis(config.redis.url);
  const store = new ShardStore(redis);
  try {
    let lag = Number.POSITIVE_INFINITY;
    let movedAt = performance.now();
    while (lag > 0 && !signal.aborted && performance.now() - movedAt < PATIENCE_MS) {
      const left = await Promise.all(
        ends.map(async ({ partition, end }) =>
          Math.max(0, end - (await store.read(partition, [])).head.next),
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

/** For each partition of the events topic, its first offset and the one that the next record will get. */
export async function topicEnds(
  kafka: Config['kafka'],
): Promise<{ partition: number; start: number; end: number }[]> {
  const admin = kafkaClient(kafka, 'footfall-import').admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(kafka.eventsTopic);
    return offsets.map(({ partition, low, high }) => ({ partition, start: Number(low), end: Number(high) }));
  } finally {
    await admin.disconnect();
  }
}
