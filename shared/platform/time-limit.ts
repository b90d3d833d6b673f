import type { Context } from 'aws-lambda';
import { FootfallError } from './errors.ts';

/** Left for logging and answering what is thrown, ms. */
const ANSWERING_MS = 1_000;

/**
 * Gives `run` until a second before Lambda ends the invocation. So the caller gets an answer, and the log a line,
 * however long `run` waits. `run` is not stopped, so it must be something that may end anywhere.
 * @throws FootfallError `out_of_time` 503, or what `run` throws.
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
