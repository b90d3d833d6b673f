import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { footfall } from '../../cli/footfall.ts';
import { exitCodeOf } from '../../local/command.ts';

/** What a command line has printed, and its exit code. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const root = resolve(import.meta.dirname, '../..');

/** `footfall` as a file that Node runs. */
export const launcher = join(root, 'bin', 'footfall.cjs');

/** Runs a program in the project's folder. @param env beyond that of the test */
export async function execute(file: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(file, args, { cwd: root, env: { ...process.env, ...env } });
  const ended = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data) => {
      ended[name] += data;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...ended };
}

/**
 * Runs `footfall` in this process, where Commander writes to the streams and the rest to the console.
 * @param env set meanwhile
 */
export async function run(command: string | string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  const take = (name: 'stdout' | 'stderr', end: string) => (text: unknown) => {
    ended[name] += `${text}${end}`;
    return true;
  };
  const { log, error } = console;
  const writes = [process.stdout.write, process.stderr.write] as const;
  const before = process.env;
  process.env = { ...before, ...env };
  Object.assign(console, { log: take('stdout', '\n'), error: take('stderr', '\n') });
  Object.assign(process.stdout, { write: take('stdout', '') });
  Object.assign(process.stderr, { write: take('stderr', '') });
  const args = typeof command === 'string' ? command.split(' ').filter(Boolean) : command;
  try {
    ended.code = await exitCodeOf(() => footfall(args));
  } finally {
    process.env = before;
    Object.assign(console, { log, error });
    Object.assign(process.stdout, { write: writes[0] });
    Object.assign(process.stderr, { write: writes[1] });
  }
  return ended;
}
