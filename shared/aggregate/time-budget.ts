import { FootfallError } from '../platform/errors.ts';

/**
 * Kept for what follows the last fold, ms: dead letters and what goes to other shards are published within some
 * seconds, or fail.
 */
const RESERVE_MS = 6_000;

/** A chunk may take this many times as long as the slowest of late. */
const SAFETY = 3;

/** How long the chunks of a container take. Tells whether one more fits into Lambda's time. */
export class TimeBudget {
  #foldMs = 0;
  #commitMs = 0;

  /** Notes how long folding one chunk took. */
  folded(ms: number): void {
    this.#foldMs = slowestOfLate(this.#foldMs, ms);
  }

  /** Notes how long committing this many chunks took together. */
  committed(ms: number, chunks: number): void {
    if (chunks > 0) this.#commitMs = slowestOfLate(this.#commitMs, ms / chunks);
  }

  /**
   * Whether one more chunk can be folded, and then committed together with those that are folded already. The first
   * chunk needs only the reserve: otherwise a container that found everything slow would never apply anything again.
   * @param folded chunks that wait for their commit
   * @param remainingMs until Lambda ends the invocation
   */
  hasTimeFor(folded: number, remainingMs: number): boolean {
    if (folded === 0) return remainingMs > RESERVE_MS;
    return remainingMs > RESERVE_MS + SAFETY * (this.#foldMs + (folded + 1) * this.#commitMs);
  }
}

/** A slow one counts for about the next ten. */
const slowestOfLate = (before: number, now: number) => Math.max(now, 0.9 * before);

/** What is applied stays applied. Kafka hands over the whole batch again. */
export const outOfTime = () =>
  new FootfallError(
    'out_of_time',
    503,
    'Lambda ends this invocation soon. The rest of the batch comes again.',
  );
