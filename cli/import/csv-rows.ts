import { type Parser, parse } from 'csv-parse';
import { parse as parseAll } from 'csv-parse/sync';
import type { Layout } from './layout.ts';
import type { LineReader, Row } from './row.ts';

/** A quoted field that is still open after this many lines is an error, not a field that goes on to the file's end. */
const MAX_LINES_OF_A_RECORD = 100;
/** Few, so that little is read again after a record that is broken. */
const LINES_AT_ONCE = 100;

interface Parsed {
  record: string[];
  info: { lines: number };
}

/**
 * Reads records with csv-parse. Inside one line, a stray quote is a character like any other. A record of several lines
 * must be quoted well: else its first line is refused and the lines behind it are read again, so a broken line costs
 * itself alone.
 */
export function csvReader(columns: readonly string[], layout: Layout): LineReader {
  const { delimiter, quote, firstLine } = layout;
  const width = layout.columns.length;
  const indexes = columns.map((column) => layout.columns.indexOf(column));
  const options = { delimiter, quote, escape: quote, record_delimiter: '\n', relax_column_count: true };

  let parser = newParser();
  /** Lines that the parser has and that no record has come of. */
  let held: string[] = [];
  let heldFrom = firstLine;
  /** How many of the parser's lines are no longer held. */
  let parsed = 0;

  function newParser(): Parser {
    const made = parse({ ...options, relax_quotes: true, info: true, skip_empty_lines: true });
    // A failure is looked for after each write.
    made.on('error', () => {});
    return made;
  }

  function feed(lines: readonly string[], rows: Row[], isEnd = false): void {
    for (const line of lines) held.push(line);
    // csv-parse keeps the last record back until it sees what follows: at the end, blank lines.
    parser.write(isEnd ? '\n'.repeat(16) : lines.map((line) => `${line}\n`).join(''));
    for (let one = parser.read() as Parsed | null; one !== null; one = parser.read() as Parsed | null) {
      if (!take(one, rows)) return;
    }
    if (held.every((line) => line.trim() === '')) drop(held.length);
    if (held.length > 0 && (isEnd || held.length > MAX_LINES_OF_A_RECORD)) {
      giveUp(rows, 'A quoted field has no end.');
    }
  }

  /** @returns false when the parser was begun again, and its further records are void. */
  function take({ record, info }: Parsed, rows: Row[]): boolean {
    // csv-parse counts the lines before the last record's end. Blank lines between records belong to none.
    let length = info.lines - parsed;
    while (length > 1 && held[0]!.trim() === '') {
      drop(1);
      length -= 1;
    }
    const raw = length === 1 ? held[0]! : held.slice(0, length).join('\n');
    if (length > 1 && !isWellQuoted(raw)) {
      giveUp(rows, 'A quoted field has no end.');
      return false;
    }
    const isLonger = record.length > width && record.slice(width).every((cell) => cell.trim() === '');
    if (record.length !== width && !isLonger) {
      const reason = `The line has ${record.length} fields instead of ${width}.`;
      if (length > 1) {
        giveUp(rows, reason);
        return false;
      }
      if (raw.trim() !== '') rows.push({ line: heldFrom, raw, reason });
    } else if (raw.trim() !== '') {
      const fields = indexes.map((index) => (index === -1 ? '' : record[index]!));
      rows.push({ line: heldFrom, raw, fields });
    }
    drop(length);
    return true;
  }

  function drop(lines: number): void {
    held.splice(0, lines);
    heldFrom += lines;
    parsed += lines;
  }

  /** Refuses the first of the lines that are held and reads the others again. */
  function giveUp(rows: Row[], reason: string): void {
    const [raw, ...others] = held as [string, ...string[]];
    rows.push({ line: heldFrom, raw, reason });
    heldFrom += 1;
    held = [];
    parser.destroy();
    parser = newParser();
    parsed = 0;
    feedAll(others, rows);
  }

  function feedAll(lines: readonly string[], rows: Row[]): void {
    for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
      feed(lines.slice(from, from + LINES_AT_ONCE), rows);
    }
  }

  /** Whether a record of several lines is what RFC 4180 allows. */
  function isWellQuoted(raw: string): boolean {
    try {
      return (parseAll(raw, options) as string[][]).length === 1;
    } catch {
      return false;
    }
  }

  return {
    take(lines, number, rows) {
      feedAll(number < firstLine ? lines.slice(firstLine - number) : lines, rows);
    },
    end(rows) {
      while (held.length > 0) feed([], rows, true);
    },
  };
}
