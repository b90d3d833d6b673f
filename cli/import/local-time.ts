import { DAY_MS, MINUTE_MS, offsetAt } from '../../shared/platform/time.ts';

/**
 * Converts a local time to ms since the epoch.
 *
 * Around a change of the clocks it follows Temporal's disambiguation "compatible" and RFC 5545. A time that comes twice
 * is the first of the two. A time that is skipped is moved by the length of the gap: 01:30 in London's spring night is
 * 02:30 BST.
 * @param wallClock the local time read as if it were UTC (Date.UTC of its fields), ms.
 * @param zone a valid IANA zone.
 */
export function localToUtc(wallClock: number, zone: string): number {
  // Offsets lie within a day of UTC, so these are the offsets before and after a change near this time.
  const before = offsetAt(wallClock - DAY_MS, zone);
  const after = offsetAt(wallClock + DAY_MS, zone);
  if (before === after) return wallClock - before;
  // When both offsets fit, the larger one gives the earlier instant. In a gap none fits.
  const fitting = [Math.max(before, after), Math.min(before, after)].find(
    (offset) => offsetAt(wallClock - offset, zone) === offset,
  );
  return wallClock - (fitting ?? before);
}

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?$/;

/**
 * Reads `2019-10-01` or `2019-10-01 00:00[:00[.000]]`, with `T` or a space, and an optional `Z`, ` UTC` or offset. Without
 * an offset it is a local time in the zone ({@link localToUtc}).
 * @returns ms since the epoch; undefined when the text is not such a time, or names a day that does not exist.
 */
export function parseDateTime(text: string, zone: string): number | undefined {
  const parts = DATE_TIME.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((part) =>
    Number(parts[part] ?? 0),
  ) as [number, number, number, number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  // Date.UTC turns the 30th of February into a day of March. In a file it is an error.
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return undefined;
  }
  const wallClock = midnight + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
  const offset = parts[8];
  if (offset === undefined) return localToUtc(wallClock, zone);
  if (offset === 'Z' || offset === 'UTC') return wallClock;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return wallClock - (offset[0] === '-' ? -minutes : minutes) * MINUTE_MS;
}
