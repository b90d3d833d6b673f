/** One record of the file. `line` is where it begins; the first line of the unpacked file is 1. */
export type Row =
  | { line: number; raw: string; fields: string[]; object?: object; reason?: never }
  /** A record that cannot be read, and the reason. */
  | { line: number; raw: string; reason: string; fields?: never };

/** Makes rows of lines. */
export interface LineReader {
  /** Adds the rows that the lines complete. @param number of the first of them. */
  take(lines: readonly string[], number: number, rows: Row[]): void;
  /** Adds what is left at the end of the file. */
  end(rows: Row[]): void;
}
