import { isQuantity } from './quantity.ts';

/**
 * What one event may count. One rule for all: aggregate refuses a record that breaks it, so collect and imports refuse
 * it before, where the sender learns of it.
 */

/** Minor units of the value, and of all lines together. Far beyond any order: sums of many stay below Redis' 2^63. */
export const MAX_AMOUNT = 1e14;
/** Pieces of a line. */
const MAX_QUANTITY = 1e9;

/** The amounts of an event, as they were read. */
export interface Amounts {
  value?: unknown;
  /** Checked objects. */
  items?: readonly { quantity?: unknown; amount?: unknown }[] | undefined;
}

/**
 * What is wrong with an event's amounts, and where; undefined when nothing is.
 * @example findAmountProblem({ value: 1e15 }) // { path: 'value', message: 'must be a whole number …' }
 */
export function findAmountProblem({ value, items }: Amounts): { path: string; message: string } | undefined {
  if (value !== undefined && !isWhole(value)) return { path: 'value', message: MINOR_UNITS };
  if (items === undefined) return undefined;
  let total = 0;
  for (let i = 0; i < items.length; i++) {
    const { quantity, amount } = items[i]!;
    if (!isQuantity(quantity, MAX_QUANTITY)) {
      const message = `must be a number of at most three decimals, ${MAX_QUANTITY} at most`;
      return { path: `items[${i}].quantity`, message };
    }
    if (amount !== undefined && !isWhole(amount)) return { path: `items[${i}].amount`, message: MINOR_UNITS };
    total += Math.abs(amount ?? 0);
  }
  if (total <= MAX_AMOUNT) return undefined;
  return { path: 'items', message: `must have amounts that add up to ${MAX_AMOUNT} minor units at most` };
}

const MINOR_UNITS = `must be a whole number of minor units, ${MAX_AMOUNT} at most`;

const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Math.abs(value as number) <= MAX_AMOUNT;
