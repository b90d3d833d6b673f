import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, replaceFile } from './files.ts';
import { isAlive } from './services/alive.ts';
import { footfallDir } from './services/services.ts';

/** Where the last `npm start` that runs on this machine says how: one place, wherever its data are. */
export const runFile = join(footfallDir, 'run.json');

/** What other command lines need to meet its functions: the settings that they were started with, and the API's address. */
const NAMES = [
  'KAFKA_BROKERS',
  'REDIS_URL',
  'FOOTFALL_URL',
  'EVENTS_TOPIC',
  'DLQ_TOPIC',
  'SIGNALS_TOPIC',
  'SITES_TOPIC',
  'EVENTS_PARTITIONS',
];

const runSchema = z.object({ pid: z.number().int(), env: z.record(z.string(), z.string()) });

/** Notes the settings of this process's run. */
export function writeRun(env: NodeJS.ProcessEnv, file = runFile): void {
  const settings = Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  // For this user alone: REDIS_URL may hold a password.
  replaceFile(file, JSON.stringify({ pid: process.pid, env: settings }, null, 2), 0o600);
}

/** Removes what {@link writeRun} wrote, unless another run has written over it. */
export function removeRun(file = runFile): void {
  if (load(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** The settings of the run that goes on; undefined when there is none, or one that was killed left the file. */
export function readRun(file = runFile): Record<string, string> | undefined {
  const run = load(file);
  return run && isAlive(run.pid) ? run.env : undefined;
}

function load(file: string): z.infer<typeof runSchema> | undefined {
  const text = readIfThere(file);
  return text === undefined ? undefined : runSchema.safeParse(JSON.parse(text)).data;
}
