import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { ErrorHandling } from './delivery.ts';

/** An event source mapping, checked and with AWS's defaults filled in. */
export interface Mapping extends ErrorHandling {
  functionName: string;
  functionArn: string;
  topic: string;
  bootstrapServers: string[];
  consumerGroupId: string;
  batchSize: number;
  batchingWindowMs: number;
  startingPosition: { at: 'TRIM_HORIZON' } | { at: 'LATEST' } | { at: 'AT_TIMESTAMP'; timestampMs: number };
  /** The topic of an on-failure destination `kafka://topic`. */
  onFailureTopic?: string;
}

/** What serverless.yml says about one `kafka` event. */
export interface MappingSource {
  /** The key under `functions`. */
  functionKey: string;
  /** The deployed name, `service-stage-key`. */
  functionName: string;
  region: string;
  /** The `kafka` event. */
  event: unknown;
  /** `resources.extensions.<logical id of the mapping>.Properties`, if any. */
  extension?: unknown;
  /** `custom.kafkaEventSource`, if any. */
  local?: unknown;
}

const nonNegative = z.number().min(0);
const addresses = z.array(z.string().regex(/^[^\s:]+:\d+$/, 'expected host:port')).min(1);

const eventSchema = z
  .object({
    accessConfigurations: z.record(z.string(), z.array(z.string())),
    bootstrapServers: z.array(z.string()).min(1),
    topic: z.string().min(1),
    consumerGroupId: z.string().min(1).max(200).optional(),
    batchSize: z.number().int().min(1).max(10_000).default(100),
    maximumBatchingWindow: z.number().int().min(0).max(300).optional(),
    startingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']).default('TRIM_HORIZON'),
    startingPositionTimestamp: nonNegative.optional(),
    enabled: z.boolean().default(true),
    filterPatterns: z.array(z.unknown()).optional(),
    onFailureDestination: z.string().optional(),
    provisionedPollerConfig: z.object({}).loose().optional(),
  })
  .strict();

const unlimited = z.literal(-1);

/** The properties of AWS::Lambda::EventSourceMapping for which the framework has no key. */
const extensionSchema = z.object({
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).optional(),
  MaximumRetryAttempts: z.union([unlimited, z.number().int().min(0).max(10_000)]).optional(),
  MaximumRecordAgeInSeconds: z.union([unlimited, z.number().int().min(60).max(604_800)]).optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.unknown() }) }).optional(),
  ProvisionedPollerConfig: z.object({}).loose().optional(),
});

const localSchema = z
  .object({
    bootstrapServers: z
      .union([
        z.string().transform((list) => list.split(',').map((server) => server.trim())),
        z.array(z.string()),
      ])
      .pipe(addresses)
      .optional(),
    ssl: z.boolean().default(false),
    /** Whom the brokers' certificates are from, in PEM, instead of the authorities that Node knows. */
    ca: z.string().includes('-----BEGIN CERTIFICATE-----').optional(),
    sasl: z
      .object({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        password: z.string(),
      })
      .strict()
      .optional(),
    retryBackoff: z
      .object({ initialMs: z.number().min(1), maxMs: z.number().min(1) })
      .strict()
      .default({ initialMs: 250, maxMs: 10_000 }),
    // serverless-offline gives each invocation under way a thread that loads the function anew: more of them
    // than processors only make the first ones slow, and hold memory.
    maxConcurrency: z.number().int().min(1).default(Math.max(2, availableParallelism())),
    verbose: z.boolean().default(false),
  })
  .strict();

/** `custom.kafkaEventSource`, checked. */
export type LocalOptions = z.infer<typeof localSchema>;

/** @throws one sentence that names what is wrong under `custom.kafkaEventSource`. */
export function readLocalOptions(local: unknown): LocalOptions {
  return parse(localSchema, local ?? {}, 'custom.kafkaEventSource');
}

/**
 * The defaults of AWS: "For Amazon MSK, self-managed Apache Kafka … the default batching window is 500 ms"
 * (CreateEventSourceMapping). The framework leaves a window of 0 out of the template, so 0 means this too.
 */
const DEFAULT_BATCHING_WINDOW_MS = 500;

/** AWS "Configuring error handling controls for Kafka event sources": infinite retries with a destination. */
const RETRIES_WITH_DESTINATION = 10;

/** Properties that AWS takes only in provisioned mode (same page). */
const PROVISIONED_ONLY = [
  'FunctionResponseTypes',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
] as const;

