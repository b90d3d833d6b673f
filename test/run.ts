import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from '../local/command.ts';
import { startRedisCluster } from '../local/services/redis-cluster.ts';
import { footfallDir, startServices } from '../local/services/services.ts';
import { readConfig } from '../shared/platform/config.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import { withClassArchive } from './support/class-archive.ts';
import { listTests, type Result, runJest } from './support/jest.ts';
import { isAll } from './support/runs.ts';

/**
 * `npm test`: runs the tests in parallel lanes. A lane runs one group of test files after the other. It starts its own
 * embedded Kafka and Redis when a group needs them, and stops them at the end. FOOTFALL_LANES sets the number of lanes
 * (3). If KAFKA_BROKERS or REDIS_URL names servers, one lane runs all groups against them.
 * Further arguments go to Jest: `npm test -- test/unit/fold.test.ts -t 'late events'`.
 *
 * With FOOTFALL_REDIS=cluster the tests use a Redis Cluster. The few tests about a single server still get one (see
 * freshConfig).
 */
const root = resolve(import.meta.dirname, '..');

/** The number of slow test files that are listed at the end. */
const SLOWEST = 12;

/** One more than the cores of a small machine: tests wait for a third of their time. */
const LANES = Number(process.env.FOOTFALL_LANES ?? 3);
/** Groups that a folder with many test files is split into. The heap of one Jest grows with each file. */
const CUT = 12;

/** Whole folders come first, the slowest of them at the beginning; the groups of the last one fill the lanes evenly. */
const folders = [
  { folder: 'test/dashboard', needsServices: true },
  // All that packs, in one group: `sls package` runs once at a time, since it works in folders of the repository.
  { folder: 'test/deploy', needsServices: true },
  { folder: 'test/unit', needsServices: false },
  { folder: 'test/servers', needsServices: true },
  { folder: 'test/browser', needsServices: false },
  { folder: 'test/e2e', needsServices: true },
  { folder: 'packages/serverless-offline-kafka/test/integration', needsServices: true },
  { folder: 'test/chaos', needsServices: false },
  { folder: 'test/examples', needsServices: true },
  { folder: 'test/clients', needsServices: true },
  { folder: 'test/hostile', needsServices: false },
  { folder: 'packages/serverless-offline-kafka/test/unit', needsServices: false },
  { folder: 'test/integration', needsServices: true },
];

/** They run only when an argument names one or its folder, as `npm run test:clients` and `test:hostile` do. */
const LONG = ['test/clients/generated.test.ts', 'test/hostile/'];
/**
 * So do these, and with FOOTFALL_ALL=1, as in CI. They take more than half of the time of all: parts of the project that
 * few changes concern, and what needs whole installations, servers of its own, or much data.
 */
const SLOW = [
  'packages/serverless-offline-kafka/test/integration/',
  'test/browser/',
  'test/chaos/',
  'test/clients/',
  'test/dashboard/docs-page.test.ts',
  'test/dashboard/every-page.test.ts',
  'test/deploy/',
  'test/e2e/start.test.ts',
  'test/examples/',
  'test/integration/freeze-thaw.test.ts',
  'test/integration/heavy-states.test.ts',
  'test/integration/memory.test.ts',
  'test/integration/privacy-many-ids.test.ts',
  'test/integration/slow-redis.test.ts',
  'test/integration/soak.test.ts',
  'test/servers/',
  'test/unit/cost-of-bytes.test.ts',
];

/** Makes the programs that tests start begin quicker. */
async function startQuickly(queue: readonly Group[]): Promise<void> {
  // Node keeps what it has compiled: for each `footfall` and `sls` that is more than half of its work.
  process.env.NODE_COMPILE_CACHE ??= join(footfallDir, 'cache', 'compiled');
  if (process.env.JDK_JAVA_OPTIONS !== undefined) return;
  // A broker of a test ends before code that the JVM optimizes fully has paid for itself.
  const options = '-XX:TieredStopAtLevel=1';
  const startsKafka = queue.some(({ needsServices }) => needsServices) && !process.env.KAFKA_BROKERS;
  process.env.JDK_JAVA_OPTIONS = startsKafka ? await withClassArchive(options, console.log) : options;
}

/** What a broker with hundreds of topics that are read once need not do every few seconds, or must not do here. */
const quietKafka = {
  // On a busy machine a broker may stand still for seconds. The controller would take it for dead, and each of its
  // partitions would be without a leader for a moment. These brokers are never started again.
  'broker.session.timeout.ms': 60_000,
  // 0: a controller without changes writes no empty records to its log, of which there would be two a second.
  'metadata.max.idle.interval.ms': 0,
  // How often it notes the high watermark of each partition, for a restart that these brokers never see.
  'replica.high.watermark.checkpoint.interval.ms': 60_000,
};

/** Test files that one Jest runs. */
interface Group {
  name: string;
  folder: string;
  needsServices: boolean;
  /** Which part of the folder, as Jest's --shard takes it: "2/4". */
  shard?: string;
}

