import { epochMs, readInstant as readAbsolute, unitOf } from '../../shared/event/timestamps.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/platform/time.ts';
import { localToUtc } from './local-time.ts';
import { monthNamed } from './month-names.ts';
import { clip, Reject } from './reject.ts';

/** Which comes first in a date such as 03/04/2025. */
export const DATE_FORMS = ['day-first', 'month-first'] as const;
export type DateForm = (typeof DATE_FORMS)[number];

const TIME =
  /(?:(?:T|,? (?:at |à |um )?)(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?: Uhr| ?(?<half>[AaPp])\.? ?[Mm]\.?)?(?: ?(?<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$/
    .source;
const YEAR_FIRST = new RegExp(`^(?<year>\\d{4})[-/.](?<month>\\d{1,2})[-/.](?<day>\\d{1,2})${TIME}`);
/** 31.12.2025: with points, the day comes first. */
const WITH_POINTS = new RegExp(`^(?<day>\\d{1,2})\\.(?<month>\\d{1,2})\\.(?<year>\\d{4}|\\d{2})${TIME}`);
const TWO_WAYS = new RegExp(`^(?<first>\\d{1,2})([/-])(?<then>\\d{1,2})\\2(?<year>\\d{4}|\\d{2})${TIME}`);
/** 20251231, 202512311345, 20251231T134500Z. As epochs such numbers would be of 1976 or of 2611. */
const COMPACT =
  /^(?<year>(?:19|20)\d{2})(?<month>0[1-9]|1[0-2])(?<day>[0-2]\d|3[01])(?:T?(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})?(?<offset>Z|[+-]\d{2}:?\d{2})?)?$/;
const NAMED = [
  new RegExp(
    `^(?:\\p{L}+\\.?,? )?(?<day>\\d{1,2})\\.?[ -](?:de )?(?<name>\\p{L}+)\\.?,?[ -](?:de )?(?<year>\\d{4})${TIME}`,
    'u',
  ),
  new RegExp(`^(?:\\p{L}+\\.?,? )?(?<name>\\p{L}+)\\.? (?<day>\\d{1,2}),? (?<year>\\d{4})${TIME}`, 'u'),
];
/** Days since 1899-12-30, as Excel writes a date in a cell without a date's format: of the years 1954 to 2119. */
const EXCEL_DAY = /^[2-7]\d{4}(?:[.,]\d+)?$/;
const EXCEL_EPOCH = Date.UTC(1899, 11, 30);
const EPOCH = /^\d{9,19}(?:\.\d+)?$/;

/**
 * Reads a time: an epoch in seconds, ms, µs or ns (told by its size), ISO 8601, `31.12.2025 13:45`, `12/31/2025 1:45 PM`,
 * `31 Dec 2025`, `20251231`, the number of a day in Excel, or another form that says its offset.
 * Without an offset it is a local time in the zone ({@link localToUtc}).
 * @param form says which of `03/04/2025` is the day; undefined when the file does not tell.
 * @returns ms since the epoch.
 * @throws Reject
 */
export function readInstant(written: string, zone: string, form?: DateForm): number {
  const text = withPlainSpaces(written);
  if (text === '') throw new Reject('The time is blank.');
  if (EXCEL_DAY.test(text)) return localToUtc(ofExcel(text), zone);
  if (EPOCH.test(text) && !COMPACT.test(text)) return epochMs(Number(text));
  const parts = partsOf(text, form);
  if (parts === 'ambiguous') {
    throw new Reject(
      `The time ${clip(text)} could be two dates. Say which with --date-form day-first or month-first.`,
    );
  }
  const ts = parts ? instantOf(parts, zone) : readAbsolute(text);
  if (ts === undefined)
    throw new Reject(`The time ${clip(text)} is not a date and time that the import knows.`);
  return ts;
}

/** Spreadsheets and browsers write spaces that do not break, such as before PM. */
const withPlainSpaces = (text: string) => text.trim().replaceAll(/\s+/g, ' ');

/** Excel keeps a time as a fraction of a day, which is exact to less than a second. */
const ofExcel = (text: string) =>
  EXCEL_EPOCH + Math.round((Number(text.replace(',', '.')) * DAY_MS) / 1_000) * 1_000;

type Parts = Record<string, string | undefined>;

function partsOf(text: string, form: DateForm | undefined): Parts | 'ambiguous' | undefined {
  const clear = (YEAR_FIRST.exec(text) ?? WITH_POINTS.exec(text) ?? COMPACT.exec(text))?.groups;
  if (clear) return clear;
  const named = namedParts(text);
  if (named) return named;
  const two = TWO_WAYS.exec(text)?.groups;
  if (!two) return undefined;
  const { first, then } = two;
  const only = onlyForm(first!, then!);
  // A day that can only be read in one way is read so, unless the file is written in the other.
  const chosen = form ?? only;
  if (!chosen) return first === then ? { ...two, day: first, month: then } : 'ambiguous';
  return chosen === 'day-first' ? { ...two, day: first, month: then } : { ...two, day: then, month: first };
}

function namedParts(text: string): Parts | undefined {
  const parts = NAMED.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  const month = parts && monthNamed(parts.name!);
  return month === undefined ? undefined : { ...parts, month: String(month) };
}

function onlyForm(first: string, then: string): DateForm | undefined {
  if (Number(first) > 12 && Number(then) <= 12) return 'day-first';
  return Number(then) > 12 && Number(first) <= 12 ? 'month-first' : undefined;
}

function instantOf(parts: Parts, zone: string): number | undefined {
  const number = (name: string) => Number(parts[name] ?? 0);
  const [month, day, minute, second] = [number('month'), number('day'), number('minute'), number('second')];
  const year = fourDigits(parts.year!);
  let hour = number('hour');
  if (parts.half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (/p/i.test(parts.half) ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = Number((parts.fraction ?? '').padEnd(3, '0').slice(0, 3));
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  // Date.UTC turns the 30th of February into a day of March. In a file it is an error.
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return undefined;
  }
  const wallClock = midnight + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
  const { offset } = parts;
  if (offset === undefined) return localToUtc(wallClock, zone);
  if (!/^[+-]/.test(offset)) return wallClock;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || 0);
  return wallClock - (offset.startsWith('-') ? -minutes : minutes) * MINUTE_MS;
}

/** Spreadsheets write years with two digits: 00 to 69 are of this century. */
function fourDigits(year: string): number {
  const number = Number(year);
  if (year.length === 4) return number;
  return number < 70 ? 2_000 + number : 1_900 + number;
}

/** Gathers what the times of a file say about the order of day and month. */
export class DateEvidence {
  readonly #forms = new Set<DateForm>();
  #open: string | undefined;
  #kinds = new Set<string>();

  add(written: string): void {
    const text = withPlainSpaces(written);
    this.#kinds.add(kindOf(text));
    const two = TWO_WAYS.exec(text)?.groups;
    if (!two) return;
    const form = onlyForm(two.first!, two.then!);
    if (form) this.#forms.add(form);
    else if (two.first !== two.then) this.#open ??= text;
  }

  /** A date that could be two, while no other date has decided; undefined when there is none. */
  get undecided(): string | undefined {
    return this.#forms.size === 1 ? undefined : this.#open;
  }

  get form(): DateForm | undefined {
    const [only, ...others] = this.#forms;
    return others.length === 0 ? only : undefined;
  }

  /** What kinds of times there were, for people. */
  get kinds(): string[] {
    return [...this.#kinds];
  }
}

function kindOf(text: string): string {
  if (EXCEL_DAY.test(text)) return "Excel's number of a day";
  if (COMPACT.test(text)) return 'year, month and day without separators';
  if (EPOCH.test(text)) {
    return `epoch ${{ s: 'seconds', ms: 'ms', us: 'µs', ns: 'ns' }[unitOf(Number(text))]}`;
  }
  if (YEAR_FIRST.test(text)) return 'year first (ISO 8601)';
  if (WITH_POINTS.test(text)) return 'day.month.year';
  if (TWO_WAYS.test(text)) return 'day/month/year or month/day/year';
  if (namedParts(text)) return 'with the name of the month';
  return readAbsolute(text) === undefined ? 'not understood' : 'with its offset';
}
