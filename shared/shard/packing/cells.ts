import { getOrMake } from '../../platform/counters.ts';
import { unzigzag, VarintReader, VarintWriter, zigzag } from '../../platform/varints.ts';

/**
 * The amounts of one hash or of some rankings, by column and row. The field `views|tea` has the column `views` and the
 * row `tea`. A field without a bar is a row of the column `null`.
 */
export type Cells = Map<string | null, Map<string, number>>;

/** The column and the row of a hash's field. */
export function cellOf(field: string): [column: string | null, row: string] {
  const bar = field.indexOf('|');
  return bar < 0 ? [null, field] : [field.slice(0, bar), field.slice(bar + 1)];
}

export const fieldOf = (column: string | null, row: string) => (column === null ? row : `${column}|${row}`);

export function addCell(cells: Cells, column: string | null, row: string, amount: number): void {
  const rows = getOrMake(cells, column, () => new Map<string, number>());
  rows.set(row, (rows.get(row) ?? 0) + amount);
}

/** The cells of a hash. */
export function cellsOfFields(fields: Iterable<readonly [field: string, amount: number]>): Cells {
  const cells: Cells = new Map();
  for (const [field, amount] of fields) addCell(cells, ...cellOf(field), amount);
  return cells;
}

/** The largest amount, either way, that {@link encodeCells} takes. */
const MAX_AMOUNT = 2 ** 51;

/** Whether {@link encodeCells} keeps an amount exactly. */
export const isPackable = (amount: number) => Number.isInteger(amount) && Math.abs(amount) <= MAX_AMOUNT;

/**
 * A section without its compression: a text, then tables. A table has columns and rows in order, and their amounts
 * column by column. Each row names how many UTF-16 code units it shares with the row before; the rest stands in the
 * text. All numbers are varints. An amount is 0 where there is none, else its zigzag code plus 1.
 * @param cells with amounts that are {@link isPackable}
 */
export function encodeCells(cells: Cells): Buffer {
  const texts: string[] = [];
  const out = new VarintWriter();
  const tables = tablesOf(cells);
  out.varint(tables.length);
  for (const { columns, rows } of tables) {
    out.varint(columns.length);
    for (const column of columns) {
      out.varint(column === null ? 0 : column.length + 1);
      texts.push(column ?? '');
    }
    out.varint(rows.length);
    const shared = rows.map((row, i) => (i === 0 ? 0 : sharedPrefix(rows[i - 1]!, row)));
    for (const length of shared) out.varint(length);
    for (const [i, row] of rows.entries()) {
      out.varint(row.length - shared[i]!);
      texts.push(row.slice(shared[i]));
    }
    for (const column of columns) {
      const amounts = cells.get(column)!;
      for (const row of rows) {
        const amount = amounts.get(row);
        out.varint(amount === undefined ? 0 : zigzag(amount) + 1);
      }
    }
  }
  const text = Buffer.from(texts.join(''));
  const head = new VarintWriter();
  head.varint(text.length);
  return Buffer.concat([head.bytes(), text, out.bytes()]);
}

/**
 * Calls `visit` with each amount of a section, also with those that are 0.
 * @param isWanted leaves out other columns, which is cheaper than visiting them
 */
export function visitCells(
  bytes: Buffer,
  visit: (column: string | null, row: string, amount: number) => void,
  isWanted: (column: string | null) => boolean = () => true,
): void {
  const input = new VarintReader(bytes);
  const length = input.varint();
  const text = input.text(length);
  let at = 0;
  const next = (units: number) => {
    at += units;
    return text.slice(at - units, at);
  };
  for (let tables = input.varint(); tables > 0; tables--) {
    const columns = Array.from({ length: input.varint() }, () => {
      const units = input.varint();
      return units === 0 ? null : next(units - 1);
    });
    const count = input.varint();
    const shared = new Array<number>(count);
    for (let i = 0; i < count; i++) shared[i] = input.varint();
    const rows = new Array<string>(count);
    for (let i = 0, before = ''; i < count; i++) {
      const rest = next(input.varint());
      before = shared[i] === 0 ? rest : before.slice(0, shared[i]) + rest;
      rows[i] = before;
    }
    for (const column of columns) {
      const wanted = isWanted(column);
      for (let i = 0; i < count; i++) {
        const code = input.varint();
        if (wanted && code !== 0) visit(column, rows[i]!, unzigzag(code - 1));
      }
    }
  }
}

/** Columns that have much the same rows share a table. Otherwise each has its own, so no table is nearly empty. */
function tablesOf(cells: Cells): { columns: (string | null)[]; rows: string[] }[] {
  const own = (column: string | null) => ({ columns: [column], rows: [...cells.get(column)!.keys()].sort() });
  const named = [...cells.keys()].filter((column) => column !== null).sort();
  const tables = cells.has(null) ? [own(null)] : [];
  const rows = new Set<string>();
  let filled = 0;
  for (const column of named) {
    filled += cells.get(column)!.size;
    for (const row of cells.get(column)!.keys()) rows.add(row);
  }
  if (rows.size * named.length > 8 * filled + 256) return [...tables, ...named.map(own)];
  return named.length === 0 ? tables : [...tables, { columns: named, rows: [...rows].sort() }];
}

/** In UTF-16 code units; never ends within a surrogate pair. */
function sharedPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length > 0 && isHighSurrogate(b.charCodeAt(length - 1)) ? length - 1 : length;
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
