import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FootfallError } from '../../shared/platform/errors.ts';

export type Format = 'csv' | 'ndjson';

/** One record of the file. `line` is where it begins; the first line of the unpacked file is 1. */
export type Row =
  | { line: number; raw: string; fields: string[]; reason?: never }
  /** A record that cannot be read, and the reason. */
  | { line: number; raw: string; reason: string; fields?: never };

export interface ReadOptions {
  /** The columns in the order that `fields` is to have: names of the CSV header, or NDJSON keys, nested ones with dots. */
  columns: readonly string[];
  format: Format;
  /** Is told how many bytes of the file are read so far; packed bytes when it is packed. */
  onBytes?: (bytes: number) => void;
  /** Gets the unpacked content. */
  hash?: Hash;
}

/** A quoted field that is still open after this many lines is an error, not a field that goes on to the file's end. */
const MAX_LINES_OF_A_RECORD = 100;

/** Reads the format from a file's name. @throws FootfallError `unknown_format` 400. */
export function formatOf(file: string): { format: Format; gzip: boolean } {
  const name = file.toLowerCase();
  const gzip = name.endsWith('.gz');
  const plain = gzip ? name.slice(0, -3) : name;
  if (/\.(ndjson|jsonl)$/.test(plain)) return { format: 'ndjson', gzip };
  if (/\.(csv|tsv|txt)$/.test(plain)) return { format: 'csv', gzip };
  throw new FootfallError(
    'unknown_format',
    400,
    `The import does not read files named like ${file}. It reads .csv, .tsv, .txt, .ndjson and .jsonl, with or without .gz.`,
  );
}

/**
 * Reads a file's records in chunks, in constant memory.
 * @throws FootfallError `missing_column` when the CSV header lacks one of the columns, `unreadable_file` when
 *   the file cannot be opened, or is damaged.
 */
export async function* readRows(file: string, options: ReadOptions): AsyncGenerator<Row[]> {
  const reader = options.format === 'csv' ? csvReader(file, options.columns) : ndjsonReader(options.columns);
  let line = 0;
  for await (const lines of readLines(file, options)) {
    const rows: Row[] = [];
    for (const text of lines) reader.line(text, ++line, rows);
    yield rows;
  }
  const rest: Row[] = [];
  reader.end(rest);
  yield rest;
}

/** Reads the beginning of a file, to check that it can be read and has the columns. Throws as {@link readRows}. */
export async function checkHeader(file: string, options: ReadOptions): Promise<void> {
  const rows = readRows(file, options);
  await rows.next();
  await rows.return(undefined);
}

async function* readLines(
  file: string,
  { onBytes, hash }: Pick<ReadOptions, 'onBytes' | 'hash'>,
): AsyncGenerator<string[]> {
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  let bytes = 0;
  source.on('data', (chunk) => {
    bytes += chunk.length;
    onBytes?.(bytes);
  });
  // pipeline destroys the unpacking stream with the source's error, so the reader sees errors of both.
  const content: Readable = formatOf(file).gzip
    ? pipeline(source, createGunzip({ chunkSize: 256 * 1024 }), () => {})
    : source;
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      hash?.update(chunk);
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      yield lines.map(withoutReturn);
    }
  } catch (error) {
    const problem = (error as Error).message;
    throw new FootfallError('unreadable_file', 400, `${file} cannot be read: ${problem}.`, { cause: error });
  } finally {
    source.destroy();
  }
  rest += decoder.decode();
  if (rest !== '') yield [withoutReturn(rest)];
}

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);

interface LineReader {
  line(text: string, number: number, rows: Row[]): void;
  end(rows: Row[]): void;
}

function headerOf(file: string, text: string) {
  const delimiter = [',', ';', '\t'].reduce((best, candidate) =>
    text.split(candidate).length > text.split(best).length ? candidate : best,
  );
  const cells = parseCsvLine(text, delimiter);
  if (!Array.isArray(cells)) {
    throw new FootfallError('unreadable_file', 400, `The first line of ${file} is not a CSV header.`);
  }
  return { delimiter, names: cells.map((name) => name.trim()) };
}

