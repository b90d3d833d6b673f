import { AsyncLocalStorage } from 'node:async_hooks';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { METRICS, type Metric, NAMESPACE } from './metrics.ts';

/** What is known of the invocation that a line comes from: ids and names of ours, never a client's values. */
type Attributes = Record<string, string | number | boolean | undefined>;

interface Sample {
  metric: Metric;
  dimensions: Record<string, string>;
  values: number[];
}

/** By metric and dimensions. */
type Samples = Map<string, Sample>;

interface Invocation {
  attributes: Attributes;
  /** Shared by all parts of it. */
  collected: {
    samples: Samples;
    /** Its metrics are written. */
    hasEnded: boolean;
  };
}

/**
 * Follows an invocation through whatever it waits for. Lambda handles one at a time in a container, other
 * runtimes of the same code do not, and attributes kept in the logger would be of whoever came last.
 */
const invocations = new AsyncLocalStorage<Invocation>();

/** Without what a client sent: Redis repeats a command that it does not know, and JSON.parse the text around. */
const safe = (message: string) =>
  message
    .replace(/(with args beginning with:).*/s, '$1 …')
    .replace(/, (\.\.\.)?".* is not valid JSON/s, ' in what is no JSON');

/**
 * Of an error only what tells where it comes from. ioredis hangs on its errors the command that failed with all
 * its arguments (`command.args`): users' ids and events.
 */
function withoutPayload(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, stack, cause } = value;
  const message = safe(value.message);
  return {
    name,
    message,
    stack: stack?.replace(value.message, () => message),
    code: (value as NodeJS.ErrnoException).code,
    cause,
  };
}

/** Lines as Powertools has them, with what is known of the invocation that each comes from. */
class InvocationFormatter extends LogFormatter {
  override formatAttributes(base: UnformattedAttributes, additional: LogAttributes): LogItem {
    const { logLevel, message, timestamp, serviceName, xRayTraceId } = base;
    const attributes = {
      level: logLevel,
      message,
      timestamp: this.formatTimestamp(timestamp),
      service: serviceName,
      ...invocations.getStore()?.attributes,
      xray_trace_id: xRayTraceId,
    };
    return new LogItem({ attributes }).addAttributes(additional);
  }
}

/**
 * Structured logs; the level comes from POWERTOOLS_LOG_LEVEL, the service's name from POWERTOOLS_SERVICE_NAME. No
 * event bodies, no ids of users, no addresses, no keys.
 */
export const logger = new Logger({
  jsonReplacerFn: withoutPayload,
  logFormatter: new InvocationFormatter(),
});

/** CloudWatch metrics by its embedded format: lines on stdout, no call to make. Filled and written in one go. */
const emf = new Metrics({ namespace: NAMESPACE });

let isCold = true;

/**
 * Runs one invocation of a function: all lines that are logged on the way have its attributes, and its metrics are
 * written when it ends, however it ends.
 */
export async function observed<T>(
  context: Partial<Pick<Context, 'awsRequestId' | 'functionName'>> | undefined,
  attributes: Attributes,
  run: () => Promise<T>,
): Promise<T> {
  const name = functionOf(context);
  const invocation: Invocation = {
    attributes: {
      function: name,
      lambda_request_id: context?.awsRequestId,
      ...(isCold && { cold_start: true }),
      ...attributes,
    },
    collected: { samples: new Map(), hasEnded: false },
  };
  const wasCold = isCold;
  isCold = false;
  return invocations.run(invocation, async () => {
    if (wasCold) record(METRICS.coldStarts, 1, { function: name });
    try {
      return await run();
    } finally {
      invocation.collected.hasEnded = true;
      write(invocation.collected.samples);
    }
  });
}

/** The name in serverless.yml: Lambda's is `<service>-<stage>-<name>`. */
export const functionOf = (context: Partial<Pick<Context, 'functionName'>> | undefined) =>
  context?.functionName?.split('-').at(-1) || 'unknown';

/** Runs a part of an invocation, whose lines have these attributes as well. */
export function withAttributes<T>(attributes: Attributes, run: () => T): T {
  const invocation = invocations.getStore();
  if (!invocation) return run();
  return invocations.run({ ...invocation, attributes: { ...invocation.attributes, ...attributes } }, run);
}

/** Adds to the lines that the present invocation logs from now on; outside of one, to none. */
export function addAttributes(attributes: Attributes): void {
  const invocation = invocations.getStore();
  if (invocation) Object.assign(invocation.attributes, attributes);
}

/**
 * Counts or measures something in the present invocation; when that has ended, what it had begun is written at once.
 * Nothing is written of a counter that did not move, and nothing outside of invocations.
 * @param dimensions of the metric's `by`, of few values each: every combination is a metric of its own, and has its
 *   price. The sum over all of them is there as well.
 */
export function record(metric: Metric, value: number, dimensions: Record<string, string> = {}): void {
  if (metric.kind === 'counter' && value === 0) return;
  const collected = invocations.getStore()?.collected;
  if (!collected) return;
  const samples: Samples = collected.hasEnded ? new Map() : collected.samples;
  // To the µs: nobody reads more, and a line has up to a hundred.
  add(samples, metric, Math.round(value * 1_000) / 1_000, dimensions);
  if (collected.hasEnded) write(samples);
}

function add(samples: Samples, metric: Metric, value: number, dimensions: Record<string, string>): void {
  const key = `${metric.name}|${JSON.stringify(dimensions)}`;
  const sample = samples.get(key);
  if (!sample) samples.set(key, { metric, dimensions, values: [value] });
  else if (metric.kind === 'counter') sample.values[0]! += value;
  else sample.values.push(value);
}

/** One line for those without dimensions, and one for each set of dimensions. */
function write(samples: Samples): void {
  const lines = Map.groupBy(samples.values(), ({ dimensions }) => JSON.stringify(dimensions));
  for (const some of lines.values()) {
    const { dimensions } = some[0]!;
    // The empty set is the sum of all.
    if (Object.keys(dimensions).length > 0) emf.addDimensions({}).addDimensions(dimensions);
    for (const { metric, values } of some) {
      for (const value of values) emf.addMetric(metric.name, metric.unit, value);
    }
    emf.publishStoredMetrics();
  }
}
