import { z } from 'zod';

/** What came back from one invocation of the function. A call that never reached it throws instead. */
export interface Invocation {
  statusCode: number;
  /** Set when the function threw or timed out ("Unhandled", "Handled"). */
  functionError?: string;
  /** The parsed JSON that the function returned; undefined when it returned nothing. */
  payload: unknown;
  requestId?: string;
}

/** What the event source mapping makes of an invocation. */
export type Verdict =
  | { outcome: 'success' }
  | { outcome: 'partial'; failed: ReadonlySet<number> }
  | { outcome: 'failure'; reason: string };

/**
 * The partial batch response of Kafka mappings. Unlike that of streams and queues, an identifier is an object:
 * `partition` is the event's own key `topic-partition_number`, `offset` a number (AWS "Configuring error
 * handling controls for Kafka event sources"; Powertools for AWS Lambda (Python), on partial batch responses for
 * Kafka).
 */
const identifierSchema = z.object({
  itemIdentifier: z.object({ partition: z.string(), offset: z.number().int() }),
});

/**
 * Judges an invocation by the same page: an empty object or null is success, and an identifier that was not in
 * the event makes the whole batch fail. Without ReportBatchItemFailures whatever is returned is success.
 * @param topicPartition the key of the records in the event.
 */
export function judge(
  invocation: Invocation,
  topicPartition: string,
  offsets: readonly number[],
  reportBatchItemFailures: boolean,
): Verdict {
  if (invocation.functionError !== undefined) return { outcome: 'failure', reason: errorOf(invocation) };
  const { payload } = invocation;
  if (!reportBatchItemFailures || payload === undefined || payload === null) return { outcome: 'success' };
  if (typeof payload !== 'object') {
    return failure(`it returned ${typeof payload} instead of { batchItemFailures: [] }`);
  }
  const reported = (payload as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(reported)) return failure('batchItemFailures is not an array');
  const sent = new Set(offsets);
  const failed = new Set<number>();
  for (const item of reported) {
    const parsed = identifierSchema.safeParse(item);
    if (!parsed.success) {
      return failure(
        `${JSON.stringify(item)} is no { itemIdentifier: { partition: '${topicPartition}', offset: number } }`,
      );
    }
    const { partition, offset } = parsed.data.itemIdentifier;
    if (partition !== topicPartition || !sent.has(offset)) {
      return failure(`batchItemFailures names ${partition} offset ${offset}, which was not in the event`);
    }
    failed.add(offset);
  }
  return failed.size === 0 ? { outcome: 'success' } : { outcome: 'partial', failed };
}

function failure(reason: string): Verdict {
  return { outcome: 'failure', reason };
}

function errorOf({ functionError, payload }: Invocation): string {
  const { errorType, errorMessage } = (payload ?? {}) as { errorType?: unknown; errorMessage?: unknown };
  return [errorType ?? functionError, errorMessage].filter((part) => part !== undefined).join(': ');
}
