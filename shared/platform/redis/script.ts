import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The text of a Redis script.
 * @param path below `shared`, such as `shard/commit.lua`. In a bundle the scripts keep their paths below its root.
 */
export function readScript(path: string): string {
  const source = join(import.meta.dirname, '../..', path);
  const bundled = join(import.meta.dirname, '../../shared', path);
  return readFileSync(existsSync(source) ? source : bundled, 'utf8');
}
