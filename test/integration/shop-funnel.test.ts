import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { DAY_MS, formatDay, localDay, MINUTE_MS } from '../../shared/platform/time.ts';
import { noonZone } from '../support/noon.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** The funnel that every shop has, in shops that do not send all of its steps. Each test has a site of its own. */
const zone = noonZone();
const SITES = ['four', 'later', 'without-views', 'all', 'days', 'closed'];
const shop = await openShop(SITES.map((id) => siteOf(id, { zone })));
const now = Date.now();
const date = (days: number) => formatDay(localDay(now - days * DAY_MS, zone));

const ALL = [
  ...['view_item', 'add_to_cart', 'begin_checkout'],
  ...['add_shipping_info', 'add_payment_info', 'purchase'],
];

let count = 0;
/** The events of a user on one day, a minute from each to the next. */
const visit = (site: string, user: string, days: number, names: readonly string[]): FootfallEvent[] =>
  names.map((name, minute) => {
    const ts = now - days * DAY_MS - (30 - minute) * MINUTE_MS;
    return { v: EVENT_VERSION, id: `f${count++}`, site, user, name, ts, received: ts };
  });

interface Funnel {
  steps: { step: number; event: string; count: number; median_seconds: number | null }[];
  days?: { date: string; counts: number[] }[];
}

const funnelOf = async (site: string, query = '') =>
  (await shop.get<{ data: Funnel }>(site, `/v1/funnels/shop?${query}`)).body.data;
const stepsOf = async (site: string, query = '') =>
  (await funnelOf(site, query)).steps.map((step) => [step.event, step.count]);

test('steps that a shop never sends are left out, and the others are counted as if those were not there', async () => {
  await shop.count([
    ...visit('four', 'ann', 1, ['view_item', 'add_to_cart', 'begin_checkout', 'purchase']),
    ...visit('four', 'ben', 1, ['view_item', 'add_to_cart']),
    // Skips a step that the shop sends.
    ...visit('four', 'cem', 1, ['view_item', 'purchase']),
  ]);
  expect(await stepsOf('four')).toEqual([
    ['view_item', 3],
    ['add_to_cart', 2],
    ['begin_checkout', 1],
    ['purchase', 1],
  ]);
  expect((await funnelOf('four')).steps.map(({ step, median_seconds }) => [step, median_seconds])).toEqual([
    [1, null],
    [2, 60],
    [3, 60],
    [4, 60],
  ]);
});

test('a step that the shop sends from some day on is left out of ranges before', async () => {
  await shop.count([
    ...visit('later', 'ann', 20, ['view_item', 'purchase']),
    ...visit('later', 'ben', 2, ['view_item', 'add_payment_info', 'purchase']),
    ...visit('later', 'cem', 1, ['view_item', 'purchase']),
  ]);
  expect(await stepsOf('later', `from=${date(25)}&to=${date(15)}`)).toEqual([
    ['view_item', 1],
    ['purchase', 1],
  ]);
  expect(await stepsOf('later', `from=${date(3)}&to=${date(0)}`)).toEqual([
    ['view_item', 2],
    ['add_payment_info', 1],
    ['purchase', 1],
  ]);
  // Within a week after the range a person may take the step.
  expect(await stepsOf('later', `from=${date(5)}&to=${date(5)}`)).toEqual([
    ['view_item', 0],
    ['add_payment_info', 0],
    ['purchase', 0],
  ]);
});

test('a shop without views begins with what it sends first', async () => {
  await shop.count([
    ...visit('without-views', 'ann', 1, ['add_to_cart', 'purchase']),
    ...visit('without-views', 'ben', 1, ['purchase']),
    ...visit('without-views', 'cem', 1, ['add_to_cart']),
  ]);
  expect(await stepsOf('without-views')).toEqual([
    ['add_to_cart', 2],
    ['purchase', 1],
  ]);
});

test('a shop that sends all steps has all', async () => {
  await shop.count([...visit('all', 'ann', 1, ALL), ...visit('all', 'ben', 1, ALL.slice(0, 4))]);
  expect(await stepsOf('all')).toEqual(ALL.map((name, i) => [name, i < 4 ? 2 : 1]));
});

test('by day, a user who enters on two days is in both', async () => {
  await shop.count([
    ...visit('days', 'ann', 2, ['view_item', 'add_to_cart']),
    ...visit('days', 'ann', 1, ['view_item']),
    ...visit('days', 'ben', 1, ['view_item', 'add_to_cart', 'purchase']),
  ]);
  const { steps, days } = await funnelOf('days', 'interval=day');
  expect(steps.map((step) => step.count)).toEqual([2, 2, 1]);
  expect(days).toEqual([
    { date: date(2), counts: [1, 1, 0] },
    { date: date(1), counts: [2, 1, 1] },
  ]);
  const { body } = await shop.get('days', '/v1/funnels/shop?interval=day&format=csv');
  expect(body).toBe(`date,1_view_item,2_add_to_cart,3_purchase\r\n${date(2)},1,1,0\r\n${date(1)},2,1,1\r\n`);
  const compared = await shop.get<{ previous: { data: Funnel } }>(
    'days',
    `/v1/funnels/shop?from=${date(1)}&to=${date(1)}&compare=previous`,
  );
  expect(compared.body.previous.data.steps).toMatchObject([{ count: 1 }, { count: 1 }, { count: 0 }]);
});

test('an answer about past days changes when an event of the week after shows that a step is sent', async () => {
  await shop.count([
    ...visit('closed', 'ann', 20, ['view_item', 'purchase']),
    ...visit('closed', 'ben', 0, ['search']),
  ]);
  const range = `from=${date(20)}&to=${date(20)}`;
  const names = async () => (await stepsOf('closed', range)).map(([name]) => name);
  expect(await names()).toEqual(['view_item', 'purchase']);
  await shop.count(visit('closed', 'cem', 14, ['begin_checkout']));
  expect(await names()).toEqual(['view_item', 'begin_checkout', 'purchase']);
});
