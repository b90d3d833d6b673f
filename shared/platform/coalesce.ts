/**
 * Runs `ask` at most once at a time. Callers that come while it runs share the next run. So an answer is never older
 * than its question, and any number of callers at the same time cost at most two runs.
 * @example
 * const fetchOffsets = coalesce(() => admin.fetchTopicOffsets(topic));
 * await Promise.all([fetchOffsets(), fetchOffsets(), fetchOffsets()]); // two requests
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
