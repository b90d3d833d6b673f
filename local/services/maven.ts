import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from './alive.ts';

const run = promisify(execFile);
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Takes a lock file, waiting for the process that has it; a lock whose owner is dead is taken over. */
async function lock(file: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(file, 'utf8').catch(() => 0));
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    // An empty file is one whose owner has not written its id yet, unless it stays so.
    if (owner > 0 ? !isAlive(owner) : age > 5_000) await rm(file, { force: true });
    await sleep(200);
  }
}

/**
 * A folder filled by a Maven goal, made once and shared by all runs. It appears by a rename, so it is either
 * whole or absent; a lock keeps two runs from filling Maven's own repository at the same time.
 * @param goal what to run, with the folder to fill: `(folder) => ['dependency:copy-dependencies', …]`
 * @throws one sentence that says what to install or what Maven said.
 */
export async function mavenFolder(options: {
  cacheDir: string;
  name: string;
  pom: string;
  goal(folder: string): string[];
  env: NodeJS.ProcessEnv;
  log(line: string): void;
}): Promise<string> {
  const { cacheDir, name, pom, goal, env, log } = options;
  const folder = join(cacheDir, name);
  if (await exists(folder)) return folder;
  await mkdir(cacheDir, { recursive: true });
  const lockFile = join(cacheDir, 'maven.lock');
  await lock(lockFile);
  try {
    if (await exists(folder)) return folder;
    log(`Fetching ${name} with Maven (once)…`);
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await run('mvn', ['-q', '-B', '-f', pom, ...goal(draft)], { env, maxBuffer: 16 << 20 }).catch((error) => {
      if (error.code === 'ENOENT') {
        throw new Error(
          'Maven is missing: install it (Debian: apt-get install maven; macOS: brew install maven), or run Docker, or set KAFKA_BROKERS and REDIS_URL.',
        );
      }
      throw new Error(`Maven could not fetch ${name}:\n${String(error.stdout).trim() || error.message}`);
    });
    await rename(draft, folder);
    return folder;
  } finally {
    await rm(lockFile, { force: true });
  }
}
