import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startServices } from '../../local/services/services.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { mappingOf } from '../../packages/serverless-offline-kafka/test/support/mapping.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import type { Site } from '../../shared/sites/site.ts';
import { closing } from '../support/closing.ts';
import { openReader } from '../support/reader.ts';

const here = import.meta.dirname;
const root = join(here, '..', '..');

/**
 * On AWS the functions of each tenant's requests, aggregate and sweep have processors of their own, so they must not take
 * those of the victim's functions, Kafka and Redis here.
 */
const NICE = { attacker: 19, shared: 10 };

/**
 * Lowers the share of the processors that a session's processes get. Linux divides them between sessions first
 * (sched(7), "The autogroup feature"), and nice values count within a session only.
 */
function lower(pid: number, nice: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${nice}`);
  } catch {
    setPriority(pid, nice);
  }
}

interface Definition {
  timeout?: number;
  memorySize?: number;
  environment?: { NODE_OPTIONS?: string };
}
const { functions, provider } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), {
  logLevel: 'error',
}) as { functions: Record<string, Definition>; provider: Definition };

/** A process, and the answers to its messages. */
class Child {
  readonly name: string;
  readonly url: string;
  /** The most memory of its heap and of its process that was seen, bytes. */
  heap = 0;
  peak = 0;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #ids = 0;

  private constructor(name: string, process: ChildProcess, port: number) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.#process = process;
    process.on('message', (message: { id: number }) => {
      this.#waiting.get(message.id)?.resolve(message as never);
      this.#waiting.delete(message.id);
    });
    process.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${name} has ended.`));
      this.#waiting.clear();
    });
  }

  static async start(
    name: string,
    script: string,
    args: string[],
    options: { env: NodeJS.ProcessEnv; execArgv?: string[]; log: string; nice?: number },
  ): Promise<Child> {
    const { env, execArgv = [], log, nice } = options;
    const output = openSync(log, 'a');
    const started = fork(join(here, script), args, {
      execArgv: ['--disable-warning=TimeoutNegativeWarning', ...execArgv],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', output, output, 'ipc'],
      // A session of its own.
      detached: true,
    });
    closing(started, async () => {
      if (started.exitCode !== null || started.signalCode !== null) return;
      const ended = once(started, 'exit');
      started.kill('SIGKILL');
      await ended;
    });
    if (nice !== undefined) lower(started.pid!, nice);
    const [message] = (await Promise.race([
      once(started, 'message'),
      once(started, 'exit').then(() => {
        throw new Error(`${name} did not start; see ${log}`);
      }),
    ])) as [{ port: number }];
    return new Child(name, started, message.port);
  }

  get isAlive(): boolean {
    return this.#process.connected;
  }

  /** @throws when the process has ended. */
  ask<T = unknown>(message: object): Promise<T> {
    if (!this.isAlive) return Promise.reject(new Error(`${this.name} has ended.`));
    const id = this.#ids++;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, answer);
    this.#process.send({ id, ...message });
    return answer.promise as Promise<T>;
  }

  /** Notes the memory of the process. @param invoke runs the function before */
  async measure(invoke = false): Promise<void> {
    const { heap, peak } = await this.ask<{ heap: number; peak: number }>(invoke ? { invoke } : {});
    this.heap = Math.max(this.heap, heap);
    this.peak = Math.max(this.peak, peak);
  }
}

/** The setting of a function in serverless.yml, MB. */
export const memoryOf = (name: string) => functions[name]!.memorySize ?? provider.memorySize!;

/** Kafka, Redis and the functions, each in a process of its own with the heap of its setting. */
export async function openInstallation(sites: readonly Site[]) {
  const folder = closing(await mkdtemp(join(tmpdir(), 'footfall-hostile-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const { KAFKA_BROKERS: _, REDIS_URL: __, ...own } = process.env;
  const services = closing(await startServices({ dataDir: folder, mode: 'embedded', env: own }), (one) =>
    one.stop(),
  );
  const env = {
    ...{ KAFKA_BROKERS: services.kafkaBrokers.join(), REDIS_URL: services.redisUrl },
    ...{ EVENTS_PARTITIONS: '4', AGGREGATE_GROUP: 'aggregate', CART_ABANDONED_MINUTES: '1' },
    ...{ POWERTOOLS_LOG_LEVEL: 'ERROR', AWS_LAMBDA_FUNCTION_NAME: 'footfall-hostile' },
  };
  const config = readConfig(env);
  await ensureTopics(config.kafka);
  await addSites(config, sites);

  const log = join(folder, 'functions.log');
  const start = (name: string, role: string, { mapping = '', isLow = false } = {}) => {
    const timeout = functions[name]!.timeout ?? provider.timeout!;
    const handler = join(root, 'functions', name, 'handler.ts');
    const nice = isLow ? NICE.attacker : role === 'http' ? undefined : NICE.shared;
    const nodeOptions = functions[name]!.environment?.NODE_OPTIONS?.split(' ') ?? [];
    return Child.start(
      isLow ? `${name} of the attacker` : name,
      'function-child.ts',
      [role, handler, String(timeout), mapping],
      { env, execArgv: [`--max-old-space-size=${memoryOf(name)}`, ...nodeOptions], log, nice },
    );
  };
  const mapping = mappingOf(config.kafka.eventsTopic, {
    ...{ bootstrapServers: services.kafkaBrokers, consumerGroupId: 'aggregate' },
    ...{ batchSize: 10_000, batchingWindowMs: 1_000 },
  });
  const attacker = { isLow: true };
  const [collect, analytics, aggregate, sweep, theirCollect, theirAnalytics] = await Promise.all([
    start('collect', 'http'),
    start('analytics', 'http'),
    start('aggregate', 'kafka', { mapping: JSON.stringify(mapping) }),
    start('sweep', 'none'),
    start('collect', 'http', attacker),
    start('analytics', 'http', attacker),
  ]);
  const attack = (options: { writers: number; readers: number; only: string; victim: object }) => {
    const { writers, readers, only, victim } = options;
    const args = [theirCollect!.url, theirAnalytics!.url, String(writers), String(readers), only];
    return Child.start('attack', 'attacker-child.ts', [...args, JSON.stringify(victim)], {
      ...{ env, log, nice: NICE.attacker },
    });
  };
  return {
    ...{ config, log, collect, analytics, aggregate, sweep, attack },
    functions: [collect, analytics, aggregate, sweep, theirCollect, theirAnalytics] as const,
    ...openReader(config),
  };
}
