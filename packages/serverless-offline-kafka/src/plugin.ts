import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { messageOf } from './deliver-batch.ts';
import { createInvoker, type Invoker } from './invoker.ts';
import { type LocalOptions, readLocalOptions } from './local-options.ts';
import type { Log } from './log.ts';
import { type Mapping, readMapping } from './mapping.ts';
import { OnFailureTopic } from './on-failure-topic.ts';
import { createPoller, type Poller } from './poller.ts';

/** The parts of the framework that the plugin uses. */
export interface Serverless {
  service: {
    provider: { region?: string; timeout?: number };
    custom?: { kafkaEventSource?: unknown; 'serverless-offline'?: OfflineOptions };
    resources?: { extensions?: Record<string, { Properties?: unknown } | undefined> };
    getAllFunctions(): string[];
    getFunction(key: string): { name: string; timeout?: number; events?: { kafka?: unknown }[] };
  };
  getProvider(name: 'aws'): {
    naming: { getKafkaEventLogicalId(functionKey: string, topic: string): string };
  };
}

/** The options of serverless-offline that matter for invocations. */
export interface OfflineOptions {
  host?: string;
  lambdaPort?: number | string;
  noTimeout?: boolean;
  region?: string;
}

/** What the framework gives to plugins for output. */
export interface PluginUtils {
  log: { notice(line: string): void; warning(line: string): void; error(line: string): void };
}

interface RunningMapping {
  poller: Poller;
  destination: OnFailureTopic | undefined;
}

/** The framework's default, in seconds. */
const DEFAULT_FUNCTION_TIMEOUT_S = 6;

/** serverless-offline's default. */
const DEFAULT_LAMBDA_PORT = 3002;

/** Added to the function's timeout, because serverless-offline answers when that timeout is over. */
const TIMEOUT_MARGIN_MS = 5_000;

/** The plugin class: polls Kafka for every `kafka` event of the service while serverless-offline runs. */
export default class ServerlessOfflineKafka {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  readonly #cliOptions: OfflineOptions;
  readonly #log: PluginUtils['log'];
  #running: RunningMapping[] = [];
  #invoker: Invoker | undefined;

  constructor(serverless: Serverless, cliOptions: OfflineOptions, { log }: PluginUtils) {
    this.#serverless = serverless;
    this.#cliOptions = cliOptions;
    this.#log = log;
    // The `before:` hooks make the order of plugins in serverless.yml unimportant. serverless-offline's own `ready`
    // hook waits for Ctrl-C, and its `end` hook exits the process.
    this.hooks = {
      'before:offline:start:ready': () => this.#start(),
      'before:offline:start:end': () => this.#stop(),
      // `serverless offline`, without `start`, does everything inside this one hook. The functions do not run yet
      // when it begins, so the first invocations are tried until they do.
      'before:offline:start': () => {
        this.#start();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void this.#stop());
      },
    };
  }

  #start(): void {
    const local = readLocalOptions(this.#serverless.service.custom?.kafkaEventSource);
    const mappings = this.#readMappings(local);
    if (mappings.length === 0) return;
    const invoker = createInvoker(this.#endpoint(), this.#region(), this.#longestTimeoutMs());
    this.#invoker = invoker;
    for (const mapping of mappings) {
      const running = this.#createPoller(mapping, local, invoker);
      this.#running.push(running);
      const { topic, functionName, consumerGroupId, batchSize, batchingWindowMs } = mapping;
      this.#log.notice(
        `Kafka: polling ${topic} for ${functionName} (group ${consumerGroupId}, batches of up to ${batchSize} records or ${batchingWindowMs} ms)`,
      );
      running.poller.start().catch((error) => this.#log.error(`Kafka: ${messageOf(error)}`));
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = [];
    await Promise.all(
      running.map(async ({ poller, destination }) => {
        await poller.stop();
        await destination?.close();
      }),
    );
    this.#invoker?.close();
  }

  #createPoller(mapping: Mapping, local: LocalOptions, invoker: Invoker): RunningMapping {
    const kafka = new Kafka({
      clientId: mapping.functionName,
      brokers: mapping.bootstrapServers,
      ssl: local.ssl && local.ca !== undefined ? { ca: [local.ca] } : local.ssl,
      ...(local.sasl && { sasl: local.sasl as SASLOptions }),
      // By default kafkajs waits up to 30 s between attempts. That helps an overloaded cluster, but on a developer's
      // machine Kafka was most likely restarted.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 10 },
      requestTimeout: 10_000,
      logLevel: logLevel.NOTHING,
    });
    const destination = mapping.onFailureTopic
      ? new OnFailureTopic(kafka, mapping, mapping.onFailureTopic)
      : undefined;
    const poller = createPoller({
      kafka,
      mapping,
      invoke: (payload) => invoker.invoke(mapping.functionName, payload),
      maxConcurrency: local.maxConcurrency,
      ...(destination && { onFailure: (discarded) => destination.send(discarded) }),
      log: this.#pollerLog(local.verbose),
    });
    return { poller, destination };
  }

  #readMappings(local: LocalOptions): Mapping[] {
    const { service } = this.#serverless;
    const { naming } = this.#serverless.getProvider('aws');
    return service.getAllFunctions().flatMap((functionKey) => {
      const definition = service.getFunction(functionKey);
      return (definition.events ?? []).flatMap(({ kafka: event }) => {
        if (event === undefined) return [];
        const topic = String((event as { topic?: unknown } | null)?.topic);
        const logicalId = naming.getKafkaEventLogicalId(functionKey, topic);
        const { mapping, warnings } = readMapping({
          functionKey,
          functionName: definition.name,
          region: this.#region(),
          event,
          extension: service.resources?.extensions?.[logicalId]?.Properties,
          local,
        });
        for (const warning of warnings) this.#log.warning(`Kafka: ${warning}`);
        if (!mapping) this.#log.notice(`Kafka: not polling ${topic} for ${definition.name} (enabled: false)`);
        return mapping ? [mapping] : [];
      });
    });
  }

  /** As in serverless-offline, options of the command line take precedence over those under `custom`. */
  #offlineOptions(): OfflineOptions {
    return { ...this.#serverless.service.custom?.['serverless-offline'], ...this.#cliOptions };
  }

  #endpoint(): string {
    const { host = 'localhost', lambdaPort = DEFAULT_LAMBDA_PORT } = this.#offlineOptions();
    return `http://${host === '0.0.0.0' ? 'localhost' : host}:${lambdaPort}`;
  }

  #region(): string {
    return this.#offlineOptions().region ?? this.#serverless.service.provider.region ?? 'us-east-1';
  }

  #longestTimeoutMs(): number {
    if (this.#offlineOptions().noTimeout) return 0;
    const { service } = this.#serverless;
    const seconds = service
      .getAllFunctions()
      .map(
        (key) => service.getFunction(key).timeout ?? service.provider.timeout ?? DEFAULT_FUNCTION_TIMEOUT_S,
      );
    return Math.max(...seconds) * 1000 + TIMEOUT_MARGIN_MS;
  }

  #pollerLog(verbose: boolean): Log {
    const log = this.#log;
    return {
      notice: (line) => log.notice(`Kafka: ${line}`),
      warning: (line) => log.warning(`Kafka: ${line}`),
      error: (line) => log.error(`Kafka: ${line}`),
      debug: (line) => {
        if (verbose) log.notice(`Kafka: ${line}`);
      },
    };
  }
}
