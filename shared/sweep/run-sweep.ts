import { METRICS } from '../platform/observe/metrics.ts';
import { logger, record } from '../platform/observe/observe.ts';
import type { Swept } from './sweep-shards.ts';

/** The share of a run for dead letters, ms. The next run goes on where this one stops. */
const LETTERS_MS = 30_000;
/** The share for packing settled days and for copies of their sums, ms. */
const PACKING_MS = 10_000;
/** The share for erasures, ms. */
const ERASURES_MS = 15_000;
/** Work that has begun when the letters' time is over ends within this, ms. */
const RESERVE_MS = 5_000;

/** The parts of a run, in their order. */
export interface RunParts {
  /** Whether everything could be measured. An error ends the run: the generation to sweep is not known then. */
  measure(): Promise<boolean>;
  /** Repairs the copies of sites and funnels that the other functions read. */
  reconcile(): Promise<void>;
  /** @param remainingMs the time until Lambda ends the run. */
  sweep(remainingMs: number): Promise<Swept>;
  /** Packs settled days, and makes copies of their sums. @param forMs the time that it may take. @returns how many days of shards were packed. */
  pack(forMs: number): Promise<number>;
  /** Goes on with erasures that requests had no time for. @param forMs the time that it may take. */
  erase(forMs: number): Promise<void>;
  /** @param forMs the time that it may take. */
  sweepLetters(forMs: number): Promise<void>;
}

/**
 * One run of the sweep. A part that fails does not stop the others: without Kafka there is still something to trim.
 * @param remainingMs the time until Lambda ends the run; Infinity: no limit.
 * @throws the first error, after all parts.
 */
export async function runSweep(
  { measure, reconcile, sweep, pack, erase, sweepLetters }: RunParts,
  remainingMs: () => number,
): Promise<void> {
  const failures: unknown[] = [];
  const attempt = (step: () => Promise<void>) => step().catch((error: unknown) => void failures.push(error));
  // First, so that this minute has its figures whatever fails or takes long.
  const isMeasured = await measure();
  await attempt(reconcile);
  await attempt(async () => {
    const { signalled, trimmed, failures: some } = await sweep(remainingMs());
    record(METRICS.signalled, signalled);
    record(METRICS.trimmed, trimmed);
    failures.push(...some);
  });
  const share = (mostMs: number) => Math.max(0, Math.min(mostMs, remainingMs() - RESERVE_MS));
  await attempt(async () => record(METRICS.packed, await pack(share(PACKING_MS))));
  await attempt(() => erase(share(ERASURES_MS)));
  await attempt(() => sweepLetters(share(LETTERS_MS)));
  for (const failure of failures) logger.error('A sweep failed; the next one goes on', failure as Error);
  if (failures.length > 0) throw failures[0];
  if (isMeasured) record(METRICS.sweeps, 1);
}
