import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Packaging and deploying are work for the processor, twice; the download of moto comes once. ms */
const LIMIT_MS = 900_000;
const root = join(import.meta.dirname, '..', '..');

test(
  'a stack is created, changed and removed in an emulated AWS, each time as serverless.yml says',
  async () => {
    // Only what a process needs, so no setting of this machine gets into the stack.
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    };
    const { stdout } = await run(process.execPath, [join(root, 'local', 'aws', 'deploy.ts')], {
      timeout: LIMIT_MS,
      killSignal: 'SIGINT',
      cwd: root,
      env,
    });
    expect(stdout.split('\n').filter((line) => /^(Created|Changed)/.test(line))).toEqual([
      'Created: 9 functions, as serverless.yml says.',
      'Changed one function; the others are as they were.',
      'Created, changed, rolled back and removed.',
    ]);
  },
  LIMIT_MS,
);
