/**
 * Quantities of items. An event has pieces, with up to three decimals. Redis keeps thousandths of a piece, which are
 * whole numbers, so sums are exact.
 */

/** How many of what is counted make one piece. */
const THOUSANDTHS = 1_000;

/** A quantity as it is counted: 1.5 pieces are 1,500 thousandths. */
export const toThousandths = (quantity: number): number => Math.round(quantity * THOUSANDTHS);

/** Counted thousandths as pieces: 1,500 are 1.5. */
export const fromThousandths = (thousandths: number): number => thousandths / THOUSANDTHS;

/** Whether a value is a number of at most three decimals, `max` at most. */
export const isQuantity = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Math.abs(value) <= max && fromThousandths(toThousandths(value)) === value;

/**
 * Reads a quantity and rounds it to three decimals, half away from zero. What is more than nothing stays at least 0.001.
 * @param text a decimal number: `1.25`, `-.5`.
 * @example roundQuantity('1.0005') // 1.001
 */
export function roundQuantity(text: string): number {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
  const kept = Number(whole + fraction.slice(0, 3).padEnd(3, '0')) + (fraction.charAt(3) >= '5' ? 1 : 0);
  if (kept === 0 && !/[1-9]/.test(text)) return 0;
  return fromThousandths((sign === '-' ? -1 : 1) * Math.max(kept, 1));
}
