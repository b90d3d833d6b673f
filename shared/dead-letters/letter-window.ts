import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../event/outcome.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';

/** A rejected record of a partition, and why it was rejected. */
export interface Rejected {
  offset: number;
  /** ms */
  timestamp: number;
  reason: DeadLetterReason;
}

/** Offsets of a partition: `from` inclusive, `to` exclusive. */
export interface OffsetRange {
  from: number;
  to: number;
}

/** @param records at least one, all of one partition, in the order of their offsets */
export const rangeOf = (records: readonly Pick<KafkaRecord, 'offset'>[]): OffsetRange => ({
  from: records[0]!.offset,
  to: records.at(-1)!.offset + 1,
});

/**
 * The rejected records of one partition between two offsets, at 17 bytes each. Records may be added in any order, and
 * more than once; of the same offset, the last one counts.
 */
export class LetterWindow {
  /** Records with a lower offset are not kept. */
  readonly from: number;
  /** Records with this offset or a higher one are not kept. */
  until = Infinity;
  size = 0;
  #offsets = new Float64Array(16);
  #timestamps = new Float64Array(16);
  #reasons = new Uint8Array(16);
  #isSorted = true;

  constructor(from = 0) {
    this.from = from;
  }

  covers({ from, to }: OffsetRange): boolean {
    return this.from <= from && to <= this.until;
  }

  add({ offset, timestamp, reason }: Rejected): void {
    if (offset < this.from || offset >= this.until) return;
    if (this.size === this.#offsets.length) this.#resize(2 * this.size);
    this.#isSorted &&= this.size === 0 || offset > this.#offsets[this.size - 1]!;
    this.#offsets[this.size] = offset;
    this.#timestamps[this.size] = timestamp;
    this.#reasons[this.size] = DEAD_LETTER_REASONS.indexOf(reason);
    this.size++;
  }

  /**
   * Lets about half of the records go, those with the highest offsets.
   * @param below records with a lower offset stay.
   */
  halve(below = 0): void {
    this.#sort();
    const end = Math.max(this.size >> 1, this.#indexOf(below));
    if (end >= this.size) return;
    this.until = this.#offsets[end]!;
    this.size = end;
    this.#resize(Math.max(16, end));
  }

  /** Copies what lies in a range. @returns a look-up by offset, which later changes of this do not reach. */
  slice({ from, to }: OffsetRange): (offset: number) => Rejected | undefined {
    this.#sort();
    const [start, end] = [this.#indexOf(from), this.#indexOf(to)];
    const found = new Map<number, Rejected>();
    for (let i = start; i < end; i++) {
      const offset = this.#offsets[i]!;
      const reason = DEAD_LETTER_REASONS[this.#reasons[i]!]!;
      found.set(offset, { offset, timestamp: this.#timestamps[i]!, reason });
    }
    return (offset) => found.get(offset);
  }

  /** The index of the first record with this offset or a higher one. */
  #indexOf(offset: number): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#offsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Brings the records into the order of their offsets, each offset once. */
  #sort(): void {
    if (this.#isSorted) return;
    const [offsets, timestamps, reasons] = [this.#offsets, this.#timestamps, this.#reasons];
    const order = Uint32Array.from({ length: this.size }, (_, i) => i);
    order.sort((a, b) => offsets[a]! - offsets[b]! || a - b);
    const last = order.filter((at, i) => offsets[at] !== offsets[order[i + 1] ?? -1]);
    this.size = last.length;
    this.#offsets = Float64Array.from(last, (at) => offsets[at]!);
    this.#timestamps = Float64Array.from(last, (at) => timestamps[at]!);
    this.#reasons = Uint8Array.from(last, (at) => reasons[at]!);
    this.#isSorted = true;
  }

  #resize(length: number): void {
    const [offsets, timestamps, reasons] = [this.#offsets, this.#timestamps, this.#reasons];
    this.#offsets = new Float64Array(length);
    this.#timestamps = new Float64Array(length);
    this.#reasons = new Uint8Array(length);
    this.#offsets.set(offsets.subarray(0, this.size));
    this.#timestamps.set(timestamps.subarray(0, this.size));
    this.#reasons.set(reasons.subarray(0, this.size));
  }
}
