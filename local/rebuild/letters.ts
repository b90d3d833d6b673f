import type { Config } from '../../shared/config.ts';
import { followTopic } from '../../shared/kafka/follow.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';

/**
 * The keys of all dead letters that there are: each names where its record stands, so that a record which is counted
 * anew is not published once more.
 */
export async function letterKeys(kafka: Config['kafka']): Promise<Set<string>> {
  const keys = new Set<string>();
  await readWhole(kafka, kafka.dlqTopic, (key) => keys.add(key));
  return keys;
}

async function readWhole(kafka: Config['kafka'], topic: string, onKey: (key: string) => void): Promise<void> {
  const offsets = new TopicOffsets(kafka, topic);
  const ends = (await offsets.fetch().finally(() => offsets.close())).filter(({ low, high }) => high > low);
  if (ends.length === 0) return;
  const done = Promise.withResolvers<void>();
  const missing = new Map(ends.map(({ partition, high }) => [partition, high]));
  const reached = (partition: number, to: number) => {
    if (to >= (missing.get(partition) ?? Infinity)) missing.delete(partition);
    if (missing.size === 0) done.resolve();
  };
  const following = await followTopic(kafka, {
    topic,
    from: new Map(ends.map(({ partition, low }) => [partition, low])),
    hand: async (records) => {
      for (const { key } of records) if (key) onKey(Buffer.from(key, 'base64').toString());
      const last = records.at(-1)!;
      reached(last.partition, last.offset + 1);
    },
    onNothing: async (partition, to) => reached(partition, to),
  });
  try {
    await Promise.race([done.promise, following.failed]);
  } finally {
    await following.stop();
  }
}
