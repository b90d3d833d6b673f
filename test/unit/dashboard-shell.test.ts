import { forgetPulse, hearPulse, steadySince } from '../../dashboard/src/api/pulse.ts';
import { outageOf } from '../../dashboard/src/shell/outage.ts';
import { periodOf } from '../../dashboard/src/view/period.ts';

const failed = (address: string, status: number, code: string, at?: number) => ({
  ...{ address, at, error: { status, code } },
});
const current = (address: string) => ({ address, at: 1, error: undefined });

describe('what the bar says of an outage', () => {
  test('is nothing when all answers came, or were refused', () => {
    expect(
      outageOf([current('/v1/overview'), failed('/v1/series?x=1', 404, 'not_found')], true),
    ).toBeUndefined();
  });

  test('names what failed, its code, and the time of its oldest numbers', () => {
    const answers = [
      current('/v1/overview?site=shop'),
      failed('/v1/series?metric=net', 503, 'redis_unavailable', 2_000),
      failed('/v1/series?metric=orders', 503, 'redis_unavailable', 3_000),
      failed('/v1/carts/abandoned', 503, 'redis_unavailable', 4_000),
    ];
    expect(outageOf(answers, true)).toEqual({
      what: 'Plots and carts failed (redis_unavailable)',
      at: 2_000,
    });
  });

  test('does not call Footfall out of reach because of one slow question', () => {
    const answers = [current('/v1/overview'), failed('/v1/funnels/shop', 0, 'timeout')];
    expect(outageOf(answers, true)).toEqual({ what: 'Funnel failed (timeout)', at: undefined });
  });

  test('says that Footfall cannot be reached when nothing comes through', () => {
    const answers = [failed('/v1/overview', 0, 'offline', 5), failed('/v1/live', 0, 'offline', 6)];
    expect(outageOf(answers, true)).toEqual({ what: 'Footfall cannot be reached', at: 5 });
    expect(outageOf([current('/v1/trending'), ...answers], true)).toEqual({
      ...{ what: 'Key numbers and live numbers could not be fetched', at: 5 },
    });
    expect(outageOf([current('/v1/trending'), ...answers], false)?.what).toBe('Footfall cannot be reached');
  });
});

describe('an answer need not be asked for again', () => {
  const series = '/v1/series?metric=net';
  afterEach(forgetPulse);

  test('when another answer has just said that nothing was counted since', () => {
    hearPulse(100);
    expect(steadySince(series, 100, Date.now())).toBeGreaterThan(0);
  });

  test('unless something was counted, nothing was heard, or a minute is over', () => {
    expect(steadySince(series, 100, Date.now())).toBeUndefined();
    hearPulse(101);
    expect(steadySince(series, 100, Date.now())).toBeUndefined();
    expect(steadySince(series, 101, Date.now() - 61_000)).toBeUndefined();
  });

  test('unless it depends on the time as well', () => {
    hearPulse(100);
    expect(steadySince('/v1/live', 100, Date.now())).toBeUndefined();
    expect(steadySince('/v1/overview', 100, Date.now())).toBeUndefined();
  });
});

describe('ranges of the calendar', () => {
  const MONDAY = '2026-11-30';

  test.each([
    ['week', MONDAY, '2026-11-30', '2026-11-30', '2026-11-23', '2026-11-23'],
    ['week', '2026-12-06', '2026-11-30', '2026-12-06', '2026-11-23', '2026-11-29'],
    ['lastweek', MONDAY, '2026-11-23', '2026-11-29', '2026-11-16', '2026-11-22'],
    ['lastweek', '2026-12-06', '2026-11-23', '2026-11-29', '2026-11-16', '2026-11-22'],
    ['lastmonth', MONDAY, '2026-10-01', '2026-10-31', '2026-09-01', '2026-09-30'],
    ['lastmonth', '2026-03-31', '2026-02-01', '2026-02-28', '2026-01-01', '2026-01-31'],
  ])('%s on %s', (name, today, from, to, comparedFrom, comparedTo) => {
    const { days, compared } = periodOf(name, undefined, today);
    expect(days).toEqual({ from, to });
    expect(compared).toEqual({ from: comparedFrom, to: comparedTo });
  });
});
