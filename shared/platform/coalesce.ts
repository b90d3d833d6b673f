/**
 * One asking at a time: who asks while one is under way shares the next one with all others who wait. So an answer is
 * never older than its question, and as many as ask cost two askings at the most.
 */
export function coalesce<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (!next) {
      const asked = running.then(() => {
        next = undefined;
        return ask();
      });
      next = asked;
      running = asked.catch(() => {});
    }
    return next;
  };
}
