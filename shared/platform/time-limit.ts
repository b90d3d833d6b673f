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
  const options = { retryAfter: 5, expose: true };
  return within(
    Math.max(0, remaining - ANSWERING_MS),
    run,
    () => new FootfallError('out_of_time', 503, 'This took too long, and may have been done.', options),
  );
}

/**
 * Gives `run` a time. It is not stopped when the time is over, so it must be something that may end anywhere.
 * @param ms the time
 * @param late makes the error for when it is over
 * @throws what `late` makes, or what `run` throws
 * @example await within(5_000, () => redis.ping(), () => new Error('Redis did not answer within 5 s.'));
 */
export async function within<T>(ms: number, run: () => Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([run(), over]);
  } finally {
    clearTimeout(timer);
  }
}
