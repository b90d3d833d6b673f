/** A smaller number is an epoch in seconds: it would be March 1973 in ms, and the year 5138 in s. */
const SECONDS_BELOW = 100_000_000_000;

/** Days are spelt with four digits of the year, so instants lie well inside the years 1900 to 9999. */
export const FIRST_INSTANT = Date.UTC(1900, 0, 2);
export const LAST_INSTANT = Date.UTC(9999, 10, 30);

/** A number in ms or in seconds as whole ms since the epoch. */
export const epochMs = (number: number): number =>
  Math.round(number < SECONDS_BELOW ? number * 1_000 : number);
