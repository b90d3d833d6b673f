import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { containerArgs, containerPid, signalContainer } from './docker.ts';

const guard = join(import.meta.dirname, 'guard.sh');
/** ms; a server that needs longer hangs. A cold JVM on a busy machine needs half a minute. */
const startLimit = 180_000;
/** ms between SIGTERM and SIGKILL. */
const stopLimit = 60_000;

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

/** A program of this machine, or of an image of Docker's. */
export interface Program {
  command: string;
  image?: string;
}

interface ServerSpec extends Program {
  /** As people call it: "Kafka". */
  name: string;
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
 * One server process on this machine, in a container or not. It runs in a session of its own, so Ctrl-C in a terminal
 * does not reach it before its clients have ended. guard.sh ends it when this process dies.
 */
export class Server {
  readonly #spec: ServerSpec;
  /** The server, or the `docker run` that ends with it. */
  #child: ChildProcess | undefined;
  /** The name of the container and the id of its first process, when there is one. */
  #container: { name: string; pid?: number } | undefined;
  #ended: Promise<void> = Promise.resolve();
  #endAsked = false;
  readonly #unexpectedEnd = Promise.withResolvers<string>();

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  /** The process id of the server itself; undefined while it is down. */
  get pid(): number | undefined {
    return this.#child && (this.#container ? this.#container.pid : this.#child.pid);
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
    const { name, env, port, folder, cwd = folder, ready } = this.#spec;
    const log = openSync(this.logFile, 'a');
    const [command, ...args] = this.#commandLine();
    const child = spawn('/bin/sh', [guard, command!, ...args], {
      cwd,
      detached: true,
      env: { ...env, FOOTFALL_CONTAINER: this.#container?.name },
      stdio: ['ignore', log, log, 'pipe'],
    });
    closeSync(log);
    await once(child, 'spawn');
    this.#child = child;
    this.#endAsked = false;
    this.#ended = this.#watch(child);
    if (!this.#container) await this.#writePid();
    const running = () => this.#child === child;
    for (const deadline = Date.now() + startLimit; !((await ready(port)) && running()); await sleep(50)) {
      if (running() && Date.now() < deadline) continue;
      const why = running()
        ? `did not answer on port ${port} within ${startLimit / 1000} s`
        : 'did not start';
      await this.#end('SIGKILL');
      throw new Error(`${name} ${why}. The end of its log, ${this.logFile}:\n${await tail(this.logFile)}`);
    }
    if (this.#container) {
      this.#container.pid = await containerPid(this.#container.name, env);
      await this.#writePid();
    }
  }

  #commandLine(): string[] {
    const { name, command, args, image, folder, cwd = folder } = this.#spec;
    if (!image) return [command, ...args];
    const container = `footfall-${name.toLowerCase().replaceAll(' ', '-')}-${randomUUID().slice(0, 8)}`;
    this.#container = { name: container };
    const options = containerArgs({ image, program: command, name: container, cwd, folders: [folder] });
    return ['docker', ...options, ...args];
  }

  async #writePid(): Promise<void> {
    const { folder, mark } = this.#spec;
    await writeFile(pidFile(folder), JSON.stringify({ pid: this.pid, mark }));
  }

  /** Resolves when the process has ended and its guard has gone. */
  #watch(child: ChildProcess): Promise<void> {
    const leash = child.stdio[3] as Socket;
    leash.on('error', () => {}); // The guard may be gone before it is told to go.
    leash.resume();
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      leash.end('ended\n');
      const cause = signal ?? (this.#container && signalIn(code!));
      const how = cause ? `was ended by ${cause}` : `ended with exit code ${code}`;
      if (!this.#endAsked) {
        this.#unexpectedEnd.resolve(`${this.#spec.name} ${how}; its log is ${this.logFile}.`);
      }
    });
    return new Promise((resolve) => leash.once('close', () => resolve()));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#endAsked = true;
    await this.#send(signal);
    await this.#ended;
    await rm(pidFile(this.#spec.folder), { force: true });
  }

  async #send(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    // No signal that ends `docker run` at once would end its container.
    if (this.#container && (await signalContainer(this.#container.name, signal, this.#spec.env))) return;
    child.kill(signal);
  }

  /** Ends it in order (SIGTERM), or the hard way when that takes too long. Stopping twice is no error. */
  async stop(): Promise<void> {
    const limit = setTimeout(() => this.#send('SIGKILL'), stopLimit);
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

/** The signal behind an exit code of `docker run`, which is the program's: 128 and more is a signal. */
const signalIn = (code: number) =>
  Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];

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
