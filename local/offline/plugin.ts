import { existsSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FunctionSpec, FunctionThreads } from './function-threads.ts';
import { gatewayAnswer, isHttpRequest } from './gateway-answer.ts';

interface FunctionDefinition {
  name: string;
  handler: string;
  timeout?: number;
  memorySize?: number;
  environment?: Record<string, unknown>;
}

/** The parts of the framework that the plugin uses. */
interface Serverless {
  serviceDir: string;
  service: {
    custom?: Record<string, unknown>;
    provider: {
      region: string;
      timeout?: number;
      memorySize?: number;
      environment?: Record<string, unknown>;
    };
    getAllFunctions(): string[];
    getFunction(key: string): FunctionDefinition;
  };
}

type Context = Record<string, unknown> & { functionName: string };
type Invoke = (event: unknown, context: Context) => Promise<unknown>;

/** `forward` finds the function to call under this symbol. */
const FORWARD = Symbol.for('footfall.offline');

/**
 * The functions on an event's way to its answer. They are loaded at the start and stay: an event after a pause is counted
 * as soon as any other. The others are loaded when they are asked for.
 */
const ALWAYS_READY: ReadonlySet<string> = new Set(['collect', 'aggregate', 'analytics']);

/** The framework's and Lambda's defaults. */
const DEFAULT_TIMEOUT_S = 6;
const DEFAULT_MEMORY_MB = 1024;

/**
 * A plugin for serverless-offline: each function has one thread, which serves its invocations at the same time, and a
 * client gets API Gateway's answer when a function does not answer. By itself serverless-offline starts a thread for
 * each concurrent request, and answers 200 when a function's time is over.
 *
 * The plugin tells it to run handlers in its own process and without time limits. The handler that it runs is `forward`,
 * which leads to the threads; they keep the time limits. Under an inspector the functions run in the
 * process of serverless-offline, and without limits, because a debugger sees one process more easily than its threads.
 */
export default class OneThreadPerFunction {
  readonly hooks: Record<string, () => void>;
  readonly #serverless: Serverless;
  readonly #invokers = new Map<string, Invoke>();

  constructor(serverless: Serverless) {
    this.#serverless = serverless;
    const replace = () => this.#replaceHandlers();
    // The first for `serverless offline start`, the second for `serverless offline`.
    this.hooks = { 'before:offline:start:init': replace, 'before:offline:start': replace };
  }

  #replaceHandlers(): void {
    const { service, serviceDir } = this.#serverless;
    const options = { useInProcess: true, noTimeout: true, location: import.meta.dirname };
    service.custom = {
      ...service.custom,
      'serverless-offline': { ...(service.custom?.['serverless-offline'] as object), ...options },
    };
    for (const key of service.getAllFunctions()) {
      const definition = service.getFunction(key);
      const invoke = inspectorUrl() ? inProcess(serviceDir, definition) : this.#inThread(key, definition);
      this.#invokers.set(definition.name, invoke);
      definition.handler = 'forward.handler';
    }
    (globalThis as Record<symbol, unknown>)[FORWARD] = (event: unknown, context: Context) =>
      this.#invoke(event, context);
  }

  async #invoke(event: unknown, context: Context): Promise<unknown> {
    const invoke = this.#invokers.get(context.functionName)!;
    if (!isHttpRequest(event)) return invoke(event, context);
    try {
      return await invoke(event, context);
    } catch (error) {
      console.error(`${context.functionName} did not answer:`, error);
      return gatewayAnswer(error);
    }
  }

  #inThread(key: string, definition: FunctionDefinition): Invoke {
    const stays = ALWAYS_READY.has(key);
    const threads = new FunctionThreads({ ...this.#specOf(definition), stays });
    if (stays) threads.start();
    return (event, context) => {
      // A message between threads carries no functions.
      const plain = Object.entries(context).filter(([, value]) => typeof value !== 'function');
      return threads.invoke(event, Object.fromEntries(plain));
    };
  }

  #specOf(definition: FunctionDefinition): FunctionSpec {
    const { provider } = this.#serverless.service;
    const { name } = definition;
    const memoryMb = definition.memorySize ?? provider.memorySize ?? DEFAULT_MEMORY_MB;
    const settings = { ...provider.environment, ...definition.environment };
    // Node reads this at the start of a process. serverless-offline would set it in its own environment.
    const { NODE_OPTIONS: nodeOptions, ...environment } = settings;
    delete definition.environment;
    const semiSpace = /--max-semi-space-size=(\d+)/.exec(String(nodeOptions))?.[1];
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([variable]) => variable.startsWith('AWS_'))),
      _HANDLER: definition.handler,
      AWS_DEFAULT_REGION: provider.region,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMb,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_REGION: provider.region,
      LANG: 'en_US.UTF-8',
      ...environment,
      IS_OFFLINE: 'true',
    };
    return {
      name,
      ...handlerOf(this.#serverless.serviceDir, definition),
      timeoutMs: (definition.timeout ?? provider.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
      env: Object.fromEntries(Object.entries(env).map(([variable, value]) => [variable, String(value)])),
      heapMb: memoryMb,
      ...(semiSpace && { semiSpaceMb: Number(semiSpace) }),
    };
  }
}

function inProcess(serviceDir: string, definition: FunctionDefinition): Invoke {
  const { file, exported } = handlerOf(serviceDir, definition);
  return async (event, context) => {
    const module = (await import(pathToFileURL(file).href)) as Record<string, Invoke>;
    return module[exported]!(event, context);
  };
}

/** The module and the export of a handler, such as `functions/collect/handler.handler`. */
function handlerOf(serviceDir: string, { name, handler }: FunctionDefinition) {
  const dot = handler.lastIndexOf('.');
  const path = join(serviceDir, handler.slice(0, dot));
  const file = ['.ts', '.mjs', '.js', '.cjs'].map((extension) => path + extension).find(existsSync);
  if (!file) throw new Error(`${name}: there is no module for the handler ${handler}`);
  return { file, exported: handler.slice(dot + 1) };
}
