/** Below this a number of an epoch is in seconds (it would be March 1973 in ms, the year 5138 in s). */
const SECONDS_BELOW = 100_000_000_000;

/** Days are spelt with four digits of the year, so instants lie well inside the years 1900 to 9999. */
export const FIRST_INSTANT = Date.UTC(1900, 0, 2);
export const LAST_INSTANT = Date.UTC(9999, 10, 30);

/** ms since the epoch, whole, of a number that is in ms or in seconds. */
export const epochMs = (number: number): number =>
  Math.round(number < SECONDS_BELOW ? number * 1_000 : number);
