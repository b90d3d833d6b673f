/** Days and moments as people read them, in English and in the site's zone. */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = JSON.stringify(options);
  let format = formats.get(name);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', options);
    formats.set(name, format);
  }
  return format;
}

/** @param day `YYYY-MM-DD`. @example formatDay('2026-03-01') // 'Sun 1 Mar 2026' */
export const formatDay = (day: string): string =>
  formatOf({ timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
    .format(Date.parse(day))
    .replace(',', '');

/** @example formatDayShort('2026-03-01') // '1 Mar' */
export const formatDayShort = (day: string): string =>
  formatOf({ timeZone: 'UTC', day: 'numeric', month: 'short' }).format(Date.parse(day));

/** @example formatDays({ from: '2026-03-01', to: '2026-03-28' }) // '1 Mar – 28 Mar 2026' */
export function formatDays({ from, to }: { from: string; to: string }): string {
  if (from === to) return formatDay(from);
  const first =
    from.slice(0, 4) === to.slice(0, 4)
      ? formatDayShort(from)
      : `${formatDayShort(from)} ${from.slice(0, 4)}`;
  return `${first} – ${formatDayShort(to)} ${to.slice(0, 4)}`;
}

/** An instant, with its day and seconds. @param at ISO 8601, or ms since the epoch. */
export const formatMoment = (at: string | number, zone: string): string =>
  formatOf({
    ...{ timeZone: zone, day: 'numeric', month: 'short', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  }).format(new Date(at));

/** @example formatTime('2026-03-01T11:04:05Z', 'Europe/Madrid') // '12:04' */
export const formatTime = (at: string | number, zone: string, withSeconds = false): string =>
  formatOf({
    ...{ timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    ...(withSeconds && { second: '2-digit' }),
  }).format(new Date(at));

/** The start of a point of a series: a day, or an instant for hours and minutes. */
export function formatStart(start: string, grain: string, zone: string): string {
  if (grain === 'minute' || grain === 'hour')
    return `${formatOf({ timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(start))} ${formatTime(start, zone)}`;
  if (grain === 'week') return `Week from ${formatDay(start)}`;
  if (grain === 'month')
    return formatOf({ timeZone: 'UTC', month: 'long', year: 'numeric' }).format(Date.parse(start));
  return formatDay(start);
}

/** @param ms how long ago. @example formatAgo(65_000) // '1 min ago' */
export function formatAgo(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}
