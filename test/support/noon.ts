/**
 * A time zone in which it is between twelve and one o'clock: an event of eleven hours ago or ahead is of the same day.
 * It has no changes of clocks, and its hours begin when those of UTC do.
 * For tests whose numbers depend on which days or hours a stretch of time touches; each day has another midnight.
 * @param now ms
 */
export function noonZone(now = Date.now()): string {
  const ahead = 12 - new Date(now).getUTCHours();
  // The sign of these names is that of POSIX: Etc/GMT-2 is two hours ahead of UTC.
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
