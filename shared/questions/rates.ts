/** A part of a whole, with four decimals; null where there is no whole. */
export const rate = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;

/** A whole number, halves away from zero; null where there is nothing to divide by. */
export function average(sum: number, count: number): number | null {
  if (count === 0) return null;
  const quotient = sum / count;
  return Math.sign(quotient) * Math.round(Math.abs(quotient));
}