interface Services {
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

async function startAll(scratch: string): Promise<Services> {
  const services = await startServices({
    dataDir: scratch,
    mode: 'embedded',
    kafka: { settings: quietKafka },
    log: console.log,
  });
  const stops = [services.stop];
  const stop = async () => {
    await Promise.all(stops.map((one) => one()));
  };
  const env: NodeJS.ProcessEnv = {
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    REDIS_URL: services.redisUrl,
  };
  try {
    if (process.env.FOOTFALL_REDIS === 'cluster') {
      const cluster = await startRedisCluster({
        folder: join(scratch, 'redis-cluster'),
        cacheDir: join(footfallDir, 'cache'),
        env: process.env,
        log: console.log,
      });
      stops.push(cluster.stop);
      Object.assign(env, {
        REDIS_URL: cluster.url,
        REDIS_CLUSTER: 'true',
        FOOTFALL_ONE_REDIS_URL: services.redisUrl,
      });
    }
    await ensureTopics(readConfig({ ...process.env, ...env }).kafka);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, stop };
}

/** @param isLive shows Jest's output while it runs. Otherwise it is shown after each group, so lanes do not mix. */
async function runLane(
  queue: Group[],
  args: string[],
  { scratch, isLive, signal }: { scratch: string; isLive: boolean; signal: AbortSignal },
): Promise<Result> {
  const total: Result = { passed: 0, failed: 0, skipped: 0, files: [], failures: [] };
  let services: Services | undefined;
  try {
    for (let group = queue.shift(); group && !signal.aborted; group = queue.shift()) {
      const { name, folder, needsServices, shard } = group;
      if (needsServices) services ??= await startAll(scratch);
      if (signal.aborted) break;
      const result = await runJest({
        root,
        folder,
        args: [
          // Files that share servers, a browser or the processor run one at a time. They run in Jest's own process:
          // it does not end while a test has left something open.
          ...(folder.endsWith('/unit') ? [] : ['--runInBand']),
          ...(shard ? [`--shard=${shard}`, '--passWithNoTests'] : []),
          ...args,
        ],
        // Programs leave files there, such as the copies that `sls package` packs.
        env: { ...process.env, ...services?.env, TMPDIR: join(scratch, 'tmp') },
        report: join(scratch, `${name}.json`),
        isLive,
        signal,
      });
      add(total, result);
    }
  } finally {
    await services?.stop();
  }
  return total;
}

function add(total: Result, result: Result): void {
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += result[key];
  total.files.push(...result.files);
  total.failures.push(...result.failures);
}

/** The groups of the test files that these arguments choose. */
async function groupsOf(args: string[]): Promise<Group[]> {
  const files = await listTests(root, args);
  return folders.flatMap(({ folder, needsServices }): Group[] => {
    const count = files.filter((path) => path.startsWith(`${folder}/`)).length;
    if (count === 0) return [];
    const name = folder.replace(/^test\//, '').replaceAll('/', '-');
    if (count < 3 * CUT) return [{ name, folder, needsServices }];
    return Array.from({ length: CUT }, (_, i) => ({
      name: `${name}-${i + 1}`,
      folder,
      needsServices,
      shard: `${i + 1}/${CUT}`,
    }));
  });
}

async function main(given: string[]): Promise<number> {
  const left = isAll ? LONG : [...LONG, ...SLOW];
  const isNamed = (path: string) =>
    given.some((one) => one !== '' && (path.includes(one) || one.includes(path)));
  const unnamed = left.filter((path) => !isNamed(path));
  // Last, since this option takes all arguments up to the next option.
  const args = [...given, `--testPathIgnorePatterns=${['/node_modules/', ...unnamed].join('|')}`];
  const interrupted = new AbortController();
  const { signal } = interrupted;
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort());

  const queue = await groupsOf(args);
  if (queue.length === 0) throw new Error('No test file matches these arguments.');
  await startQuickly(queue);
  const areShared = process.env.KAFKA_BROKERS !== undefined || process.env.REDIS_URL !== undefined;
  const lanes = areShared ? 1 : Math.min(LANES, queue.length);
  if (lanes > 1) {
    console.log(`${lanes} lanes: the first shows its output at once, the others after each group.`);
  }

  const scratch = await mkdtemp(join(tmpdir(), 'footfall-test-'));
  const total: Result = { passed: 0, failed: 0, skipped: 0, files: [], failures: [] };
  try {
    const running = Array.from({ length: lanes }, async (_, index) => {
      const folder = join(scratch, String(index));
      await mkdir(join(folder, 'tmp'), { recursive: true });
      add(total, await runLane(queue, args, { scratch: folder, isLive: index === 0, signal }));
    });
    const failed = (await Promise.allSettled(running)).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  if (signal.aborted) console.log('Interrupted.');
  if (total.files.length > SLOWEST) {
    const slowest = total.files.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
    console.log(`Slowest: ${slowest.map(({ path, seconds }) => `${path} ${seconds} s`).join(', ')}`);
  }
  // Again at the end: a long log is often shown without its middle.
  for (const failure of total.failures) console.log(`FAILED ${failure}\n`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 || total.passed === 0 || signal.aborted ? 1 : 0;
}

await runCommand(main);
