import type { Counters } from '../platform/counters.ts';
import { Dictionary, Texts } from '../platform/texts.ts';
import type { Day } from '../platform/time.ts';
import { unzigzag, VarintReader, VarintWriter, zigzag } from '../platform/varints.ts';
import { type Cells, isPackable } from './packing/cells.ts';

/**
 * The amounts of one counter on a day, summed over all shards, as they are packed: a question adds most of them up and
 * looks at few.
 */
export type Column = Buffer;
/** By counter; null where the rows are the counters. */
export type Columns = ReadonlyMap<string | null, Column>;

/** Columns that share the list of their rows. */
export interface Table {
  rows: Texts;
  /** By day; 0 for a sum of many days. */
  days: ReadonlyMap<Day, Columns>;
}

/** A table of some days' amounts. */
export function tableOf(days: Iterable<readonly [Day, Cells]>): Table {
  const all = [...days];
  const texts = new Set<string>();
  for (const [, cells] of all)
    for (const rows of cells.values()) for (const row of rows.keys()) texts.add(row);
  const sorted = [...texts].sort();
  const indexes = new Map(sorted.map((text, i) => [text, i]));
  const packed = all.map(([day, cells]): [Day, Columns] => {
    const columns = new Map<string | null, Column>();
    for (const [counter, rows] of cells) {
      const some = [...rows].map(([row, amount]) => [indexes.get(row)!, amount] as const);
      columns.set(counter, packColumn(some, sorted.length));
    }
    return [day, columns];
  });
  return { rows: Texts.of(sorted), days: new Map(packed) };
}

/** A table of the days of several tables. Rows without an amount are left out: a text may have been erased. */
export function joinTables(parts: readonly (readonly [Day, Table, Columns])[]): Table {
  const dictionary = new Dictionary();
  for (const [, { rows }] of parts) dictionary.numbersOf(rows);
  const places = new Int32Array(dictionary.length).fill(-1);
  const kept: number[] = [];
  const unpacked = parts.map(([day, { rows }, columns]) => {
    const numbers = dictionary.numbersOf(rows);
    const own = [...columns].map(([counter, column]) => {
      const cells: [id: number, amount: number][] = [];
      visitColumn(column, rows.length, (row, amount) => {
        const number = numbers[row]!;
        if (places[number] === -1) places[number] = kept.push(number) - 1;
        cells.push([places[number]!, amount]);
      });
      return [counter, cells] as const;
    });
    return [day, own] as const;
  });
  const days = unpacked.map(([day, own]): [Day, Columns] => [
    day,
    new Map(own.map(([counter, cells]) => [counter, packColumn(cells, kept.length)])),
  ]);
  return { rows: Texts.of(kept.map((number) => dictionary.at(number))), days: new Map(days) };
}

/** Each row has a code: 0 for none, else the amount's zigzag code plus 1. */
const DENSE = 1;
/** Each amount has the distance from the id before, and its code. Code 0: a double follows. */
const SPARSE = 2;

/** @param cells in any order @param rows more than any id */
function packColumn(cells: (readonly [id: number, amount: number])[], rows: number): Column {
  cells.sort(([a], [b]) => a - b);
  const out = new VarintWriter();
  if (2 * cells.length > rows && cells.every(([, amount]) => isPackable(amount))) {
    out.varint(DENSE);
    for (let row = 0, i = 0; row < rows; row++) {
      out.varint(cells[i]?.[0] === row ? zigzag(cells[i++]![1]) + 1 : 0);
    }
    return Buffer.from(out.bytes());
  }
  out.varint(SPARSE);
  out.varint(cells.length);
  let before = 0;
  for (const [id, amount] of cells) {
    out.varint(id - before);
    before = id;
    if (isPackable(amount)) out.varint(zigzag(amount) + 1);
    else {
      out.varint(0);
      out.double(amount);
    }
  }
  return Buffer.from(out.bytes());
}

/** Calls `visit` with each amount of a column. @param rows of its table */
export function visitColumn(
  column: Column,
  rows: number,
  visit: (row: number, amount: number) => void,
): void {
  const input = new VarintReader(column);
  if (input.varint() === DENSE) {
    for (let row = 0; row < rows; row++) {
      const code = input.varint();
      if (code !== 0) visit(row, unzigzag(code - 1));
    }
    return;
  }
  const count = input.varint();
  for (let i = 0, row = 0; i < count; i++) {
    row += input.varint();
    const code = input.varint();
    visit(row, code === 0 ? input.double() : unzigzag(code - 1));
  }
}

const known = new WeakMap<Column, Counters>();

/** A column's amounts by row. Callers share it, and do not change it. */
export function countersOf({ rows }: Table, column: Column): Counters {
  let sums = known.get(column);
  if (!sums) {
    const own: Counters = new Map();
    visitColumn(column, rows.length, (row, amount) => own.set(rows.at(row), amount));
    known.set(column, own);
    sums = own;
  }
  return sums;
}

