import * as z from 'zod';
import type { ErrorHandling } from './deliver-batch.ts';
import { brokerAddresses, type LocalOptions } from './local-options.ts';
import { parseSettings } from './parse-settings.ts';

/** An event source mapping: one topic that feeds one function. Checked, and with AWS's defaults. */
export interface Mapping extends ErrorHandling {
  /** The deployed name, such as `shop-dev-orders`. */
  functionName: string;
  functionArn: string;
  topic: string;
  /** Each as `host:port`. */
  bootstrapServers: string[];
  consumerGroupId: string;
  /** The most records in a batch. */
  batchSize: number;
  /** The longest time that a record waits for others, in milliseconds. */
  batchingWindowMs: number;
  /** Where a consumer group starts in partitions that it has no commit for. */
  startingPosition: StartingPosition;
  /** The topic of the on-failure destination, without `kafka://`. */
  onFailureTopic?: string;
}

export type StartingPosition =
  | { at: 'TRIM_HORIZON' }
  | { at: 'LATEST' }
  /** Milliseconds since the epoch. */
  | { at: 'AT_TIMESTAMP'; timestampMs: number };

/** What serverless.yml says about one `kafka` event. */
export interface MappingSource {
  /** The function's key under `functions`. */
  functionKey: string;
  /** The deployed name, such as `shop-dev-orders`. */
  functionName: string;
  region: string;
  /** The `kafka` event. */
  event: unknown;
  /** `resources.extensions.<logical id of the mapping>.Properties`, if any. */
  extension?: unknown;
  local: LocalOptions;
}

/** AWS takes whole seconds only. */
const batchingWindow = z.number().int().min(0).max(300);

const eventSchema = z
  .object({
    accessConfigurations: z.record(z.string(), z.array(z.string())),
    bootstrapServers: z.array(z.string()).min(1),
    topic: z.string().min(1),
    consumerGroupId: z.string().min(1).max(200).optional(),
    batchSize: z.number().int().min(1).max(10_000).default(100),
    /** In seconds. */
    maximumBatchingWindow: batchingWindow.optional(),
    startingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']).default('TRIM_HORIZON'),
    /** In seconds since the epoch. */
    startingPositionTimestamp: z.number().min(0).optional(),
    enabled: z.boolean().default(true),
    filterPatterns: z.array(z.unknown()).optional(),
    onFailureDestination: z.string().optional(),
    provisionedPollerConfig: z.object({}).loose().optional(),
  })
  .strict();

const unlimited = z.literal(-1);

/** Properties of AWS::Lambda::EventSourceMapping that the framework's `kafka` event has no key for. */
const extensionSchema = z.object({
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).optional(),
  /** In seconds. */
  MaximumBatchingWindowInSeconds: batchingWindow.optional(),
  MaximumRetryAttempts: z.union([unlimited, z.number().int().min(0).max(10_000)]).optional(),
  MaximumRecordAgeInSeconds: z.union([unlimited, z.number().int().min(60).max(604_800)]).optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.unknown() }) }).optional(),
  ProvisionedPollerConfig: z.object({}).loose().optional(),
});

/**
 * AWS, CreateEventSourceMapping: "For Amazon MSK, self-managed Apache Kafka … the default batching window is
 * 500 ms". The framework leaves a window of 0 out of its template, so a 0 in the event means the default, too. A 0 in the
 * extension reaches AWS: "Low latency processing for Kafka event sources" asks for it.
 */
const DEFAULT_BATCHING_WINDOW_MS = 500;

/** With a destination, -1 would mean that no record ever reaches it. */
const DEFAULT_RETRIES_WITH_DESTINATION = 10;

/** AWS accepts these only in provisioned mode ("Configuring error handling controls for Kafka event sources"). */
const PROVISIONED_ONLY = [
  'FunctionResponseTypes',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
] as const;

/**
 * Reads one `kafka` event and the extension of its mapping.
 * @returns the mapping, or undefined when the event is disabled; and warnings about what has no effect locally.
 * @throws one sentence that names the function and what to change, for settings that AWS would reject too.
 */
