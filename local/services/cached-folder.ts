import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './alive.ts';

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Takes a lock file. Waits for the process that has it; takes over the lock of a dead process. */
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
    // The owner of an empty file has not written its id yet, unless the file stays empty.
    if (owner > 0 ? !isAlive(owner) : age > 5_000) await rm(file, { force: true });
    await sleep(200);
  }
}

/**
 * A folder that is filled once and shared by all runs. It appears by a rename, so it is either whole or absent.
 * @param options.name the folder's name in `cacheDir`; it includes the version of what is in it
 * @param options.lock runs with the same lock wait for each other
 * @param options.fill fills the empty folder that it is given. Its files must not know their own path, except by
 * `folder`, where they end up
 * @returns the folder's path
 * @example
 * const jars = await cachedFolder({ cacheDir, name: 'kafka-4.1.2', lock: 'maven', fill: (draft) => fetchInto(draft) });
 */
export async function cachedFolder(options: {
  cacheDir: string;
  name: string;
  lock: string;
  fill(draft: string, folder: string): Promise<unknown>;
}): Promise<string> {
  const { cacheDir, name, fill } = options;
  const folder = join(cacheDir, name);
  if (await exists(folder)) return folder;
  await mkdir(cacheDir, { recursive: true });
  const lockFile = join(cacheDir, `${options.lock}.lock`);
  await lock(lockFile);
  try {
    if (await exists(folder)) return folder;
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft);
    await fill(draft, folder);
    await rename(draft, folder);
    return folder;
  } finally {
    await rm(lockFile, { force: true });
  }
}