/**
 * Reads one `kafka` event and the extension of its mapping.
 * @returns the mapping (undefined when it is not enabled), and sentences about what is not done locally.
 * @throws one sentence that names the function and what to change, for what AWS would refuse too.
 */
export function readMapping(source: MappingSource): { mapping?: Mapping; warnings: string[] } {
  const { functionKey, functionName } = source;
  const where = `functions.${functionKey}: the kafka event`;
  const event = parse(eventSchema, source.event, where);
  const extension = parse(extensionSchema, source.extension ?? {}, `resources.extensions for ${functionKey}`);
  const local = readLocalOptions(source.local);
  if (!event.enabled) return { warnings: [] };

  const warnings: string[] = [];
  if (event.filterPatterns?.length) {
    warnings.push(
      `filterPatterns are not supported locally: ${functionName} gets every record of ${event.topic}.`,
    );
  }
  const provisioned = event.provisionedPollerConfig ?? extension.ProvisionedPollerConfig;
  const refused = PROVISIONED_ONLY.filter((property) => extension[property] !== undefined);
  if (!provisioned && refused.length > 0) {
    throw new Error(
      `${where} on ${event.topic} sets ${refused.join(', ')}, which AWS takes in provisioned mode only; add provisionedPollerConfig.`,
    );
  }
  const onFailureTopic = readDestination(
    extension.DestinationConfig?.OnFailure.Destination ?? event.onFailureDestination,
    { where, topic: event.topic, provisioned: provisioned !== undefined, warnings },
  );
  const maximumRetryAttempts = extension.MaximumRetryAttempts ?? -1;

  return {
    warnings,
    mapping: {
      functionName,
      functionArn: `arn:aws:lambda:${source.region}:000000000000:function:${functionName}:$LATEST`,
      topic: event.topic,
      bootstrapServers: parse(
        addresses,
        local.bootstrapServers ?? event.bootstrapServers,
        `${where}, bootstrapServers`,
      ),
      consumerGroupId: event.consumerGroupId ?? `${functionName}-${event.topic}`,
      batchSize: event.batchSize,
      batchingWindowMs: event.maximumBatchingWindow
        ? event.maximumBatchingWindow * 1000
        : DEFAULT_BATCHING_WINDOW_MS,
      startingPosition: readStartingPosition(event, where),
      reportBatchItemFailures: extension.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
      maximumRetryAttempts:
        onFailureTopic && maximumRetryAttempts === -1 ? RETRIES_WITH_DESTINATION : maximumRetryAttempts,
      maximumRecordAgeSeconds: extension.MaximumRecordAgeInSeconds ?? -1,
      bisectBatchOnFunctionError: extension.BisectBatchOnFunctionError ?? false,
      retryBackoff: local.retryBackoff,
      ...(onFailureTopic && { onFailureTopic }),
    },
  };
}

function readStartingPosition(
  event: z.infer<typeof eventSchema>,
  where: string,
): Mapping['startingPosition'] {
  if (event.startingPosition !== 'AT_TIMESTAMP') return { at: event.startingPosition };
  if (event.startingPositionTimestamp === undefined) {
    throw new Error(
      `${where} on ${event.topic} starts AT_TIMESTAMP; add startingPositionTimestamp (Unix seconds).`,
    );
  }
  return { at: 'AT_TIMESTAMP', timestampMs: event.startingPositionTimestamp * 1000 };
}

function readDestination(
  destination: unknown,
  context: { where: string; topic: string; provisioned: boolean; warnings: string[] },
): string | undefined {
  if (destination === undefined) return undefined;
  const { where, topic, provisioned, warnings } = context;
  const destinationTopic = typeof destination === 'string' && /^kafka:\/\/(.+)$/.exec(destination)?.[1];
  if (!destinationTopic) {
    warnings.push(
      `Only kafka://topic is supported as an on-failure destination locally: records that ${where} on ${topic} gives up are logged and dropped.`,
    );
    return undefined;
  }
  if (!provisioned) {
    throw new Error(
      `${where} on ${topic} has a Kafka on-failure destination, which AWS takes in provisioned mode only; add provisionedPollerConfig.`,
    );
  }
  if (destinationTopic === topic) {
    throw new Error(`${where} on ${topic} has the same topic as its on-failure destination; name another.`);
  }
  return destinationTopic;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter(Boolean).join(': '),
  );
  throw new Error(`${where} cannot be used. ${problems.join('; ')}.`);
}
