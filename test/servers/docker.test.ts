import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { isAlive } from '../../local/services/alive.ts';
import { startKafka } from '../../local/services/kafka.ts';
import { findPython } from '../../local/services/python.ts';
import { findRedis, startRedis } from '../../local/services/redis.ts';
import { footfallDir, startServices } from '../../local/services/services.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { closing } from '../support/closing.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * Servers in containers, on a machine without Java, Maven and Python. A program in the place of `docker` notes how it is
 * called and runs on this machine what an engine would run in a container. What an engine does with the same calls is
 * not tested here.
 */

const root = resolve(import.meta.dirname, '..', '..');
const cacheDir = join(footfallDir, 'cache');
const images = parse(await readFile(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }).services;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'footfall-docker-'));
  return closing(folder, () => rm(folder, { recursive: true, force: true }));
}

/** A PATH with nothing but `sh`, what it needs, and a `docker`. */
async function dockerOnly(programs: Record<string, string>) {
  const folder = await newFolder();
  const child = join(import.meta.dirname, '..', 'support', 'docker-child.ts');
  await writeFile(join(folder, 'docker'), `#!/bin/sh\nexec ${process.execPath} ${child} "$@"\n`);
  await chmod(join(folder, 'docker'), 0o755);
  await symlink('/bin/sleep', join(folder, 'sleep'));
  const env = { PATH: folder, DOCKER_FOLDER: folder, DOCKER_PROGRAMS: JSON.stringify(programs) };
  const calls = async () =>
    (await readFile(join(folder, 'calls'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[]);
  return { env, calls };
}

const log = () => {};
const user = `${process.getuid!()}:${process.getgid!()}`;
/** What each server's container is started with. */
const options = (name: RegExp, folder: string, program: string, image: string) => [
  ...['run', '--rm', '--interactive', '--network', 'host', '--user', user],
  ...['--name', expect.stringMatching(name)],
  ...[root, tmpdir(), folder].flatMap((one) => ['--volume', `${one}:${one}`]),
  ...['--workdir', folder, '--entrypoint', program, image],
];

describe('Redis', () => {
  let docker: Awaited<ReturnType<typeof dockerOnly>>;
  beforeAll(async () => {
    const { command } = await findRedis(cacheDir, process.env, log);
    docker = await dockerOnly({ 'redis-server': command });
  });
  const start = async (folder: string) => {
    const own = { folder, fresh: false, cacheDir: await newFolder(), port: undefined, env: docker.env, log };
    return closing(await startRedis(own), (one) => one.kill());
  };

  test('runs in a container that is removed, with its data in the folder', async () => {
    const folder = await newFolder();
    const server = await start(folder);
    const calls = await docker.calls();
    expect(calls).toContainEqual(['pull', '--quiet', images.redis.image]);
    const run = calls.find(([command]) => command === 'run')!;
    const expected = options(/^footfall-redis-[0-9a-f]{8}$/, folder, 'redis-server', images.redis.image);
    expect(run.slice(0, expected.length)).toEqual(expected);
    expect(run.slice(expected.length)).toEqual(
      expect.arrayContaining(['--port', String(server.port), '--dir', folder]),
    );
  });

  test('stopped, killed and started again, it has its data', async () => {
    const server = await start(await newFolder());
    const first = server.pid!;
    const redis = closing(connectRedis({ url: `redis://127.0.0.1:${server.port}` }), (one) =>
      one.disconnect(),
    );
    await redis.set('kept', 'one');
    await server.restart();
    expect(await redis.get('kept')).toBe('one');
    await server.kill();
    expect([server.pid, isAlive(first)]).toEqual([undefined, false]);
    await server.start();
    expect(await redis.get('kept')).toBe('one');
    const kills = (await docker.calls())
      .filter(([command]) => command === 'kill')
      .map(([, , signal]) => signal);
    expect(kills).toEqual(['SIGTERM', 'SIGKILL']);
  });

  test('that dies is reported, with the signal that ended it', async () => {
    const server = await start(await newFolder());
    process.kill(server.pid!, 'SIGKILL');
    await expect(server.unexpectedEnd).resolves.toMatch(/^Redis was ended by SIGKILL/);
  });
});

describe('Kafka', () => {
  test('has its folder made ready and runs in containers, one a broker', async () => {
    const jars = join(cacheDir, (await readdir(cacheDir)).find((name) => name.startsWith('kafka-'))!);
    const docker = await dockerOnly({ java: 'java', '/opt/kafka/libs/*': join(jars, '*') });
    const folder = await newFolder();
    const own = { folder, fresh: false, cacheDir: await newFolder(), port: undefined, env: docker.env, log };
    const [broker] = await startKafka(own);
    closing(broker!, (one) => one.stop());
    const admin = kafkaClient(
      readConfig({ KAFKA_BROKERS: `127.0.0.1:${broker!.port}`, REDIS_URL: 'redis://unused' }).kafka,
      'test',
    ).admin();
    await admin.connect();
    expect(await admin.listTopics()).toEqual([]);
    await admin.disconnect();

    const calls = await docker.calls();
    const { image } = images.kafka1;
    expect(calls).toContainEqual(['pull', '--quiet', image]);
    const [format, run] = calls.filter(([command]) => command === 'run');
    expect(format).not.toContain('--name');
    expect(format).toContain('kafka.tools.StorageTool');
    const expected = options(/^footfall-kafka-[0-9a-f]{8}$/, folder, 'java', image);
    expect(run!.slice(0, expected.length)).toEqual(expected);
    expect(run!.slice(-2)).toEqual(['kafka.Kafka', join(folder, 'server.properties')]);
  });
});

test('a server whose parent is killed ends with its container', async () => {
  const redis = await findRedis(cacheDir, process.env, log);
  const docker = await dockerOnly({ 'redis-server': redis.command });
  const services = JSON.stringify(join(root, 'local/services/services.ts'));
  const given = { dataDir: await newFolder(), cacheDir: await newFolder(), mode: 'embedded' };
  const script = `
    const { startServices } = await import(${services});
    const { redis } = await startServices(${JSON.stringify(given)});
    console.log(redis.pid);`;
  // A Kafka that is said to run is not started.
  const env = { ...docker.env, KAFKA_BROKERS: 'kafka.invalid:9092' };
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { env });
  const pid = Number((await once(createInterface(parent.stdout), 'line'))[0]);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await once(parent, 'close');
  await waitFor('the server to end', () => !isAlive(pid));
});

test('Python runs in a container that sees the project, temporary files and what it is asked about', async () => {
  const docker = await dockerOnly({ python3: '/bin/echo' });
  const python = await findPython({ cacheDir: await newFolder(), env: docker.env, folders: ['/data'], log });
  expect(python.command).toBe('docker');
  expect(python.args).toEqual([
    ...['run', '--rm', '--interactive', '--network', 'host', '--user', user],
    ...[root, tmpdir(), '/data'].flatMap((one) => ['--volume', `${one}:${one}`]),
    ...['--env', 'PYTHONPATH', '--env', `HOME=${tmpdir()}`, '--workdir', root],
    ...['--entrypoint', 'python3', expect.stringMatching(/^python:3\.\d+\.\d+-slim$/)],
  ]);
});

test('a machine without an engine too is told what to install', async () => {
  const env = { PATH: await newFolder() };
  const own = { cacheDir: await newFolder(), env, log };
  await expect(findPython(own)).rejects.toThrow(/^Python is missing: install Maven, which fetches one/);
  await expect(startServices({ dataDir: await newFolder(), mode: 'embedded', env })).rejects.toThrow(
    /^(Java|Maven) is missing: install/,
  );
});
