import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPython } from '../../local/services/python.ts';
import { footfallDir } from '../../local/services/services.ts';

const run = promisify(execFile);

/** Unpacks a function's upload as Lambda does. @returns its folder, which has the function's name */
export async function unpack(zip: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const python = await findPython({
    cacheDir: join(footfallDir, 'cache'),
    env: process.env,
    log: console.log,
  });
  await run(python.command, [...python.args, '-m', 'zipfile', '-e', zip, folder]);
  return folder;
}

/** A packaged function in a process of its own. */
export class Bundle {
  /** What importing the handler took, ms. */
  readonly importMs: number;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #ids = 0;

  private constructor(child: ChildProcess, importMs: number) {
    this.#process = child;
    this.importMs = importMs;
    child.on('message', ({ id, answer, error }: { id: number; answer?: unknown; error?: string }) => {
      if (error === undefined) this.#waiting.get(id)?.resolve(answer);
      else this.#waiting.get(id)?.reject(new Error(error));
      this.#waiting.delete(id);
    });
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The process has ended.'));
    });
  }

  /**
   * @param options.name of the function, such as `footfall-dev-collect`
   * @param options.handler as the template has it, such as `functions/collect/handler.handler`
   * @param options.folder of the unpacked function; outside the repository
   * @param options.env all that the process gets, beside what Lambda itself sets
   * @throws what the process said, when it ends before its handler is imported
   */
  static async start(options: {
    name: string;
    handler: string;
    folder: string;
    env: Record<string, string>;
  }): Promise<Bundle> {
    const { name, handler, folder, env } = options;
    const script = join(folder, 'bundle-child.ts');
    await copyFile(join(import.meta.dirname, 'bundle-child.ts'), script);
    const child = fork(script, [join(folder, handler.replace(/\.\w+$/, '.mjs')), name], {
      cwd: folder,
      execArgv: [],
      // Lambda's own variables ("Defined runtime environment variables").
      env: {
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_REGION: 'us-east-1',
        LAMBDA_TASK_ROOT: folder,
        TZ: ':UTC',
        _HANDLER: handler,
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr!.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000);
    });
    const started = Promise.withResolvers<number>();
    child.once('message', ({ importMs }: { importMs: number }) => started.resolve(importMs));
    child.once('exit', (code) => started.reject(new Error(`${name} ended with ${code}: ${said}`)));
    return new Bundle(child, await started.promise);
  }

  /** @throws what the handler throws */
  invoke<T = unknown>(event: unknown): Promise<T> {
    const id = ++this.#ids;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#process.send({ id, event });
    return answer.promise as Promise<T>;
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
