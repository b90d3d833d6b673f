import { newProgram, runCommand } from '../local/command.ts';

/** A benchmark is a file of its own: it reads its own options, and checks what was done before it prints a figure. */
interface Benchmark {
  /** @returns the exit code. */
  main(args: string[]): Promise<number>;
}

/** Loaded when it runs: each loads only what it measures. */
const BENCHMARKS: Record<string, { summary: string; load(): Promise<Benchmark> }> = {
  fold: {
    summary: 'events that one core folds into Redis, beside decoding alone',
    load: () => import('./fold.ts'),
  },
  reads: {
    summary: 'what questions about a year cost, beside a scan of the same events',
    load: () => import('./reads.ts'),
  },
  collect: {
    summary: 'processor time of an event that is sent over HTTP',
    load: () => import('./collect.ts'),
  },
  latency: {
    summary: 'time from sending an event until an answer counts it, through npm start',
    load: () => import('./latency.ts'),
  },
  import: {
    summary: 'rows of a file that are imported and counted in a second',
    load: () => import('./import.ts'),
  },
  rebuild: {
    summary: 'events that a rebuild counts again in a second',
    load: () => import('./rebuild.ts'),
  },
};

const DEFAULT = 'fold';

async function main([name = DEFAULT, ...args]: string[]): Promise<number> {
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (benchmark) return (await benchmark.load()).main(args);
  const program = newProgram('npm run bench --').description(
    'Measures one thing, and compares totals with an independent count before it prints a figure.',
  );
  for (const [own, { summary }] of Object.entries(BENCHMARKS)) program.command(own).description(summary);
  // Prints the help, or says that there is no such benchmark.
  program.parse([name, ...args], { from: 'user' });
  return 0;
}

await runCommand(main);
