import {
  formatFigure,
  formatHours,
  formatPerSecond,
  formatScore,
} from '../../dashboard/src/format/numbers.ts';
import {
  countedOf,
  findingsOf,
  sentFor,
  wayLabel,
  waysOf,
} from '../../dashboard/src/pages/system/quality.ts';
import { periodOf } from '../../dashboard/src/view/period.ts';

const TODAY = '2026-03-31';

describe('figures', () => {
  test.each([
    [formatFigure('money', 2_490, 'EUR'), '€24.90'],
    [formatFigure('rate', 0.0123, 'EUR'), '1.23%'],
    [formatFigure('count', 1_234, 'EUR'), '1,234'],
    [formatFigure('rate', null, 'EUR'), '–'],
    [formatScore(12.345), '12.3'],
    [formatPerSecond(2.345), '2.3/s'],
    [formatPerSecond(1_234.5), '1,235/s'],
    [formatPerSecond(null), '–'],
    [formatHours(24), '1 day'],
    [formatHours(168), '7 days'],
    [formatHours(36), '36 hours'],
  ])('are written as %s', (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe('the quality of events', () => {
  const way = (day: string, via: string, counts: object = {}) => ({
    ...{ day, via, as_it_came: 0, put_right: 0, kept: 0, refused: 0, bots: 0 },
    ...counts,
  });
  const finding = (day: string, events: number, samples: string[]) => ({
    ...{ day, via: 'plain', quality: 'kept' as const, code: 'currency', path: 'items[].price' },
    ...{ events, samples },
  });

  test('adds up the days of each way in, the busiest first', () => {
    const ways = [
      way('2026-03-30', 'plain', { as_it_came: 2, bots: 90 }),
      way('2026-03-30', 'gtag', { as_it_came: 3 }),
      way('2026-03-31', 'plain', { put_right: 1, kept: 4, refused: 1 }),
    ];
    const sums = waysOf({ ways, findings: [] } as unknown as Parameters<typeof waysOf>[0]);
    expect(sums.map(({ via }) => via)).toEqual(['plain', 'gtag']);
    expect([sentFor(sums[0]!), countedOf(sums[0]!), sums[0]!.bots]).toEqual([8, 3, 90]);
    expect([wayLabel('gtag'), wayLabel('new_one')]).toEqual(['gtag.js', 'new_one']);
  });

  test('adds up the days of each finding, with three of its samples', () => {
    const findings = [
      finding('2026-03-31', 2, ['a', 'b']),
      finding('2026-03-30', 5, ['b', 'c', 'd']),
    ] as unknown as Parameters<typeof findingsOf>[0]['findings'];
    const [sum, ...others] = findingsOf({ ways: [], findings } as unknown as Parameters<
      typeof findingsOf
    >[0]);
    expect(others).toEqual([]);
    expect(sum).toMatchObject({ events: 7, samples: ['a', 'b', 'c'], last: '2026-03-31' });
  });
});

test('a name that every object has is no range and no comparison', () => {
  expect(periodOf('7d', 'toString', TODAY).compare).toBe('previous');
  expect(periodOf('7d', '2026-02-30x', TODAY).compare).toBe('previous');
  expect(periodOf('constructor', 'year', TODAY)).toMatchObject({ name: '28d', compare: 'year' });
});

test.each([
  ['12months', 'previous', '2025-03-01..2026-02-28', '2024-03-01..2025-02-28'],
  ['lastyear', 'previous', '2025-01-01..2025-12-31', '2024-01-01..2024-12-31'],
  ['lastyear', 'year', '2025-01-01..2025-12-31', '2024-01-01..2024-12-31'],
  ['7d', 'weekday', '2026-03-25..2026-03-31', '2025-03-26..2025-04-01'],
  ['7d', '2026-01-05', '2026-03-25..2026-03-31', '2026-01-05..2026-01-11'],
])('the days of %s compared with %s', (range, compare, days, compared) => {
  const period = periodOf(range, compare, TODAY);
  expect([period.days, period.compared].map((one) => `${one!.from}..${one!.to}`)).toEqual([days, compared]);
  const weekdays = (day: string) => new Date(day).getUTCDay();
  if (compare === 'weekday') expect(weekdays(period.compared!.from)).toBe(weekdays(period.days.from));
});
