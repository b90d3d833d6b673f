import { AsyncLocalStorage } from 'node:async_hooks';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { METRICS, type Metric, NAMESPACE } from './metrics.ts';

/** What the log lines of an invocation say about it: our own ids and names, never values of a client. */
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
  /** Shared by all parts of the invocation. */
  collected: {
    samples: Samples;
    /** Whether its metrics are written. */
    hasEnded: boolean;
  };
}

/**
 * Follows an invocation through everything it awaits. Attributes kept in the logger itself would mix: outside
 * Lambda, a process handles several invocations at once.
 */
const invocations = new AsyncLocalStorage<Invocation>();

/**
 * Removes what a client sent: Redis repeats commands it does not know, and JSON.parse the text around an
 * error.
 */
const safe = (message: string) =>
  message
    .replace(/(with args beginning with:).*/s, '$1 …')
    .replace(/, (\.\.\.)?".* is not valid JSON/s, ' in invalid JSON');

/**
 * Keeps only what tells where an error comes from. ioredis attaches the failed command with all arguments to
 * its errors (`command.args`): user ids and events.
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

/** Powertools' log format, plus the attributes of the invocation. */
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
 * Structured logs. POWERTOOLS_LOG_LEVEL sets the level, POWERTOOLS_SERVICE_NAME the service name. Never log
 * event bodies, user ids, addresses or keys.
 */
export const logger = new Logger({
  jsonReplacerFn: withoutPayload,
  logFormatter: new InvocationFormatter(),
});

/**
 * CloudWatch metrics in the embedded metric format: lines on stdout, no calls. Filled and written in one go.
 */
const emf = new Metrics({ namespace: NAMESPACE });

let isCold = true;

/**
 * Runs one invocation of a function. Its log lines carry its attributes; its metrics are written when it
 * ends, also after an error.
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

/** The function's name in serverless.yml. Lambda's is `<service>-<stage>-<name>`. */
export const functionOf = (context: Partial<Pick<Context, 'functionName'>> | undefined) =>
  context?.functionName?.split('-').at(-1) || 'unknown';

/** Runs part of an invocation with additional attributes on its log lines. */
export function withAttributes<T>(attributes: Attributes, run: () => T): T {
  const invocation = invocations.getStore();
  if (!invocation) return run();
  return invocations.run({ ...invocation, attributes: { ...invocation.attributes, ...attributes } }, run);
}

/** Adds attributes to all later log lines of the current invocation; outside of one, does nothing. */
export function addAttributes(attributes: Attributes): void {
  const invocation = invocations.getStore();
  if (invocation) Object.assign(invocation.attributes, attributes);
}

/**
 * Adds a value to a metric of the current invocation. Work that outlives the invocation writes its values at
 * once. Ignores zero values of counters, and all values outside of invocations.
 * @param dimensions values for the metric's `by`, few for each: every combination is a metric of its own and
 *   costs money. The total over all of them is written too.
 */
export function record(metric: Metric, value: number, dimensions: Record<string, string> = {}): void {
  if (metric.kind === 'counter' && value === 0) return;
  const collected = invocations.getStore()?.collected;
  if (!collected) return;
  const samples: Samples = collected.hasEnded ? new Map() : collected.samples;
  // To the µs: nothing reads more digits, and a line has up to a hundred values.
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

/** Writes one line for the totals, and one for each set of dimensions. */
function write(samples: Samples): void {
  const lines = Map.groupBy(samples.values(), ({ dimensions }) => JSON.stringify(dimensions));
  for (const some of lines.values()) {
    const { dimensions } = some[0]!;
    // The empty set stands for the total.
    if (Object.keys(dimensions).length > 0) emf.addDimensions({}).addDimensions(dimensions);
    for (const { metric, values } of some) {
      for (const value of values) emf.addMetric(metric.name, metric.unit, value);
    }
    emf.publishStoredMetrics();
  }
}
