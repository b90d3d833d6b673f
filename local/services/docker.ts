import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..', '..');
const composeFile = join(root, 'docker-compose.yml');

/** The addresses under which docker-compose.yml shows its servers to this machine. */
export const dockerAddresses = {
  kafkaBrokers: ['localhost:9092', 'localhost:9094', 'localhost:9096'],
  redisUrl: 'redis://localhost:6379',
};

/** Whether a Docker engine answers at once. */
export function dockerAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  return run('docker', ['info'], { env, timeout: 3_000 }).then(
    () => true,
    () => false,
  );
}

/**
 * Brings up the brokers, Redis or both from docker-compose.yml and waits until they are healthy.
 * @returns a function that stops what was started; data stay in their volumes
 * @throws what `docker compose` said
 */
export async function startDocker(
  wanted: readonly ('kafka' | 'redis')[],
  fresh: boolean,
  env: NodeJS.ProcessEnv,
): Promise<() => Promise<void>> {
  const compose = (...args: string[]) =>
    run('docker', ['compose', '-f', composeFile, ...args], { env, maxBuffer: 16 << 20 });
  const { stdout } = await compose('config', '--services');
  // kafka-1, kafka-2, kafka-3 and redis, but not kafdrop or redis-commander.
  const services = stdout
    .split('\n')
    .filter((name) => wanted.some((kind) => new RegExp(`^${kind}(-?\\d+)?$`).test(name)));
  if (fresh) await compose('down', '--volumes');
  await compose('up', '-d', '--wait', ...services);
  return async () => {
    await compose('stop', ...services);
  };
}

/**
 * The image that docker-compose.yml uses, with its tag.
 * @example await composeImage('redis') // 'redis:7.4.11'
 */
export async function composeImage(name: string): Promise<string> {
  const images = [...(await readFile(composeFile, 'utf8')).matchAll(/^ +image: (\S+)$/gm)].map(
    ([, one]) => one!,
  );
  return images.find((image) => image.startsWith(`${name}:`))!;
}

/**
 * Fetches an image unless the engine has it.
 * @throws what `docker pull` said
 */
export async function fetchImage(
  image: string,
  { env, log }: { env: NodeJS.ProcessEnv; log(line: string): void },
): Promise<void> {
  const isThere = await run('docker', ['image', 'inspect', image], { env }).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  log(`Fetching ${image} with Docker (once)…`);
  await run('docker', ['pull', '--quiet', image], { env, maxBuffer: 16 << 20 });
}

/**
 * The arguments with which `docker` runs a program of an image as if it ran here. The container has this machine's
 * network, this user, and, under their own paths, the project, the folder for temporary files and `folders`. Its
 * environment is the image's and `variables`. It is removed when the program ends.
 *
 * The program is the container's first process, without an init: Linux sends it the signals that other processes of
 * this machine send to it, and `docker run` passes on those that it gets itself.
 */
export function containerArgs(container: {
  image: string;
  program: string;
  /** Without one, Docker makes one up. */
  name?: string;
  /** Where the program works; the root of the project when absent. */
  cwd?: string;
  folders?: readonly string[];
  /** Names of variables of the caller's environment, or NAME=value. */
  variables?: readonly string[];
}): string[] {
  const { image, program, name, cwd = root, folders = [], variables = [] } = container;
  const shared = new Set([root, tmpdir(), ...folders]);
  return [
    ...[
      'run',
      '--rm',
      '--interactive',
      '--network',
      'host',
      '--user',
      `${process.getuid!()}:${process.getgid!()}`,
    ],
    ...(name ? ['--name', name] : []),
    ...[...shared].flatMap((folder) => ['--volume', `${folder}:${folder}`]),
    ...variables.flatMap((variable) => ['--env', variable]),
    ...['--workdir', cwd, '--entrypoint', program, image],
  ];
}

/** The id, on this machine, of a container's first process. */
export async function containerPid(name: string, env: NodeJS.ProcessEnv): Promise<number> {
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Pid}}', name], { env });
  return Number(stdout);
}

/** Sends a signal to a container's first process; false when there is no such container. */
export function signalContainer(
  name: string,
  signal: NodeJS.Signals,
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  return run('docker', ['kill', '--signal', signal, name], { env }).then(
    () => true,
    () => false,
  );
}
