import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { type Counters, getOrMake } from '../platform/counters.ts';
import type { Day } from '../platform/time.ts';

/** Increment it when a copy is packed in another way, or holds something else. */
const FORMAT = 1;

/** Up to where a copy is right. */
export interface Proof {
  /** By partition: the copy holds what every record before this offset did. */
  upTo: readonly number[];
  /** By partition: what its head is told from an earlier one by; '' when it had none. */
  births: readonly string[];
}

/** Some numbers of a day, summed over all shards. */
export interface Column {
  /** 0 for a sum of many days. */
  day: Day;
  /** Indexes of fields, ascending, and their amounts. */
  ids: readonly number[];
  amounts: readonly number[];
}

/** Columns that share the list of their fields. */
export interface Table {
  fields: readonly string[];
  columns: ReadonlyMap<Day, Column>;
}

/** A derived copy. */
export interface Copy {
  proof: Proof;
  table: Table;
  /** ms since the epoch: as long as Redis keeps what it was made from. */
  expiresAt: number;
}

/** A table with a column for each of the days. */
export function tableOf(days: Iterable<readonly [Day, Counters]>): Table {
  const all = [...days];
  const fields = [...new Set(all.flatMap(([, sums]) => [...sums.keys()]))].sort();
  const indexes = new Map(fields.map((field, i) => [field, i]));
  const columns = all.map(([day, sums]): [Day, Column] => {
    const cells = [...sums]
      .map(([field, amount]) => [indexes.get(field)!, amount] as const)
      .sort(([a], [b]) => a - b);
    return [day, { day, ids: cells.map(([id]) => id), amounts: cells.map(([, amount]) => amount) }];
  });
  return { fields, columns: new Map(columns) };
}

const known = new WeakMap<Column, Counters>();

/** A column's amounts by field. Callers share it, and do not change it. */
export function countersOf({ fields }: Table, column: Column): Counters {
  let sums = known.get(column);
  if (!sums) {
    const { ids, amounts } = column;
    sums = new Map();
    for (let i = 0; i < ids.length; i++) sums.set(fields[ids[i]!]!, amounts[i]!);
    known.set(column, sums);
  }
  return sums;
}

/** About how many bytes a table takes in this process, with what is known of its columns. */
export function memoryOf({ fields, columns }: Table): number {
  let bytes = 200 + columns.size * 200;
  for (const field of fields) bytes += 60 + 2 * field.length;
  for (const { ids } of columns.values()) bytes += ids.length * 80;
  return bytes;
}

/**
 * Numbers for texts, so that many tables can be added up without looking at their texts again.
 */
export class Dictionary {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #tables = new WeakMap<Table, Int32Array>();

  /** By index of a table's field, its number here. */
  numbersOf(table: Table): Int32Array {
    return getOrMakeWeak(this.#tables, table, () => {
      return Int32Array.from(table.fields, (field) =>
        getOrMake(this.#numbers, field, () => this.texts.push(field) - 1),
      );
    });
  }
}

function getOrMakeWeak<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Adds columns up. */
export function sumColumns(dictionary: Dictionary, columns: Iterable<readonly [Table, Column]>): Counters {
  const parts = [...columns].map(([table, column]) => [dictionary.numbersOf(table), column] as const);
  const total = new Float64Array(dictionary.texts.length);
  const isThere = new Uint8Array(total.length);
  for (const [numbers, { ids, amounts }] of parts) {
    for (let i = 0; i < ids.length; i++) {
      const number = numbers[ids[i]!]!;
      total[number]! += amounts[i]!;
      isThere[number] = 1;
    }
  }
  const sums: Counters = new Map();
  for (let i = 0; i < total.length; i++) if (isThere[i] === 1) sums.set(dictionary.texts[i]!, total[i]!);
  return sums;
}

const packr = new Packr({ useRecords: false });

type Packed = [
  format: number,
  expiresAt: number,
  upTo: number[],
  births: string[],
  fields: string[],
  columns: [day: Day, steps: number[], amounts: number[]][],
];

export function packCopy({ proof, table, expiresAt }: Copy): Buffer {
  const columns = [...table.columns.values()].map(({ day, ids, amounts }) => [
    day,
    ids.map((id, i) => id - (ids[i - 1] ?? 0)),
    amounts,
  ]);
  const { upTo, births } = proof;
  return deflateRawSync(packr.pack([FORMAT, expiresAt, upTo, births, table.fields, columns]), { level: 3 });
}

/** Undefined when it is packed in another way. */
export function unpackCopy(bytes: Buffer): Copy | undefined {
  const [format, expiresAt, upTo, births, fields, packed] = packr.unpack(inflateRawSync(bytes)) as Packed;
  if (format !== FORMAT) return undefined;
  const columns = packed.map(([day, steps, amounts]): [Day, Column] => {
    let id = 0;
    const ids = steps.map((step) => {
      id += step;
      return id;
    });
    return [day, { day, ids, amounts }];
  });
  return { expiresAt, proof: { upTo, births }, table: { fields, columns: new Map(columns) } };
}
