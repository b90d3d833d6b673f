import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isAlive } from './services/alive.ts';
import { footfallDir } from './services/services.ts';

/** Where the last `npm start` that runs on this machine says how: one place, wherever its data are. */
export const runFile = join(footfallDir, 'run.json');

/** The settings that its functions were started with and that other command lines need to meet them. */
const NAMES = [
  'KAFKA_BROKERS',
  'REDIS_URL',
  'FOOTFALL_SITES',
  'EVENTS_TOPIC',
  'DLQ_TOPIC',
  'EVENTS_PARTITIONS',
];

const runSchema = z.object({ pid: z.number().int(), env: z.record(z.string(), z.string()) });

/** Notes the settings of this process's run. */
export function writeRun(env: NodeJS.ProcessEnv, file = runFile): void {
  const settings = Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  mkdirSync(dirname(file), { recursive: true });
  // A rename, so that nobody reads half of it; closed to others, since sites have secret keys.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, env: settings }, null, 2), { mode: 0o600 });
  renameSync(draft, file);
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
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return runSchema.safeParse(JSON.parse(text)).data;
}
