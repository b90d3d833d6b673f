import { COMMAND_TIMEOUT_MS } from '../platform/redis/connection.ts';

/**
 * All commits that one container has sent are expected to be answered within this time, ms. It is a small part of what
 * a command may take, so Redis can become much slower from one moment to the next before a command fails.
 */
const IN_FLIGHT_MS = COMMAND_TIMEOUT_MS / 40;

/** The most commits in flight, however quick they are: Redis may have become slow since the last answer. */
const MAX_IN_FLIGHT = 32;

/** Commits one chunk. Resolves to false when another commit came first and nothing was changed. */
export type Commit = () => Promise<boolean>;

/** How a batch's commits ended. */
export interface CommitResult {
  /** How many commits succeeded: always the first ones. */
  committed: number;
  /** What the next commit rejected with. */
  failure?: { reason: unknown };
}

/**
 * Sends the commits of a container's batches to Redis in groups, each group in one round trip. Redis answers commands
 * in order, so the last commit of a group waits for all others in flight. The size of a group follows from how long
 * commits took of late: a slow Redis gets small groups, down to one commit, and no command runs out of time.
 */
export class CommitWindow {
  /** What one commit takes, ms. Infinity until the first answer: the first group is one commit. */
  #commitMs = Infinity;
  #inFlight = 0;
  /** Batches that are being committed: each gets an equal share of the window. */
  #batches = 0;

  /**
   * Sends the commits in order, and none after one that did not succeed.
   *
   * Batches of different partitions may call this at the same time.
   * @example
   * const { committed, failure } = await window.send(chunks.map((chunk) => chunk.commit));
   */
  async send(commits: readonly Commit[]): Promise<CommitResult> {
    let committed = 0;
    this.#batches++;
    try {
      while (committed < commits.length) {
        const group = commits.slice(committed, committed + this.#groupSize());
        for (const result of await this.#sendGroup(group)) {
          if (result.status === 'rejected') return { committed, failure: { reason: result.reason } };
          if (!result.value) return { committed };
          committed++;
        }
      }
      return { committed };
    } finally {
      this.#batches--;
    }
  }

  #groupSize(): number {
    const inFlight = Math.min(MAX_IN_FLIGHT, IN_FLIGHT_MS / this.#commitMs);
    return Math.max(1, Math.floor(inFlight / this.#batches));
  }

  async #sendGroup(group: readonly Commit[]): Promise<PromiseSettledResult<boolean>[]> {
    this.#inFlight += group.length;
    const ahead = this.#inFlight;
    const began = performance.now();
    const results = await Promise.allSettled(group.map((commit) => commit()));
    this.#inFlight -= group.length;
    const tookMs = (performance.now() - began) / ahead;
    // Slower at once, quicker by half at most: one quick answer does not mean that Redis has recovered.
    const atLeast = this.#commitMs === Infinity ? 0 : this.#commitMs / 2;
    this.#commitMs = Math.max(tookMs, atLeast);
    return results;
  }
}
