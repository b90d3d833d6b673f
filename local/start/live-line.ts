/** ms between lines where they cannot be updated in place. */
const plainInterval = 5_000;

/** One line that tells how things stand: in place on a terminal, else a line of its own every few seconds. */
export class LiveLine {
  readonly #out: NodeJS.WriteStream;
  #lastPlain = 0;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  update(text: string): void {
    if (this.#out.isTTY) {
      // Cut to the window: a line that wraps could not be taken back. ESC[K clears what the last one left.
      this.#out.write(`\r${text.slice(0, (this.#out.columns || 80) - 1)}\u001b[K`);
    } else if (Date.now() - this.#lastPlain >= plainInterval) {
      this.#lastPlain = Date.now();
      this.#out.write(`${text}\n`);
    }
  }
}
