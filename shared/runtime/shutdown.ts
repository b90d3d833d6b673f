import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { logger } from '../platform/observe/observe.ts';

/** Lambda kills the process 2 s after SIGTERM; this leaves time for the answers. ms */
const CLOSE_MS = 1_500;
/** For answers that closing has made possible, ms. */
const ANSWERS_MS = 100;

/**
 * Closes a function's connections at SIGTERM, then ends the process. Requests whose events wait for Kafka are answered
 * first. Lambda sends SIGTERM to functions with an extension only; without one it ends a process that is idle.
 * @param closers called latest first, each when the one before it has closed; all together may take 1.5 s
 */
export function closeAtShutdown(closers: readonly (() => Promise<unknown>)[]): void {
  // In a thread, as in `sls offline`, the process is not the function's.
  if (!isMainThread) return;
  process.once('SIGTERM', async () => {
    const late = sleep(CLOSE_MS, 'late');
    const closed = (async () => {
      for (const close of closers.toReversed()) {
        await close().catch((error: unknown) => logger.warn('Cannot close a connection', error as Error));
      }
    })();
    if ((await Promise.race([closed, late])) === 'late')
      logger.warn('Closing the connections takes too long');
    await sleep(ANSWERS_MS);
    process.exit();
  });
}
