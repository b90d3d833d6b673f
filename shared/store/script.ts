import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A script of Redis. It lies beside this module; in a bundle it keeps its path below the package's root. */
export function readScript(name: string): string {
  const beside = join(import.meta.dirname, name);
  const bundled = join(import.meta.dirname, '../../shared/store', name);
  return readFileSync(existsSync(beside) ? beside : bundled, 'utf8');
}
