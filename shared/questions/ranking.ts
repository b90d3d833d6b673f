/**
 * The first of some rows by their ranks, the highest first. Most rows are only counted: putting ten thousand in order
 * takes longer than reading them.
 * @param ranks by row
 * @param byRest the order of two rows of the same rank
 */
export function firstOf(
  rows: readonly number[],
  ranks: Float64Array,
  most: number,
  byRest: (a: number, b: number) => number,
): number[] {
  let some = rows;
  if (rows.length > most) {
    const sorted = Float64Array.from(rows, (row) => ranks[row]!).sort();
    const least = sorted[sorted.length - most]!;
    some = rows.filter((row) => ranks[row]! >= least);
  }
  return [...some].sort((a, b) => ranks[b]! - ranks[a]! || byRest(a, b)).slice(0, most);
}
