import { DAY_MS, offsetAt } from '../../shared/platform/time.ts';

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
