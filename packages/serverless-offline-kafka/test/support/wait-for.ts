import { setTimeout as sleep } from 'node:timers/promises';

/** Shorter than the time that Jest gives a test, so that a test that waits in vain says what for. */
const TIMEOUT_MS = 45_000;

/**
 * Polls until the probe returns something truthy, and resolves with that.
 * @param what completes the sentence "Waited 45 s for …".
 * @throws when the time is over; the message has the last result or error of the probe.
 */
export async function waitFor<T>(what: string, probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    let last: unknown;
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`Waited ${TIMEOUT_MS / 1_000} s for ${what}. The last answer was ${String(last)}.`, {
        cause: last,
      });
    }
    await sleep(50);
  }
}
