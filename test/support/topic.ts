import type { Config } from '../../shared/config.ts';
import type { KafkaRecord } from '../../shared/events/decode.ts';
import type { FootfallEvent } from '../../shared/events/event.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { readRange } from '../../shared/kafka/range.ts';

/** Every event that the topic holds now, and the partition that it is in. */
export async function readTopic(
  kafka: Config['kafka'],
): Promise<{ partition: number; event: FootfallEvent }[]> {
  const offsets = new TopicOffsets(kafka);
  const found: { partition: number; event: FootfallEvent }[] = [];
  try {
    for (const { partition, low, high } of await offsets.fetch()) {
      if (high === low) continue;
      await readRange(kafka, partition, low, high, async (records: KafkaRecord[]) => {
        for (const { value } of records) {
          found.push({ partition, event: JSON.parse(Buffer.from(value ?? '', 'base64').toString()) });
        }
      });
    }
  } finally {
    await offsets.close();
  }
  return found;
}
