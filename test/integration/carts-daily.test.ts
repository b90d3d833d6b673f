import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { DAY_MS, formatDay, localDay, MINUTE_MS } from '../../shared/platform/time.ts';
import { ask } from '../support/http.ts';
import { noonZone } from '../support/noon.ts';
import { scan } from '../support/scan.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Carts by the day of their last touch. Each test has a site of its own. */
const zone = noonZone();
const shop = await openShop(
  ['days', 'moves', 'joins', 'closed'].map((id) => siteOf(id, { zone, currency: 'EUR' })),
);
const now = Date.now();
const date = (ts: number) => formatDay(localDay(ts, zone));

let count = 0;
const tea = (quantity: number) => [{ id: 'tea', quantity, amount: quantity * 500 }];
/** An event of `minutes` ago, received at once. */
const eventOf = (
  site: string,
  user: string,
  name: string,
  minutes: number,
  pieces?: number,
): FootfallEvent => {
  const ts = now - minutes * MINUTE_MS;
  return {
    ...{ v: EVENT_VERSION, id: `c${count++}`, site, user, name, ts, received: ts },
    ...(pieces !== undefined && { items: tea(pieces), currency: 'EUR' }),
  };
};

interface Figures {
  filled: number;
  left: number;
  recovered: number;
  left_value: { amount_minor: number }[];
}
type Carts = Figures & { days: (Figures & { date: string })[] };

const cartsOf = async (site: string, query = '') =>
  (await shop.get<{ data: Carts }>(site, `/v1/carts/daily${query}`)).body.data;
const numbers = ({ filled, left, recovered, left_value }: Figures) => [
  ...[filled, left, recovered],
  left_value[0]?.amount_minor ?? 0,
];

const DAY = DAY_MS / MINUTE_MS;

test('a cart is filled, bought in time, left, recovered, emptied or active, on the day of its last touch', async () => {
  const site = 'days';
  await shop.count([
    // Bought within the hour; left and bought the day after; left; emptied; and one that is open now.
    eventOf(site, 'ann', 'add_to_cart', 2 * DAY, 1),
    eventOf(site, 'ann', 'view_cart', 2 * DAY - 50),
    eventOf(site, 'ann', 'purchase', 2 * DAY - 100),
    eventOf(site, 'ben', 'add_to_cart', 2 * DAY, 2),
    eventOf(site, 'ben', 'purchase', DAY),
    eventOf(site, 'cem', 'add_to_cart', 2 * DAY, 4),
    // After exactly an hour it is left.
    eventOf(site, 'gil', 'add_to_cart', 2 * DAY, 64),
    eventOf(site, 'gil', 'purchase', 2 * DAY - 60),
    eventOf(site, 'dan', 'add_to_cart', 2 * DAY, 8),
    eventOf(site, 'dan', 'remove_from_cart', 2 * DAY - 5, 8),
    eventOf(site, 'eva', 'add_to_cart', 59, 16),
    eventOf(site, 'fay', 'add_to_cart', 61, 32),
  ]);
  const value = (minor: number) => [{ currency: 'EUR', amount: `${minor / 100}.00`, amount_minor: minor }];
  const figures = { filled: 5, emptied: 1, bought: 1, active: 0, left: 3, left_rate: 0.75 };
  const first = { ...figures, recovered: 2, recovery_rate: 0.6667 };
  const carts = await cartsOf(site);
  expect(carts).toMatchObject({
    threshold_minutes: 60,
    ...{ filled: 7, emptied: 1, bought: 1, active: 1, left: 4, left_rate: 0.8, recovered: 2 },
    ...{ left_value: value(51_000), recovered_value: value(33_000) },
  });
  expect(carts.days).toEqual([
    { date: date(now - 2 * DAY_MS), ...first, left_value: value(35_000), recovered_value: value(33_000) },
    expect.objectContaining({ date: date(now - DAY_MS), filled: 0, left: 0, left_rate: null }),
    expect.objectContaining({ date: date(now), filled: 2, active: 1, left: 1, left_value: value(16_000) }),
  ]);
  const series = async (metric: string, more = '') =>
    (
      await shop.get<{ data: { points: { value: number | null; amount?: string }[] } }>(
        site,
        `/v1/series?from=${date(now - 2 * DAY_MS)}&metric=${metric}${more}`,
      )
    ).body.data?.points.map(({ value, amount }) => amount ?? value);
  expect(await series('carts_filled')).toEqual([5, 0, 2]);
  expect(await series('carts_left')).toEqual([3, 0, 1]);
  expect(await series('carts_recovery_rate')).toEqual([0.6667, null, 0]);
  expect(await series('carts_left_value')).toEqual(['350.00', '0.00', '160.00']);
  for (const more of ['&grain=hour', '&zone=Pacific/Auckland']) {
    expect(await series('carts_filled', more)).toBeUndefined();
  }
  const { body } = await shop.get<string>(site, '/v1/carts/daily?format=csv');
  expect(body.split('\r\n').slice(0, 2)).toEqual([
    'date,filled,emptied,bought,active,left,left_rate,recovered,recovery_rate,left_value_EUR,recovered_value_EUR',
    `${date(now - 2 * DAY_MS)},5,1,1,0,3,0.75,2,0.6667,350.00,330.00`,
  ]);
});

