/**
 * Lets at most `limit` holders of a turn go on at the same time. Others wait, and get theirs in the order in which they
 * asked.
 *
 * @example
 * await turns.take();
 * try { await invoke(payload); } finally { turns.release(); }
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Resolves when it is the caller's turn. */
  take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends a turn. */
  release(): void {
    // It goes straight to the next one that waits. If it became free first, a new caller could overtake.
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
