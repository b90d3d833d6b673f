/** Below this a number of an epoch is in seconds (it would be March 1973 in ms, the year 5138 in s). */
const SECONDS_BELOW = 1e11;
/** Below this it is in ms, then in µs, then in ns: each bound is the year 5138. */
const MS_BELOW = 1e14;
const MICROS_BELOW = 1e17;
const NANOS_BELOW = 1e20;

/** Days are spelt with four digits of the year, so instants lie well inside the years 1900 to 9999. */
export const FIRST_INSTANT = Date.UTC(1900, 0, 2);
export const LAST_INSTANT = Date.UTC(9999, 10, 30);

/** Units of a time since the epoch. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** The unit of a number since the epoch, told by its size. */
export const unitOf = (number: number): TimeUnit =>
  number < SECONDS_BELOW ? 's' : number < MS_BELOW ? 'ms' : number < MICROS_BELOW ? 'us' : 'ns';

/** Milliseconds of one of each unit. */
const IN_MS: Record<TimeUnit, (number: number) => number> = {
  s: (number) => number * 1_000,
  ms: (number) => number,
  us: (number) => number / 1_000,
  ns: (number) => number / 1_000_000,
};

/** Whole ms since the epoch, of a number in seconds, ms, µs or ns. */
export const epochMs = (number: number): number => Math.round(IN_MS[unitOf(number)](number));

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,30}))?)?\s?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const NUMBER = /^\d{9,20}(?:\.\d{1,20})?$/;
/** Other forms, such as RFC 2822's and Date.prototype.toString's, when they say the offset. */
const SAYS_OFFSET = /(?:\b(?:GMT|UTC)|\d [+-]\d{4})(?:[+-]\d{4})?(?: \([^()]{1,60}\))?$/;

/**
 * Reads a time: a number since the epoch (see {@link unitOf}), its digits as text, ISO 8601 with an offset
 * (`Z`, `+01:00`, `+0100`, `+01`), or another form that says its offset.
 * @param options.utc takes ISO 8601 without an offset for UTC, and a date for its midnight; otherwise neither is a
 *   time.
 * @returns ms since the epoch; undefined when it is not a time.
 */
export function readInstant(value: unknown, { utc = false } = {}): number | undefined {
  if (typeof value === 'number') {
    return value >= 0 && value < NANOS_BELOW ? epochMs(value) : undefined;
  }
  if (typeof value !== 'string' || value.length > 100) return undefined;
  const text = value.trim();
  if (NUMBER.test(text)) return readInstant(Number(text));
  const parts = ISO.exec(utc && DATE.test(text) ? `${text}T00:00Z` : text);
  if (parts) return ofIso(parts, utc);
  const ms = SAYS_OFFSET.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function ofIso(parts: RegExpExecArray, utc: boolean): number | undefined {
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , , , , , fraction = '', offset] = parts;
  if (offset === undefined && !utc) return undefined;
  // Date.UTC takes years below 100 for the 1900s.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A date that is none (the 30th of February) is carried over.
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  date.setUTCHours(hour, minute, second);
  const ahead = offsetMs(offset);
  if (!isReal || hour > 23 || minute > 59 || second > 59 || ahead === undefined) return undefined;
  return date.getTime() + Math.floor(Number(`0.${fraction || 0}`) * 1_000) - ahead;
}

/** How far an offset is ahead of UTC, ms; undefined when no zone can have it. */
function offsetMs(offset = 'Z'): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
