import { parse } from 'csv-parse/sync';
import { FootfallError } from '../../shared/platform/errors.ts';
import { detectEncoding, type Encoding } from './encoding.ts';
import { type Format, formatOf, readBytes } from './file-bytes.ts';
import type { LineEnd } from './file-lines.ts';

/** How a file is written. */
export interface Layout {
  format: Format;
  encoding: Encoding;
  lineEnd: LineEnd;
  /** What people call the line end. */
  lineEndName: 'LF' | 'CRLF' | 'CR';
  /** Of CSV. */
  delimiter: string;
  /** Of CSV: the character around fields that contain a delimiter. */
  quote: string;
  /** Of CSV: names of the columns; empty for JSON. */
  columns: string[];
  /** Of CSV: the number of the line behind the header. */
  firstLine: number;
}

/** What the caller says of a file, instead of having it told from the file. */
export interface LayoutOptions {
  encoding?: string | undefined;
  delimiter?: string | undefined;
}

const DELIMITERS = [',', ';', '\t', '|'];
/** A header is shorter. */
const HEAD_BYTES = 1024 * 1024;

/**
 * Tells how a file is written. It reads the whole file for the encoding, unless the caller says which it is.
 * @param wanted columns that the import reads. They tell the delimiter when more than one is possible.
 * @throws FootfallError `unknown_format`, `unreadable_file` 400.
 */
export async function readLayout(
  file: string,
  wanted: readonly string[],
  options: LayoutOptions = {},
): Promise<Layout> {
  const { format } = formatOf(file);
  const encoding = options.encoding ? { name: options.encoding } : await detectEncoding(file);
  const head = await headOf(file, encoding.name);
  // A line feed inside a quoted field ends no line.
  const unquoted = head.replaceAll(/"[^"]*"/g, '');
  const lineEnd = unquoted.includes('\n') || !unquoted.includes('\r') ? 'LF' : 'CR';
  const lineEndName = lineEnd === 'CR' ? 'CR' : /\r\n/.test(head) ? 'CRLF' : 'LF';
  const layout = { format, encoding, lineEnd, lineEndName } as const;
  if (format === 'ndjson') return { ...layout, delimiter: '', quote: '', columns: [], firstLine: 1 };
  return { ...layout, ...headerOf(file, head, lineEnd, wanted, options.delimiter) };
}

/** The beginning of the text, as far as the header may go. */
async function headOf(file: string, encoding: string): Promise<string> {
  const decoder = new TextDecoder(encoding);
  let text = '';
  let bytes = 0;
  for await (const chunk of readBytes(file)) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) return text;
  }
  return text + decoder.decode();
}

function headerOf(
  file: string,
  head: string,
  lineEnd: LineEnd,
  wanted: readonly string[],
  given: string | undefined,
): Pick<Layout, 'delimiter' | 'quote' | 'columns' | 'firstLine'> {
  const lines = head.split(lineEnd === 'CR' ? '\r' : /\r?\n/);
  let first = lines.findIndex((line) => line.trim() !== '');
  // Excel reads and writes such a line.
  const said = /^"?sep=(.)"?$/i.exec(lines[first] ?? '')?.[1];
  if (said) first = lines.findIndex((line, position) => position > first && line.trim() !== '');
  if (first === -1) throw new FootfallError('unreadable_file', 400, `${file} is empty.`);
  const candidates = (given ?? said) ? [(given ?? said)!] : DELIMITERS;
  const headers = candidates.flatMap((delimiter) =>
    ['"', "'"].flatMap((quote) => {
      const header = splitHeader(lines.slice(first, first + MAX_HEADER_LINES), delimiter, quote);
      return header ? [{ ...header, delimiter, quote }] : [];
    }),
  );
  const score = ({ columns }: { columns: string[] }) =>
    wanted.filter((name) => columns.includes(name)).length * 1_000 + Math.min(columns.length, 999);
  const best = headers.reduce<(typeof headers)[number] | undefined>(
    (found, header) => (found && score(found) >= score(header) ? found : header),
    undefined,
  );
  if (!best)
    throw new FootfallError('unreadable_file', 400, `The first line of ${file} is not a CSV header.`);
  const { columns, lines: count, delimiter, quote } = best;
  return { columns, delimiter, quote, firstLine: first + count + 1 };
}

/** A header whose names have line feeds, as spreadsheets allow, is not longer. */
const MAX_HEADER_LINES = 20;

function splitHeader(lines: readonly string[], delimiter: string, quote: string) {
  // A text that begins with an apostrophe is no quoted one, unless it ends with one.
  if (quote === "'" && !/^'[^']*'(?=\W|$)/.test(lines[0]!)) return undefined;
  for (let count = 1; count <= lines.length; count++) {
    try {
      const options = { delimiter, quote, escape: quote, relax_quotes: true };
      const records: string[][] = parse(lines.slice(0, count).join('\n'), options);
      if (records.length === 1) return { columns: records[0]!.map((name) => name.trim()), lines: count };
    } catch {
      // The quoted name goes on in the next line.
    }
  }
  return undefined;
}
