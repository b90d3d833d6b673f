import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { toThreeDigits } from '../platform/three-digits.ts';
import { type Day, localDay, MINUTE_MS } from '../platform/time.ts';
import type { CartCourse } from './cart.ts';

/** Carts by the local day of their last touch, in the hash of a site's day. All of them, and those that were emptied. */
export const CARTS_FILLED = 'filled';
export const CARTS_EMPTIED = 'emptied';
/** Those that were bought, by the minutes from the last touch to the purchase; from 1,000 on to three digits. */
const BOUGHT = 'bought|';
/** The worth of those that are still filled, and of those that were bought, in minor units. */
const OPEN_VALUE = 'open_value:';
const BOUGHT_VALUE = 'bought_value|';

/** What a user's carts add to each day. */
export function cartDays(carts: readonly CartCourse[], zone: string): Map<Day, Counters> {
  const days = new Map<Day, Counters>();
  for (const { lastTouch, end, value } of carts) {
    const sums = getOrMake(days, localDay(lastTouch, zone), () => new Map());
    increase(sums, CARTS_FILLED, 1);
    if (end?.by === 'removal') {
      increase(sums, CARTS_EMPTIED, 1);
      continue;
    }
    const minutes = end && toThreeDigits(Math.floor((end.at - lastTouch) / MINUTE_MS));
    if (minutes !== undefined) increase(sums, `${BOUGHT}${minutes}`, 1);
    const worth = minutes === undefined ? OPEN_VALUE : `${BOUGHT_VALUE}${minutes}:`;
    for (const [currency, minor] of value) increase(sums, `${worth}${currency}`, minor);
  }
  return days;
}

/** What a field of {@link cartDays} says, beside {@link CARTS_FILLED} and {@link CARTS_EMPTIED}. */
export type CartField =
  | { kind: 'bought'; minutes: number }
  | { kind: 'open_value'; currency: string }
  | { kind: 'bought_value'; minutes: number; currency: string };

export function cartField(field: string): CartField | undefined {
  if (field.startsWith(BOUGHT)) return { kind: 'bought', minutes: Number(field.slice(BOUGHT.length)) };
  if (field.startsWith(OPEN_VALUE)) return { kind: 'open_value', currency: field.slice(OPEN_VALUE.length) };
  if (!field.startsWith(BOUGHT_VALUE)) return undefined;
  const [minutes, currency] = field.slice(BOUGHT_VALUE.length).split(':') as [string, string];
  return { kind: 'bought_value', minutes: Number(minutes), currency };
}
