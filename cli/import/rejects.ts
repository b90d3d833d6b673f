import { appendFileSync, rmSync, truncateSync } from 'node:fs';
import type { RejectedLine } from './batches.ts';

/** The file of refused lines, as NDJSON: `{line, reason, raw}`. It exists once there is one. */
export class RejectsFile {
  readonly #path: string;
  #bytes: number;

  /** @param keep bytes of an interrupted import's file to keep. The lines behind them come again. */
  constructor(path: string, keep: number) {
    this.#path = path;
    this.#bytes = keep;
    if (keep === 0) rmSync(path, { force: true });
    else truncateSync(path, keep);
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(rejects: readonly RejectedLine[]): void {
    if (rejects.length === 0) return;
    const text = rejects.map((reject) => `${JSON.stringify(reject)}\n`).join('');
    appendFileSync(this.#path, text);
    this.#bytes += Buffer.byteLength(text);
  }
}
