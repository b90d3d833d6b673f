import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const composeFile = join(import.meta.dirname, '..', '..', 'docker-compose.yml');

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
