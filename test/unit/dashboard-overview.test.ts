import { joinCsv } from '../../dashboard/src/format/csv.ts';
import { averageRates, cohortDays, isUnfinished } from '../../dashboard/src/pages/overview/cohorts.ts';
import { hourGrid, keptHours } from '../../dashboard/src/pages/overview/hour-grid.ts';
import { linesOf, pointsOf } from '../../dashboard/src/pages/overview/lines.ts';
import { METRICS } from '../../dashboard/src/pages/overview/metrics.ts';
import { plotOf } from '../../dashboard/src/pages/overview/plot-question.ts';
import { missedOrders } from '../../dashboard/src/pages/overview/tables/product-figures.ts';

/** One point for each hour from an instant on. */
const hoursFrom = (start: string, values: readonly number[]) =>
  values.map((value, i) => ({ start: new Date(Date.parse(start) + i * 3_600_000).toISOString(), value }));

describe('hours of the week', () => {
  test('are averages, so that weekdays that come twice are not larger', () => {
    // Two Mondays and one Tuesday, in winter time.
    const points = [
      ...hoursFrom('2026-11-01T23:00:00Z', Array(48).fill(2)),
      ...hoursFrom('2026-11-08T23:00:00Z', Array(24).fill(4)),
    ];
    const grid = hourGrid(points, 'Europe/Madrid');
    expect(grid.hours[0]).toEqual(Array(24).fill(3));
    expect(grid.hours[1]).toEqual(Array(24).fill(2));
    expect(grid.hours[2]).toEqual(Array(24).fill(undefined));
    expect(grid.days).toEqual([72, 48, undefined, undefined, undefined, undefined, undefined]);
    expect(grid.best).toEqual({ weekday: 0, hour: 0, value: 3 });
    expect(grid.bestDay).toBe(0);
  });

  test('have the hour that comes twice when clocks go back as one', () => {
    // Sunday 25 Oct 2026 in Madrid has 25 hours: 02:00 comes twice.
    const grid = hourGrid(hoursFrom('2026-10-24T22:00:00Z', Array(25).fill(1)), 'Europe/Madrid');
    expect(grid.hours[6]![2]).toBe(2);
    expect(grid.days[6]).toBe(25);
  });

  test('are not lowered by the day on which clocks go forward', () => {
    // Sunday 29 March 2026 lacks 02:00; the Sunday after has it.
    const short = hoursFrom('2026-03-28T23:00:00Z', Array(23).fill(1));
    const whole = hoursFrom('2026-04-04T22:00:00Z', Array(24).fill(1));
    const grid = hourGrid([...short, ...whole], 'Europe/Madrid');
    expect(grid.hours[6]).toEqual(Array(24).fill(1));
  });

  test('go back as far as hours are kept', () => {
    expect(keptHours({ from: '2026-01-01', to: '2026-06-01' }, '2026-11-30')).toBeUndefined();
    expect(keptHours({ from: '2026-01-01', to: '2026-11-30' }, '2026-11-30')).toEqual({
      from: '2026-09-03',
      to: '2026-11-30',
    });
    const recent = { from: '2026-11-01', to: '2026-11-30' };
    expect(keptHours(recent, '2026-11-30')).toEqual(recent);
  });
});

describe('coming back', () => {
  const cohort = (start: string, counts: readonly number[]) => ({
    start,
    users: counts[0]!,
    retained: counts.map((users, period) => ({ period, users, rate: users / counts[0]! })),
  });

  test('is an average over people, of weeks that are over', () => {
    const cohorts = [cohort('2026-11-09', [100, 50, 30, 1]), cohort('2026-11-16', [300, 30, 2])];
    // Monday: the week of 30 Nov has just begun.
    expect(averageRates(cohorts, 'week', '2026-11-30')).toEqual([1, 80 / 400, 30 / 100]);
  });

  test('knows the period that is going on', () => {
    expect(isUnfinished('2026-11-23', 0, 'week', '2026-11-29')).toBe(true);
    expect(isUnfinished('2026-11-23', 0, 'week', '2026-11-30')).toBe(false);
    expect(isUnfinished('2025-12-01', 11, 'month', '2026-11-30')).toBe(true);
    expect(isUnfinished('2025-12-01', 10, 'month', '2026-11-30')).toBe(false);
    expect(isUnfinished('2026-11-28', 1, 'day', '2026-11-30')).toBe(false);
  });

  test('looks back twelve weeks at least', () => {
    expect(cohortDays({ from: '2026-11-24', to: '2026-11-30' }, 'week')).toEqual({
      from: '2026-09-08',
      to: '2026-11-30',
    });
    const year = { from: '2026-01-01', to: '2026-11-30' };
    expect(cohortDays(year, 'week')).toEqual(year);
  });
});

