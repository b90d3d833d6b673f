import { execFile } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { composeImage, containerArgs, dockerAnswers, fetchImage } from './docker.ts';
import { mavenFolder } from './maven.ts';
import { freePort } from './ports.ts';
import { type EmbeddedOptions, type Program, Server, takeFolder } from './server.ts';

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

/** A Java, and where Kafka's jars are for it. */
type KafkaProgram = Program & { jars: string };

/**
 * Java of this machine with jars that Maven fetches, else both out of Docker's image.
 * @throws one sentence that says what to install
 */
async function findKafka({ cacheDir, env, log }: EmbeddedOptions): Promise<KafkaProgram> {
  try {
    const command = await findJava(env);
    const jars = await mavenFolder({
      cacheDir,
      name: `kafka-${await versionIn(pom)}`,
      pom,
      goal: (draft) => ['dependency:copy-dependencies', `-DoutputDirectory=${draft}`],
      env,
      log,
    });
    return { command, jars };
  } catch (error) {
    if (!(await dockerAnswers(env))) throw error;
    const image = await composeImage('apache/kafka');
    await fetchImage(image, { env, log });
    return { command: 'java', image, jars: '/opt/kafka/libs' };
  }
}

export interface KafkaOptions extends EmbeddedOptions {
  /** One, or three that replicate: each is broker and controller, and one may be away. */
  brokers?: 1 | 3;
  /** What clients must speak (Kafka, "listener.security.protocol.map"); between themselves brokers speak plainly. */
  protocol?: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** A user that clients may sign in as by SCRAM-SHA-512, with a SASL protocol. */
  user?: { name: string; password: string };
  /** Further settings of each broker, under their names in Kafka's documentation. */
  settings?: Record<string, string | number | boolean>;
  /** The host:port at which clients are told to find a broker, where that is not its own: a proxy in front. */
  advertise?(broker: { id: number; port: number }): Promise<string>;
}

/** Where a broker listens: for clients, for other brokers, and as a controller. */
interface Node {
  id: number;
  folder: string;
  client: number;
  broker: number;
  controller: number;
}

function properties(node: Node, nodes: readonly Node[], advertised: string, options: KafkaOptions): string {
  const replicas = nodes.length;
  const least = Math.max(1, replicas - 1);
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'BROKERS',
    'listener.security.protocol.map': `CLIENTS:${options.protocol ?? 'PLAINTEXT'},BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    listeners: `CLIENTS://127.0.0.1:${node.client},BROKERS://127.0.0.1:${node.broker},CONTROLLER://127.0.0.1:${node.controller}`,
    'advertised.listeners': `CLIENTS://${advertised},BROKERS://127.0.0.1:${node.broker}`,
    'log.dirs': join(node.folder, 'logs'),
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': least,
    'unclean.leader.election.enable': false,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': least,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': least,
    // One developer's consumers join at once, and a test sees one die after a short session.
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
    ...options.settings,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Whether a broker has joined its cluster and takes clients. Asks on the brokers' listener, which has no security. */
async function answers({ id, broker }: Node): Promise<boolean> {
  const admin = kafkaClient(
    {
      brokers: [`127.0.0.1:${broker}`],
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
    return controller !== null && brokers.some(({ nodeId }) => nodeId === id);
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
 * Starts Apache Kafka (KRaft; each broker is a controller, too). Its data outlive it. With three brokers a record has
 * three replicas, and `acks=all` waits until two have it.
 * @throws one sentence when Java or Maven is missing and no Docker answers, or another run works on the folder
 */
export async function startKafka(options: KafkaOptions): Promise<Server[]> {
  const { folder, fresh, env, brokers = 1 } = options;
  const { jars, ...java } = await findKafka(options);
  const classpath = ['-cp', join(jars, '*'), '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  const nodes: Node[] = [];
  for (let id = 1; id <= brokers; id++) {
    const own = brokers === 1 ? folder : join(folder, String(id));
    await takeFolder('Kafka', own, fresh);
    const client = await freePort(id === 1 ? options.port : undefined);
    nodes.push({ id, folder: own, client, broker: await freePort(), controller: await freePort() });
  }
  const servers = await Promise.all(
    nodes.map(async (node) => {
      const advertised = await options.advertise?.({ id: node.id, port: node.client });
      const settings = join(node.folder, 'server.properties');
      await writeFile(settings, properties(node, nodes, advertised ?? `127.0.0.1:${node.client}`, options));
      await format(java, classpath, join(node.folder, 'logs'), settings, options);
      return new Server({
        name: brokers === 1 ? 'Kafka' : `Kafka ${node.id}`,
        ...java,
        // Serial collection: two cores and half a gigabyte leave nothing for a parallel one to win.
        args: [
          ...(brokers === 1 ? ['-Xms128m', '-Xmx512m'] : ['-Xms64m', '-Xmx256m']),
          '-XX:+UseSerialGC',
          ...classpath,
          'kafka.Kafka',
          settings,
        ],
        env,
        port: node.client,
        folder: node.folder,
        mark: settings,
        ready: () => answers(node),
      });
    }),
  );
  // Together: two of three have to be there before one of them answers.
  const started = await Promise.allSettled(servers.map((server) => server.start()));
  const failure = started.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    await Promise.all(servers.map((server) => server.kill()));
    throw failure.reason;
  }
  return servers;
}

/**
 * Changes the SCRAM-SHA-512 password of a user, as an operator does; connections that are open stay open.
 * @param folder of the broker
 */
export async function changePassword(
  options: EmbeddedOptions,
  { name, password }: { name: string; password: string },
): Promise<void> {
  const { jars, ...java } = await findKafka(options);
  const settings = await readFile(join(options.folder, 'server.properties'), 'utf8');
  // The brokers' listener has no security.
  const [, address] = /BROKERS:\/\/(127\.0\.0\.1:\d+)/.exec(settings)!;
  const args = ['--bootstrap-server', address!, '--alter', '--entity-type', 'users', '--entity-name', name];
  const tool = ['-cp', join(jars, '*'), 'kafka.admin.ConfigCommand', ...args];
  await runJava(java, [...tool, '--add-config', `SCRAM-SHA-512=[password=${password}]`], options);
}

function runJava({ command, image }: Program, args: readonly string[], { env, folder }: EmbeddedOptions) {
  const [program, ...options] = image
    ? ['docker', ...containerArgs({ image, program: command, folders: [folder] })]
    : [command];
  return run(program!, [...options, '-XX:TieredStopAtLevel=1', ...args], { env });
}

/** Makes the folder of a broker's logs ready, once. */
async function format(
  java: Program,
  classpath: readonly string[],
  logs: string,
  settings: string,
  options: KafkaOptions,
): Promise<void> {
  const { user } = options;
  const formatted = await stat(join(logs, 'meta.properties')).catch(() => undefined);
  if (formatted) return;
  await rm(logs, { recursive: true, force: true });
  const args = ['format', '--cluster-id', clusterId, '--config', settings];
  // No broker runs yet that could add the user (Kafka documentation, "Authentication using SASL/SCRAM").
  if (user) args.push('--add-scram', `SCRAM-SHA-512=[name=${user.name},password=${user.password}]`);
  const folder = dirname(settings);
  await runJava(java, [...classpath, 'kafka.tools.StorageTool', ...args], { ...options, folder });
}
