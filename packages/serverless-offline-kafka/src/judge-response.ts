import * as z from 'zod';

/** The answer to an invocation that reached the function. */
export interface Invocation {
  /** The HTTP status of the Lambda API, normally 200, even when the function threw. */
  statusCode: number;
  /** Present when the function threw or timed out: "Unhandled" or "Handled". */
  functionError?: string;
  /** The value that the function returned, parsed from JSON; undefined when it returned nothing. */
  payload: unknown;
  requestId?: string;
}

/** How an invocation counts: all records done, some of them failed, or the whole batch failed. */
export type Verdict =
  | { outcome: 'success' }
  | { outcome: 'partial'; failedOffsets: ReadonlySet<number> }
  | { outcome: 'failure'; reason: string };

/**
 * An entry of `batchItemFailures`. For Kafka the identifier is an object, unlike that of streams and queues:
 * `partition` is the event's own key, such as `orders-3`, and `offset` is a number (AWS, "Configuring error
 * handling controls for Kafka event sources"; Powertools for AWS Lambda (Python), partial batch responses).
 */
const identifierSchema = z.object({
  itemIdentifier: z.object({ partition: z.string(), offset: z.number().int() }),
});

/**
 * Decides how an invocation counts, by the rules of AWS's page on error handling for Kafka. An empty object or
 * null is success. An identifier that was not in the event fails the whole batch. Without
 * ReportBatchItemFailures, any return value is success.
 * @param recordsKey the key of the partition that is judged, such as `orders-3`.
 * @param sent the offsets that were in the event, by the key of their records.
 */
export function judgeResponse(
  invocation: Invocation,
  recordsKey: string,
  sent: ReadonlyMap<string, readonly number[]>,
  reportBatchItemFailures: boolean,
): Verdict {
  if (invocation.functionError !== undefined) return failure(errorOf(invocation));
  const { payload } = invocation;
  if (!reportBatchItemFailures || payload === undefined || payload === null) return { outcome: 'success' };
  if (typeof payload !== 'object') {
    return failure(`it returned a ${typeof payload} instead of { batchItemFailures: [] }`);
  }
  const reported = (payload as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(reported)) return failure('batchItemFailures is not an array');
  const offsets = new Map([...sent].map(([key, list]) => [key, new Set(list)]));
  const failedOffsets = new Set<number>();
  for (const item of reported) {
    const parsed = identifierSchema.safeParse(item);
    if (!parsed.success) {
      const expected = `{ itemIdentifier: { partition: '${recordsKey}', offset: <number> } }`;
      return failure(`batchItemFailures has ${JSON.stringify(item)}; expected ${expected}`);
    }
    const { partition, offset } = parsed.data.itemIdentifier;
    if (!offsets.get(partition)?.has(offset)) {
      return failure(`batchItemFailures names ${partition} offset ${offset}, which was not in the event`);
    }
    if (partition === recordsKey) failedOffsets.add(offset);
  }
  return failedOffsets.size === 0 ? { outcome: 'success' } : { outcome: 'partial', failedOffsets };
}

function failure(reason: string): Verdict {
  return { outcome: 'failure', reason };
}

function errorOf({ functionError, payload }: Invocation): string {
  const { errorType, errorMessage } = (payload ?? {}) as { errorType?: unknown; errorMessage?: unknown };
  return [errorType ?? functionError, errorMessage].filter((part) => part !== undefined).join(': ');
}
