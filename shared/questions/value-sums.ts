import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import type { Sums } from '../shard/sums.ts';

/** The counters of each value of a dimension: sums as they are stored, and what a question makes of them. */
export class ValueSums {
  readonly #stored: Sums;
  readonly #counters: string[];
  /** By row: counters of values that are not as they are stored. */
  readonly #own = new Map<number, Counters>();
  /** Values that are not stored, whose rows come behind. */
  readonly #more: string[] = [];

  constructor(stored: Sums) {
    this.#stored = stored;
    // null: how many values there are, which no answer has.
    this.#counters = stored.counters.filter((counter) => counter !== null);
  }

  /** How many rows there are at most. */
  get rows(): number {
    return this.#stored.rows + this.#more.length;
  }

  /** The value of a row. */
  at(row: number): string {
    return row < this.#stored.rows ? this.#stored.at(row) : this.#more[row - this.#stored.rows]!;
  }

  /** The row of a value. One that has no row gets one. */
  rowOf(value: string): number {
    const row = this.#stored.find(value);
    if (row !== undefined) return row;
    const at = this.#more.indexOf(value);
    return this.#stored.rows + (at >= 0 ? at : this.#more.push(value) - 1);
  }

  countersOf(row: number): Counters {
    const own = this.#own.get(row);
    if (own) return own;
    const sums: Counters = new Map();
    if (row >= this.#stored.rows) return sums;
    for (const counter of this.#counters) {
      if (this.#stored.has(counter, row)) sums.set(counter, this.#stored.amounts(counter)![row]!);
    }
    return sums;
  }

  /** Replaces an amount. */
  set(value: string, counter: string, amount: number): void {
    const row = this.rowOf(value);
    getOrMake(this.#own, row, () => this.countersOf(row)).set(counter, amount);
  }

  /** Finds a row's amount of a counter, 0 where it has none. */
  amountsOf(counter: string): (row: number) => number {
    const stored = this.#stored.amounts(counter);
    return (row) => {
      const own = this.#own.get(row);
      return (own ? own.get(counter) : stored?.[row]) ?? 0;
    };
  }

  /** The sum of each counter over all values. */
  totals(): Counters {
    const sums: Counters = new Map();
    for (const counter of this.#counters) {
      const amounts = this.#stored.amounts(counter)!;
      let sum = 0;
      for (let row = 0; row < amounts.length; row++) if (!this.#own.has(row)) sum += amounts[row]!;
      sums.set(counter, sum);
    }
    for (const own of this.#own.values())
      for (const [counter, amount] of own) increase(sums, counter, amount);
    return sums;
  }

  /** All rows with a counter. */
  all(): number[] {
    const { rows } = this;
    const found: number[] = [];
    for (let row = 0; row < rows; row++) {
      const own = this.#own.get(row);
      if (own ? own.size > 0 : this.#counters.some((counter) => this.#stored.has(counter, row)))
        found.push(row);
    }
    return found;
  }

  /** The rows with an amount other than 0. */
  rowsWithAmount(): number[] {
    const isThere = new Uint8Array(this.rows);
    for (const counter of this.#counters) {
      const amounts = this.#stored.amounts(counter)!;
      for (let row = 0; row < amounts.length; row++) if (amounts[row] !== 0) isThere[row] = 1;
    }
    for (const [row, own] of this.#own)
      isThere[row] = [...own.values()].some((amount) => amount !== 0) ? 1 : 0;
    const found: number[] = [];
    for (let row = 0; row < isThere.length; row++) if (isThere[row] === 1) found.push(row);
    return found;
  }
}
