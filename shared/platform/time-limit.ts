import type { Context } from 'aws-lambda';
import { FootfallError } from './errors.ts';

/** What is thrown in time has to be logged and answered, ms. */
const ANSWERING_MS = 1_000;

/**
 * Waits for something until a second before Lambda ends the invocation: whatever it hangs on, who asked is answered,
 * and the log says so. What goes on in the background is harmless where it may also be given up anywhere.
 * @throws FootfallError `out_of_time` 503; else what `run` throws.
 */
export async function inLambdasTime<T>(
  lambda: Partial<Pick<Context, 'getRemainingTimeInMillis'>> | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const remaining = lambda?.getRemainingTimeInMillis?.();
  if (remaining === undefined) return run();
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        const options = { retryAfter: 5, expose: true };
        reject(new FootfallError('out_of_time', 503, 'This took too long, and may have been done.', options));
      },
      Math.max(0, remaining - ANSWERING_MS),
    );
  });
  try {
    return await Promise.race([run(), over]);
  } finally {
    clearTimeout(timer);
  }
}
