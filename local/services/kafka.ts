import { execFile } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaClient } from '../../shared/kafka/client.ts';
import { mavenFolder } from './maven.ts';
import { freePort } from './ports.ts';
import { type EmbeddedOptions, Server, takeFolder } from './server.ts';

const run = promisify(execFile);
const pom = join(import.meta.dirname, 'kafka', 'pom.xml');
/** One data folder, one cluster, so a fixed id will do: base64url of the 16 bytes "footfall-local-1". */
const clusterId = 'Zm9vdGZhbGwtbG9jYWwtMQ';

/**
 * The `java` to use: JAVA_HOME's, else the one on PATH.
 * @throws one sentence when there is none, or one that is too old for Kafka 4 (KIP-1013: brokers need 17).
 */
async function findJava(env: NodeJS.ProcessEnv): Promise<string> {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const advice =
    'install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17), or run Docker, or set KAFKA_BROKERS.';
  const { stderr } = await run(java, ['-version'], { env }).catch(() => {
    throw new Error(`Java is missing: ${advice}`);
  });
  const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
  if (!(major >= 17)) throw new Error(`Java is too old (${stderr.split('\n')[0]}): ${advice}`);
  return java;
}

const properties = (port: number, controllerPort: number, logs: string) =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': logs,
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // One developer's consumers: there is nobody to wait for, and short sessions let a test see one die.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // A killed broker may register again only after its old session has ended (9 s by default).
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // A laptop that was closed for a month still replays everything it has.
    'log.retention.hours': 24 * 365,
    // The default (128 MB) would take a quarter of the heap for compacting a few offsets.
    'log.cleaner.dedupe.buffer.size': 16 << 20,
    'num.network.threads': 2,
    'num.io.threads': 4,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

/** Whether a broker has joined its cluster and takes clients. */
async function answers(port: number): Promise<boolean> {
  const admin = kafkaClient(
    {
      brokers: [`127.0.0.1:${port}`],
      ssl: false,
      sasl: undefined,
      eventsTopic: '',
      dlqTopic: '',
      signalsTopic: '',
      sitesTopic: '',
      partitions: 1,
    },
    'footfall-services',
    { retry: { retries: 0 } },
  ).admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return brokers.length > 0 && controller !== null;
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}

/** The version of Kafka that a pom asks for; the folder of its jars is called after it. */
async function versionIn(pom: string): Promise<string> {
  const [, version] = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>(.+?)</.exec(
    await readFile(pom, 'utf8'),
  )!;
  return version!;
}

/**
 * Starts one Apache Kafka broker (KRaft, combined with its controller) whose data outlive it.
 * @throws one sentence when Java or Maven is missing, or another run works on the folder
 */
export async function startKafka(options: EmbeddedOptions): Promise<Server> {
  const { folder, fresh, cacheDir, env, log } = options;
  const java = await findJava(env);
  const jars = await mavenFolder({
    cacheDir,
    name: `kafka-${await versionIn(pom)}`,
    pom,
    goal: (draft) => ['dependency:copy-dependencies', `-DoutputDirectory=${draft}`],
    env,
    log,
  });
  await takeFolder('Kafka', folder, fresh);
  const [port, controllerPort] = [await freePort(options.port), await freePort()];
  const logs = join(folder, 'logs');
  const settings = join(folder, 'server.properties');
  await writeFile(settings, properties(port, controllerPort, logs));
  const classpath = ['-cp', join(jars, '*'), '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  const formatted = await stat(join(logs, 'meta.properties')).catch(() => undefined);
  if (!formatted) {
    await rm(logs, { recursive: true, force: true });
    const format = ['format', '--cluster-id', clusterId, '--config', settings];
    await run(java, ['-XX:TieredStopAtLevel=1', ...classpath, 'kafka.tools.StorageTool', ...format], { env });
  }
  const server = new Server({
    name: 'Kafka',
    command: java,
    // Serial collection: two cores and half a gigabyte leave nothing for a parallel one to win.
    args: ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', ...classpath, 'kafka.Kafka', settings],
    env,
    port,
    folder,
    mark: settings,
    ready: answers,
  });
  await server.start();
  return server;
}
