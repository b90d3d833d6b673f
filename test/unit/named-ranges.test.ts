import { formatDay, parseDay } from '../../shared/platform/time.ts';
import { type NamedRange, namedRange } from '../../shared/questions/named-ranges.ts';

const on = (today: string, name: NamedRange) => {
  const { from, to } = namedRange(name, parseDay(today)!);
  return `${formatDay(from)}..${formatDay(to)}`;
};

test.each<[NamedRange, string]>([
  ['today', '2026-03-31..2026-03-31'],
  ['yesterday', '2026-03-30..2026-03-30'],
  ['last_7_days', '2026-03-24..2026-03-30'],
  ['last_14_days', '2026-03-17..2026-03-30'],
  ['last_28_days', '2026-03-03..2026-03-30'],
  ['last_30_days', '2026-03-01..2026-03-30'],
  ['last_90_days', '2025-12-31..2026-03-30'],
  ['week_to_date', '2026-03-30..2026-03-31'],
  ['last_week', '2026-03-23..2026-03-29'],
  ['month_to_date', '2026-03-01..2026-03-31'],
  ['last_month', '2026-02-01..2026-02-28'],
  ['quarter_to_date', '2026-01-01..2026-03-31'],
  ['year_to_date', '2026-01-01..2026-03-31'],
  ['last_year', '2025-01-01..2025-12-31'],
  ['last_12_months', '2025-03-01..2026-02-28'],
])('on Tuesday, 31 March 2026, %s is %s', (name, expected) => {
  expect(on('2026-03-31', name)).toBe(expected);
});

test('a week begins on Monday, also on a Monday and on a Sunday', () => {
  expect(on('2026-11-30', 'week_to_date')).toBe('2026-11-30..2026-11-30');
  expect(on('2026-11-29', 'week_to_date')).toBe('2026-11-23..2026-11-29');
  expect(on('2026-11-29', 'last_week')).toBe('2026-11-16..2026-11-22');
});

test('months before January are of the year before', () => {
  expect(on('2024-01-01', 'last_month')).toBe('2023-12-01..2023-12-31');
  expect(on('2024-01-01', 'last_12_months')).toBe('2023-01-01..2023-12-31');
  expect(on('2024-03-01', 'last_month')).toBe('2024-02-01..2024-02-29');
});
