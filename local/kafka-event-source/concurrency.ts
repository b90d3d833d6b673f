/**
 * Lets so many calls of a function run at once; the others wait for their turn in the order in which they came.
 */
export function limitConcurrency<A extends unknown[], R>(
  limit: number,
  call: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (...args) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await call(...args);
    } finally {
      // Handed on rather than given back, so that a newcomer can't take it first.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
