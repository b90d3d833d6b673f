import { DAY_MS, formatDay, parseDay } from '../../shared/platform/time.ts';
import {
  type ComparisonQuery,
  comparedRange,
  untilOf,
  untilText,
} from '../../shared/questions/comparison.ts';
import { siteSchema } from '../../shared/sites/site.ts';

const range = (text: string) => {
  const [from, to] = text.split('..').map((day) => parseDay(day)!) as [number, number];
  return { from, to };
};
const comparedWith = (text: string, query: ComparisonQuery) => {
  const { from, to } = comparedRange(range(text), query);
  return `${formatDay(from)}..${formatDay(to)}`;
};
const weekday = (text: string) => new Date(text.slice(0, 10)).getUTCDay();

test.each<[string, ComparisonQuery, string]>([
  ['2026-03-01..2026-03-31', { compare: 'previous' }, '2026-01-29..2026-02-28'],
  ['2026-03-01..2026-03-31', { compare: 'year' }, '2025-03-01..2025-03-31'],
  ['2026-03-01..2026-03-31', { compare: '2025-11-01..2025-11-30' }, '2025-11-01..2025-11-30'],
  ['2028-02-01..2028-02-29', { compare: 'year' }, '2027-02-01..2027-02-28'],
  ['2025-02-01..2025-02-28', { compare: 'year' }, '2024-02-01..2024-02-28'],
])('%s with %o is %s', (asked, query, expected) => {
  expect(comparedWith(asked, query)).toBe(expected);
});

test.each<[string, string, string]>([
  ['2026-03-02..2026-03-08', 'previous', '2026-02-23..2026-03-01'],
  ['2026-03-02..2026-03-11', 'previous', '2026-02-16..2026-02-25'],
  ['2026-03-02..2026-03-08', 'year', '2025-03-03..2025-03-09'],
  ['2026-03-02..2026-03-08', '2025-11-01..2025-11-07', '2025-11-03..2025-11-09'],
  ['2026-03-02..2026-03-08', '2025-11-06..2025-11-12', '2025-11-03..2025-11-09'],
])('aligned by weekday, %s with %s is %s', (asked, compare, expected) => {
  const found = comparedWith(asked, { compare, align: 'weekday' });
  expect(found).toBe(expected);
  expect(weekday(found)).toBe(weekday(asked));
});

test('days compared with are refused as those of a range are', () => {
  const codeOf = (compare: string) => {
    try {
      comparedRange(range('2026-03-02..2026-03-08'), { compare });
    } catch (error) {
      return (error as { code: string }).code;
    }
    return undefined;
  };
  expect(codeOf('2026-03-02..2026-03-01')).toBe('reversed_range');
  expect(codeOf('1990-03-02..2026-03-01')).toBe('range_too_long');
});

describe('the hour at which the last day compared with ends', () => {
  const site = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid' });
  const now = Date.parse('2026-03-31T12:20:00Z');
  const until = (asked: string, other: string, compare_hours?: 'same' | 'all') => {
    const found = untilOf(range(asked), range(other), { site, now, compare_hours });
    return found && untilText(found);
  };
  const [today, week] = ['2026-03-31..2026-03-31', '2026-03-24..2026-03-24'];

  test('is the one that has begun today', () => {
    expect(until(today, week)).toBe('2026-03-24T14:00');
    expect(until('2026-03-25..2026-03-31', '2026-03-18..2026-03-24', 'same')).toBe('2026-03-24T14:00');
  });

  test('is none for whole days, for a range that is over, and where hours are no longer kept', () => {
    expect(until(today, week, 'all')).toBeUndefined();
    expect(until('2026-03-30..2026-03-30', week)).toBeUndefined();
    expect(until(today, today)).toBeUndefined();
    const old = formatDay(Math.floor(now / DAY_MS) - 90);
    expect(until(today, `${old}..${old}`)).toBeUndefined();
  });
});
