import { logger, observed } from '../../shared/platform/observe/observe.ts';
import { type RunParts, runSweep } from '../../shared/sweep/run-sweep.ts';
import type { Swept } from '../../shared/sweep/sweep-shards.ts';
import { printed } from '../support/printed.ts';

beforeAll(() => logger.setLogLevel('SILENT'));

/** Parts that say what they are asked for; `change` what some of them do. */
function partsOf(log: unknown[], change: Partial<RunParts> = {}): RunParts {
  const swept: Swept = { signalled: 2, trimmed: 3, failures: [] };
  const parts: RunParts = {
    measure: async () => true,
    reconcile: async () => {},
    sweep: async () => swept,
    pack: async () => 4,
    erase: async () => {},
    sweepLetters: async () => {},
    ...change,
  };
  const told =
    <A extends unknown[], T>(name: string, part: (...args: A) => Promise<T>) =>
    (...args: A) => {
      log.push([name, ...args]);
      return part(...args);
    };
  return {
    measure: told('measure', parts.measure),
    reconcile: told('reconcile', parts.reconcile),
    sweep: told('sweep', parts.sweep),
    pack: told('pack', parts.pack),
    erase: told('erase', parts.erase),
    sweepLetters: told('letters', parts.sweepLetters),
  };
}

/** What it says, and the metrics that it records. */
async function run(parts: RunParts, remainingMs: () => number = () => Infinity) {
  let failure: unknown;
  const { text } = await printed(() =>
    observed(undefined, {}, () => runSweep(parts, remainingMs)).catch((error: unknown) => {
      failure = error;
    }),
  );
  return { failure, text };
}

test('the sweep measures first, and leaves the rest of its time, at most half a minute, to dead letters', async () => {
  const log: unknown[] = [];
  await run(partsOf(log), () => 59_000);
  expect(log).toEqual([
    ['measure'],
    ['reconcile'],
    ['sweep', 59_000],
    ['pack', 10_000],
    ['erase', 15_000],
    ['letters', 30_000],
  ]);
  for (const [left, forMs] of [
    [25_000, 20_000],
    [4_000, 0],
    [Infinity, 30_000],
  ] as const) {
    const later: unknown[] = [];
    await run(partsOf(later), () => left);
    expect(later.at(-1)).toEqual(['letters', forMs]);
  }
});

test('a failure stops no other part, is thrown at the end, and makes the sweep incomplete', async () => {
  const failures = ['reconcile', 'some of the sweep', 'letters'].map((what) => new Error(what));
  const some: Swept = { signalled: 1, trimmed: 0, failures: [failures[1]] };
  const log: unknown[] = [];
  const { failure, text } = await run(
    partsOf(log, {
      reconcile: () => Promise.reject(failures[0]),
      sweep: async () => some,
      pack: () => Promise.reject(failures[2]),
      sweepLetters: () => Promise.reject(failures[2]),
    }),
  );
  expect(failure).toBe(failures[0]);
  expect(log).toHaveLength(6);
  expect(text).toContain('"signalled"');
  expect(text).not.toContain('"sweeps"');
  expect((await run(partsOf([], { sweep: async () => some }))).failure).toBe(failures[1]);
  const all: unknown[] = [];
  const sweeping = await run(partsOf(all, { sweep: () => Promise.reject(failures[1]) }));
  expect([sweeping.failure, all.length]).toEqual([failures[1], 6]);
});

test('a sweep is complete when everything was measured', async () => {
  expect((await run(partsOf([]))).text).toContain('"sweeps"');
  expect((await run(partsOf([], { measure: async () => false }))).text).not.toContain('"sweeps"');
});

test('nothing is swept when the sites are unknown', async () => {
  const log: unknown[] = [];
  const away = new Error('away');
  const { failure } = await run(partsOf(log, { measure: () => Promise.reject(away) }));
  expect(failure).toBe(away);
  expect(log).toEqual([['measure']]);
});
