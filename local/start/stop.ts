/** Something that was started, and how it is stopped. */
export interface Started {
  name: string;
  stop(): Promise<void>;
}

/**
 * Stops what was started, the last first; one that can't be stopped does not keep the others running.
 * @param log takes a line about each
 * @returns a sentence about each that could not be stopped
 */
export async function stopAll(started: readonly Started[], log: (line: string) => void): Promise<string[]> {
  const failures: string[] = [];
  for (const { name, stop } of started.toReversed()) {
    log(`Stopping ${name}…`);
    try {
      await stop();
    } catch (error) {
      failures.push(`Could not stop ${name}: ${(error as Error).message}`);
    }
  }
  return failures;
}
