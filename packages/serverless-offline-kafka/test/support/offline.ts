import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SelfManagedKafkaEvent } from 'aws-lambda';
import { waitFor } from './wait-for.ts';

/** The root of the repository, whose node_modules has serverless and serverless-offline. */
export const repository = join(import.meta.dirname, '..', '..', '..', '..');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Runs `serverless offline start` in a service's folder until `isDone`, then ends it as Ctrl-C does.
 * @throws with everything it has printed, when it ends before `isDone` or with another exit code than 0.
 */
export async function runOffline(options: {
  serviceDir: string;
  env: Record<string, string>;
  isDone(): boolean;
}): Promise<void> {
  const { serviceDir, env, isDone } = options;
  const serverless = join(repository, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const ports = ['--lambdaPort', String(await freePort()), '--httpPort', String(await freePort())];
  const child = spawn(process.execPath, [serverless, 'offline', 'start', '--noSponsor', ...ports], {
    cwd: serviceDir,
    env: {
      ...process.env,
      ...env,
      NODE_OPTIONS: '',
      SLS_TELEMETRY_DISABLED: '1',
      SLS_NOTIFICATIONS_MODE: 'off',
    },
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  try {
    await waitFor('the invocations', () => isDone() || child.exitCode !== null);
    child.kill('SIGINT');
    const [code] = await ended;
    if (code !== 0) throw new Error(`it exited with ${code}`);
  } catch (error) {
    throw new Error(`serverless offline failed: ${(error as Error).message}\n${output}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** The events that a function has appended to a file as lines of JSON. */
export function eventsIn(file: string): SelfManagedKafkaEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
