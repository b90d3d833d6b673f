/**
 * Wraps an asynchronous function so that at most `limit` calls of it run at the same time.
 * Further calls wait and start in the order in which they were made.
 *
 * @example
 * const invokeTwoAtOnce = limitConcurrency(2, invoke);
 */
export function limitConcurrency<Args extends unknown[], Result>(
  limit: number,
  call: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (...args) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await call(...args);
    } finally {
      // The slot goes straight to the next waiting call. If it became free first, a new call could overtake.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
