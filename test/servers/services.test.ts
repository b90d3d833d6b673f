import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Services, type ServicesOptions, startServices } from '../../local/services/services.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { closing } from '../support/closing.ts';
import { waitFor } from '../support/wait-for.ts';

/** Without the addresses that `npm test` gives: most of these tests start servers of their own. */
const { KAFKA_BROKERS, REDIS_URL, ...env } = process.env;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'footfall-services-'));
  return closing(folder, () => rm(folder, { recursive: true, force: true }));
}

async function start(options: Partial<ServicesOptions> = {}): Promise<Services> {
  const dataDir = options.dataDir ?? (await newFolder());
  const services = await startServices({ mode: 'embedded', env, ...options, dataDir });
  return closing(services, () => services.stop());
}

/** A PATH that holds these shell scripts and nothing else. */
async function pathWith(programs: Record<string, string>): Promise<NodeJS.ProcessEnv> {
  const folder = await newFolder();
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return { PATH: folder };
}

const topic = (services: Services) => ({
  brokers: services.kafkaBrokers,
  ssl: false,
  sasl: undefined,
  eventsTopic: 'kept',
  dlqTopic: 'kept.dlq',
  signalsTopic: 'kept.signals',
  sitesTopic: 'sites',
  partitions: 1,
});

async function write(services: Services, value: string): Promise<void> {
  await ensureTopics(topic(services));
  const producer = new EventProducer(topic(services));
  await producer.send('kept', [{ key: 'key', value }]);
  await producer.close();
  const redis = connectRedis({ url: services.redisUrl });
  await redis.rpush('kept', value);
  redis.disconnect();
}

async function kept(services: Services): Promise<{ records: number | undefined; list: string[] }> {
  await ensureTopics(topic(services));
  const end = new TopicOffsets(topic(services));
  const offsets = await end.fetch();
  await end.close();
  const redis = connectRedis({ url: services.redisUrl });
  const list = await redis.lrange('kept', 0, -1);
  redis.disconnect();
  return { records: offsets[0]?.high, list };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('embedded servers', () => {
  test('keep their data over a stop, over a crash, and until told to start fresh', async () => {
    const dataDir = await newFolder();
    const first = await start({ dataDir });
    await write(first, 'one');
    await first.stop();

    const second = await start({ dataDir });
    expect(await kept(second)).toEqual({ records: 1, list: ['one'] });
    await write(second, 'two');
    const before = [second.kafka!.port, second.redis!.port];
    await Promise.all([second.kafka!.kill(), second.redis!.kill()]);
    expect([second.kafka!.pid, second.redis!.pid]).toEqual([undefined, undefined]);
    await Promise.all([second.kafka!.start(), second.redis!.start()]);
    expect([second.kafka!.port, second.redis!.port]).toEqual(before);
    expect(await kept(second)).toEqual({ records: 2, list: ['one', 'two'] });
    await second.stop();

    const third = await start({ dataDir, fresh: true });
    expect(await kept(third)).toEqual({ records: 0, list: [] });
    await third.stop();
  });

  test('end with a parent that is killed, and the folder can be used again', async () => {
    const dataDir = await newFolder();
    const script = `
      const { startServices } = await import(${JSON.stringify(join(process.cwd(), 'local/services/services.ts'))});
      const { kafka, redis } = await startServices(${JSON.stringify({ dataDir, mode: 'embedded' })});
      console.log(JSON.stringify([kafka.pid, redis.pid]));`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { env });
    const pids: number[] = JSON.parse((await once(createInterface(parent.stdout), 'line'))[0]);
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await once(parent, 'close');
    await waitFor('the servers to end', () => !pids.some(isAlive));

    const again = await start({ dataDir });
    await again.stop();
  });

  test('are refused on a folder on which another run works', async () => {
    const dataDir = await newFolder();
    const first = await start({ dataDir });
    const refused = startServices({ dataDir, mode: 'embedded', env });
    await expect(refused).rejects.toThrow(/of another run \(process \d+\) is working on .* kill \d+/);
    expect([isAlive(first.kafka!.pid!), isAlive(first.redis!.pid!)]).toEqual([true, true]);
    await first.stop();
  });

  test('take the preferred ports, or others when those are taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const taken = (squatter.address() as { port: number }).port;
    const services = await start({ ports: { kafka: taken, redis: taken } });
    const { port } = services.redis!;
    expect(services.kafka!.port).not.toBe(taken);
    expect(port).not.toBe(taken);
    await write(services, 'one');
    await services.stop();
    squatter.close();

    const redisOnly = await start({ env: { ...env, KAFKA_BROKERS }, ports: { kafka: taken, redis: port } });
    expect(redisOnly.redisUrl).toBe(`redis://127.0.0.1:${port}`);
    await redisOnly.stop();
  });

  test('that die are reported; those that are stopped are not', async () => {
    const services = await start({ env: { ...env, KAFKA_BROKERS } });
    process.kill(services.redis!.pid!, 'SIGKILL');
    await expect(services.unexpectedEnd).resolves.toMatch(
      /^Redis was ended by SIGKILL; its log is .*server\.log\.$/,
    );

    const stopped = await start({ env: { ...env, KAFKA_BROKERS } });
    await stopped.stop();
    await expect(Promise.race([stopped.unexpectedEnd, 'silence'])).resolves.toBe('silence');
  });
});

describe('addresses in the environment', () => {
  test('are used as they are, and what is there is not stopped', async () => {
    const services = await start({ env: { ...env, KAFKA_BROKERS, REDIS_URL } });
    expect(services.from).toEqual({ kafka: 'environment', redis: 'environment' });
    expect(services.kafkaBrokers.join(',')).toBe(KAFKA_BROKERS);
    expect(services.redisUrl).toBe(REDIS_URL);
    await services.stop();
    const redis = connectRedis({ url: services.redisUrl });
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });
});

describe('what is missing is said in one sentence', () => {
  test('no Java; and the Redis that had started is stopped again', async () => {
    const dataDir = await newFolder();
    const noJava = startServices({ dataDir, mode: 'embedded', env: await pathWith({}) });
    await expect(noJava).rejects.toThrow(/^Java is missing: install Java 17 or newer .*$/);
    const withJava = await start({ dataDir });
    await withJava.stop();
  });

  test('a Java that is too old', async () => {
    const old = await pathWith({ java: `echo 'openjdk version "11.0.2" 2019-01-15' >&2` });
    const tooOld = startServices({ dataDir: await newFolder(), mode: 'embedded', env: old });
    await expect(tooOld).rejects.toThrow(/^Java is too old \(openjdk version "11\.0\.2".*install Java 17/);
  });

  test('no Maven, when the jars are not there yet', async () => {
    const noMaven = startServices({
      dataDir: await newFolder(),
      cacheDir: await newFolder(),
      mode: 'embedded',
      env: { ...(await pathWith({})), KAFKA_BROKERS },
    });
    await expect(noMaven).rejects.toThrow(/^Maven is missing: install it .*$/);
  });

  test('a Docker engine that hangs is passed over', async () => {
    const hung = await pathWith({ docker: 'exec /bin/sleep 60' });
    const services = await start({ mode: 'auto', env: { ...hung, KAFKA_BROKERS } });
    expect(services.from).toEqual({ kafka: 'environment', redis: 'embedded' });
    await services.stop();
  });
});
