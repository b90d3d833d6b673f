import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { logger, record } from '../../shared/platform/observe/observe.ts';
import type { Swept } from './sweep.ts';

/** Of a run, for dead letters, ms: reading many of them may go on with the next one. */
const LETTERS_MS = 30_000;
/** What is under way when the letters' time is over ends within this. */
const RESERVE_MS = 5_000;

/** What a run does, in this order. */
export interface RunParts {
  /** Whether all could be measured. What it throws ends the run: it can't be told what is to be swept. */
  measure(): Promise<boolean>;
  /** Puts right what others read of the sites. */
  reconcile(): Promise<void>;
  /** @param remainingMs until the run is ended. */
  sweep(remainingMs: number): Promise<Swept>;
  /** @param forMs it is to be over then. */
  sweepLetters(forMs: number): Promise<void>;
}

/**
 * One run of the sweep. What fails keeps nothing else from being done: without Kafka there is still something to trim.
 * @param remainingMs until Lambda ends it; Infinity: it does not.
 * @throws the first of what failed, when all is done.
 */
export async function runSweep(
  { measure, reconcile, sweep, sweepLetters }: RunParts,
  remainingMs: () => number,
): Promise<void> {
  const failures: unknown[] = [];
  const attempt = (step: () => Promise<void>) => step().catch((error: unknown) => void failures.push(error));
  // First: whatever else fails or takes long, this minute has its figures.
  const isMeasured = await measure();
  await attempt(reconcile);
  await attempt(async () => {
    const { signalled, trimmed, failures: some } = await sweep(remainingMs());
    record(METRICS.signalled, signalled);
    record(METRICS.trimmed, trimmed);
    failures.push(...some);
  });
  await attempt(() => sweepLetters(Math.max(0, Math.min(LETTERS_MS, remainingMs() - RESERVE_MS))));
  for (const failure of failures) logger.error('A sweep failed; the next one goes on', failure as Error);
  if (failures.length > 0) throw failures[0];
  if (isMeasured) record(METRICS.sweeps, 1);
}
