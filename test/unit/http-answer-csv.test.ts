import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type Row, toCsv } from '../../shared/platform/http/csv.ts';
import { runs } from '../support/runs.ts';

/** As a strict reader takes it: every row with as many cells, nothing trimmed, only CRLF between rows. */
const read = (csv: string): string[][] =>
  parse(csv, {
    relax_column_count: false,
    relax_quotes: false,
    skip_empty_lines: false,
    record_delimiter: '\r\n',
  });
/** As most programs read it, which end a row at any line break. */
const readLoosely = (csv: string): string[][] =>
  parse(csv, { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: false });

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '"',
        '""',
        ',',
        ';',
        '\t',
        '=1+1',
        '=',
        '+',
        '-',
        '@',
        '＝',
        '＋',
        '－',
        '＠',
        "'",
        ' ',
        '',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join('').toWellFormed());

test('any text stays in its cell, in its row, for readers of every line ending', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(nasty, nasty, fc.integer()), { maxLength: 6 }), (cells) => {
      const rows = cells.map(([name, brand, units]): Row => ({ name, brand, units }));
      const csv = toCsv(['name', 'brand', 'units'], rows);
      for (const [header, ...lines] of [read(csv), readLoosely(csv)]) {
        expect(header).toEqual(['name', 'brand', 'units']);
        expect(lines.map((line) => line.map((cell) => cell.replace(/^'/, '')))).toEqual(
          cells.map((line) => line.map((cell) => String(cell).replace(/^'/, ''))),
        );
      }
    }),
    { numRuns: runs(2_000) },
  );
});

test.each([' =1+1', '\u00a0=1+1', '\u200b=1+1', '\ufeff=1+1', '\u2060＝1', '﹦1', '﹣1+1'])(
  'a sign behind what is not seen is no formula either: %j',
  (name) => {
    expect(toCsv(['name'], [{ name }])).toBe(`name\r\n'${name}\r\n`);
  },
);

test('no cell begins as a formula, also after a line break', () => {
  fc.assert(
    fc.property(nasty, (name) => {
      const [, row] = readLoosely(toCsv(['name', 'units'], [{ name, units: -5 }]));
      expect(row![0]).not.toMatch(/^[=+\-@\t\r\n＝＋－＠](?!\d+(\.\d+)?$)/);
      expect(row![1]).toBe('-5');
    }),
    { numRuns: runs(2_000) },
  );
});

test.each(['a\n=HYPERLINK("https://evil.example")', 'a\r=1+1', '\n=1+1', '\r=1'])(
  '%j is one cell',
  (name) => {
    const csv = toCsv(['name', 'units'], [{ name, units: 1 }]);
    const rows = readLoosely(csv);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toEqual([/^[\r\n]/.test(name) ? `'${name}` : name, '1']);
  },
);
