import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../services/ports.ts';
import { pythonPackage } from '../services/python.ts';
import { footfallDir } from '../services/services.ts';

/** An AWS on this machine. */
export interface EmulatedAws {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** The variables with which the SDK, the framework and AWS's own command find it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** Between starting and answering, ms. */
const START_MS = 60_000;

/**
 * Starts moto's server (no Docker), with the additions in server.py. It keeps everything in memory.
 * @param port to prefer; any free one when absent
 * @throws one sentence when Python is missing or moto does not start
 */
export async function startAws({
  port: wanted,
  log,
}: {
  port?: number;
  log(line: string): void;
}): Promise<EmulatedAws> {
  log('Downloading moto into .footfall/cache unless it is there (about 300 MB, once)…');
  const python = await pythonPackage(
    { name: 'moto', requirement: 'moto[server]', version: '5.2.5' },
    { cacheDir: join(footfallDir, 'cache'), env: process.env, log },
  );
  const port = await freePort(wanted);
  const program = [...python.args, join(import.meta.dirname, 'server.py'), String(port)];
  const server = spawn(python.command, program, { env: python.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  const ended = once(server, 'exit');
  // With an IP address, the SDK puts the bucket into the path and needs no DNS.
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    server.kill();
    await ended;
  };
  for (let waited = 0; !(await fetch(endpoint).catch(() => undefined)); waited += 200) {
    if (server.exitCode !== null || waited > START_MS) {
      await stop();
      throw new Error(`moto did not start: ${said}`);
    }
    await sleep(200);
  }
  const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };
  const region = 'us-east-1';
  return {
    endpoint,
    region,
    credentials,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
    },
    stop,
  };
}
