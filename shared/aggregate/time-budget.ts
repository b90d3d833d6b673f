import { FootfallError } from '../platform/errors.ts';

/**
 * Kept for what comes after the last chunk is folded, ms: dead letters and what goes to other shards are published
 * within some seconds, or fail.
 */
const RESERVE_MS = 6_000;

/** Chunks may take so many times as long as the slowest of late. */
const SAFETY = 3;

/** How long the chunks of a container take, so that none is begun that Lambda would end in the middle. */
export class Pace {
  #foldMs = 0;
  #commitMs = 0;

  /** @param ms that the folding of one chunk took. */
  folded(ms: number): void {
    this.#foldMs = slowestOfLate(this.#foldMs, ms);
  }

  /** @param ms that the commits of so many chunks took together. */
  committed(ms: number, chunks: number): void {
    if (chunks > 0) this.#commitMs = slowestOfLate(this.#commitMs, ms / chunks);
  }

  /**
   * Whether one more chunk can be folded and then be committed together with those that are folded already. The first
   * one is always begun when there is any time: who finds everything slow would else never come further.
   * @param folded chunks that wait for their commit
   * @param remainingMs until Lambda ends the invocation
   */
  hasTimeFor(folded: number, remainingMs: number): boolean {
    if (folded === 0) return remainingMs > RESERVE_MS;
    return remainingMs > RESERVE_MS + SAFETY * (this.#foldMs + (folded + 1) * this.#commitMs);
  }
}

/** One that was slow counts for the next ten or so. */
const slowestOfLate = (before: number, now: number) => Math.max(now, 0.9 * before);

/** What is applied stays so; the rest is handed back, and comes again with the whole batch. */
export const outOfTime = () =>
  new FootfallError('out_of_time', 503, 'The time of this invocation is over: the rest comes again.');
