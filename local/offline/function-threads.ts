import { Worker } from 'node:worker_threads';

/** A function of serverless.yml as its threads need it. */
export interface FunctionSpec {
  /** The deployed name, such as `footfall-dev-collect`. */
  name: string;
  /** Absolute path of the module, with its extension. */
  file: string;
  /** Name of the exported function. */
  exported: string;
  timeoutMs: number;
  env: Record<string, string>;
  /** The most memory of a thread's heap, in MB. A thread that needs more ends, as it would on Lambda. */
  heapMb: number;
  /** V8's semi-space, in MB; undefined: V8's default. */
  semiSpaceMb?: number | undefined;
  /** Its thread does not end while it has no work. */
  stays?: boolean;
}

/** What a thread is given to do. `deadline` is in ms since the epoch, by `now()`. */
export interface Task {
  id: number;
  event: unknown;
  context: Record<string, unknown>;
  deadline: number;
}

/** The data of a thread when it starts. */
export interface ThreadData {
  file: string;
  exported: string;
  /** One number: how many tasks were sent. A thread that has received as many sleeps until it changes. */
  sent: Int32Array;
}

/** What a thread says: that its function is loaded, or how a task ended. */
export type Report =
  | { ready: true }
  | { id: number; result: unknown }
  | { id: number; error: { name: string; message: string; stack?: string | undefined } };

/** The function's time is over. */
export class TimeoutError extends Error {
  override name = 'Sandbox.Timedout';
}

/** As many invocations as AWS allows an account by default are under way. */
export class TooManyError extends Error {
  override name = 'TooManyRequestsException';
}

/** AWS: "Lambda quotas", concurrent executions. */
const MAX_CONCURRENT = 1_000;

/** A function that is not loaded within this time is given up, ms. */
const LOADING_MS = 60_000;

/**
 * A thread without work for this long ends and gives its memory back, ms. Longer than the minute of a schedule, whose
 * functions would otherwise be loaded again each time.
 */
const IDLE_MS = 150_000;

/** ms since the epoch. Unlike Date.now() it does not jump, and all threads of a process agree on it. */
export const now = () => performance.timeOrigin + performance.now();

/**
 * Runs a function in one thread, which serves all its invocations at the same time. A thread that ends is replaced at
 * the next invocation.
 */
export class FunctionThreads {
  readonly #spec: FunctionSpec;
  #current: FunctionThread | undefined;
  #underWay = 0;

  constructor(spec: FunctionSpec) {
    this.#spec = spec;
  }

  /** Begins to load the function, so that its first invocation does not wait for that. */
  start(): void {
    if (!this.#current?.isOpen) this.#current = new FunctionThread(this.#spec);
  }

  /**
   * Runs the function and resolves with what it returned.
   * @throws TimeoutError when its time is over; TooManyError at once; what the function threw; or an error that says how
   *   its thread ended.
   */
  async invoke(event: unknown, context: Record<string, unknown>): Promise<unknown> {
    if (this.#underWay >= MAX_CONCURRENT) throw new TooManyError('Rate Exceeded.');
    this.#underWay += 1;
    try {
      this.start();
      return await this.#current!.invoke(event, context);
    } finally {
      this.#underWay -= 1;
    }
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  timer?: NodeJS.Timeout;
}

/** A thread keeps what it compiles where this process does. The child takes the variable out of its environment. */
const { NODE_COMPILE_CACHE } = process.env;
const COMPILED = NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};

class FunctionThread {
  /** False when it takes no further invocations. */
  isOpen = true;
  readonly #spec: FunctionSpec;
  readonly #worker: Worker;
  readonly #sent = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #waiting = new Map<number, Waiting>();
  /** The thread's first report: its function is loaded. Rejects when it ends before that. */
  readonly #ready = Promise.withResolvers<void>();
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(spec: FunctionSpec) {
    this.#spec = spec;
    const { file, exported, env, heapMb, semiSpaceMb } = spec;
    this.#worker = new Worker(new URL('./function-thread-child.ts', import.meta.url), {
      name: spec.name,
      env: { ...env, ...COMPILED },
      workerData: { file, exported, sent: this.#sent } satisfies ThreadData,
      resourceLimits: {
        maxOldGenerationSizeMb: heapMb,
        // V8's young generation is two semi-spaces, and one for large objects.
        ...(semiSpaceMb && { maxYoungGenerationSizeMb: 3 * semiSpaceMb }),
      },
    });
    const loading = setTimeout(
      () => this.#end(new Error(`${spec.name} was not loaded within ${LOADING_MS / 1000} s`)),
      LOADING_MS,
    );
    this.#ready.promise.catch(() => {}).finally(() => clearTimeout(loading));
    this.#worker.on('message', (report: Report) => this.#learn(report));
    this.#worker.on('error', (error) => this.#end(error as Error));
    this.#worker.on('exit', (code) => this.#end(new Error(`${spec.name} ended with exit code ${code}`)));
  }

  async invoke(event: unknown, context: Record<string, unknown>): Promise<unknown> {
    clearTimeout(this.#idle);
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const waiting: Waiting = { resolve, reject };
    this.#waiting.set(id, waiting);
    // When the thread ends while it loads, only `#ready` is awaited.
    promise.catch(() => {});
    try {
      // As on Lambda, loading is not a part of the function's time.
      await this.#ready.promise;
      const { timeoutMs } = this.#spec;
      waiting.timer = setTimeout(() => this.#timeOut(id), timeoutMs);
      this.#worker.postMessage({ id, event, context, deadline: now() + timeoutMs } satisfies Task);
      Atomics.add(this.#sent, 0, 1);
      Atomics.notify(this.#sent, 0);
      return await promise;
    } finally {
      clearTimeout(waiting.timer);
      this.#waiting.delete(id);
      this.#endWhenDone();
    }
  }

  #learn(report: Report): void {
    if ('ready' in report) {
      this.#ready.resolve();
      return;
    }
    const waiting = this.#waiting.get(report.id);
    if ('result' in report) {
      waiting?.resolve(report.result);
    } else {
      const { name, message, stack } = report.error;
      waiting?.reject(Object.assign(new Error(message), { name, stack: stack ?? message }));
    }
  }

  /**
   * Lambda ends a process with the invocation that took too long. Others share this one, so they may finish; the next
   * invocation gets a new thread.
   */
  #timeOut(id: number): void {
    this.isOpen = false;
    const seconds = (this.#spec.timeoutMs / 1000).toFixed(2);
    this.#waiting.get(id)?.reject(new TimeoutError(`Task timed out after ${seconds} seconds`));
  }

  #endWhenDone(): void {
    if (this.#waiting.size > 0) return;
    if (this.isOpen) {
      if (this.#spec.stays) return;
      this.#idle = setTimeout(() => this.#end(new Error('It was idle')), IDLE_MS);
      this.#idle.unref();
    } else {
      this.#end(new Error('No invocation is left'));
    }
  }

  /** Ends the thread; what still waits for it fails with this error. Ending twice is no error. */
  #end(error: Error): void {
    this.isOpen = false;
    clearTimeout(this.#idle);
    this.#ready.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    void this.#worker.terminate();
  }
}
