import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { limitConcurrency } from './concurrency.ts';
import { messageOf } from './delivery.ts';
import { createInvoker, type Invoker } from './invoke.ts';
import type { Log } from './log.ts';
import { type LocalOptions, type Mapping, readLocalOptions, readMapping } from './mapping.ts';
import { TopicDestination } from './on-failure.ts';
import { createPoller, type Poller } from './poller.ts';

/** The parts of the framework that the plugin touches. */
interface Serverless {
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

interface OfflineOptions {
  host?: string;
  lambdaPort?: number | string;
  noTimeout?: boolean;
  region?: string;
}

interface Utils {
  log: { notice(line: string): void; warning(line: string): void; error(line: string): void };
}

interface Running {
  poller: Poller;
  destination: TopicDestination | undefined;
}

/** What the framework and serverless-offline take when nothing is said. */
const DEFAULT_FUNCTION_TIMEOUT_S = 6;
const DEFAULT_LAMBDA_PORT = 3002;

/** Over the function's own timeout, so that serverless-offline's answer about it arrives. */
const TIMEOUT_MARGIN_MS = 5_000;

/** The plugin: polls for every `kafka` event of the service while serverless-offline runs. */
export default class KafkaEventSource {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  readonly #cliOptions: OfflineOptions;
  readonly #log: Utils['log'];
  #running: Running[] = [];
  #invoker: Invoker | undefined;

  constructor(serverless: Serverless, cliOptions: OfflineOptions, { log }: Utils) {
    this.#serverless = serverless;
    this.#cliOptions = cliOptions;
    this.#log = log;
    // `before:` makes the order of the plugins in serverless.yml unimportant: serverless-offline's own `ready`
    // hook blocks until Ctrl-C, and its `end` hook leaves the process.
    this.hooks = {
      'before:offline:start:ready': () => this.#start(),
      'before:offline:start:end': () => this.#stop(),
      // `sls offline` runs everything inside one hook; invocations are retried until the functions are up.
      'before:offline:start': () => this.#startAndStopBySignal(),
    };
  }

  #start(): void {
    const { service } = this.#serverless;
    const local = readLocalOptions(service.custom?.kafkaEventSource);
    const mappings = this.#readMappings();
    if (mappings.length === 0) return;
    const invoker = createInvoker(this.#endpoint(), this.#region(), this.#longestTimeoutMs());
    this.#invoker = invoker;
    for (const mapping of mappings) {
      const running = this.#poll(mapping, local, invoker);
      this.#running.push(running);
      this.#log.notice(
        `Kafka: polling ${mapping.topic} for ${mapping.functionName} (group ${mapping.consumerGroupId}, batches of up to ${mapping.batchSize} or ${mapping.batchingWindowMs} ms)`,
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

  #startAndStopBySignal(): void {
    this.#start();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void this.#stop());
  }

  #poll(mapping: Mapping, local: LocalOptions, invoker: Invoker): Running {
    const kafka = new Kafka({
      clientId: mapping.functionName,
      brokers: mapping.bootstrapServers,
      ssl: local.ssl && local.ca !== undefined ? { ca: [local.ca] } : local.ssl,
      ...(local.sasl && { sasl: local.sasl as SASLOptions }),
      // kafkajs waits up to 30 s between attempts; on a laptop Kafka is restarted more often than overloaded.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 10 },
      logLevel: logLevel.NOTHING,
    });
    const destination = mapping.onFailureTopic
      ? new TopicDestination(kafka, mapping, mapping.onFailureTopic)
      : undefined;
    const poller = createPoller({
      kafka,
      mapping,
      invoke: limitConcurrency(local.maxConcurrency, (payload: string) =>
        invoker.invoke(mapping.functionName, payload),
      ),
      ...(destination && { onFailure: (discarded) => destination.send(discarded) }),
      log: this.#pollerLog(local.verbose),
    });
    return { poller, destination };
  }

  #readMappings(): Mapping[] {
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
          local: service.custom?.kafkaEventSource,
        });
        for (const warning of warnings) this.#log.warning(`Kafka: ${warning}`);
        if (!mapping) this.#log.notice(`Kafka: not polling ${topic} for ${definition.name} (enabled: false)`);
        return mapping ? [mapping] : [];
      });
    });
  }

  /** serverless-offline's order: command line, custom, default. */
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