test('a cart that is touched again moves to that day, with what it is worth, and goes with its person', async () => {
  const [site, user] = ['moves', 'ana-with-a-cart'];
  await shop.count([eventOf(site, user, 'add_to_cart', DAY, 1)]);
  expect(numbers(await cartsOf(site))).toEqual([1, 1, 0, 500]);
  await shop.count([eventOf(site, user, 'add_to_cart', 10, 2)]);
  const { days, ...total } = await cartsOf(site);
  expect(days.map(numbers)).toEqual([
    [0, 0, 0, 0],
    [1, 0, 0, 0],
  ]);
  expect(total).toMatchObject({ active: 1 });
  const { body } = await shop.get<{ data: { open_carts: object } }>(site, '/v1/live');
  expect(body.data.open_carts).toMatchObject({ users: 1, value: [{ amount_minor: 1_500 }] });
  const headers = { authorization: `Bearer ${site}-admin-key` };
  expect((await ask(shop.handler, 'DELETE', `/v1/privacy/${user}`, { headers })).status).toBe(202);
  await shop.apply();
  expect(numbers(await cartsOf(site))).toEqual([0, 0, 0, 0]);
  expect(await scan(shop.redis, [user])).toEqual([]);
});

test('a visitor’s cart is bought by the user that the visitor turns out to be', async () => {
  const [site, visitor] = ['joins', 'joins-cookie'];
  const user = shop.userElsewhere(site, 'joins-ada', visitor);
  await shop.count([eventOf(site, visitor, 'add_to_cart', 200, 1), eventOf(site, user, 'purchase', 100)]);
  expect(numbers(await cartsOf(site))).toEqual([1, 1, 0, 500]);
  await shop.count([{ ...eventOf(site, visitor, 'identify', 90), identifies: user }]);
  await shop.apply();
  expect(numbers(await cartsOf(site))).toEqual([1, 1, 1, 500]);
});

test('an answer about past days is kept, and changes when one of their carts is bought', async () => {
  const site = 'closed';
  const past = `?from=${date(now - 20 * DAY_MS)}&to=${date(now - 15 * DAY_MS)}`;
  const cacheOf = async () =>
    (await shop.get<{ meta: { cache: string } }>(site, `/v1/carts/daily${past}`)).body.meta.cache;
  await shop.count([
    eventOf(site, 'ann', 'add_to_cart', 16 * DAY, 1),
    eventOf(site, 'ben', 'view_item', DAY),
  ]);
  expect(numbers(await cartsOf(site, past))).toEqual([1, 1, 0, 500]);
  expect(await cacheOf()).toBe('hit');
  await shop.count([eventOf(site, 'ann', 'purchase', 5)]);
  expect(numbers(await cartsOf(site, past))).toEqual([1, 1, 1, 500]);
});