export function readMapping(source: MappingSource): { mapping?: Mapping; warnings: string[] } {
  const { functionKey, functionName, region, local } = source;
  const where = `functions.${functionKey}: the kafka event`;
  const event = parseSettings(eventSchema, source.event, where);
  const extension = parseSettings(
    extensionSchema,
    source.extension ?? {},
    `resources.extensions for functions.${functionKey}`,
  );
  if (!event.enabled) return { warnings: [] };

  const warnings: string[] = [];
  if (event.filterPatterns?.length) {
    warnings.push(
      `filterPatterns are not supported locally: ${functionName} receives every record of ${event.topic}.`,
    );
  }
  const isProvisioned = (event.provisionedPollerConfig ?? extension.ProvisionedPollerConfig) !== undefined;
  const rejected = PROVISIONED_ONLY.filter((property) => extension[property] !== undefined);
  if (!isProvisioned && rejected.length > 0) {
    throw new Error(
      `${where} on ${event.topic} sets ${rejected.join(', ')}. AWS accepts this only in provisioned mode: add provisionedPollerConfig.`,
    );
  }
  const onFailureTopic = readDestination(
    extension.DestinationConfig?.OnFailure.Destination ?? event.onFailureDestination,
    { where, topic: event.topic, isProvisioned, warnings },
  );
  const maximumRetryAttempts = extension.MaximumRetryAttempts ?? -1;

  return {
    warnings,
    mapping: {
      functionName,
      functionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}:$LATEST`,
      topic: event.topic,
      bootstrapServers: parseSettings(
        brokerAddresses,
        local.bootstrapServers ?? event.bootstrapServers,
        `${where}, bootstrapServers`,
      ),
      consumerGroupId: event.consumerGroupId ?? `${functionName}-${event.topic}`,
      batchSize: event.batchSize,
      batchingWindowMs: windowMs(
        extension.MaximumBatchingWindowInSeconds ?? (event.maximumBatchingWindow || undefined),
      ),
      startingPosition: readStartingPosition(event, where),
      reportBatchItemFailures: extension.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
      maximumRetryAttempts:
        onFailureTopic && maximumRetryAttempts === -1
          ? DEFAULT_RETRIES_WITH_DESTINATION
          : maximumRetryAttempts,
      maximumRecordAgeSeconds: extension.MaximumRecordAgeInSeconds ?? -1,
      bisectBatchOnFunctionError: extension.BisectBatchOnFunctionError ?? false,
      retryBackoff: local.retryBackoff,
      ...(onFailureTopic && { onFailureTopic }),
    },
  };
}

const windowMs = (seconds: number | undefined): number =>
  seconds === undefined ? DEFAULT_BATCHING_WINDOW_MS : seconds * 1000;

function readStartingPosition(event: z.infer<typeof eventSchema>, where: string): StartingPosition {
  if (event.startingPosition !== 'AT_TIMESTAMP') return { at: event.startingPosition };
  if (event.startingPositionTimestamp === undefined) {
    throw new Error(
      `${where} on ${event.topic} starts AT_TIMESTAMP: add startingPositionTimestamp (seconds since the epoch).`,
    );
  }
  return { at: 'AT_TIMESTAMP', timestampMs: event.startingPositionTimestamp * 1000 };
}

/** The topic of a `kafka://` destination. Any other kind of destination adds a warning and gives undefined. */
function readDestination(
  destination: unknown,
  context: { where: string; topic: string; isProvisioned: boolean; warnings: string[] },
): string | undefined {
  if (destination === undefined) return undefined;
  const { where, topic, isProvisioned, warnings } = context;
  const destinationTopic = typeof destination === 'string' && /^kafka:\/\/(.+)$/.exec(destination)?.[1];
  if (!destinationTopic) {
    warnings.push(
      `${where} on ${topic} has an on-failure destination that is not kafka://<topic>. Locally, discarded records are only logged.`,
    );
    return undefined;
  }
  if (!isProvisioned) {
    throw new Error(
      `${where} on ${topic} has a Kafka on-failure destination. AWS accepts this only in provisioned mode: add provisionedPollerConfig.`,
    );
  }
  if (destinationTopic === topic) {
    throw new Error(
      `${where} on ${topic} has the same topic as its on-failure destination: name another topic.`,
    );
  }
  return destinationTopic;
}
