import { execFile } from 'node:child_process';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { footfallDir } from '../services/services.ts';

const run = promisify(execFile);
const cache = join(footfallDir, 'cache');

/**
 * The `bin` folder of a Python environment that has one pinned package; made at first use (from PyPI) and kept
 * under .footfall/cache.
 * @param name the folder's beginning, such as `cfn-lint`
 * @param requirement as pip takes it, without the version, such as `moto[server]`
 * @throws one sentence when there is no Python 3, or what pip said
 */
export async function pythonTools(name: string, requirement: string, version: string): Promise<string> {
  const folder = join(cache, `${name}-${version}`);
  const bin = join(folder, 'bin');
  const complete = join(folder, 'complete');
  const found = await access(complete).then(
    () => true,
    () => false,
  );
  if (found) return bin;
  await run('python3', ['-m', 'venv', folder]).catch((cause) => {
    throw new Error(
      `${name} runs on Python: install Python 3.9 or newer with venv as python3 (Debian: apt-get install python3-venv).`,
      { cause },
    );
  });
  await run(join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', `${requirement}==${version}`]);
  await writeFile(complete, '');
  return bin;
}
