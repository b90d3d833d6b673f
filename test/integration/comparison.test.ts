import { DAY_MS, dayStart, formatDay, HOUR_MS, hourOf, localDay } from '../../shared/platform/time.ts';
import { noonZone } from '../support/noon.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Named ranges, days compared with, values over time, and hours of the week, over HTTP. */

const site = siteOf('shop', { zone: noonZone(), currency: 'EUR' });
const shop = await openShop([site]);
const today = localDay(Date.now(), site.zone);
const date = (ago: number) => formatDay(today - ago);
/** Half past an hour of the day. */
const at = (ago: number, hour: number) =>
  new Date(dayStart(today - ago, site.zone) + hour * HOUR_MS + HOUR_MS / 2).toISOString();

const now = hourOf(Date.now(), site.zone);
const event = (ago: number, hour: number, fields: object = {}) => ({
  ...{ name: 'page_view', user_id: `u-${ago}-${hour}`, timestamp: at(ago, hour), backfill: true },
  ...fields,
});
const order = (ago: number, hour: number, value: number, source: string) =>
  event(ago, hour, {
    ...{
      name: 'purchase',
      transaction_id: `t-${ago}-${hour}-${source}`,
      user_id: `${source}-${ago}-${hour}`,
    },
    ...{ value, currency: 'EUR', source, country: source === 'a' ? 'ES' : undefined, user_agent: undefined },
  });

beforeAll(async () => {
  await shop.send(
    'shop',
    ...[event(0, 0), event(0, 0, { user_id: 'two' })],
    ...[event(7, 0), event(7, 0, { user_id: 'two' }), event(7, now), event(7, 23)],
    ...[order(8, 3, 10, 'a'), order(8, 4, 20, 'b'), order(9, 3, 5, 'a'), order(9, 5, 1, 'c')],
    ...[order(364, 3, 7, 'a'), order(40, 3, 100, 'd'), order(40, 4, 1, 'e'), order(40, 5, 3, 'e')],
  );
});

interface Compared<T> {
  data: T;
  previous: { from: string; to: string; until?: string; whole_days?: string[]; data: T };
}
const get = async <T>(target: string) => {
  const { status, body } = await shop.get<Compared<T>>('shop', target);
  expect([target, status]).toEqual([target, 200]);
  return body;
};
const codeOf = async (target: string) => {
  const { status, body } = await shop.get<{ data: never }>('shop', target);
  return [status, (body as unknown as { code: string }).code];
};

describe('a range by name', () => {
  test('is its days in the zone of the site', async () => {
    const { data } = await get<{ from: string; to: string; total_events: number }>(
      '/v1/overview?range=last_7_days',
    );
    expect(data).toMatchObject({ from: date(7), to: date(1), total_events: 4 });
    expect(await get('/v1/overview?range=today')).toMatchObject({ data: { from: date(0), total_events: 2 } });
  });

  test('is refused beside dates, and where there is none', async () => {
    expect(await codeOf(`/v1/overview?range=today&from=${date(3)}`)).toEqual([400, 'range_and_dates']);
    expect(await codeOf('/v1/overview?range=fortnight')).toEqual([400, 'invalid_parameter']);
    expect(await codeOf('/v1/users/ana?range=today')).toEqual([400, 'invalid_parameter']);
  });
});

describe('a comparison', () => {
  test('of today ends at the hour that has begun', async () => {
    const target = `/v1/overview?range=today&compare=${date(7)}..${date(7)}`;
    const { data, previous } = await get<{ total_events: number; users: number }>(target);
    expect(data).toMatchObject({ total_events: 2 });
    expect(previous).toMatchObject({
      ...{ from: date(7), to: date(7), until: `${date(7)}T${String(now).padStart(2, '0')}:00` },
      data: { total_events: 2, users: 4 },
    });
    expect(previous.whole_days).toContain('users');
    const all = await get<{ total_events: number }>(`${target}&compare_hours=all`);
    expect(all.previous.data.total_events).toBe(4);
    expect(all.previous).not.toHaveProperty('until');
  });

  test('of series, events, sessions and revenue ends there, too', async () => {
    const compare = `range=today&compare=previous&align=weekday`;
    const series = await get<{ points: { value: number }[] }>(`/v1/series?${compare}`);
    expect(series.previous).toMatchObject({
      from: date(7),
      data: { points: [{ start: date(7), value: 2 }] },
    });
    const several = await get<{ also: { points: { value: number }[] }[] }>(
      `/v1/series?${compare}&also=users,events`,
    );
    expect(several.previous).toMatchObject({
      data: { also: [{ points: [{ value: 4 }] }, { points: [{ value: 2 }] }] },
      whole_days: ['users'],
    });
    for (const [path, figures] of [
      ['events', { total: 2 }],
      ['sessions', { sessions: 2 }],
      ['revenue', { rows: [] }],
    ] as const) {
      expect((await get(`/v1/${path}?${compare}`)).previous).toMatchObject({
        until: expect.stringContaining(date(7)),
        data: figures,
      });
    }
    const products = await get(`/v1/products?${compare}`);
    expect(products.previous).not.toHaveProperty('until');
  });

  test('with the year before', async () => {
    const asked = `from=${date(0)}&to=${date(0)}&compare=year`;
    const aligned = await get<{ orders: number }>(`/v1/overview?${asked}&align=weekday`);
    expect(aligned.previous).toMatchObject({ from: date(364), to: date(364), data: { orders: 1 } });
    const { previous } = await get<{ orders: number }>(`/v1/overview?${asked}`);
    expect(Date.parse(previous.from)).toBeLessThanOrEqual((today - 365) * DAY_MS);
  });

  test('is refused when it says nothing', async () => {
    expect(await codeOf('/v1/overview?align=weekday')).toEqual([400, 'align_without_compare']);
    expect(await codeOf('/v1/overview?compare=year')).toEqual([400, 'compare_without_from']);
    for (const compare of ['last', '2026-02-30..2026-03-01', '2026-03-01']) {
      expect(await codeOf(`/v1/overview?range=today&compare=${compare}`)).toEqual([400, 'invalid_parameter']);
    }
  });
});

