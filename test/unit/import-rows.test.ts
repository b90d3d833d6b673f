import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { formatOf, parseCsvLine, type Row, readRows } from '../../cli/import/rows.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function rowsOf(name: string, content: string | Buffer, columns: string[]): Promise<Row[]> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const rows: Row[] = [];
  for await (const chunk of readRows(file, { columns, format: formatOf(file).format })) rows.push(...chunk);
  return rows;
}

describe('parseCsvLine', () => {
  it('reads any record as csv-parse does', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', ' ', '\n', '1'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 6 }), fc.boolean(), (cells, quoteAll) => {
        const text = cells
          .map((value) => (quoteAll || /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
          .join(',');
        expect(parseCsvLine(text, ',')).toEqual(parse(text)[0]);
      }),
      { numRuns: 2000 },
    );
  });

  it('tells a field that goes on from one that is broken', () => {
    expect(parseCsvLine('1,"a', ',')).toBe('open');
    expect(parseCsvLine('1,"a"b,2', ',')).toBe('malformed');
    expect(parseCsvLine('1,6" plate,2', ',')).toEqual(['1', '6" plate', '2']);
  });
});

describe('readRows', () => {
  it('reads columns in the order asked for, with line numbers, over fields of several lines', async () => {
    const content = '\ufeffid,name,n\r\n1,"a\r\nb, ""c""",x\r\n\r\n2,d,y';
    expect(await rowsOf('order.csv', content, ['n', 'name'])).toEqual([
      { line: 2, raw: '1,"a\nb, ""c""",x', fields: ['x', 'a\nb, "c"'] },
      { line: 5, raw: '2,d,y', fields: ['y', 'd'] },
    ]);
  });

  it.each([
    ['semicolons', 'a;b\n1,5;2\n'],
    ['tabs', 'a\tb\n1,5\t2\n'],
  ])('finds %s from the header', async (_, content) => {
    expect(await rowsOf('delimiter.csv', content, ['a', 'b'])).toEqual([
      expect.objectContaining({ fields: ['1,5', '2'] }),
    ]);
  });

  it('refuses one line for a stray quote, and reads the ones after it', async () => {
    const content = 'a,b\n1,"x\n2,y\n3,"z"\n4\n5,"v"w\n6,u\n7,"t';
    expect(await rowsOf('stray.csv', content, ['a', 'b'])).toEqual([
      { line: 2, raw: '1,"x', reason: 'A quoted field has no end.' },
      { line: 3, raw: '2,y', fields: ['2', 'y'] },
      { line: 4, raw: '3,"z"', fields: ['3', 'z'] },
      { line: 5, raw: '4', reason: 'The line has 1 fields instead of 2.' },
      { line: 6, raw: '5,"v"w', reason: 'A quoted field is followed by other text.' },
      { line: 7, raw: '6,u', fields: ['6', 'u'] },
      { line: 8, raw: '7,"t', reason: 'A quoted field has no end.' },
    ]);
  });

  it('loses nothing at the borders of chunks, packed or not', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i},€é${'x'.repeat(i % 17)}`);
    const content = `n,text\n${lines.join('\n')}\n`;
    const plain = await rowsOf('long.csv', content, ['n', 'text']);
    expect(plain).toHaveLength(60_000);
    expect(plain.every(({ line, raw }, i) => line === i + 2 && raw === lines[i])).toBe(true);
    expect(await rowsOf('long.csv.gz', gzipSync(content), ['n', 'text'])).toEqual(plain);
  });

  it('reads NDJSON with nested keys', async () => {
    const content = '{"a":{"b":1},"c":true}\n\nnot json\n[1]\n{"a":null}\n';
    expect(await rowsOf('nested.ndjson', content, ['c', 'a.b'])).toEqual([
      expect.objectContaining({ line: 1, fields: ['true', '1'] }),
      { line: 3, raw: 'not json', reason: 'The line is not JSON.' },
      { line: 4, raw: '[1]', reason: 'The line is not a JSON object.' },
      expect.objectContaining({ line: 5, fields: ['', ''] }),
    ]);
  });

  it('says what is wrong with a file', async () => {
    await expect(rowsOf('columns.csv', 'a,b\n', ['a', 'c'])).rejects.toMatchObject({
      code: 'missing_column',
    });
    await expect(rowsOf('empty.csv', '', ['a'])).rejects.toMatchObject({ code: 'unreadable_file' });
    await expect(rowsOf('data.xlsx', '', ['a'])).rejects.toMatchObject({ code: 'unknown_format' });
    const half = gzipSync(`a,b\n${'1,2\n'.repeat(1000)}`).subarray(0, 30);
    await expect(rowsOf('half.csv.gz', half, ['a'])).rejects.toMatchObject({ code: 'unreadable_file' });
    const missing = readRows(join(folder, 'none.csv'), { columns: ['a'], format: 'csv' });
    await expect(missing.next()).rejects.toMatchObject({ code: 'unreadable_file' });
  });
});
