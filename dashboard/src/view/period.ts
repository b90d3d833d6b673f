/** Ranges of days in the site's own calendar. Days are `YYYY-MM-DD`; arithmetic on them needs no time zone. */

export const RANGES = {
  today: 'Today',
  yesterday: 'Yesterday',
  '7d': 'Last 7 days',
  '28d': 'Last 28 days',
  '90d': 'Last 90 days',
  week: 'This week',
  lastweek: 'Last week',
  month: 'This month',
  lastmonth: 'Last month',
  year: 'This year',
  '12months': 'Last 12 months',
  lastyear: 'Last year',
} as const;

export const COMPARISONS = {
  previous: 'Previous period',
  year: 'A year before',
  weekday: 'A year before, same weekdays',
  none: 'No comparison',
} as const;
/** A name, or the first day of others: as many days from there on. */
export type Comparison = keyof typeof COMPARISONS | Day;
type Day = `${number}-${number}-${number}`;

export interface Days {
  from: string;
  to: string;
}

/** What is asked about. */
export interface Period {
  /** As in the address: a name, or `FROM..TO`. */
  name: string;
  days: Days;
  /** The last day is not over, so its numbers still grow. */
  isOpen: boolean;
  compare: Comparison;
  /** The days compared with, as many as `days` but for months and years of another length. */
  compared: Days | undefined;
  /**
   * What a change is told from: whole days only, so that a day that has just begun does not look like a loss. Undefined
   * without a comparison, and for today alone (see changeOfToday).
   */
  change: { now: Days; before: Days } | undefined;
}

const DAY_MS = 86_400_000;

export const addDays = (day: string, count: number): string =>
  new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);

/** The number of days of a range, both ends included. */
export const lengthOf = ({ from, to }: Days): number => (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;

/** The same day of another month; the last one where the month is shorter. */
function addMonths(day: string, count: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const first = new Date(Date.UTC(year, month - 1 + count, 1));
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, last));
  return first.toISOString().slice(0, 10);
}

const firstOfMonth = (day: string) => `${day.slice(0, 8)}01`;

/** The Monday of a day's week. 1 Jan 1970 was a Thursday. */
const mondayOf = (day: string) => addDays(day, -((Date.parse(day) / DAY_MS + 3) % 7));

/** By zone: to make one takes longer than to use it a hundred times, and each part of a page asks for its day. */
const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The day in a time zone. @param now ms since the epoch. */
export function dayIn(zone: string, now = Date.now()): string {
  let format = dayFormats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
    dayFormats.set(zone, format);
  }
  return format.format(now);
}

export const isDay = (text: string): text is Day =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

/** Reads `FROM..TO`. */
function customDays(text: string): Days | undefined {
  const [from = '', to = ''] = text.split('..');
  return isDay(from) && isDay(to) && from <= to ? { from, to } : undefined;
}

function daysOf(name: string, today: string): Days | undefined {
  switch (name) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case '7d':
    case '28d':
    case '90d':
      return { from: addDays(today, 1 - Number.parseInt(name, 10)), to: today };
    case 'week':
      return { from: mondayOf(today), to: today };
    case 'lastweek':
      return { from: addDays(mondayOf(today), -7), to: addDays(mondayOf(today), -1) };
    case 'month':
      return { from: firstOfMonth(today), to: today };
    case 'lastmonth':
      return { from: addMonths(firstOfMonth(today), -1), to: addDays(firstOfMonth(today), -1) };
    case 'year':
      return { from: `${today.slice(0, 5)}01-01`, to: today };
    case '12months':
      return { from: addMonths(firstOfMonth(today), -12), to: addDays(firstOfMonth(today), -1) };
    case 'lastyear': {
      const from = `${addMonths(today, -12).slice(0, 5)}01-01`;
      return { from, to: addDays(addMonths(from, 12), -1) };
    }
    default:
      return customDays(name);
  }
}

function comparedDays(name: string, days: Days, compare: Comparison): Days | undefined {
  if (compare === 'none') return undefined;
  if (isDay(compare)) return { from: compare, to: addDays(compare, lengthOf(days) - 1) };
  if (compare === 'weekday') return { from: addDays(days.from, -364), to: addDays(days.to, -364) };
  if (compare === 'year' || name === 'year')
    return { from: addMonths(days.from, -12), to: addMonths(days.to, -12) };
  if (name === 'month') return { from: addMonths(days.from, -1), to: addMonths(days.to, -1) };
  if (name === 'week') return { from: addDays(days.from, -7), to: addDays(days.to, -7) };
  if (name === 'lastmonth') return { from: addMonths(days.from, -1), to: addDays(days.from, -1) };
  if (name === 'lastyear' || name === '12months')
    return { from: addMonths(days.from, -12), to: addDays(days.from, -1) };
  const length = lengthOf(days);
  return { from: addDays(days.from, -length), to: addDays(days.from, -1) };
}

/**
 * The period that the address names, in the site's calendar.
 * @param range as in the address; what can't be read is the last 28 days.
 * @param today the site's own day.
 */
export function periodOf(range: string | undefined, comparison: string | undefined, today: string): Period {
  const known = range !== undefined && daysOf(range, today) !== undefined;
  const name = known ? range : '28d';
  const days = daysOf(name, today)!;
  const compare =
    comparison !== undefined && (Object.hasOwn(COMPARISONS, comparison) || isDay(comparison))
      ? (comparison as Comparison)
      : 'previous';
  const compared = comparedDays(name, days, compare);
  const isOpen = days.to >= today;
  return { name, days, isOpen, compare, compared, change: changeOf({ days, compared, isOpen, today }) };
}

function changeOf(of: {
  days: Days;
  compared: Days | undefined;
  isOpen: boolean;
  today: string;
}): Period['change'] {
  const { days, compared, isOpen, today } = of;
  if (!compared) return undefined;
  if (!isOpen) return { now: days, before: compared };
  const closed = (Date.parse(today) - Date.parse(days.from)) / DAY_MS;
  if (closed < 1) return undefined;
  return {
    now: { from: days.from, to: addDays(today, -1) },
    before: { from: compared.from, to: addDays(compared.from, closed - 1) },
  };
}

export const GRAINS = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type Grain = (typeof GRAINS)[number];

/** Whether a grain is a part of a day. People are counted by day, and values of dimensions, too. */
export const isClockGrain = (grain: Grain) => grain === 'minute' || grain === 'hour';

/** The grains that a range can be drawn in; minutes are kept for 2 days, hours for 90. */
export function grainsOf(days: Days, today: string): Grain[] {
  const length = lengthOf(days);
  return GRAINS.filter((grain) => {
    if (grain === 'minute') return length <= 2 && days.from >= addDays(today, -1);
    if (grain === 'hour') return length <= 31 && days.from >= addDays(today, -88);
    if (grain === 'day') return length > 1 && length <= 800;
    return grain === 'week' ? length > 7 : length > 31;
  });
}

/** The grain that shows a range best: at most about a hundred points. */
export function grainFor(days: Days, today: string): Grain {
  const length = lengthOf(days);
  const best: Grain = length <= 2 ? 'hour' : length <= 100 ? 'day' : length <= 400 ? 'week' : 'month';
  const all = grainsOf(days, today);
  return all.includes(best) ? best : (all[0] ?? 'day');
}
