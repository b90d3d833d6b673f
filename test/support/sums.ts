import type { Counters } from '../../shared/platform/counters.ts';
import { fieldOf } from '../../shared/shard/packing/cells.ts';
import type { Sums } from '../../shared/shard/sums.ts';

/** All amounts, as the fields of a hash: `counter|row`. */
export function fieldsOf(sums: Sums): Counters {
  const fields: Counters = new Map();
  for (const counter of sums.counters) {
    for (let row = 0; row < sums.rows; row++) {
      if (sums.has(counter, row)) fields.set(fieldOf(counter, sums.at(row)), sums.amounts(counter)![row]!);
    }
  }
  return fields;
}

/** The sum of all counters by row. */
export function totalsOf(sums: Sums): Counters {
  const totals: Counters = new Map();
  for (const counter of sums.counters) {
    for (let row = 0; row < sums.rows; row++) {
      if (!sums.has(counter, row)) continue;
      const name = sums.at(row);
      totals.set(name, (totals.get(name) ?? 0) + sums.amounts(counter)![row]!);
    }
  }
  return totals;
}
