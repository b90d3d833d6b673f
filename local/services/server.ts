import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const guard = join(import.meta.dirname, 'guard.sh');
/** ms; a cold JVM on a busy machine is the slowest that has to fit. */
const startLimit = 60_000;
/** ms between SIGTERM and SIGKILL. */
const stopLimit = 15_000;

/** What each embedded server is started with. */
export interface EmbeddedOptions {
  /** Where its data live. */
  folder: string;
  /** Wipe the folder first. */
  fresh: boolean;
  cacheDir: string;
  /** The port to prefer; without it, any free one. */
  port: number | undefined;
  env: NodeJS.ProcessEnv;
  log(line: string): void;
}

interface ServerSpec {
  /** As people call it: "Kafka". */
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  port: number;
  /** Where the server works, logs and keeps its pid file. */
  folder: string;
  /** Works here instead of in `folder`. */
  cwd?: string;
  /** A part of the server's command line, as the system shows it, that tells it from any other process. */
  mark: string;
  /** Resolves to true once the server answers its clients. */
  ready(port: number): Promise<boolean>;
}

/**
 * One server process on this machine. It runs in a session of its own, so Ctrl-C in a terminal does not reach
 * it before its clients have ended; guard.sh ends it when this process dies without saying goodbye.
 */
export class Server {
  readonly #spec: ServerSpec;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #endAsked = false;
  readonly #unexpectedEnd = Promise.withResolvers<string>();

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  /** The process id of the server itself; undefined while it is down. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get port(): number {
    return this.#spec.port;
  }

  /** Resolves with a sentence for people when the server ends without having been asked to. */
  get unexpectedEnd(): Promise<string> {
    return this.#unexpectedEnd.promise;
  }

  /** Where the server's own output goes. */
  get logFile(): string {
    return join(this.#spec.folder, 'server.log');
  }

  /**
   * Starts the server and waits until it answers.
   * @throws when it ends first or does not answer in time; the message carries the end of its log.
   */
  async start(): Promise<void> {
    const { name, command, args, env, port, folder, cwd = folder, mark, ready } = this.#spec;
    const log = openSync(this.logFile, 'a');
    const child = spawn('/bin/sh', [guard, command, ...args], {
      cwd,
      detached: true,
      env,
      stdio: ['ignore', log, log, 'pipe'],
    });
    closeSync(log);
    await once(child, 'spawn');
    this.#child = child;
    this.#endAsked = false;
    this.#ended = this.#watch(child);
    await writeFile(pidFile(folder), JSON.stringify({ pid: child.pid, mark }));
    const running = () => this.#child === child;
    for (const deadline = Date.now() + startLimit; !((await ready(port)) && running()); await sleep(50)) {
      if (running() && Date.now() < deadline) continue;
      const why = running()
        ? `did not answer on port ${port} within ${startLimit / 1000} s`
        : 'did not start';
      await this.#end('SIGKILL');
      throw new Error(`${name} ${why}. The end of its log, ${this.logFile}:\n${await tail(this.logFile)}`);
    }
  }

  /** Resolves when the process has ended and its guard has gone. */
  #watch(child: ChildProcess): Promise<void> {
    const leash = child.stdio[3] as Socket;
    leash.on('error', () => {}); // The guard may be gone before it is told to go.
    leash.resume();
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      leash.end('ended\n');
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      if (!this.#endAsked) {
        this.#unexpectedEnd.resolve(`${this.#spec.name} ${how}; its log is ${this.logFile}.`);
      }
    });
    return new Promise((resolve) => leash.once('close', () => resolve()));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#endAsked = true;
    this.#child?.kill(signal);
    await this.#ended;
    await rm(pidFile(this.#spec.folder), { force: true });
  }

  /** Ends it in order (SIGTERM), or the hard way when that takes too long. Stopping twice is no error. */
  async stop(): Promise<void> {
    const limit = setTimeout(() => this.#child?.kill('SIGKILL'), stopLimit);
    await this.#end('SIGTERM');
    clearTimeout(limit);
  }

  /** Ends it at once, as a crash would, and waits until it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it in order if it runs, and starts it again on the same port and data. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }
}

const pidFile = (folder: string) => join(folder, 'server.pid');

async function tail(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-15).join('\n');
}

/** The command line of a running process; empty when there is none with this id. */
async function commandLine(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch {
    const ps = promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]);
    return ps.then(({ stdout }) => stdout).catch(() => '');
  }
}

/** The process id of a server that an earlier run left working on this folder, if there is one. */
async function leftover(folder: string): Promise<number | undefined> {
  const text = await readFile(pidFile(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { pid, mark } = JSON.parse(text) as { pid: number; mark: string };
    return (await commandLine(pid)).includes(mark) ? pid : undefined;
  } catch {
    return undefined; // Cut short by a crash while it was written; that server never came up.
  }
}

/**
 * Makes the folder of a server, after making sure that none works on it: two on the same files would ruin
 * them. One whose parent was killed is ended by its guard about now, so it gets some seconds.
 * @throws with the process id and what to do.
 */
export async function takeFolder(name: string, folder: string, fresh: boolean): Promise<void> {
  let pid = await leftover(folder);
  for (const deadline = Date.now() + 5_000; pid !== undefined && Date.now() < deadline; ) {
    await sleep(100);
    pid = await leftover(folder);
  }
  if (pid !== undefined) {
    throw new Error(
      `${name} of another run (process ${pid}) is working on ${folder}; stop that run first, or end it with: kill ${pid}`,
    );
  }
  if (fresh) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
