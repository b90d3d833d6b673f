import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import type { Config } from '../../shared/platform/config.ts';

/** Programs with another state format, in a process of their own. */
export interface OtherFormat {
  /** As in {@link startAggregating}. */
  caughtUp(): Promise<void>;
  /** @returns how many carts were signalled. */
  sweep(): Promise<number>;
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '..', '..');

/** Starts aggregate and the sweep of a copy of the sources with another state format. */
export async function startOtherFormat(config: Config, format: number): Promise<OtherFormat> {
  const folder = await mkdtemp(join(tmpdir(), 'footfall-format-'));
  const copied = ['package.json', 'shared', 'functions', 'local', join('test', 'support')];
  await Promise.all(copied.map((one) => cp(join(root, one), join(folder, one), { recursive: true })));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'shared', 'generations', 'state-format.ts');
  const text = await readFile(file, 'utf8');
  const changed = text.replace(`STATE_FORMAT = ${STATE_FORMAT};`, `STATE_FORMAT = ${format};`);
  if (format !== STATE_FORMAT && changed === text) throw new Error(`${file} has no STATE_FORMAT to change.`);
  await writeFile(file, changed);
  const script = join(folder, 'test', 'support', 'programs-child.ts');
  const child = fork(script, [JSON.stringify(config)], {
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const ended = once(child, 'exit');
  const answer = async () => {
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(() => {
        throw new Error('The process has ended.');
      }),
    ]);
    return message as number;
  };
  const ask = (question: 'caughtUp' | 'sweep') => {
    child.send(question);
    return answer();
  };
  await answer();
  return {
    caughtUp: async () => {
      await ask('caughtUp');
    },
    sweep: () => ask('sweep'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
