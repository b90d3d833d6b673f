import type { Invocation, Verdict } from './judge-response.ts';
import type { EncodedRecord } from './lambda-event.ts';
import type { Answer } from './turns.ts';

/** The error handling of an event source mapping. */
export interface ErrorHandling {
  reportBatchItemFailures: boolean;
  /** Retries after the first attempt; -1 means without limit. */
  maximumRetryAttempts: number;
  /** In seconds; -1 means without limit. */
  maximumRecordAgeSeconds: number;
  bisectBatchOnFunctionError: boolean;
  retryBackoff: RetryBackoff;
}

/** The pause before a retry, in milliseconds. It doubles from `initialMs` up to `maxMs`. */
export interface RetryBackoff {
  initialMs: number;
  maxMs: number;
}

/**
 * Why records were discarded, as the on-failure destination is told (AWS, "Using a Kafka topic as an on-failure
 * destination"). AWS names no condition for the age of a Kafka record; this is the one of stream mappings.
 */
export type DiscardCondition = 'RetriesExhausted' | 'RecordAgeExceeded' | 'MaximumPayloadSizeExceeded';

/** Records that the function will not receive again. */
export interface Discarded {
  condition: DiscardCondition;
  records: readonly EncodedRecord[];
  /** How many times the function was invoked with them. */
  invokeCount: number;
  /** The last answer of the function; absent when it never received the records. */
  invocation?: Invocation;
}

/** What the delivery of a batch needs from its caller. */
export interface DeliveryPorts {
  /**
   * Invokes the function. Throws when the function could not be reached.
   * @param options.isRetry the records have failed, alone or with others of their event
   */
  invoke(records: readonly EncodedRecord[], options: { isRetry: boolean }): Promise<Answer>;
  judge(answer: Answer, records: readonly EncodedRecord[]): Verdict;
  /** Resolves when the on-failure destination has the records. Rejects when stopped before that. */
  discard(discarded: Discarded): Promise<void>;
  /** Called when all records below `offset` are delivered or discarded. */
  settled(offset: number): Promise<void>;
  /** Waits. Resolves early when delivery is stopped. */
  pause(ms: number): Promise<void>;
  isStopped(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  warn(line: string): void;
}

/** A part of a batch that is invoked together. Bisecting makes two of one. */
interface Segment {
  records: readonly EncodedRecord[];
  /** Retries used. Bisecting uses none (AWS, "Retain discarded batch records for a Kinesis Data Streams event source"). */
  retries: number;
  /** Failed attempts in a row; the pause grows with them. */
  failures: number;
  invokeCount: number;
  invocation?: Invocation;
}

/**
 * Delivers a batch: invokes, retries, bisects and discards until every record is settled, in the order of the
 * partition. When stopped, it returns after the current attempt, and the unsettled records must be read again.
 * @throws what `ports.discard` and `ports.settled` throw.
 */
export async function deliverBatch(
  batch: readonly EncodedRecord[],
  rules: ErrorHandling,
  ports: DeliveryPorts,
): Promise<void> {
  const end = batch.at(-1)!.offset + 1;
  let pending: Segment[] = [{ records: batch, retries: 0, failures: 0, invokeCount: 0 }];
  let settledUpTo = batch[0]!.offset;
  while (pending.length > 0 && !ports.isStopped()) {
    const [segment, ...rest] = pending as [Segment, ...Segment[]];
    pending = [...(await attempt(segment, rules, ports)), ...rest];
    const lowestPending = pending[0]?.records[0]?.offset ?? end;
    if (lowestPending > settledUpTo) {
      settledUpTo = lowestPending;
      await ports.settled(lowestPending);
    }
  }
}

/** Makes one attempt at a segment. Returns the segments that are still to be delivered. */
async function attempt(segment: Segment, rules: ErrorHandling, ports: DeliveryPorts): Promise<Segment[]> {
  const records = await discardAged(segment, rules, ports);
  if (records.length === 0) return [];

  let answer: Answer;
  try {
    answer = await ports.invoke(records, { isRetry: segment.invokeCount > 0 });
  } catch (error) {
    if (ports.isStopped()) return [{ ...segment, records }];
    // The records are not at fault, so this uses no retry and bisects nothing.
    const failures = segment.failures + 1;
    await pauseBeforeRetry(failures, `could not be invoked (${messageOf(error)})`, records, rules, ports);
    return [{ ...segment, records, failures }];
  }

  const verdict = ports.judge(answer, records);
  if (verdict.outcome === 'success') return [];
  const failed: Segment = {
    records:
      verdict.outcome === 'partial'
        ? records.filter(({ offset }) => verdict.failedOffsets.has(offset))
        : records,
    retries: segment.retries,
    failures: segment.failures + 1,
    invokeCount: segment.invokeCount + 1,
    invocation: answer.invocation,
  };

  if (verdict.outcome === 'failure' && rules.bisectBatchOnFunctionError && records.length > 1) {
    await pauseBeforeRetry(failed.failures, `${verdict.reason}; splitting the batch`, records, rules, ports);
    return bisect(failed);
  }
  if (rules.maximumRetryAttempts >= 0 && failed.retries >= rules.maximumRetryAttempts) {
    await ports.discard({ condition: 'RetriesExhausted', ...failed });
    return [];
  }
  const reason =
    verdict.outcome === 'partial'
      ? `reported ${verdict.failedOffsets.size} of ${records.length} records as failed`
      : verdict.reason;
  await pauseBeforeRetry(failed.failures, reason, failed.records, rules, ports);
  return [{ ...failed, retries: failed.retries + 1 }];
}

function bisect(segment: Segment): Segment[] {
  const middle = Math.ceil(segment.records.length / 2);
  return [
    { ...segment, records: segment.records.slice(0, middle) },
    { ...segment, records: segment.records.slice(middle) },
  ];
}

/** Discards the records above the maximum age. Returns the others. */
async function discardAged(
  { records, invokeCount, invocation }: Segment,
  rules: ErrorHandling,
  ports: DeliveryPorts,
): Promise<readonly EncodedRecord[]> {
  if (rules.maximumRecordAgeSeconds < 0) return records;
  const oldest = ports.now() - rules.maximumRecordAgeSeconds * 1000;
  const aged = records.filter(({ timestamp }) => timestamp < oldest);
  if (aged.length === 0) return records;
  await ports.discard({
    condition: 'RecordAgeExceeded',
    records: aged,
    invokeCount,
    ...(invocation && { invocation }),
  });
  return records.filter(({ timestamp }) => timestamp >= oldest);
}

async function pauseBeforeRetry(
  failures: number,
  reason: string,
  records: readonly EncodedRecord[],
  rules: ErrorHandling,
  ports: DeliveryPorts,
): Promise<void> {
  const ms = backoffMs(failures, rules.retryBackoff);
  const range = `${records[0]!.offset}–${records.at(-1)!.offset}`;
  ports.warn(`offsets ${range}: ${reason}; retry in ${ms} ms`);
  await ports.pause(ms);
}

/** The pause after this many failures in a row (1 or more), in milliseconds. */
export function backoffMs(failures: number, { initialMs, maxMs }: RetryBackoff): number {
  return Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 30));
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
