import { createHash, type Hash } from 'node:crypto';
import { FootfallError } from '../../shared/platform/errors.ts';
import { csvReader } from './csv-rows.ts';
import type { Watch } from './file-bytes.ts';
import { readLines } from './file-lines.ts';
import { jsonReader } from './json-rows.ts';
import type { Layout } from './layout.ts';
import type { Row } from './row.ts';

/**
 * Reads a file's records in chunks, in constant memory.
 * @param columns in the order that `fields` is to have: names of the CSV header, or JSON keys, nested ones with dots.
 *   A column that the file lacks is blank ({@link requireColumns}).
 * @throws FootfallError `unreadable_file` 400.
 */
export async function* readRows(
  file: string,
  columns: readonly string[],
  layout: Layout,
  watch: Watch = {},
): AsyncGenerator<Row[]> {
  const reader = layout.format === 'csv' ? csvReader(columns, layout) : jsonReader(columns);
  const { encoding, lineEnd } = layout;
  let line = 1;
  for await (const lines of readLines(file, { encoding: encoding.name, lineEnd }, watch)) {
    const rows: Row[] = [];
    reader.take(lines, line, rows);
    line += lines.length;
    yield encoding.isDamaged ? rows.map(withoutDamage) : rows;
  }
  const rest: Row[] = [];
  reader.end(rest);
  yield encoding.isDamaged ? rest.map(withoutDamage) : rest;
}

const withoutDamage = (row: Row): Row =>
  row.reason === undefined && row.raw.includes('\ufffd')
    ? { line: row.line, raw: row.raw, reason: 'The line has bytes that are not UTF-8.' }
    : row;

/**
 * @param needed columns that the header must have; of a list of alternatives, one.
 * @throws FootfallError `missing_column` 400.
 */
export function requireColumns(file: string, needed: readonly string[][], { format, columns }: Layout): void {
  if (format !== 'csv') return;
  const missing = needed.filter((names) => !names.some((name) => columns.includes(name)));
  if (missing.length === 0) return;
  throw new FootfallError(
    'missing_column',
    400,
    `${file} has no column ${missing.map((names) => names.join(' or ')).join(', ')}; it has ${columns.join(', ')}. ` +
      'Map columns with --columns, such as ts=time,user=customer. --delimiter says what stands between them.',
  );
}

/** A hash for {@link Watch.hash}. */
export const contentHash = (): Hash => createHash('sha256');
