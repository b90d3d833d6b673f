/** A member of a group that gets nothing for this long has nothing to read, s. */
const SILENCE_S = 15;
/** Joining a group takes requests to several brokers, and each may be tried again, s. */
const JOINING_S = 60;

/**
 * Ends a wait for records that do not come. Counts the seconds in which this process could have received something:
 * while it is busy with other work, its event loop stands still, and so does the watch.
 */
export class SilenceWatch {
  #seconds = 0;
  #isPaused = false;
  readonly #timer: NodeJS.Timeout;

  /** @param onSilence called once, with a sentence that says what did not come */
  constructor(isJoined: () => boolean, onSilence: (problem: string) => void) {
    this.#timer = setInterval(() => {
      if (this.#isPaused) return;
      this.#seconds++;
      const limit = isJoined() ? SILENCE_S : JOINING_S;
      if (this.#seconds < limit) return;
      this.end();
      onSilence(
        isJoined()
          ? `Kafka has sent no record for ${limit} s.`
          : `Kafka has let the reader into no group for ${limit} s.`,
      );
    }, 1_000);
  }

  /** Something has come: the count starts again at 0. */
  reset(): void {
    this.#seconds = 0;
  }

  /** Counts nothing until the work is done. */
  async pauseFor<T>(work: Promise<T>): Promise<T> {
    this.#isPaused = true;
    try {
      return await work;
    } finally {
      this.#isPaused = false;
      this.reset();
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
