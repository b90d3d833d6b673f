import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify, stripVTControlCharacters } from 'node:util';

/** Tests, not files. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface Result extends Counts {
  /** What failed, each with Jest's text about it. */
  failures: string[];
  /** How long each test file took, s. */
  files: { path: string; seconds: number }[];
}

/** ms that Jest gets to end after its last test. With nothing left open it needs a fraction of one second, or a few on a busy machine. */
const endLimit = 60_000;

const command = (root: string, args: string[]) => [
  // Jest runs native ES modules only with this flag; the rest would warn in every process.
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  // kafkajs 2.2.4 sets a timer in the past, which Node 24 mentions each time (it then fires at once, as meant).
  '--disable-warning=TimeoutNegativeWarning',
  join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
  ...args,
];

/** The test files that these Jest arguments choose, as paths from the root. */
export async function listTests(root: string, args: string[]): Promise<string[]> {
  const jest = command(root, ['--listTests', '--json', '--passWithNoTests', ...args]);
  const { stdout } = await promisify(execFile)(process.execPath, jest, { cwd: root });
  return (JSON.parse(stdout) as string[]).map((path) => relative(root, path));
}

/**
 * Runs Jest over one folder of tests.
 * A file that cannot even be loaded counts as one failed test, and so does a run that does not end by itself:
 * then a test has left a connection or a timer open.
 * @param options.report a path for Jest's JSON report
 * @param options.isLive shows what Jest prints at once; else all of it when Jest has ended
 * @param options.signal ends Jest when it aborts
 */
export async function runJest(options: {
  root: string;
  folder: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  report: string;
  isLive: boolean;
  signal: AbortSignal;
}): Promise<Result> {
  const { root, folder, env, report, isLive, signal } = options;
  const args = [
    `--testMatch=<rootDir>/${folder}/**/*.test.ts`,
    '--json',
    `--outputFile=${report}`,
    ...options.args,
  ];
  // A file and not a pipe, which a process that a test leaves behind would hold open.
  const printed = isLive ? undefined : await open(`${report}.log`, 'w+');
  const jest = spawn(process.execPath, command(root, args), {
    cwd: root,
    env,
    // With --json Jest writes its report to stdout too; what people read is on stderr.
    stdio: ['ignore', 'ignore', printed?.fd ?? 'inherit'],
  });
  const ended = once(jest, 'exit').then(() => true);
  const stop = () => jest.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const reported = (async () => {
    while (jest.exitCode === null && jest.signalCode === null && !existsSync(report)) await sleep(100);
  })();
  await Promise.race([ended, reported]);
  const inTime = await Promise.race([ended, sleep(endLimit, false, { ref: false })]);
  if (!inTime) jest.kill('SIGKILL');
  await ended;
  signal.removeEventListener('abort', stop);
  if (printed) process.stderr.write(await readFile(`${report}.log`));
  await printed?.close();

  const result = await readResult(report, root);
  if (inTime) return result;
  console.error(
    `A test in ${folder} left something open (a connection, a timer, a process), so Jest did not end. Find it with: npm test -- --detectOpenHandles ${folder}`,
  );
  const failures = [...result.failures, `${folder} did not end by itself.`];
  return { ...result, failed: result.failed + 1, failures };
}

/** A test file in Jest's report. */
interface ReportedFile {
  name: string;
  status: 'passed' | 'failed';
  /** Jest's text about each failure of the file, with colours. */
  message: string;
  startTime: number;
  endTime: number;
}

async function readResult(report: string, root: string): Promise<Result> {
  if (!existsSync(report)) {
    return { passed: 0, failed: 1, skipped: 0, files: [], failures: [`Jest left no report ${report}.`] };
  }
  const result = JSON.parse(await readFile(report, 'utf8'));
  const files = result.testResults as ReportedFile[];
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    // A failing afterAll fails the run but no test.
    failed: result.success ? failed : Math.max(failed, 1),
    skipped: result.numPendingTests + result.numTodoTests,
    files: files.map(({ name, startTime, endTime }) => ({
      path: relative(root, name),
      seconds: Math.round((endTime - startTime) / 1_000),
    })),
    failures: files
      .filter(({ status }) => status === 'failed')
      .map(({ name, message }) => `${relative(root, name)}\n${stripVTControlCharacters(message).trim()}`),
  };
}
