/** @param rate records in a second; null: not known. @example formatPerSecond(2.345) // '2.3/s' */
export const formatPerSecond = (rate: number | null | undefined): string =>
  rate == null ? '–' : `${rate < 100 ? fine.format(rate) : whole.format(rate)}/s`;

const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
