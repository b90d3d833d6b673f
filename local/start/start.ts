import { readConfig } from '../../shared/platform/config.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { runCommand } from '../command.ts';
import { interruptSignal } from '../interrupt.ts';
import { serveMetrics } from '../metrics/metrics-server.ts';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { removeRun, writeRun } from '../run-file.ts';
import { USUAL_PORTS } from '../services/ports.ts';
import { startServices } from '../services/services.ts';
import { addSites, demoSites } from '../sites/demo-sites.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { INSPECTOR_PORT, readOptions, type StartOptions } from './options.ts';
import { simulate } from './simulate-shoppers.ts';
import { startFunctions } from './start-functions.ts';
import { type Started, stopAll } from './stop-all.ts';
import { welcome } from './welcome.ts';

/** `npm start`: starts everything, shows progress, and stops everything again. */
async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  const interrupted = interruptSignal();
  const started: Started[] = [];
  let exitCode = 0;
  try {
    await run(options, interrupted, started);
  } catch (error) {
    if (!interrupted.aborted) {
      console.error(`\n${(error as Error).message}`);
      exitCode = 1;
    }
  }
  console.log();
  const failures = await stopAll(started, console.log);
  for (const failure of failures) console.error(failure);
  console.log(failures.length === 0 ? 'Everything is stopped.' : 'Everything else is stopped.');
  if (failures.length > 0) exitCode = 1;
  return exitCode;
}

/** Resolves or rejects after an interruption; rejects when something does not start or ends by itself. */
async function run(options: StartOptions, interrupted: AbortSignal, started: Started[]): Promise<void> {
  const { data: dataDir, embedded, fresh, inspect, port, verbose } = options;
  console.log('Starting Kafka and Redis…');
  const services = await startServices({
    dataDir,
    fresh,
    mode: embedded ? 'embedded' : 'auto',
    ports: USUAL_PORTS,
    log: console.log,
  });
  started.push({ name: 'Kafka and Redis', stop: services.stop });
  interrupted.throwIfAborted();

  const env = {
    ...process.env,
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    REDIS_URL: services.redisUrl,
  };
  const config = readConfig(env);
  if (Object.values(services.from).includes('environment')) {
    const redis = withoutSecrets(services.redisUrl);
    console.log(`Adding the demo sites to Kafka ${env.KAFKA_BROKERS} and Redis ${redis}…`);
  }
  await ensureTopics(config.kafka);
  await addSites(config, demoSites());
  interrupted.throwIfAborted();

  console.log('Starting the functions…');
  const prometheus = new PrometheusMetrics();
  const { functions, output } = await startFunctions({
    dataDir,
    port,
    env,
    inspectorPort: inspect ? INSPECTOR_PORT : undefined,
    onOutput: (piece) => {
      prometheus.read(piece);
      if (verbose) process.stdout.write(piece);
    },
  });
  started.push({ name: "the functions' log", stop: output.stop });
  started.push({
    name: 'the functions',
    stop: async () => {
      try {
        removeRun();
      } finally {
        await functions.stop();
      }
    },
  });
  interrupted.throwIfAborted();

  const httpUrl = `http://localhost:${functions.port}`;
  const metrics = await serveMetrics({ prometheus, httpUrl, catchUp: output.catchUp });
  started.push({ name: 'the metrics', stop: metrics.stop });
  // Lets other commands of this project (running-config.ts) find everything while it runs.
  writeRun({ ...env, FOOTFALL_URL: httpUrl });
  console.log(
    welcome({
      ...{ services, httpUrl, metricsUrl: metrics.url, dataDir, functionsLog: functions.logFile },
      adminKeyHash: process.env.FOOTFALL_ADMIN_KEY_HASH,
      chosenPort: port,
    }),
  );

  const ends = [
    services.unexpectedEnd.then(fail),
    functions.unexpectedEnd.then(fail),
    new Promise<void>((resolve) => interrupted.addEventListener('abort', () => resolve())),
  ];
  if (options.simulate) {
    const done = new AbortController();
    const visitors = simulate({ config, httpUrl, rate: options.rate, signal: done.signal });
    started.push({
      name: 'the simulator',
      stop: () => {
        done.abort();
        // The race above reports its failure.
        return visitors.catch(() => {});
      },
    });
    ends.push(visitors);
  }
  await Promise.race(ends);
}

function fail(sentence: string): never {
  throw new Error(sentence);
}

await runCommand(main);
