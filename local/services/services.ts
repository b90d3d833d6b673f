import { join, resolve } from 'node:path';
import { dockerAddresses, dockerAnswers, startDocker } from './docker.ts';
import { type KafkaOptions, startKafka } from './kafka.ts';
import { startRedis } from './redis.ts';
import type { EmbeddedOptions, Server } from './server.ts';

export interface Services {
  /** host:port of each broker. */
  kafkaBrokers: string[];
  redisUrl: string;
  /** Where each came from. */
  from: { kafka: Source; redis: Source };
  /** The embedded servers, which tests kill and restart; absent when they are not ours. */
  kafka?: Server;
  redis?: Server;
  /** All embedded brokers; `kafka` is the first. */
  brokers: readonly Server[];
  /** Resolves with a sentence for people when an embedded server ends without having been asked to. */
  unexpectedEnd: Promise<string>;
  /** Stops what was started, Redis and Kafka at the same time. Stopping twice is no error. */
  stop(): Promise<void>;
}

type Source = 'environment' | 'docker' | 'embedded';

export interface ServicesOptions {
  /** Where embedded servers keep their data: `<dataDir>/kafka`, `<dataDir>/redis`. */
  dataDir: string;
  /** Forget earlier data first. Nothing is wiped in servers named by the environment. */
  fresh?: boolean;
  /**
   * `embedded` passes over docker-compose.yml, for runs that must not share a server. Embedded servers are programs of
   * this machine, or of containers of their own where Java or Maven is missing and a Docker engine answers.
   */
  mode?: 'auto' | 'embedded';
  /** Ports to prefer for embedded servers; without them, any free ones. */
  ports?: { kafka: number; redis: number };
  /** How embedded Kafka is started, where that is not one broker without any security. */
  kafka?: Pick<KafkaOptions, 'brokers' | 'protocol' | 'settings' | 'advertise'>;
  /** Where downloads are kept, shared by all runs. */
  cacheDir?: string;
  /** KAFKA_BROKERS and REDIS_URL name servers that already run; PATH and JAVA_HOME find programs. */
  env?: NodeJS.ProcessEnv;
  /** Takes lines for people about what takes long. */
  log?(line: string): void;
}

/** `.footfall` at the root of the project. */
export const footfallDir = resolve(import.meta.dirname, '..', '..', '.footfall');

/**
 * Brings up Kafka and Redis: each from its address in the environment, else from Docker when an engine answers,
 * else embedded. Resolves when both take clients.
 * @throws one clear sentence when something is missing or does not start; nothing is left running then.
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { dataDir, fresh = false, mode = 'auto', ports, cacheDir = join(footfallDir, 'cache') } = options;
  const { env = process.env, log = () => {} } = options;
  const wanted = [
    ...(env.KAFKA_BROKERS ? [] : ['kafka' as const]),
    ...(env.REDIS_URL ? [] : ['redis' as const]),
  ];
  const docker = mode === 'auto' && wanted.length > 0 && (await dockerAnswers(env));
  const source = (address: string | undefined): Source =>
    address ? 'environment' : docker ? 'docker' : 'embedded';
  const from = { kafka: source(env.KAFKA_BROKERS), redis: source(env.REDIS_URL) };
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    const ends = await Promise.allSettled(stops.map((stopOne) => stopOne()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  };

  const embedded = async (
    name: 'kafka' | 'redis',
    start: (options: EmbeddedOptions) => Promise<Server[]>,
  ): Promise<Server[]> => {
    if (from[name] !== 'embedded') return [];
    const folder = join(resolve(dataDir), name);
    const servers = await start({ folder, fresh, cacheDir, port: ports?.[name], env, log });
    stops.push(...servers.map((server) => () => server.stop()));
    return servers;
  };

  const started = await Promise.allSettled([
    embedded('kafka', (own) => startKafka({ ...own, ...options.kafka })),
    embedded('redis', async (own) => [await startRedis(own)]),
    docker ? startDocker(wanted, fresh, env).then((stopDocker) => stops.push(stopDocker)) : undefined,
  ]);
  const failure = started.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    await stop().catch(() => {}); // Why it does not start says more than what then could not be stopped.
    throw failure.reason;
  }
  const [brokers = [], [redis] = []] = started.map((outcome) =>
    outcome.status === 'fulfilled' ? (outcome.value as Server[]) : undefined,
  );
  const [kafka] = brokers;
  return {
    kafkaBrokers: env.KAFKA_BROKERS
      ? env.KAFKA_BROKERS.split(',')
      : kafka
        ? brokers.map(({ port }) => `127.0.0.1:${port}`)
        : dockerAddresses.kafkaBrokers,
    redisUrl: env.REDIS_URL || (redis ? `redis://127.0.0.1:${redis.port}` : dockerAddresses.redisUrl),
    from,
    ...(kafka && { kafka }),
    ...(redis && { redis }),
    brokers,
    unexpectedEnd: Promise.race(
      [...brokers, redis].flatMap((server) => (server ? [server.unexpectedEnd] : [])),
    ),
    stop,
  };
}
