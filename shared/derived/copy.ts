import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { Texts } from '../platform/texts.ts';
import type { Day } from '../platform/time.ts';
import { unzigzag, VarintReader, VarintWriter, zigzag } from '../platform/varints.ts';
import type { Column, Table } from '../shard/sums.ts';

/** Increment it when a copy is packed in another way, or holds something else. */
const FORMAT = 2;

/** Up to where a copy is right. */
export interface Proof {
  /** By partition: the copy holds what every record before this offset did. */
  upTo: readonly number[];
  /** By partition: what its head is told from an earlier one by; '' when it had none. */
  births: readonly string[];
}

/** A derived copy. */
export interface Copy {
  proof: Proof;
  table: Table;
  /** ms since the epoch: as long as Redis keeps what it was made from. */
  expiresAt: number;
}

const packr = new Packr({ useRecords: false });

type Head = [
  expiresAt: number,
  upTo: readonly number[],
  births: readonly string[],
  counters: (string | null)[],
];

export function packCopy({ proof, table, expiresAt }: Copy): Buffer {
  const { rows, days } = table;
  const counters = [...new Set([...days.values()].flatMap((columns) => [...columns.keys()]))];
  const head: Head = [expiresAt, proof.upTo, proof.births, counters];
  const out = new VarintWriter();
  const packedHead = packr.pack(head);
  out.varint(packedHead.length);
  out.append(packedHead);
  out.varint(rows.length);
  for (let i = 0, before = 0; i < rows.length; i++) {
    out.varint(rows.ends[i]! - before);
    before = rows.ends[i]!;
  }
  out.append(rows.bytes);
  out.varint(days.size);
  for (const [day, columns] of days) {
    out.varint(zigzag(day));
    out.varint(columns.size);
    for (const [counter, column] of columns) {
      out.varint(counters.indexOf(counter));
      out.varint(column.length);
      out.append(column);
    }
  }
  const packed = new VarintWriter();
  packed.varint(FORMAT);
  packed.varint(out.length);
  packed.append(deflateRawSync(out.bytes(), { level: 3 }));
  return packed.bytes();
}

/** Undefined when it is packed in another way. */
export function unpackCopy(bytes: Buffer): Copy | undefined {
  const packed = new VarintReader(bytes);
  if (packed.varint() !== FORMAT) return undefined;
  // In one piece: zlib's own pieces would be put together again.
  const chunkSize = Math.max(64, packed.varint() + 1);
  const input = new VarintReader(inflateRawSync(bytes.subarray(packed.at), { chunkSize }));
  const [expiresAt, upTo, births, counters] = packr.unpack(input.take(input.varint())) as Head;
  const ends = new Uint32Array(input.varint());
  let end = 0;
  for (let i = 0; i < ends.length; i++) {
    end += input.varint();
    ends[i] = end;
  }
  const rows = new Texts(input.take(end), ends);
  const days = new Map<Day, Map<string | null, Column>>();
  for (let left = input.varint(); left > 0; left--) {
    const day = unzigzag(input.varint());
    const columns = new Map<string | null, Column>();
    for (let n = input.varint(); n > 0; n--) {
      const counter = counters[input.varint()] as string | null;
      columns.set(counter, input.take(input.varint()));
    }
    days.set(day, columns);
  }
  return { expiresAt, proof: { upTo, births }, table: { rows, days } };
}
