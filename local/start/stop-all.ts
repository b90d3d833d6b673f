/** Something that runs, and how to stop it. */
export interface Started {
  name: string;
  stop(): Promise<void>;
}

/**
 * Stops everything, last started first. A failure to stop one does not keep the others running.
 * @param log called with a line for each
 * @returns one sentence for each failure
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
