import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { SETTINGS } from '../shared/platform/config.ts';
import { readIfThere, replaceFile } from './files.ts';
import { isAlive } from './services/alive.ts';
import { footfallDir } from './services/services.ts';

/** Describes the last `npm start` on this machine. One fixed place, wherever its data folder is. */
export const runFile = join(footfallDir, 'run.json');

/** What other commands need to reach the same services, stores and API. */
const NAMES = [...SETTINGS, 'FOOTFALL_URL'];

const runSchema = z.object({ pid: z.number().int(), env: z.record(z.string(), z.string()) });

/** Records the settings of this process's run. */
export function writeRun(env: NodeJS.ProcessEnv, file = runFile): void {
  const settings = Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  // Readable for this user only: settings may hold passwords.
  replaceFile(file, JSON.stringify({ pid: process.pid, env: settings }, null, 2), 0o600);
}

/** Removes the file that {@link writeRun} wrote, unless another run has overwritten it. */
export function removeRun(file = runFile): void {
  if (load(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** Settings of the current run; undefined when none is running, even if a killed one left its file. */
export function readRun(file = runFile): Record<string, string> | undefined {
  const run = load(file);
  return run && isAlive(run.pid) ? run.env : undefined;
}

function load(file: string): z.infer<typeof runSchema> | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return runSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // Written by another version, or damaged.
  }
}
