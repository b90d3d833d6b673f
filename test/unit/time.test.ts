import fc from 'fast-check';
import {
  dayStart,
  formatDay,
  localDay,
  localHourStart,
  monthOf,
  monthStart,
  offsetAt,
  parseDay,
} from '../../shared/platform/time.ts';
import { wallClock } from '../oracle/clock.ts';

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);
const DAY = 86_400_000;

/** Every time zone, and some of the times at which clocks change. */
const zone = fc.oneof(
  fc.constantFrom(
    'Europe/Madrid',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'America/St_Johns',
    'Pacific/Apia',
    'Antarctica/Casey',
    'America/Moncton',
    'Africa/Casablanca',
  ),
  fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
);
/** From 1973, after the last zone with seconds in its offset, to 2040. */
const anyTime = fc.integer({ min: Date.UTC(1973), max: Date.UTC(2040) });

/** An instant near the next change of the zone's clock, found through Intl. */
function nearChange(zone: string, after: number, jitter: number): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offset = (ts: number) => format.formatToParts(ts).find(({ type }) => type === 'timeZoneName')!.value;
  let low = after;
  while (low < after + 366 * DAY && offset(low) === offset(low + 7 * DAY)) low += 7 * DAY;
  let high = low + 7 * DAY;
  const before = offset(low);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === before) low = middle;
    else high = middle;
  }
  return high + jitter;
}

function expectRightClock(ts: number, name: string): void {
  const { date, intoHour } = wallClock(ts, name);
  expect({ date: formatDay(localDay(ts, name)), hour: localHourStart(ts, name) }).toEqual({
    date,
    hour: ts - intoHour,
  });
}

test('days and hours of any zone agree with Intl', () => {
  fc.assert(
    fc.property(zone, anyTime, (name, ts) => expectRightClock(ts, name)),
    { numRuns: 10 * numRuns },
  );
});

test('they also agree within minutes of a change of the clocks', () => {
  const jitter = fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -20 * 60_000, max: 20 * 60_000 }));
  fc.assert(
    fc.property(zone, anyTime, jitter, (name, after, ms) => {
      expectRightClock(nearChange(name, after, ms), name);
    }),
    { numRuns },
  );
});

test.each([
  // At 00:01 of the 7th the clock went back to 23:01 of the 6th.
  ['America/St_Johns', '2010-11-07T02:30:59Z', '2010-11-07'],
  ['America/St_Johns', '2010-11-07T02:31:00Z', '2010-11-06'],
  ['America/St_Johns', '2010-11-07T03:30:00Z', '2010-11-07'],
  ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31'],
  ['Australia/Lord_Howe', '2026-10-03T13:29:59Z', '2026-10-03'],
  ['Australia/Lord_Howe', '2026-10-03T13:30:00Z', '2026-10-04'],
])('in %s, %s is on %s', (name, instant, date) => {
  expect(formatDay(localDay(Date.parse(instant), name))).toBe(date);
});

test('the repeated hour in autumn is two hours', () => {
  const starts = ['2026-10-25T00:10:00Z', '2026-10-25T01:10:00Z'].map((instant) =>
    new Date(localHourStart(Date.parse(instant), 'Europe/Madrid')).toISOString(),
  );
  expect(starts).toEqual(['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z']);
});

test('a day begins at its first instant', () => {
  fc.assert(
    fc.property(zone, anyTime, (name, ts) => {
      const day = localDay(ts, name);
      const start = dayStart(day, name);
      expect(localDay(start, name)).toBeGreaterThanOrEqual(day);
      expect(localDay(start - 1, name)).toBeLessThan(day);
      expect(dayStart(day + 1, name)).toBeGreaterThan(start);
    }),
    { numRuns },
  );
});

test.each([
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
  ['Europe/Madrid', '2026-03-29', '2026-03-28T23:00:00.000Z'],
  ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
])('in %s, %s begins at %s', (name, date, instant) => {
  expect(new Date(dayStart(parseDay(date)!, name)).toISOString()).toBe(instant);
});

test('the days of a year are 23, 24 or 25 hours long, and together the year', () => {
  const days = Array.from({ length: 365 }, (_, i) => parseDay('2026-01-01')! + i);
  const lengths = days.map((day) => dayStart(day + 1, 'Europe/Madrid') - dayStart(day, 'Europe/Madrid'));
  expect(new Set(lengths.map((ms) => ms / 3_600_000))).toEqual(new Set([23, 24, 25]));
  expect(lengths.reduce((sum, ms) => sum + ms, 0)).toBe(365 * DAY);
});

test('a date is read as it is written, and one that does not exist is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: -25_000, max: 2_000_000 }), (day) => {
      expect(parseDay(formatDay(day))).toBe(day);
    }),
  );
  for (const text of ['2026-02-29', '2026-13-01', '2026-00-10', '2026-1-1', '26-01-01', '2026-01-01T00:00']) {
    expect(parseDay(text)).toBeUndefined();
  }
});

test('a month begins with its first day', () => {
  fc.assert(
    fc.property(fc.integer({ min: -25_000, max: 2_000_000 }), (day) => {
      const start = monthStart(monthOf(day));
      expect(formatDay(start)).toBe(`${formatDay(day).slice(0, 7)}-01`);
      expect(monthOf(monthStart(monthOf(day) + 1) - 1)).toBe(monthOf(day));
    }),
  );
});

test('an offset does not depend on earlier look-ups', () => {
  const change = Date.parse('2010-11-07T02:31:00Z');
  const asked = [1, -1, 0, -60_000, 600_000, -600_000, 1, -1].map((ms) =>
    offsetAt(change + ms, 'America/St_Johns'),
  );
  expect(asked.map((ms) => ms / 3_600_000)).toEqual([-3.5, -2.5, -3.5, -2.5, -3.5, -2.5, -3.5, -2.5]);
});
