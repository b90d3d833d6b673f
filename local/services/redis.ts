import { execFile } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { composeImage, dockerAnswers, fetchImage } from './docker.ts';
import { mavenFolder } from './maven.ts';
import { freePort } from './ports.ts';
import { type EmbeddedOptions, type Program, Server, takeFolder } from './server.ts';

const run = promisify(execFile);

/** The parts of the jar's file names (redis-server-6.2.7-linux-arm64) by Node's names. */
const platforms: Record<string, string> = {
  'linux x64': 'linux-amd64',
  'linux arm64': 'linux-arm64',
  'darwin x64': 'darwin-amd64',
  'darwin arm64': 'darwin-arm64',
};

/**
 * The `redis-server` to use: the one on PATH, else the 6.2 inside Maven's embedded-redis jar, else Docker's.
 * @throws one sentence that says what to install
 */
export async function findRedis(
  cacheDir: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<Program> {
  const installed = await run('redis-server', ['--version'], { env }).catch(() => undefined);
  if (installed) return { command: 'redis-server' };
  try {
    return { command: await mavenRedis(cacheDir, env, log) };
  } catch (error) {
    if (!(await dockerAnswers(env))) throw error;
    const image = await composeImage('redis');
    await fetchImage(image, { env, log });
    return { command: 'redis-server', image };
  }
}

async function mavenRedis(
  cacheDir: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<string> {
  const platform = platforms[`${process.platform} ${process.arch}`];
  if (!platform) {
    throw new Error('Redis is missing: install redis-server 6.2 or newer, or run Docker, or set REDIS_URL.');
  }
  const folder = await mavenFolder({
    cacheDir,
    name: 'redis-6.2',
    pom: join(import.meta.dirname, 'redis', 'pom.xml'),
    goal: (draft) => [
      'dependency:unpack-dependencies',
      '-DincludeArtifactIds=embedded-redis',
      '-Dmdep.unpack.includes=redis-server-*',
      `-DoutputDirectory=${draft}`,
      // Where Maven notes what it has unpacked: anywhere else, it would leave a folder that was deleted empty.
      `-DmarkersDirectory=${join(draft, 'markers')}`,
    ],
    env,
    log,
  });
  const binary = (await readdir(folder)).find((file) => file.endsWith(platform))!;
  await chmod(join(folder, binary), 0o755);
  return join(folder, binary);
}

/** Whether the server has loaded its data and takes commands (while loading, PING is answered with an error). */
const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(false));
  });

export interface RedisOptions extends EmbeddedOptions {
  /** Further settings of the server that is to listen on a port, under their names in redis.conf. */
  settings?(port: number): Record<string, string>;
  /** Instead of a PING without TLS. */
  ready?(port: number): Promise<boolean>;
}

/** What every Redis of Footfall is set to, see docs/deploy.md. */
const REDIS_SETTINGS = {
  // Counters must never be evicted silently: a full Redis refuses writes instead, and the batch is retried.
  'maxmemory-policy': 'noeviction',
  // Redis looks through the fields of a smaller hash one by one. With its default of 512 a commit takes a third longer.
  // Newer servers call it hash-max-listpack-entries, and know this name, too.
  'hash-max-ziplist-entries': '128',
} as const;

/**
 * A server with these settings and {@link REDIS_SETTINGS}, that is still to be started.
 * @param options.ready whether it takes clients; by PING when absent
 */
export const redisServer = ({
  program,
  settings,
  env,
  port,
  folder,
  ready = answers,
}: {
  program: Program;
  settings: Readonly<Record<string, string>>;
  env: NodeJS.ProcessEnv;
  port: number;
  folder: string;
  ready?: ((port: number) => Promise<boolean>) | undefined;
}): Server =>
  new Server({
    name: 'Redis',
    ...program,
    args: Object.entries({ ...REDIS_SETTINGS, ...settings }).flatMap(([name, value]) => [`--${name}`, value]),
    env,
    port,
    folder,
    // Redis rewrites its command line to "redis-server 127.0.0.1:6379", and " [cluster]" behind it in one.
    mark: `127.0.0.1:${port}`,
    ready,
  });

/**
 * Starts one Redis whose data outlive it. Every write is in the append-only file before it is answered,
 * so killing the process loses nothing, and the numbers stay in step with what Kafka has.
 * @throws one sentence when no redis-server can be had, or another run works on the folder
 */
export async function startRedis(options: RedisOptions): Promise<Server> {
  const { folder, fresh, cacheDir, env, log } = options;
  const program = await findRedis(cacheDir, env, log);
  await takeFolder('Redis', folder, fresh);
  const port = await freePort(options.port);
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    // Tests take a database each; Redis makes them when they are used.
    databases: '256',
    ...options.settings?.(port),
  };
  const server = redisServer({ program, settings, env, port, folder, ready: options.ready });
  await server.start();
  return server;
}
