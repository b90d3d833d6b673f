import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cachedFolder } from './cached-folder.ts';

const run = promisify(execFile);

/**
 * A folder filled by a Maven goal, made once and shared by all runs. A lock keeps two runs from filling Maven's own
 * repository at the same time.
 * @param goal what to run, with the folder to fill: `(folder) => ['dependency:copy-dependencies', …]`
 * @throws one sentence that says what to install or what Maven said.
 */
export function mavenFolder(options: {
  cacheDir: string;
  name: string;
  pom: string;
  goal(folder: string): string[];
  env: NodeJS.ProcessEnv;
  log(line: string): void;
}): Promise<string> {
  const { cacheDir, name, pom, goal, env, log } = options;
  return cachedFolder({
    cacheDir,
    name,
    lock: 'maven',
    async fill(draft) {
      log(`Fetching ${name} with Maven (once)…`);
      const args = ['-q', '-B', '-f', pom, ...goal(draft)];
      await run('mvn', args, { env, maxBuffer: 16 << 20 }).catch((error) => {
        if (error.code === 'ENOENT') {
          throw new Error(
            'Maven is missing: install it (Debian: apt-get install maven; macOS: brew install maven), or run Docker, or set KAFKA_BROKERS and REDIS_URL.',
          );
        }
        throw new Error(`Maven could not fetch ${name}:\n${String(error.stdout).trim() || error.message}`);
      });
    },
  });
}