test('Products that miss the most orders come first, however few the views of others are', () => {
  const product = (product_id: string, views: number, purchases: number) => ({
    ...{ rank: 1, product_id, value: views, views, carts: 0, purchases, units: purchases },
    ...{ view_to_cart_rate: 0, cart_to_purchase_rate: null },
  });
  const { average, rows } = missedOrders([
    product('sells', 100, 30),
    product('looked-at', 190, 0),
    product('rare', 10, 0),
    product('bought unseen', 0, 0),
  ]);
  expect(average).toBe(0.1);
  expect(rows.map(({ product_id, missed }) => [product_id, missed])).toEqual([
    ['looked-at', 19],
    ['rare', 1],
  ]);
});

describe('CSV of several pages', () => {
  test('has the columns of all of them', () => {
    expect(joinCsv(['value,revenue_EUR\na,1.00\n', 'value,revenue_USD,revenue_EUR\nb,2.00,\n'])).toBe(
      'value,revenue_EUR,revenue_USD\na,1.00,\nb,,2.00\n',
    );
  });

  test('keeps commas, quotes and lines within a field', () => {
    const odd = '"a, ""b""\nc"';
    expect(joinCsv([`value,n\n${odd},1\n`, 'value,n\r\nd,2\r\n'])).toBe(`value,n\n${odd},1\nd,2\n`);
  });
});

describe('the plots of the overview', () => {
  const march = { from: '2026-03-01', to: '2026-03-28' };
  const today = '2026-03-28';

  test('ask one question for all small ones, without people where it is by hour', () => {
    const metrics = ({ metric, also = [] }: ReturnType<typeof linesOf>) => [metric, ...also];
    const all = METRICS.map(({ id }) => id);
    expect(metrics(linesOf(march, 'day'))).toEqual(all);
    expect(metrics(linesOf(march, 'hour'))).toEqual(all.filter((id) => id !== 'users'));
  });

  test('take each metric out of the answer', () => {
    const points = (value: number) => [{ start: march.from, value }];
    const data = {
      ...{ metric: 'orders', grain: 'day', zone: 'UTC', points: points(2) },
      also: [{ metric: 'sessions', points: points(9) }],
    } as Parameters<typeof pointsOf>[0];
    expect(pointsOf(data, 'orders')).toEqual(points(2));
    expect(pointsOf(data, 'sessions')).toEqual(points(9));
    expect(pointsOf(data, 'net')).toBeUndefined();
  });

  test('ask for the metric of the address, and for the revenue beneath another', () => {
    const compared = { from: '2026-02-01', to: '2026-02-28' };
    const plot = (query: Record<string, string>) => plotOf(query, { days: march, compared, today });
    expect(plot({})).toMatchObject({
      asked: { ...march, grain: 'day', metric: 'net' },
      askedBefore: { ...compared, grain: 'day', metric: 'net' },
    });
    expect(plot({}).asked).not.toHaveProperty('also');
    expect(plot({ metric: 'orders', grain: 'week' }).asked).toEqual({
      ...{ ...march, grain: 'week', metric: 'orders', also: ['revenue'] },
    });
    // People in an hour are not counted, and a split plot asks by value.
    for (const query of [
      { metric: 'users', grain: 'hour' },
      { metric: 'orders', by: 'channel' },
    ] as Record<string, string>[]) {
      expect(plot(query)).toMatchObject({ asked: undefined, askedBefore: undefined });
    }
  });
});
