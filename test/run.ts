import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from '../local/command.ts';
import { startRedisCluster } from '../local/services/redis-cluster.ts';
import { footfallDir, startServices } from '../local/services/services.ts';
import { readConfig } from '../shared/platform/config.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import { type Counts, listTests, runJest } from './support/jest.ts';

/**
 * `npm test`: runs the tests in lanes at once, each with an embedded Kafka and Redis of its own where its tests need any,
 * and stops everything. With servers of the environment, which all share, the lanes follow each other. Further arguments
 * go to Jest: `npm test -- test/unit/fold.test.ts -t 'late events'`.
 *
 * With FOOTFALL_REDIS=cluster the tests get a Redis Cluster instead of one server, and that one besides for the few
 * that are about one server (see freshConfig).
 */
const root = resolve(import.meta.dirname, '..');

interface Kind {
  /** From the root of the project. */
  folder: string;
  needsServices: boolean;
}

/** In a lane one kind follows the other. Tests wait more than they work, so two lanes take little longer than one. */
const lanes: Kind[][] = [
  [
    { folder: 'test/integration', needsServices: true },
    { folder: 'packages/serverless-offline-kafka/test/integration', needsServices: true },
  ],
  [
    { folder: 'test/unit', needsServices: false },
    { folder: 'packages/serverless-offline-kafka/test/unit', needsServices: false },
    { folder: 'test/browser', needsServices: false },
    { folder: 'test/servers', needsServices: true },
    { folder: 'test/e2e', needsServices: true },
    { folder: 'test/examples', needsServices: true },
    { folder: 'test/chaos', needsServices: false },
  ],
];

interface Services {
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

async function startAll(scratch: string): Promise<Services> {
  const services = await startServices({ dataDir: scratch, mode: 'embedded', log: console.log });
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

/** @param isLive shows what Jest prints while it runs; else after each kind, so that no two are mixed. */
async function runLane(
  kinds: readonly Kind[],
  args: string[],
  { scratch, isLive, signal }: { scratch: string; isLive: boolean; signal: AbortSignal },
): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  let services: Services | undefined;
  try {
    for (const { folder, needsServices } of kinds) {
      if (signal.aborted) break;
      if (needsServices) services ??= await startAll(scratch);
      if (signal.aborted) break;
      const counts = await runJest({
        root,
        folder,
        // One file at a time where servers, a browser or the processor are shared, and in this Jest's own process, so that
        // whatever a test leaves open keeps it from ending.
        args: !folder.endsWith('/unit') ? ['--runInBand', '--testTimeout=60000', ...args] : args,
        env: { ...process.env, ...services?.env },
        report: join(scratch, `${folder.replaceAll('/', '-')}.json`),
        isLive,
        signal,
      });
      add(total, counts);
    }
  } finally {
    await services?.stop();
  }
  return total;
}

function add(total: Counts, counts: Counts): void {
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
}

async function chosenOf(lane: readonly Kind[], args: string[]): Promise<Kind[]> {
  const chosen = [];
  for (const kind of lane) {
    const { folder } = kind;
    if (existsSync(join(root, folder)) && (await listTests(root, folder, args)) > 0) chosen.push(kind);
  }
  return chosen;
}

async function main(args: string[]): Promise<number> {
  const interrupted = new AbortController();
  const { signal } = interrupted;
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort());

  const all = await Promise.all(lanes.map((lane) => chosenOf(lane, args)));
  const areShared = process.env.KAFKA_BROKERS !== undefined || process.env.REDIS_URL !== undefined;
  const chosen = (areShared ? [all.flat()] : all).filter((lane) => lane.length > 0);
  if (chosen.length === 0) throw new Error('No test file matches these arguments.');
  if (chosen.length > 1) {
    const others = chosen.slice(1).flat();
    console.log(`Meanwhile, and shown when done: ${others.map(({ folder }) => folder).join(', ')}.`);
  }

  const scratch = await mkdtemp(join(tmpdir(), 'footfall-test-'));
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const running = chosen.map(async (lane, index) => {
      const folder = join(scratch, String(index));
      await mkdir(folder);
      add(total, await runLane(lane, args, { scratch: folder, isLive: index === 0, signal }));
    });
    const failed = (await Promise.allSettled(running)).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  if (signal.aborted) console.log('Interrupted.');
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 || total.passed === 0 || signal.aborted ? 1 : 0;
}

await runCommand(main);