describe('values over time', () => {
  const days = `from=${date(9)}&to=${date(8)}`;
  const pointsOf = async (query: string) => {
    const { data } = await get<{ series: { value: string; total: number; points: { value: number }[] }[] }>(
      `/v1/series?${days}&${query}`,
    );
    return data.series.map(({ value, total, points }) => [value, total, ...points.map((one) => one.value)]);
  };

  test('are the largest ones and the rest', async () => {
    expect(await pointsOf('metric=revenue&by=source&top=1')).toEqual([
      ['b', 2_000, 0, 2_000],
      ['(rest)', 1_600, 600, 1_000],
    ]);
    expect(await pointsOf('metric=revenue&by=source')).toEqual([
      ['b', 2_000, 0, 2_000],
      ['a', 1_500, 500, 1_000],
      ['c', 100, 100, 0],
    ]);
    expect(await pointsOf('metric=conversion_rate&by=source&top=1&grain=month')).toHaveLength(2);
  });

  test('of averages are those with the most orders, not the dearest one', async () => {
    const { data } = await get<{ series: { value: string; total: number }[] }>(
      `/v1/series?from=${date(40)}&to=${date(40)}&metric=average_order&by=source`,
    );
    expect(data.series.map(({ value, total }) => [value, total])).toEqual([
      ['e', 200],
      ['d', 10_000],
    ]);
  });

  test('of events are all of them', async () => {
    expect(await pointsOf('metric=orders&by=country')).toEqual([
      ['(not set)', 2, 1, 1],
      ['ES', 2, 1, 1],
    ]);
  });

  test('are refused where they are not counted', async () => {
    expect(await codeOf(`/v1/series?${days}&metric=users&by=source`)).toEqual([400, 'unsupported_metric']);
    expect(await codeOf(`/v1/series?${days}&by=source`)).toEqual([400, 'unsupported_metric']);
    expect(await codeOf(`/v1/series?${days}&metric=orders&by=source&grain=hour`)).toEqual([
      400,
      'unsupported_grain',
    ]);
    expect(await codeOf(`/v1/series?${days}&top=3`)).toEqual([400, 'top_without_by']);
    expect(await codeOf(`/v1/series?${days}&metric=orders&also=net&by=source`)).toEqual([
      400,
      'also_with_by',
    ]);
  });
});

test('hours of the week say how often they have come', async () => {
  const { data } = await get<{ hours: { weekday: number; hour: number; times: number; value: number }[] }>(
    `/v1/series/weekday-hour?metric=orders&from=${date(14)}&to=${date(1)}`,
  );
  expect(data.hours).toHaveLength(168);
  expect(data.hours.every(({ times }) => times === 2)).toBe(true);
  const weekday = (ago: number) => ((today - ago + 3) % 7) + 1;
  const found = data.hours.filter(({ value }) => value > 0);
  expect(found.map(({ weekday, hour, value }) => `${weekday} ${hour} ${value}`).sort()).toEqual(
    [`${weekday(8)} 3 1`, `${weekday(8)} 4 1`, `${weekday(9)} 3 1`, `${weekday(9)} 5 1`].sort(),
  );
  expect(await codeOf(`/v1/series/weekday-hour?metric=users&from=${date(3)}`)).toEqual([
    400,
    'invalid_parameter',
  ]);
  expect(await codeOf(`/v1/series/weekday-hour?from=${date(200)}`)).toEqual([400, 'not_kept']);
});
