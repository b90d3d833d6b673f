import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls until the probe gives a truthy value, and returns it.
 * @param what ends the sentence "Waited 60 s for …"
 * @param options.timeoutMs how long to try (60 s, which a busy machine may need); the last error or value of the probe is in the failure
 * @throws when time is up
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = 60_000, everyMs = 50 } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`Waited ${timeoutMs / 1_000} s for ${what}; the last answer was ${String(last)}.`, {
        cause: last,
      });
    }
    await sleep(everyMs);
  }
}
