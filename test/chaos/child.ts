import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;

export interface ChildSpec {
  name: string;
  script: 'function-child.ts' | 'consumer-child.ts' | 'packing-child.ts';
  args: string[];
  env: NodeJS.ProcessEnv;
  /** For its log. */
  folder: string;
}

/** A process of the installation that can be killed, frozen and given another clock. */
export class Child {
  readonly #spec: ChildSpec;
  #process: ChildProcess | undefined;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #ids = 0;

  constructor(spec: ChildSpec) {
    this.#spec = spec;
  }

  get logFile(): string {
    return join(this.#spec.folder, `${this.#spec.name}.log`);
  }

  /**
   * Resolves when it is up; a consumer has joined its group by then.
   * @throws when it ends by itself before that.
   */
  async start(): Promise<void> {
    const { script, args, env } = this.#spec;
    const log = openSync(this.logFile, 'a');
    const child = fork(join(here, script), args, {
      execArgv: [
        '--disable-warning=TimeoutNegativeWarning',
        '--import',
        join(here, '../../packages/serverless-offline-kafka/test/support/clock.ts'),
      ],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    this.#process = child;
    const ready = Promise.withResolvers<void>();
    child.on('message', (message: { ready?: true; id?: number; answer?: unknown; error?: string }) => {
      if (message.ready) ready.resolve();
      const { id, answer, error } = message;
      if (id === undefined) return;
      if (error === undefined) this.#waiting.get(id)?.resolve(answer);
      else this.#waiting.get(id)?.reject(new Error(error));
      this.#waiting.delete(id);
    });
    child.once('exit', (code) => {
      // A kill has no code, and may come while it starts. A program that ends by itself is broken.
      if (code) ready.reject(new Error(`${this.#spec.name} ended with ${code}; see ${this.logFile}.`));
      else ready.resolve();
      if (this.#process === child) this.#process = undefined;
      for (const { reject } of this.#waiting.values()) reject(new Error('The process has ended.'));
      this.#waiting.clear();
    });
    await ready.promise;
  }

  /** @throws the error of the function, or one when the process has ended. */
  invoke(event: unknown): Promise<unknown> {
    if (!this.#process?.connected) return Promise.reject(new Error('The process has ended.'));
    const id = this.#ids++;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#process.send({ id, event }, (error) => {
      // Killed a moment ago: its end has not been heard of yet.
      if (error) answer.reject(error);
    });
    return answer.promise;
  }

  /** Sets its clock ahead of the others, ms, and what performance.now() counts by `steadyShiftMs`. */
  shiftClock(clockShiftMs: number, steadyShiftMs = 0): void {
    this.tell({ clockShiftMs, steadyShiftMs });
  }

  /** Sends a message to what was preloaded. */
  tell(message: object): void {
    this.#process?.send(message);
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** @returns its exit code; null when the signal has ended it, or it has ended before. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const [code] = await ended;
    return code;
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }
}
