import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from '../local/command.ts';
import { startRedisCluster } from '../local/services/redis-cluster.ts';
import { footfallDir, startServices } from '../local/services/services.ts';
import { readConfig } from '../shared/config.ts';
import { ensureTopics } from '../shared/kafka/topics.ts';
import { type Counts, listTests, runJest } from './support/jest.ts';

/**
 * `npm test`: brings up Kafka and Redis once (from the environment, else embedded ones of its own), runs the
 * tests from the quickest kind to the slowest, and stops everything. Further arguments go to Jest:
 * `npm test -- test/unit/fold.test.ts -t 'late events'`.
 *
 * With FOOTFALL_REDIS=cluster the tests get a Redis Cluster instead of one server, and that one besides for the few
 * that are about one server (see freshConfig).
 */
const root = resolve(import.meta.dirname, '..');
const kinds = [
  { folder: 'unit', needsServices: false },
  { folder: 'browser', needsServices: false },
  { folder: 'integration', needsServices: true },
  { folder: 'e2e', needsServices: true },
  { folder: 'chaos', needsServices: false },
];

async function main(args: string[]): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());

  const chosen = [];
  for (const kind of kinds) {
    const folder = `test/${kind.folder}`;
    if (!existsSync(join(root, folder))) continue;
    const files = await listTests(root, folder, args);
    if (files > 0) chosen.push({ ...kind, folder });
  }
  if (chosen.length === 0) throw new Error('No test file matches these arguments.');

  const scratch = await mkdtemp(join(tmpdir(), 'footfall-test-'));
  const services = chosen.some(({ needsServices }) => needsServices)
    ? await startServices({ dataDir: scratch, mode: 'embedded', log: console.log })
    : undefined;
  const stops = services ? [services.stop] : [];
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const env = {
      ...process.env,
      ...(services && { KAFKA_BROKERS: services.kafkaBrokers.join(','), REDIS_URL: services.redisUrl }),
    };
    if (services && process.env.FOOTFALL_REDIS === 'cluster') {
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
    if (services) await ensureTopics(readConfig(env).kafka);
    for (const { folder } of chosen) {
      if (interrupted.signal.aborted) break;
      const counts = await runJest({
        root,
        folder,
        // One file at a time where servers, a browser or the processor are shared, and in this Jest's own process, so that
        // whatever a test leaves open keeps it from ending.
        args: folder !== 'test/unit' ? ['--runInBand', '--testTimeout=60000', ...args] : args,
        env,
        report: join(scratch, `${folder.replace('/', '-')}.json`),
        signal: interrupted.signal,
      });
      for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
    }
  } finally {
    await Promise.all(stops.map((stop) => stop()));
    await rm(scratch, { recursive: true, force: true });
  }
  if (interrupted.signal.aborted) console.log('Interrupted.');
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 || total.passed === 0 || interrupted.signal.aborted ? 1 : 0;
}

await runCommand(main);
