import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/**
 * A `docker` without an engine. It notes its arguments in DOCKER_FOLDER/calls, one JSON array a line, and runs the
 * program of a "container" on this machine, under what DOCKER_PROGRAMS (JSON) says in the place of paths of an image.
 */
const args = process.argv.slice(2);
const folder = process.env.DOCKER_FOLDER!;
appendFileSync(join(folder, 'calls'), `${JSON.stringify(args)}\n`);

/** The value behind an option. */
const after = (option: string) => args[args.indexOf(option) + 1]!;
const pidFile = (name: string) => join(folder, `${name}.pid`);

function runContainer(): void {
  const name = args.includes('--name') ? after('--name') : 'unnamed';
  const program = args.slice(args.indexOf('--entrypoint') + 1);
  program.splice(1, 1); // The image.
  const here: Record<string, string> = JSON.parse(process.env.DOCKER_PROGRAMS!);
  const [command, ...rest] = program.map((part) => here[part] ?? part);
  const child = spawn(command!, rest, { cwd: after('--workdir'), stdio: 'inherit', env: {} });
  writeFileSync(pidFile(name), String(child.pid));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    rmSync(pidFile(name), { force: true });
    process.exit(signal ? 128 + constants.signals[signal] : code!);
  });
}

if (args[0] === 'run') runContainer();
if (args[0] === 'inspect') console.log(readFileSync(pidFile(args.at(-1)!), 'utf8'));
if (args[0] === 'kill') process.kill(Number(readFileSync(pidFile(args.at(-1)!), 'utf8')), after('--signal'));
// So that `docker pull` can be seen.
if (args[0] === 'image') process.exitCode = 1;
