/** A whole number of at most three digits and zeros, rounded down: a day then has few different ones. */
export function toThreeDigits(whole: number): number {
  if (whole < 1_000) return whole;
  const unit = 10 ** (Math.floor(Math.log10(whole)) - 2);
  return Math.floor(whole / unit) * unit;
}
