import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { readIfThere, replaceFile } from '../../local/files.ts';
import type { Plan } from './plan.ts';

/** How far an import has come. It is written after each batch that the brokers have acknowledged. */
const stateSchema = z.object({
  file: z.string(),
  fingerprint: z.string(),
  /** The last line that is done. */
  position: z.number().int(),
  sent: z.number().int(),
  rejected: z.number().int(),
  /** Length of the rejects file then, in bytes. Lines behind it are from a run that was killed. */
  rejectsBytes: z.number().int(),
  done: z.boolean(),
});

export type ImportState = z.infer<typeof stateSchema>;

/**
 * The path of the state of importing this file in this way. Another version of the file, another mapping, cluster or
 * topic is another import.
 */
export async function stateFileFor(
  folder: string,
  file: string,
  plan: Plan,
  target: { clusterId: string; topic: string },
): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const { site, zone, currency, columns, events, shape, given } = plan;
  const mapping = [site.id, zone, currency, columns, events, shape, given];
  const identity = [resolve(file), size, mtimeMs, ...mapping, target];
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
  return join(folder, `${name}.json`);
}

/** Reads a state; undefined when there is none. */
export function loadState(stateFile: string): ImportState | undefined {
  const text = readIfThere(stateFile);
  return text === undefined ? undefined : stateSchema.parse(JSON.parse(text));
}

export function saveState(stateFile: string, state: ImportState): void {
  replaceFile(stateFile, JSON.stringify(state));
}
