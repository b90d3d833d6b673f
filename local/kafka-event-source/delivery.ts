import type { EncodedRecord } from './event-shape.ts';
import type { Invocation, Verdict } from './response.ts';

/** The error handling of a mapping. */
export interface ErrorHandling {
  reportBatchItemFailures: boolean;
  /** Retries after the first attempt; -1 for ever. */
  maximumRetryAttempts: number;
  /** Seconds; -1 for ever. */
  maximumRecordAgeSeconds: number;
  bisectBatchOnFunctionError: boolean;
  /** Pause before a retry: the first, doubling up to the last, in ms. */
  retryBackoff: { initialMs: number; maxMs: number };
}

/**
 * Why records were given up, in the words of the invocation record (AWS "Using a Kafka topic as an on-failure
 * destination" and "Capturing discarded batches"; the word for age is what the stream mappings send).
 */
export type DiscardCondition = 'RetriesExhausted' | 'RecordAgeExceeded' | 'MaximumPayloadSizeExceeded';

/** Records that the function will not see again. */
export interface Discarded {
  condition: DiscardCondition;
  records: readonly EncodedRecord[];
  /** How often the function was invoked with them. */
  invokeCount: number;
  /** The last answer; absent when the function was never reached. */
  invocation?: Invocation;
}

/** What delivering a batch needs from the outside. */
export interface DeliveryPorts {
  /** Throws when the function could not be reached. */
  invoke(records: readonly EncodedRecord[]): Promise<Invocation>;
  judge(invocation: Invocation, records: readonly EncodedRecord[]): Verdict;
  /** Keeps at it until the records are where they belong; rejects only when stopped before that. */
  discard(discarded: Discarded): Promise<void>;
  /** Called as soon as everything below `offset` is done with. */
  settled(offset: number): Promise<void>;
  /** Waits; resolves early once `stopped`. */
  pause(ms: number): Promise<void>;
  stopped(): boolean;
  /** ms since the epoch. */
  now(): number;
  warn(line: string): void;
}

interface Segment {
  records: readonly EncodedRecord[];
  /** Retries used up; splitting uses none (AWS "Retain discarded batch records for a Kinesis Data Streams…"). */
  retries: number;
  /** Failed attempts in a row, for the pause. */
  failures: number;
  invokeCount: number;
  invocation?: Invocation;
}

/**
 * Delivers a batch: invokes, retries, splits and discards until every record is settled, in the order of the
 * partition. When stopped it returns between two attempts; what is then unsettled must be read again.
 * @throws what `discard` and `settled` throw.
 */
export async function deliver(
  batch: readonly EncodedRecord[],
  rules: ErrorHandling,
  ports: DeliveryPorts,
): Promise<void> {
  const end = batch.at(-1)!.offset + 1;
  let pending: Segment[] = [{ records: batch, retries: 0, failures: 0, invokeCount: 0 }];
  let settledUpTo = batch[0]!.offset;
  while (pending.length > 0 && !ports.stopped()) {
    const [segment, ...rest] = pending as [Segment, ...Segment[]];
    pending = [...(await attempt(segment, rules, ports)), ...rest];
    const lowest = pending[0]?.records[0]?.offset ?? end;
    if (lowest > settledUpTo) {
      settledUpTo = lowest;
      await ports.settled(lowest);
    }
  }
}

/** One attempt at a segment; returns what is left of it. */
async function attempt(segment: Segment, rules: ErrorHandling, ports: DeliveryPorts): Promise<Segment[]> {
  const fresh = await discardAged(segment, rules, ports);
  if (fresh.length === 0) return [];
  const live = { ...segment, records: fresh };

  let invocation: Invocation;
  try {
    invocation = await ports.invoke(fresh);
  } catch (error) {
    // The function was not reached: no fault of the records, so nothing is counted or split.
    const failures = live.failures + 1;
    await pauseBeforeRetry(failures, `could not be invoked (${messageOf(error)})`, fresh, rules, ports);
    return [{ ...live, failures }];
  }

  const verdict = ports.judge(invocation, fresh);
  if (verdict.outcome === 'success') return [];
  const failed: Segment = {
    records: verdict.outcome === 'partial' ? fresh.filter(({ offset }) => verdict.failed.has(offset)) : fresh,
    retries: live.retries,
    failures: live.failures + 1,
    invokeCount: live.invokeCount + 1,
    invocation,
  };
  const reason =
    verdict.outcome === 'partial'
      ? `reported ${verdict.failed.size} of ${fresh.length} as failed`
      : verdict.reason;

  if (verdict.outcome === 'failure' && rules.bisectBatchOnFunctionError && fresh.length > 1) {
    const middle = Math.ceil(fresh.length / 2);
    await pauseBeforeRetry(failed.failures, `${reason}; splitting the batch`, fresh, rules, ports);
    return [
      { ...failed, records: fresh.slice(0, middle) },
      { ...failed, records: fresh.slice(middle) },
    ];
  }
  if (rules.maximumRetryAttempts >= 0 && failed.retries >= rules.maximumRetryAttempts) {
    await ports.discard({ condition: 'RetriesExhausted', ...failed });
    return [];
  }
  await pauseBeforeRetry(failed.failures, reason, failed.records, rules, ports);
  return [{ ...failed, retries: failed.retries + 1 }];
}

async function discardAged(
  segment: Segment,
  rules: ErrorHandling,
  ports: DeliveryPorts,
): Promise<readonly EncodedRecord[]> {
  if (rules.maximumRecordAgeSeconds < 0) return segment.records;
  const oldest = ports.now() - rules.maximumRecordAgeSeconds * 1000;
  const aged = segment.records.filter(({ timestamp }) => timestamp < oldest);
  if (aged.length === 0) return segment.records;
  const { invokeCount, invocation } = segment;
  await ports.discard({
    condition: 'RecordAgeExceeded',
    records: aged,
    invokeCount,
    ...(invocation && { invocation }),
  });
  return segment.records.filter(({ timestamp }) => timestamp >= oldest);
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

/** The pause after so many failures in a row, in ms. */
export function backoffMs(failures: number, { initialMs, maxMs }: ErrorHandling['retryBackoff']): number {
  return Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 30));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
