import type { DeadLetter } from '../event/decode.ts';
import type { Outcome } from '../event/outcome.ts';
import type { OutcomeCounts } from '../fold/chunk-delta.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { METRICS, type Metric } from '../platform/observe/metrics.ts';
import { logger, record, withAttributes } from '../platform/observe/observe.ts';

/** Dead letters are counted by their reasons. */
const COUNTED_BY: Record<Exclude<Outcome, 'deadLettered'>, Metric> = {
  applied: METRICS.applied,
  duplicate: METRICS.duplicates,
  forwarded: METRICS.forwarded,
  bot: METRICS.bots,
  joined: METRICS.joined,
  order: METRICS.orderNotes,
  erasure: METRICS.erasures,
  erased: METRICS.erased,
  otherGeneration: METRICS.otherGeneration,
  refused: METRICS.overLimit,
};

/** Counts what a commit has stored. Records that Redis lost and that are read again count again. */
export function countCommitted(counts: OutcomeCounts, letters: readonly DeadLetter[]): void {
  for (const [outcome, metric] of Object.entries(COUNTED_BY)) record(metric, counts[outcome as Outcome]);
  for (const { reason } of letters) record(METRICS.deadLettered, 1, { reason });
}

/**
 * Applies a batch of one partition, and records its metrics. All lines logged meanwhile carry the batch's offsets.
 * @throws what `apply` throws, after logging it.
 */
export function observeBatch(records: readonly KafkaRecord[], apply: () => Promise<unknown>): Promise<void> {
  const { partition, offset: from } = records[0]!;
  const to = records.at(-1)!.offset;
  return withAttributes({ partition, from, to, records: records.length }, async () => {
    record(METRICS.batchRecords, records.length);
    record(METRICS.batchBytes, bytesOf(records));
    try {
      await apply();
    } catch (error) {
      record(METRICS.failedBatches, 1);
      logger.error('A batch failed and will come again', error as Error);
      throw error;
    }
    record(METRICS.batches, 1);
    const now = Date.now();
    // Producers set the timestamps, which need not be in the order of the offsets.
    let [oldest, newest] = [Infinity, 0];
    for (const { timestamp } of records) {
      oldest = Math.min(oldest, timestamp);
      newest = Math.max(newest, timestamp);
    }
    record(METRICS.oldestRecordMs, Math.max(0, now - oldest));
    record(METRICS.newestRecordMs, Math.max(0, now - newest));
  });
}

/** Bytes of keys and values, before Lambda's base64. */
function bytesOf(records: readonly KafkaRecord[]): number {
  let letters = 0;
  for (const { key, value } of records) letters += (key?.length ?? 0) + (value?.length ?? 0);
  return Math.floor((letters * 3) / 4);
}