/** All amounts of a day. */
export function cellsOf(table: Table, columns: Columns): Cells {
  return new Map([...columns].map(([counter, column]) => [counter, countersOf(table, column)]));
}

/** About how many bytes a table takes in this process, with what is known of its columns. */
export function memoryOf({ rows, days }: Table): number {
  let bytes = 200 + days.size * 200 + rows.bytes.length + rows.length * 30;
  // Those of counters are made into maps, the others are not.
  for (const columns of days.values()) {
    for (const [counter, column] of columns) bytes += 150 + column.length * (counter === null ? 40 : 1);
  }
  return bytes;
}

/** Sums by row and counter. Rows have the numbers of a dictionary. */
export class Sums {
  readonly #texts: Dictionary;
  readonly #columns = new Map<string | null, { amounts: Float64Array; isThere: Uint8Array }>();
  readonly #rows: number;

  /** @param texts to which no rows are added as long as columns are */
  constructor(texts: Dictionary) {
    this.#texts = texts;
    this.#rows = texts.length;
  }

  /** How many rows there are at most: some have no amount. */
  get rows(): number {
    return this.#rows;
  }

  get counters(): (string | null)[] {
    return [...this.#columns.keys()];
  }

  at(row: number): string {
    return this.#texts.at(row);
  }

  /** The row of a text; undefined when it has none. */
  find(text: string): number | undefined {
    const row = this.#texts.find(text);
    return row !== undefined && row < this.#rows ? row : undefined;
  }

  /** By row; undefined when the counter has none. Callers do not change it. */
  amounts(counter: string | null): Float64Array | undefined {
    return this.#columns.get(counter)?.amounts;
  }

  /** Whether a row has an amount, which may be 0. */
  has(counter: string | null, row: number): boolean {
    return this.#columns.get(counter)?.isThere[row] === 1;
  }

  /** By row the sum of some counters. */
  sumOf(counters: Iterable<string | null>): Float64Array {
    const total = new Float64Array(this.#rows);
    for (const counter of counters) {
      const amounts = this.amounts(counter);
      for (let row = 0; amounts && row < total.length; row++) total[row]! += amounts[row]!;
    }
    return total;
  }

  add({ rows }: Table, counter: string | null, column: Column): void {
    let own = this.#columns.get(counter);
    if (!own) {
      own = { amounts: new Float64Array(this.#rows), isThere: new Uint8Array(this.#rows) };
      this.#columns.set(counter, own);
    }
    const { amounts, isThere } = own;
    const numbers = this.#texts.numbersOf(rows);
    const input = new VarintReader(column);
    const isDense = input.varint() === DENSE;
    // As visitColumn does, without a call for each amount: a year of a large shop has millions.
    for (let left = isDense ? rows.length : input.varint(), row = isDense ? -1 : 0; left > 0; left--) {
      row += isDense ? 1 : input.varint();
      const code = input.varint();
      if (isDense && code === 0) continue;
      const number = numbers[row]!;
      amounts[number]! += code === 0 ? input.double() : unzigzag(code - 1);
      isThere[number] = 1;
    }
  }

  /** The amounts of a counter by row. */
  countersBy(counter: string | null): Counters {
    const sums: Counters = new Map();
    const column = this.#columns.get(counter);
    for (let row = 0; column && row < this.#rows; row++) {
      if (column.isThere[row] === 1) sums.set(this.at(row), column.amounts[row]!);
    }
    return sums;
  }

  /** As the only day of a table. */
  toTable(): Table {
    const numbers: number[] = [];
    const columns = [...this.#columns.values()];
    for (let row = 0; row < this.#rows; row++) {
      if (columns.some(({ isThere }) => isThere[row] === 1)) numbers.push(row);
    }
    const rows = Texts.of(numbers.map((row) => this.at(row)));
    const packed = [...this.#columns].map(([counter, { amounts, isThere }]) => {
      const cells: [id: number, amount: number][] = [];
      for (const [i, row] of numbers.entries()) if (isThere[row] === 1) cells.push([i, amounts[row]!]);
      return [counter, packColumn(cells, numbers.length)] as const;
    });
    return { rows, days: new Map([[0, new Map(packed)]]) };
  }
}

/** Adds columns up. @param counters those that are wanted; all when absent */
export function sumColumns(
  dictionary: Dictionary,
  parts: readonly (readonly [Table, Columns])[],
  counters?: ReadonlySet<string | null>,
): Sums {
  // The largest table first: a dictionary takes over the first one's texts in one piece.
  const tables = [...new Set(parts.map(([table]) => table))];
  for (const { rows } of tables.sort((a, b) => b.rows.length - a.rows.length)) dictionary.numbersOf(rows);
  const sums = new Sums(dictionary);
  for (const [table, columns] of parts) {
    for (const [counter, column] of columns) {
      if (!counters || counters.has(counter)) sums.add(table, counter, column);
    }
  }
  return sums;
}

/** Adds up all days of a table. */
export const sumTable = (table: Table): Sums =>
  sumColumns(
    new Dictionary(),
    [...table.days.values()].map((columns) => [table, columns] as const),
  );
