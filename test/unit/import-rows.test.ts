import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type LayoutOptions, readLayout } from '../../cli/import/layout.ts';
import type { Row } from '../../cli/import/row.ts';
import { readRows, requireColumns } from '../../cli/import/rows.ts';
import { asCsv, bytesOf, ENCODINGS } from '../support/written-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function readFile(
  name: string,
  content: string | Buffer,
  columns: string[],
  options: LayoutOptions = {},
) {
  const file = join(folder, name);
  writeFileSync(file, content);
  const layout = await readLayout(file, columns, options);
  const rows: Row[] = [];
  for await (const chunk of readRows(file, columns, layout)) rows.push(...chunk);
  return { layout, rows };
}

const rowsOf = async (name: string, content: string | Buffer, columns: string[]) =>
  (await readFile(name, content, columns)).rows;

describe('CSV', () => {
  it('gives columns in the order asked for, with line numbers, over fields of several lines', async () => {
    const content = '\ufeffid,name,n\r\n1,"a\r\nb, ""c""",x\r\n\r\n2,d,y';
    expect(await rowsOf('order.csv', content, ['n', 'name'])).toEqual([
      { line: 2, raw: '1,"a\nb, ""c""",x', fields: ['x', 'a\nb, "c"'] },
      { line: 5, raw: '2,d,y', fields: ['y', 'd'] },
    ]);
  });

  it('takes a stray quote inside a line as a character', async () => {
    const content = 'a,b\n1,6" plate\n2,"v"w\n3,"z"\n';
    expect((await rowsOf('relaxed.csv', content, ['a', 'b'])).map(({ fields }) => fields)).toEqual([
      ['1', '6" plate'],
      ['2', '"v"w'],
      ['3', 'z'],
    ]);
  });

  it('rejects one line for a quote without an end, and reads the ones after it', async () => {
    const content = 'a,b\n1,"x\n2,y\n3,"z"\n4\n6,u\n7,"t';
    expect(await rowsOf('stray.csv', content, ['a', 'b'])).toEqual([
      { line: 2, raw: '1,"x', reason: 'A quoted field has no end.' },
      { line: 3, raw: '2,y', fields: ['2', 'y'] },
      { line: 4, raw: '3,"z"', fields: ['3', 'z'] },
      { line: 5, raw: '4', reason: 'The line has 1 fields instead of 2.' },
      { line: 6, raw: '6,u', fields: ['6', 'u'] },
      { line: 7, raw: '7,"t', reason: 'A quoted field has no end.' },
    ]);
  });

  it('rejects one line for a quote that stays open over thousands', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => (n === 2_500 ? '2500,"x' : `${n},y`));
    const rows = await rowsOf('open.csv', `a,b\n${lines.join('\n')}\n`, ['a', 'b']);
    expect(rows.filter(({ reason }) => reason)).toEqual([
      { line: 2_502, raw: '2500,"x', reason: 'A quoted field has no end.' },
    ]);
    expect(rows.map(({ line }) => line)).toEqual(lines.map((_, n) => n + 2));
  });

  it('does not mind empty cells behind the last column', async () => {
    expect(await rowsOf('longer.csv', 'a;b\n1;2;;\n1;2;3\n', ['a', 'b'])).toEqual([
      { line: 2, raw: '1;2;;', fields: ['1', '2'] },
      { line: 3, raw: '1;2;3', reason: 'The line has 3 fields instead of 2.' },
    ]);
  });

  it.each([
    ['commas', ',', 'a,b\n1.5,2\n', ['1.5', '2']],
    ['semicolons', ';', 'a;b\n1,5;2\n', ['1,5', '2']],
    ['tabs', '\t', 'a\tb\n1,5\t2\n', ['1,5', '2']],
    ['pipes', '|', 'a|b\n1,5|2\n', ['1,5', '2']],
    ["Excel's own line", ';', 'sep=;\r\na;b\r\n1,5;2\r\n', ['1,5', '2']],
    ['semicolons beside more commas', ';', 'a;b;"c,d,e,f,g"\n1,5;2;x\n', ['1,5', '2']],
    ['apostrophes as quotes', ',', "'a','b','c'\n'1','it, too','x'\n", ['1', 'it, too']],
  ])('tells %s from the header', async (_, delimiter, content, fields) => {
    const { layout, rows } = await readFile('delimiter.csv', content, ['a', 'b']);
    expect(layout.delimiter).toBe(delimiter);
    expect(rows.map((row) => row.fields)).toEqual([fields]);
  });

  it('loses nothing at the borders of chunks, packed or not', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i},€é${'x'.repeat(i % 17)}`);
    const content = `n,text\n${lines.join('\n')}\n`;
    const plain = await rowsOf('long.csv', content, ['n', 'text']);
    expect(plain).toHaveLength(60_000);
    expect(plain.every(({ line, raw }, i) => line === i + 2 && raw === lines[i])).toBe(true);
    expect(await rowsOf('long.csv.gz', gzipSync(content), ['n', 'text'])).toEqual(plain);
  });
});

describe('any encoding, delimiter and line end', () => {
  // Characters that Windows-1252 has, so that every encoding can write them.
  const cell = fc.string({
    unit: fc.constantFrom('a', 'é', 'ß', '€', '"', ',', ';', ' ', '\n', '1'),
    maxLength: 6,
  });
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });

  it('gives the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(...ENCODINGS),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        async (cells, encoding, delimiter, lineEnd, isQuoted) => {
          const records = cells.map((record, n) => [`${n}€`, ...record]);
          const csv = asCsv([['n', 'x', 'y', 'größe'], ...records], { delimiter, lineEnd, isQuoted });
          const rows = await rowsOf('any.csv', bytesOf(csv, encoding), ['n', 'x', 'y', 'größe']);
          expect(rows.map(({ fields }) => fields)).toEqual(records);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['utf-8', 'utf-8'],
    ['utf-8 with a mark', 'utf-8'],
    ['utf-16le with a mark', 'utf-16le'],
    ['utf-16be with a mark', 'utf-16be'],
    ['windows-1252', 'windows-1252'],
  ] as const)('tells %s', async (encoding, name) => {
    const { layout } = await readFile('named.csv', bytesOf('a,b\nKäse,5 €\n', encoding), ['a']);
    expect(layout.encoding).toEqual({ name });
  });

  it('tells Windows-1252 by a byte behind a megabyte of ASCII', async () => {
    const content = bytesOf(`a,b\n${'1,x\n'.repeat(400_000)}2,Käse\n`, 'windows-1252');
    const { layout, rows } = await readFile('late.csv.gz', gzipSync(content), ['b']);
    expect(layout.encoding).toEqual({ name: 'windows-1252' });
    expect(rows.at(-1)?.fields).toEqual(['Käse']);
  });

  it('rejects the lines with broken bytes of a file that is UTF-8 otherwise', async () => {
    const content = Buffer.concat([
      Buffer.from('a,b\n1,Käse\n2,K'),
      Buffer.from([0xe4]),
      Buffer.from('se\n3,Köln \ufffd é\n'),
    ]);
    const { layout, rows } = await readFile('damaged.csv', content, ['a']);
    expect(layout.encoding).toEqual({ name: 'utf-8', isDamaged: true });
    expect(rows.map(({ line, reason }) => [line, reason])).toEqual([
      [2, undefined],
      [3, 'The line has bytes that are not UTF-8.'],
      [4, 'The line has bytes that are not UTF-8.'],
    ]);
  });

  it('believes the caller', async () => {
    const bytes = Buffer.from([0x61, 0x3b, 0x62, 0x0a, 0xcf, 0xf0, 0x3b, 0x31, 0x0a]);
    const { rows } = await readFile('cyrillic.csv', bytes, ['a'], {
      encoding: 'windows-1251',
      delimiter: ';',
    });
    expect(rows.map(({ fields }) => fields)).toEqual([['Пр']]);
  });
});

describe('JSON lines', () => {
  it('are read with nested keys', async () => {
    const content = '\ufeff{"a":{"b":1},"c":true}\n\nnot json\n[1]\n\ufeff{"a":null}\n{"a":NaN,"c":"NaN"}\n';
    expect(await rowsOf('nested.ndjson', content, ['c', 'a.b'])).toEqual([
      expect.objectContaining({ line: 1, fields: ['true', '1'] }),
      { line: 3, raw: 'not json', reason: 'The line is not JSON.' },
      { line: 4, raw: '[1]', reason: 'The line is not a JSON object.' },
      expect.objectContaining({ line: 5, fields: ['', ''] }),
      expect.objectContaining({
        line: 6,
        reason: 'The line is not JSON: JSON has no NaN. Write null instead.',
      }),
    ]);
  });

  it('keep the digits of every whole number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }), async (id) => {
        const [row] = await rowsOf('id.ndjson', `{"who":{"id":${id}},"price":19.99}\n`, ['who.id', 'price']);
        expect(row?.fields).toEqual([String(id), '19.99']);
      }),
      { numRuns: 200 },
    );
  });

  it('may be one list of objects, each of which counts as a line', async () => {
    const rows = await rowsOf('list.json', '[{"a":1},{"a":2}]\n{"a":3}\n', ['a']);
    expect(rows.map(({ line, fields }) => [line, fields])).toEqual([
      [1, ['1']],
      [2, ['2']],
      [3, ['3']],
    ]);
  });
});

describe('a file that can not be read', () => {
  it('says what is wrong', async () => {
    const { layout } = await readFile('columns.csv', 'a,b\n', ['a', 'c']);
    expect(() => requireColumns('columns.csv', [['a'], ['c', 'd']], layout)).toThrow(
      /^columns.csv has no column c or d; it has a, b\./,
    );
    await expect(rowsOf('empty.csv', '', ['a'])).rejects.toMatchObject({ code: 'unreadable_file' });
    await expect(rowsOf('data.xlsx', '', ['a'])).rejects.toMatchObject({ code: 'unknown_format' });
    const half = gzipSync(`a,b\n${'1,2\n'.repeat(1000)}`).subarray(0, 30);
    await expect(rowsOf('half.csv.gz', half, ['a'])).rejects.toMatchObject({ code: 'unreadable_file' });
    await expect(readLayout(join(folder, 'none.csv'), ['a'])).rejects.toMatchObject({
      code: 'unreadable_file',
    });
  });
});