function csvReader(file: string, columns: readonly string[]): LineReader {
  let header: ReturnType<typeof headerOf> | undefined;
  let indexes: number[] = [];
  /** The lines so far of a record whose quoted field is still open. */
  let held: string[] = [];
  let heldFrom = 0;

  function take(text: string, number: number, rows: Row[]): void {
    if (!header) {
      header = headerOf(file, text);
      indexes = columns.map((column) => header!.names.indexOf(column));
      const missing = columns.filter((_, position) => indexes[position] === -1);
      if (missing.length > 0) throw missingColumns(file, missing, header.names);
      return;
    }
    if (held.length === 0 && text.trim() === '') return;
    if (held.length === 0) heldFrom = number;
    held.push(text);
    const raw = held.length === 1 ? text : held.join('\n');
    const cells = parseCsvLine(raw, header.delimiter);
    if (Array.isArray(cells) && cells.length === header.names.length) {
      held = [];
      rows.push({ line: heldFrom, raw, fields: indexes.map((index) => cells[index]!) });
    } else if (cells !== 'open' || held.length >= MAX_LINES_OF_A_RECORD) {
      giveUp(rows);
    }
  }

  /** Refuses only the first of these lines and reads the others again, so one stray quote costs one line. */
  function giveUp(rows: Row[]): void {
    const [raw, ...others] = held as [string, ...string[]];
    const line = heldFrom;
    held = [];
    const cells = parseCsvLine(raw, header!.delimiter);
    const reason =
      cells === 'open'
        ? 'A quoted field has no end.'
        : cells === 'malformed'
          ? 'A quoted field is followed by other text.'
          : `The line has ${cells.length} fields instead of ${header!.names.length}.`;
    rows.push({ line, raw, reason });
    others.forEach((text, position) => {
      take(text, line + 1 + position, rows);
    });
  }

  return {
    line: take,
    end(rows) {
      if (!header) throw new FootfallError('unreadable_file', 400, `${file} is empty.`);
      while (held.length > 0) giveUp(rows);
    },
  };
}

const missingColumns = (file: string, missing: readonly string[], names: readonly string[]) =>
  new FootfallError(
    'missing_column',
    400,
    `${file} has no column ${missing.join(', ')}; it has ${names.join(', ')}. ` +
      'Map columns with --columns, such as ts=time,user=customer.',
  );

/**
 * Splits a CSV record into fields (RFC 4180). A quote inside an unquoted field is a quote.
 * @returns `open` when a quoted field has no end, `malformed` when text follows a closing quote.
 */
export function parseCsvLine(text: string, delimiter: string): string[] | 'open' | 'malformed' {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    if (text[position] === '"') {
      let field = '';
      let from = position + 1;
      let quote = text.indexOf('"', from);
      while (quote !== -1 && text[quote + 1] === '"') {
        field += text.slice(from, quote + 1);
        from = quote + 2;
        quote = text.indexOf('"', from);
      }
      if (quote === -1) return 'open';
      fields.push(field + text.slice(from, quote));
      position = quote + 1;
      if (position < text.length && text[position] !== delimiter) return 'malformed';
    } else {
      const end = text.indexOf(delimiter, position);
      fields.push(text.slice(position, end === -1 ? undefined : end));
      position = end === -1 ? text.length : end;
    }
    if (position >= text.length) return fields;
    position += 1;
  }
}

function ndjsonReader(columns: readonly string[]): LineReader {
  const paths = columns.map((column) => column.split('.'));
  return {
    line(text, line, rows) {
      if (text.trim() === '') return;
      let object: unknown;
      try {
        object = JSON.parse(text);
      } catch {
        rows.push({ line, raw: text, reason: 'The line is not JSON.' });
        return;
      }
      if (typeof object !== 'object' || object === null || Array.isArray(object)) {
        rows.push({ line, raw: text, reason: 'The line is not a JSON object.' });
        return;
      }
      rows.push({ line, raw: text, fields: paths.map((path) => textAt(object, path)) });
    },
    end() {},
  };
}

/** The value at a path as text; blank for an object, and when there is none. */
function textAt(object: object, path: readonly string[]): string {
  let value: unknown = object;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return '';
    value = (value as Record<string, unknown>)[key];
  }
  return value === null || typeof value === 'object' ? '' : String(value);
}

/** A hash for {@link ReadOptions.hash}. */
export const contentHash = (): Hash => createHash('sha256');
