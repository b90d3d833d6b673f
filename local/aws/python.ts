import { execFile } from 'node:child_process';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { footfallDir } from '../services/services.ts';

const run = promisify(execFile);
const cache = join(footfallDir, 'cache');

/**
 * The `bin` folder of a Python environment with one pinned package. Created at first use (from PyPI) and kept
 * under .footfall/cache.
 * @param name prefix of the folder, such as `cfn-lint`
 * @param requirement package for pip, without version, such as `moto[server]`
 * @throws one sentence when Python 3 is missing; pip's error
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
