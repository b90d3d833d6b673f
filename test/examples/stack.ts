import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../local/services/ports.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { startFunctions } from '../../local/start/start-functions.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { waitFor } from '../support/wait-for.ts';

const root = resolve(import.meta.dirname, '../..');

/** The functions that `npm start` runs, with the demo sites, on the Kafka and Redis of `npm test`. */
export interface Stack {
  /** Of the HTTP API. */
  url: string;
  config: TestConfig;
  /** For files; removed after the tests. */
  folder: string;
  /** Asks with a key and gives the answer's `data`; undefined when the status is not 2xx. */
  ask<T>(key: string, target: string): Promise<T | undefined>;
  /** Sends events with a write key, and fails unless all are accepted. */
  send(key: string, events: object[]): Promise<void>;
  /** Runs a function as its schedule does. */
  invoke(name: string): Promise<void>;
}

/**
 * Starts the stack, and stops it after the tests of the file.
 * @param options.isEmpty whether there are no sites yet
 */
export async function startStack({ isEmpty = false } = {}): Promise<Stack> {
  const config = await freshConfig();
  const folder = closing(await mkdtemp(join(tmpdir(), 'footfall-examples-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  if (!isEmpty) await addSites(config, config.sites);
  const { functions, output } = await startFunctions({
    dataDir: folder,
    port: await freePort(),
    env: {
      ...process.env,
      ...envOf(config),
    },
    onOutput: () => {},
  });
  closing(output, () => output.stop());
  closing(functions, () => functions.stop());
  const url = `http://localhost:${functions.port}`;
  const log = await readFile(functions.logFile, 'utf8');
  const lambdaUrl = /\[http for lambda\] listening on (\S+)/.exec(log)![1];

  const request = (key: string, target: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    // Node's HTTP server closes a connection after 5 idle seconds, and a request that meets the closing fails.
    return waitFor(`an answer of ${target}`, () => fetch(`${url}${target}`, { headers, ...init }));
  };
  return {
    url,
    config,
    folder,
    ask: async <T>(key: string, target: string) => {
      const response = await request(key, target);
      return response.ok ? ((await response.json()) as { data: T }).data : undefined;
    },
    send: async (key, events) => {
      const body = JSON.stringify({ events });
      const response = await request(key, '/v1/events', { method: 'POST', body });
      expect(await response.json()).toMatchObject({ accepted: events.length });
    },
    invoke: async (name) => {
      const path = `/2015-03-31/functions/footfall-dev-${name}/invocations`;
      const response = await fetch(`${lambdaUrl}${path}`, { method: 'POST', body: '{}' });
      expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([200, null]);
    },
  };
}

/** A program of examples/ that runs. */
export interface Program {
  /** What it has printed. */
  output(): string;
  /** Asks it to end, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Runs `node examples/<file>` with these settings; stopped after the tests at the latest. */
export function runExample(file: string, env: NodeJS.ProcessEnv): Program {
  // The guard ends the program when the tests are ended before they can.
  const guard = join(root, 'local/services/guard.sh');
  const child: ChildProcess = spawn('/bin/sh', [guard, process.execPath, join(root, 'examples', file)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const leash = (child.stdio[3] as Socket).on('error', () => {});
  child.once('exit', () => leash.end('ended\n'));
  let printed = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (piece) => {
      printed += piece;
    });
  }
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  closing(child, stop);
  return { output: () => printed, stop };
}

/** Waits until a program has printed this, and gives the match. */
export const printed = (program: Program, pattern: RegExp): Promise<RegExpExecArray> =>
  waitFor(`the output ${pattern}`, () => pattern.exec(program.output()));
