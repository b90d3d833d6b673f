import { join, resolve } from 'node:path';
import { readHealth } from '../health.ts';
import { type Followed, followFile } from '../metrics/follow-file.ts';
import { freePort, isFree, USUAL_PORTS } from '../services/ports.ts';
import { Server, takeFolder } from '../services/server.ts';

const root = resolve(import.meta.dirname, '..', '..');

/**
 * The most heap of serverless-offline's own thread, MB; the functions' threads have limits of their own. V8's default
 * grows with the machine's memory, to 4 GB and more.
 */
const MAIN_HEAP_MB = 1_024;

/**
 * Settings of glibc: a block of 128 kB or more, such as the body of a request, goes back to the system when it is free. By
 * default glibc raises this limit to 32 MB while the program runs, and keeps what is below it.
 */
const GIVES_BACK = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * Starts `serverless offline`, which serves the HTTP functions and feeds the Kafka function, and waits until
 * the API answers.
 * @param options.env the functions' environment, including KAFKA_BROKERS and REDIS_URL
 * @param options.inspectorPort where a debugger can attach; undefined: no inspector
 * @param options.onOutput called with each piece of their output, until `output` is stopped
 * @throws one sentence when the requested port is taken; the log when it does not start
 */
export async function startFunctions(options: {
  dataDir: string;
  port: number | undefined;
  env: NodeJS.ProcessEnv;
  inspectorPort?: number | undefined;
  onOutput(piece: Buffer): void;
}): Promise<{ functions: Server; output: Followed }> {
  const { dataDir, env, inspectorPort, onOutput } = options;
  const folder = join(dataDir, 'logs', 'functions');
  await takeFolder('serverless offline', folder, false);
  if (options.port !== undefined && !(await isFree(options.port))) {
    throw new Error(
      `Port ${options.port} is taken. Choose another with --port, or omit it to get a free one.`,
    );
  }
  if (inspectorPort !== undefined && !(await isFree(inspectorPort))) {
    throw new Error(
      `Port ${inspectorPort}, which --inspect needs, is taken. End the other debugged process.`,
    );
  }
  const [port, lambdaPort] = [options.port ?? (await freePort(USUAL_PORTS.api)), await freePort()];
  const functions = new Server({
    name: 'serverless offline',
    command: process.execPath,
    args: [
      '--disable-warning=TimeoutNegativeWarning',
      // For threads that go to sleep, see function-thread-child.ts.
      '--expose-gc',
      // Under an inspector the functions have no threads: they all run in this one.
      inspectorPort === undefined
        ? `--max-old-space-size=${MAIN_HEAP_MB}`
        : `--inspect=127.0.0.1:${inspectorPort}`,
      join(root, 'node_modules', 'serverless', 'bin', 'serverless.js'),
      ...['offline', 'start', '--noPrependStageInUrl', '--noSponsor'],
      ...['--httpPort', String(port), '--lambdaPort', String(lambdaPort)],
    ],
    // Nothing checks these credentials here, but the AWS SDK requires some.
    env: { ...GIVES_BACK, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', ...env },
    port,
    folder,
    cwd: root,
    mark: `offline start --noPrependStageInUrl --noSponsor --httpPort ${port}`,
    ready: async () => {
      const status = (await readHealth(`http://localhost:${port}`))?.status;
      return status !== undefined && status !== 'unavailable';
    },
  });
  const output = await followFile(functions.logFile, onOutput);
  try {
    await functions.start();
    return { functions, output };
  } catch (error) {
    await output.stop();
    throw error;
  }
}
