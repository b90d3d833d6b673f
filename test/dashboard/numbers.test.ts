import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import { overview, series } from '../oracle/answers.ts';
import { customerCohorts, customers } from '../oracle/answers-customers.ts';
import { order, orders } from '../oracle/answers-orders.ts';
import { funnel, interactions, live, newest, retention, user } from '../oracle/answers-people.ts';
import { seriesBy } from '../oracle/answers-series.ts';
import { carts, cartsDaily, product, products } from '../oracle/answers-shop.ts';
import { breakdown } from '../oracle/answers-values.ts';
import { wallClock } from '../oracle/clock.ts';
import { NaiveShop, type Range } from '../oracle/shop.ts';
import { counted, eventsOf, openDashboard, openTab, settled } from './dashboard.ts';
import {
  card,
  changed,
  changeOn,
  count,
  expectShown,
  figure,
  money,
  percent,
  rowsOf,
  saved,
} from './reading.ts';
import { shopStream } from './shop-stream.ts';

/** What the pages show against a naive count of the same events. */

const DAY_MS = 86_400_000;
const addDays = (day: string, days: number) =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** Two months, and some days a year before, so that a comparison with the last year has something to compare. */
const twoYears = (now: number) => [
  ...shopStream(now - 365 * DAY_MS, 20).map(({ transaction_id, ...event }) => ({
    ...event,
    ...(transaction_id !== undefined && { transaction_id: `last-year-${transaction_id}` }),
  })),
  ...shopStream(now),
];

const dashboard = await openDashboard(twoYears);
const { oracle, site, stack } = dashboard;

/** Days that are over, so no number moves while the test reads. */
const dates = oracle.dates.slice(-40, -3);
const RANGE = { from: dates[0]!, to: dates.at(-1)! };
const LENGTH = (Date.parse(RANGE.to) - Date.parse(RANGE.from)) / DAY_MS + 1;
const BEFORE = { from: addDays(RANGE.from, -LENGTH), to: addDays(RANGE.from, -1) };
const rangeOf = ({ from, to }: Range) => `range=${from}..${to}`;

const euroOf = (rows: readonly { currency: string; net_minor: number; refunded_minor: number }[]) =>
  rows.find(({ currency }) => currency === 'EUR') ?? { net_minor: 0, refunded_minor: 0 };
/** The key numbers of a range, in the order of the page. */
function keyNumbers(range: Range, shop = oracle) {
  const counted = overview(shop, range);
  const average = counted.average_order.find(({ currency }) => currency === 'EUR')?.amount_minor ?? null;
  return {
    'Net revenue': euroOf(counted.money).net_minor,
    Orders: counted.orders,
    Conversion: counted.conversion_rate,
    'Average order': average,
    Visitors: counted.users,
    Sessions: counted.sessions,
    Engagement: counted.engagement_rate,
    Refunds: euroOf(counted.money).refunded_minor,
  };
}
type KeyNumbers = ReturnType<typeof keyNumbers>;
const LABELS = Object.keys(keyNumbers(RANGE)) as (keyof KeyNumbers)[];

function written(numbers: KeyNumbers): string[] {
  return LABELS.map((label) => {
    const value = numbers[label];
    if (value === null) return '–';
    if (['Net revenue', 'Average order', 'Refunds'].includes(label)) return money(value);
    return ['Conversion', 'Engagement'].includes(label) ? percent(value) : count(value);
  });
}
const figures = (page: Page) => Promise.all(LABELS.map((label) => figure(page, label)));
const changes = (page: Page) => Promise.all(LABELS.map((label) => changeOn(page, label)));
const changesBetween = (now: KeyNumbers, before: KeyNumbers) =>
  LABELS.map((label) => changed(now[label], before[label]));
const csvOf = async (target: string) => {
  const headers = { authorization: 'Bearer demo-read-key', accept: 'text/csv' };
  return (await fetch(`${stack.url}${target}`, { headers })).text();
};

describe('overview', () => {
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    ({ page, complaints } = await openTab(dashboard, `/overview?${rangeOf(RANGE)}`));
    await settled(page);
  });
  afterAll(() => expect(complaints).toEqual([]));

  test('the key numbers are those of a naive count', async () => {
    await expectShown(() => figures(page), written(keyNumbers(RANGE)));
    // Dollars are not added to euros, and not hidden.
    const dollars = overview(oracle, RANGE).money.find(({ currency }) => currency === 'USD')!;
    expect(await page.locator('.metrics .note').textContent()).toContain(money(dollars.net_minor, '$'));
    expect(site.currency).toBe('EUR');
  });

  test('each is compared with the days before', async () => {
    const [now, before] = [keyNumbers(RANGE), keyNumbers(BEFORE)];
    expect(before.Orders).toBeGreaterThan(0);
    await expectShown(() => changes(page), changesBetween(now, before));
  });

  test('the further numbers', async () => {
    const counted = overview(oracle, RANGE);
    const seconds = Math.round(counted.session_ms_average! / 1_000);
    const expected = [
      ...[counted.new_users, counted.returning_users, counted.new_customers].map(count),
      ...[count(counted.units), count(counted.products), percent(counted.bounce_rate)],
      seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`,
    ];
    await expectShown(() => page.locator('.figures strong').allTextContents(), expected);
  });

  test('the plot, day by day, with the days before', async () => {
    const pointsOf = (range: Required<Range>) =>
      series(oracle, { metric: 'net', grain: 'day', ...range }).points.map(({ value }) => money(value!));
    const [now, before] = [pointsOf(RANGE), pointsOf(BEFORE)];
    const shown = async () => (await rowsOf(page, 'Net revenue,')).map(([, ...cells]) => cells);
    await expectShown(
      shown,
      now.map((value, i) => [before[i]!, value]),
    );
  });

  test('the products, and the same as CSV', async () => {
    const expected = products(oracle, { ...RANGE, metric: 'views' });
    const before = products(oracle, { ...BEFORE, metric: 'views' }).products;
    const sales = products(oracle, { ...RANGE, metric: 'revenue' }).products;
    const amountOf = (rows: typeof before, id: string) =>
      rows.find(({ product_id }) => product_id === id)?.value ?? 0;
    const rows = expected.products
      .slice(0, 10)
      .map((one) => [
        one.name ?? one.product_id,
        ...[one.views, one.carts, one.purchases, one.units].map(count),
        money(amountOf(sales, one.product_id)),
        ...[one.view_to_cart_rate, one.cart_to_purchase_rate].map(percent),
        changed(one.views, amountOf(before, one.product_id)),
      ]);
    await expectShown(() => rowsOf(page, 'Products by views'), rows);

    const text = await saved(page, `Save products-views-${RANGE.from}-${RANGE.to} as CSV`);
    expect(text).toBe(
      await csvOf(`/v1/products?from=${RANGE.from}&to=${RANGE.to}&metric=views&limit=1000&site=demo`),
    );
    const lines = parse(text, { columns: true }) as { views: string }[];
    expect(lines.map(({ views }) => Number(views))).toEqual(expected.products.map(({ views }) => views));
  });

  test('products by revenue, after a click on the heading', async () => {
    const table = page.locator('table').filter({ has: page.locator('caption', { hasText: 'Products by' }) });
    await table.getByRole('button', { name: 'Revenue' }).click();
    const expected = products(oracle, { ...RANGE, metric: 'revenue' }).products.slice(0, 10);
    await expectShown(
      async () =>
        (await rowsOf(page, 'Products by revenue')).map(([name, , , , , revenue]) => [name, revenue]),
      expected.map(({ name, product_id, value }) => [name ?? product_id, money(value)]),
    );
  });

  interface BreakdownRow extends Record<'sessions' | 'events' | 'orders', number> {
    value: string;
    view_rate: number | null;
    cart_rate: number | null;
    checkout_rate: number | null;
    conversion_rate: number | null;
    bounce_rate: number | null;
    revenue: { currency: string; amount_minor: number }[];
    money: ({ currency: string } & Record<`${'revenue' | 'discounts' | 'refunded'}_minor`, number>)[];
  }
  type Counter = 'sessions' | 'events' | 'orders';
  type Shown = 'channel' | 'country' | 'search_term' | 'coupon';
  const amounts = (rows: readonly { currency: string; minor: number }[]) => {
    const own = rows.find(({ currency }) => currency === 'EUR');
    const others = rows.filter(({ currency, minor }) => currency !== 'EUR' && minor !== 0);
    const first = own || others.length === 0 ? money(own?.minor ?? 0) : '';
    return first + others.map(({ minor }) => money(minor, '$')).join('');
  };
  const rowsBy = (dimension: Shown, metric: Counter, range = RANGE) =>
    breakdown(oracle, dimension, { ...range, metric, currency: 'EUR' }).rows as unknown as BreakdownRow[];
  const changeOf = (dimension: Shown, metric: Counter, { value, [metric]: now }: BreakdownRow) => {
    const before = rowsBy(dimension, metric, BEFORE).find((one) => one.value === value)?.[metric] ?? 0;
    return now === 0 && before === 0 ? '–' : changed(now, before);
  };

  const stepsOf = (row: BreakdownRow) =>
    [row.view_rate, row.cart_rate, row.checkout_rate, row.conversion_rate].map(percent);

  test('channels', async () => {
    const expected = rowsBy('channel', 'sessions').map((row) => [
      ...[row.value, count(row.sessions), ...stepsOf(row), percent(row.bounce_rate)],
      count(row.orders),
      amounts(row.revenue.map((one) => ({ ...one, minor: one.amount_minor }))),
      changeOf('channel', 'sessions', row),
    ]);
    expect(expected.length).toBeGreaterThan(1);
    await expectShown(() => rowsOf(page, 'Channels by sessions'), expected);
    expect(await saved(page, `Save channels-${RANGE.from}-${RANGE.to} as CSV`)).toBe(
      await csvOf(
        `/v1/breakdowns/channel?from=${RANGE.from}&to=${RANGE.to}&metric=sessions&limit=1000&site=demo`,
      ),
    );
  });

  test('countries, by their names', async () => {
    const names: Record<string, string> = { ES: 'Spain', PT: 'Portugal', FR: 'France' };
    const expected = rowsBy('country', 'sessions').map((row) => [
      ...[names[row.value]!, count(row.sessions), ...stepsOf(row), percent(row.bounce_rate)],
      count(row.orders),
      amounts(row.revenue.map((one) => ({ ...one, minor: one.amount_minor }))),
      changeOf('country', 'sessions', row),
    ]);
    expect(expected).toHaveLength(3);
    await expectShown(() => rowsOf(page, 'Countries by sessions'), expected);
  });

  test('search terms', async () => {
    const expected = rowsBy('search_term', 'events')
      .filter(({ value }) => value !== '(not set)')
      .map((row) => [row.value, count(row.events), changeOf('search_term', 'events', row)]);
    expect(expected.length).toBeGreaterThan(1);
    await expectShown(() => rowsOf(page, 'Search terms by events'), expected);
  });

  test('coupons', async () => {
    const part = ({ money: rows }: BreakdownRow, name: 'revenue' | 'discounts' | 'refunded') =>
      amounts(rows.map((one) => ({ currency: one.currency, minor: one[`${name}_minor`] })));
    const expected = rowsBy('coupon', 'orders')
      .filter(({ value }) => value !== '(not set)')
      .map((row) => [
        ...[row.value, count(row.orders), part(row, 'revenue'), part(row, 'discounts')],
        ...[part(row, 'refunded'), changeOf('coupon', 'orders', row)],
      ]);
    expect(expected).toHaveLength(1);
    await expectShown(() => rowsOf(page, 'Coupons by orders'), expected);
  });

  test('the funnel', async () => {
    const { steps } = funnel(oracle, RANGE, SHOP_FUNNEL as never);
    await expectShown(
      () => page.locator('.funnel .step').locator('strong, .quiet').allTextContents(),
      steps.flatMap(({ count: people, rate_from_first }) => [count(people), percent(rate_from_first)]),
    );
    const losses = await page.locator('.funnel .loss').allTextContents();
    expect(losses.map((text) => /^([\d,]+) did not get here/.exec(text)![1])).toEqual(
      steps.slice(1).map(({ drop_off }) => count(drop_off)),
    );
  });

  test('who came back, by week', async () => {
    const from = addDays(RANGE.to, 1 - 84);
    const asked = { from: [RANGE.from, from].sort()[0]!, to: RANGE.to };
    const { cohorts } = retention(oracle, asked, { period: 'week', periods: 13 });
    const isOver = (start: string, weeks: number) => addDays(start, 7 * (weeks + 1)) <= oracle.today;
    const width = Math.max(...cohorts.map(({ retained }) => retained.length));
    const expected = cohorts.map(({ start, users, retained }) => [
      count(users),
      ...Array.from({ length: width - 1 }, (_, i) => {
        const cell = retained[i + 1];
        const share = cell && `${Math.round(cell.rate! * 100)}%`;
        return share ? `${share}${isOver(start, i + 1) ? '' : ' so far'}` : '';
      }),
    ]);
    await expectShown(
      async () => (await rowsOf(page, 'People who came back')).slice(1).map(([, ...cells]) => cells),
      expected,
    );
  });

  test('weekdays and hours', async () => {
    const { points } = series(oracle, { metric: 'sessions', grain: 'hour', ...RANGE });
    const week = Array.from({ length: 7 }, () =>
      Array.from({ length: 24 }, () => ({ sum: 0, days: new Set<string>() })),
    );
    for (const { start, value } of points) {
      const { date, intoHour } = wallClock(Date.parse(start), site.zone);
      const time = new Date(Date.parse(start) - intoHour).toLocaleString('sv-SE', { timeZone: site.zone });
      const cell = week[(new Date(date).getUTCDay() + 6) % 7]![Number(time.slice(11, 13))]!;
      cell.sum += value!;
      cell.days.add(date);
    }
    const expected = week.map((hours) =>
      hours.map(({ sum, days }) => (sum === 0 ? '' : count(Math.round((sum / days.size) * 10) / 10))),
    );
    await expectShown(
      async () => (await rowsOf(page, 'Average sessions by weekday')).map((cells) => cells.slice(1, 25)),
      expected,
    );
  });

  test('carts left behind, and what they are worth', async () => {
    const expected = carts(oracle, RANGE, stack.config.cartAbandonedMinutes);
    expect(expected.total).toBeGreaterThan(0);
    await expectShown(
      async () =>
        (await rowsOf(page, 'Carts left behind')).map(([person, , lines, value]) => [person, lines, value]),
      expected.carts.slice(0, 10).map(({ user_id, lines, value }) => [
        user_id,
        lines
          .slice(0, 3)
          .map((line) => `${line.quantity === 1 ? '' : `${count(line.quantity)} × `}${line.product_id}`)
          .join(', ') + (lines.length > 3 ? ` and ${lines.length - 3} more` : ''),
        amounts(value.map((one) => ({ ...one, minor: one.amount_minor }))),
      ]),
    );
    const worth = expected.carts
      .flatMap(({ value }) => value)
      .filter(({ currency }) => currency === 'EUR')
      .reduce((sum, { amount_minor }) => sum + amount_minor, 0);
    await page.getByText(`in all worth ${money(worth)}`).waitFor();
  });

  test('from gross to net, and how many orders do not say a part', async () => {
    const ofEuros = (range: Range) =>
      overview(oracle, range).money.find(({ currency }) => currency === 'EUR')!;
    const [now, before] = [ofEuros(RANGE), ofEuros(BEFORE)];
    expect(now.discounts_minor).toBeGreaterThan(0);
    expect(now.gross_minor - now.discounts_minor - now.refunded_minor).toBe(now.net_minor);
    const row = (label: string, id: keyof typeof now & `${string}_minor`, unknown = 0, sign = 1) => [
      ...[label, money(sign * now[id]), unknown === 0 ? '' : `${count(unknown)} orders`],
      changed(now[id], before[id]),
    ];
    const { discounts, shipping, tax } = now.unknown;
    await expectShown(
      () => rowsOf(page, 'From gross to net in EUR'),
      [
        row('Gross', 'gross_minor'),
        row('Discounts', 'discounts_minor', discounts, -1),
        row('Revenue', 'revenue_minor'),
        row('Refunds', 'refunded_minor', 0, -1),
        row('Net', 'net_minor'),
        row('Shipping', 'shipping_minor', shipping),
        row('Tax', 'tax_minor', tax),
      ],
    );
    await page.getByRole('tab', { name: 'USD' }).click();
    const dollars = overview(oracle, RANGE).money.find(({ currency }) => currency === 'USD')!;
    await expectShown(
      async () => (await rowsOf(page, 'From gross to net in USD'))[4]?.[1],
      money(dollars.net_minor, '$'),
    );
  });

  test('new and returning buyers', async () => {
    const [now, before] = [customers(oracle, RANGE), customers(oracle, BEFORE)];
    expect(now.repeat_orders).toBeGreaterThan(0);
    const all = now.first_orders + now.repeat_orders + now.unknown_orders;
    const row = (label: string, id: 'first' | 'repeat') => [
      ...[label, count(now[`${id}_orders`]), percent(now[`${id}_orders`] / all)],
      amounts(now[`${id}_revenue`].map((one) => ({ ...one, minor: one.amount_minor }))),
      changed(now[`${id}_orders`], before[`${id}_orders`]),
    ];
    expect(now.unknown_orders).toBe(0);
    await expectShown(
      () => rowsOf(page, 'Orders of new and returning buyers'),
      [row('New buyers', 'first'), row('Returning buyers', 'repeat')],
    );
  });

  test('carts by day', async () => {
    const expected = cartsDaily(oracle, RANGE, stack.config.cartAbandonedMinutes);
    expect(expected.left).toBeGreaterThan(0);
    const euros = (rows: typeof expected.left_value) =>
      rows.find(({ currency }) => currency === 'EUR')?.amount_minor ?? 0;
    await page
      .getByText(
        `${count(expected.left)} carts left behind (${percent(expected.left_rate)}), worth ${money(euros(expected.left_value))}`,
      )
      .waitFor();
    await expectShown(
      async () => (await rowsOf(page, 'Carts by day')).map(([, ...cells]) => cells),
      expected.days.map((day) => [money(euros(day.left_value)), count(day.filled), count(day.left)]),
    );
  });

  test('the plot by channel: the five largest, and the rest', async () => {
    await page.getByLabel('Split by').selectOption('By channel');
    const question = { metric: 'revenue', grain: 'day', by: 'channel', top: 5, currency: 'EUR' } as const;
    const { series: parts, points } = seriesBy(oracle, { ...question, ...RANGE });
    expect(parts.length).toBeGreaterThan(1);
    await expectShown(
      () => page.locator('.legend .quiet').allTextContents(),
      parts.map(({ total }) => money(total)),
    );
    await expectShown(
      async () => (await rowsOf(page, 'Net revenue by channel,')).map(([, ...cells]) => cells),
      points.map((_, i) => parts.map((part) => money(part.points[i]!.value))),
    );
    await page.getByLabel('Split by').selectOption('Not split');
  });

  test('a year before, and no comparison', async () => {
    const lastYear = {
      from: `${Number(RANGE.from.slice(0, 4)) - 1}${RANGE.from.slice(4)}`.replace('02-29', '02-28'),
      to: `${Number(RANGE.to.slice(0, 4)) - 1}${RANGE.to.slice(4)}`.replace('02-29', '02-28'),
    };
    const before = keyNumbers(lastYear);
    expect(before.Orders).toBeGreaterThan(0);
    await page.getByLabel('Compare with').selectOption('A year before');
    await expectShown(() => changes(page), changesBetween(keyNumbers(RANGE), before));
    await page.getByLabel('Compare with').selectOption('No comparison');
    await expectShown(() => page.locator('.metric .change').count(), 0);
  });
});

test('today: its numbers so far, and the hours that are over against those of yesterday', async () => {
  const { page } = await openTab(dashboard, '/overview?range=today');
  await settled(page);
  const now = () => new NaiveShop(oracle.events, site, Date.now());
  await expectShown(
    () => figures(page),
    () => written(keyNumbers({ from: now().today, to: now().today })),
  );
  const hoursOf = (shop: NaiveShop, metric: 'orders' | 'sessions', day: string) =>
    series(shop, { metric, grain: 'hour', from: day, to: day }).points.map(({ value }) => value!);
  const sumOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  for (const [label, metric] of [
    ['Orders', 'orders'],
    ['Sessions', 'sessions'],
  ] as const) {
    await expectShown(
      () => changeOn(page, label),
      () => {
        const shop = now();
        const own = hoursOf(shop, metric, shop.today);
        const before = hoursOf(shop, metric, addDays(shop.today, -1));
        return changed(sumOf(own.slice(0, -1)), sumOf(before.slice(0, own.length - 1)));
      },
    );
  }
  // Visitors cannot be added up over hours.
  expect(await card(page, 'Visitors').locator('.change').count()).toBe(0);
  await page.context().close();
});

test('a product: its numbers, its days, and its money in each currency', async () => {
  const expected = product(oracle, 'sku-5', { ...RANGE, currency: 'EUR' })!;
  const { page, complaints } = await openTab(dashboard, `/products/sku-5?${rangeOf(RANGE)}`);
  await settled(page);
  const [euros] = expected.money;
  const shown = {
    Revenue: money(euros!.revenue_minor),
    'Units sold': count(expected.units),
    'Times bought': count(expected.purchases),
    Views: count(expected.views),
    'Added to cart': count(expected.carts),
    'View to cart': percent(expected.view_to_cart_rate),
    'Cart to purchase': percent(expected.cart_to_purchase_rate),
    Refunded: money(euros!.refunded_minor),
  };
  for (const [label, text] of Object.entries(shown)) await expectShown(() => figure(page, label), text);
  await expectShown(
    async () => (await rowsOf(page, 'The product by day')).map(([, ...cells]) => cells),
    expected.days
      .toReversed()
      .map((day) => [
        ...[day.views, day.clicks, day.carts, day.purchases, day.units].map(count),
        ...[day.view_to_cart_rate, day.cart_to_purchase_rate].map(percent),
        ...[day.refunds, day.units_refunded, day.others].map(count),
      ]),
  );
  const inEuros = (await rowsOf(page, 'Money by currency')).find(([currency]) => currency === 'EUR');
  expect(inEuros).toEqual([
    'EUR',
    ...[euros!.revenue_minor, euros!.refunded_minor, euros!.net_minor].map((minor) => money(minor)),
  ]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('orders, the same as CSV, and one of them', async () => {
  const expected = orders(oracle, RANGE);
  const { page, complaints } = await openTab(dashboard, `/orders?${rangeOf(RANGE)}`);
  await settled(page);
  const signs: Record<string, string> = { EUR: '€', USD: '$' };
  const amount = (minor: number | null | undefined, currency: string | null) =>
    minor == null || currency === null ? '–' : money(minor, signs[currency]);
  await expectShown(
    async () => (await rowsOf(page, 'Orders, the newest first')).map(([id, , ...cells]) => [id, ...cells]),
    expected
      .slice(0, 50)
      .map((one) => one as typeof one & Record<`${string}_minor`, number | null>)
      .map((one) => [
        ...[one.id, one.user_id ?? 'Not known', one.channel ?? '–', count(one.units)],
        ...['gross', 'discounts', 'refunded', 'net', 'shipping', 'tax'].map((part) =>
          amount(one[`${part}_minor`], one.currency),
        ),
      ]),
  );
  const lines = parse(await saved(page, `Save orders-${RANGE.from}-${RANGE.to} as CSV`), { columns: true });
  expect((lines as { transaction_id: string }[]).map(({ transaction_id }) => transaction_id)).toEqual(
    expected.map(({ transaction_id }) => transaction_id),
  );

  // Has a discount, shipping and a refund.
  const [id] = oracle.orders.flatMap(({ copies, refunds }) => {
    const [first] = copies;
    const isRich =
      first && refunds.length > 0 && first.discount !== undefined && first.shipping !== undefined;
    return isRich ? [first.transaction_id!] : [];
  });
  const one = order(oracle, id!)! as NonNullable<ReturnType<typeof order>> &
    Record<`${string}_minor`, number | null>;
  await page.evaluate(`location.hash = '#/orders/${encodeURIComponent(id!)}'`);
  await page.getByRole('heading', { name: `Order ${id}` }).waitFor();
  await settled(page);
  const parts = [
    ...[one.gross_minor!, -one.discounts_minor!, one.revenue_minor!, -one.refunded_minor!, one.net_minor!],
    ...[one.shipping_minor!, one.tax_minor!],
  ];
  await expectShown(
    async () => (await rowsOf(page, 'Money of the order')).map(([, cell]) => cell),
    parts.map((minor) => amount(minor, one.currency)),
  );
  expect((await rowsOf(page, 'Lines of the order')).map((cells) => cells.at(-1))).toEqual(
    one.lines.map(({ amount_minor }) => amount(amount_minor, one.currency)),
  );
  expect(await rowsOf(page, 'Refunds of the order')).toHaveLength(one.refunds.length);
  expect(await rowsOf(page, 'Copies of the order')).toHaveLength(one.copies.length);
  await page.getByText(one.user_id!, { exact: true }).first().waitFor();
  await page.getByText(one.is_first ? 'First order of this buyer' : 'Bought before').waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('customers: who bought again, and what each cohort is worth', async () => {
  const expected = customers(oracle, RANGE);
  const { page, complaints } = await openTab(dashboard, `/customers?${rangeOf(RANGE)}`);
  await settled(page);
  const { median } = expected.days_to_second_order;
  for (const [label, text] of Object.entries({
    'New customers': count(expected.new_customers),
    'Bought again': count(expected.repeat_customers),
    'Repeat rate': percent(expected.repeat_rate),
    'Days to second order': `${count(median!)} ${median === 1 ? 'day' : 'days'}`,
  })) {
    await expectShown(() => figure(page, label), text);
  }
  await expectShown(
    async () => (await rowsOf(page, 'Time to the second order')).map(([, people]) => people),
    expected.days_to_second_order.spans.map((span) => count(span.customers)),
  );
  const asked = { from: addDays(RANGE.to, 1 - 365), to: RANGE.to };
  const { cohorts } = customerCohorts(oracle, asked, { period: 'month', periods: 13 });
  const width = Math.max(...cohorts.map(({ periods }) => periods.length));
  const cells = (of: (cohort: (typeof cohorts)[number], n: number) => string) =>
    cohorts.map((cohort) => [
      count(cohort.customers),
      ...Array.from({ length: width }, (_, n) => (cohort.periods[n] ? of(cohort, n) : '')),
    ]);
  const shown = async () =>
    (await rowsOf(page, 'customers by month of the first order')).map(([, ...texts]) =>
      texts.map((text) => text.replace(' so far', '')),
    );
  await expectShown(
    shown,
    cells(({ periods }, n) =>
      money(
        periods[n]!.net_revenue_per_customer.find(({ currency }) => currency === 'EUR')?.amount_minor ?? 0,
      ),
    ),
  );
  await page.getByRole('tab', { name: 'Bought again' }).click();
  await expectShown(
    shown,
    cells((cohort, n) => percent(cohort.periods[n]!.customers / cohort.customers)),
  );
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a person: their numbers, their events, and the timeline of their last week', async () => {
  const buyers = [...Map.groupBy(oracle.trades, ({ buyer }) => buyer ?? '')];
  const [id] = buyers
    .filter(([name]) => name.startsWith('person-'))
    .sort(([, a], [, b]) => b.length - a.length)[0]!;
  const expected = user(oracle, id, id);
  const { page, complaints } = await openTab(dashboard, `/people/${id}`);
  await settled(page);
  const average = expected.average_order.find(({ currency }) => currency === 'EUR')?.amount_minor;
  const shown = {
    'Lifetime value': money(euroOf(expected.money).net_minor),
    Orders: count(expected.orders),
    'Average order': average === undefined ? '–' : money(average),
    Refunded: money(euroOf(expected.money).refunded_minor),
    Sessions: count(expected.sessions),
    'Active days': count(expected.active_days),
    Events: count(expected.total_events),
    Refunds: count(expected.refunds),
  };
  for (const [label, text] of Object.entries(shown)) await expectShown(() => figure(page, label), text);
  expect((await rowsOf(page, 'Events by name')).map(([, times]) => Number(times))).toEqual(
    Object.values(expected.events).sort((a, b) => b - a),
  );
  const last = oracle.date(Date.parse(expected.last_seen));
  const week = interactions(oracle, id, { from: addDays(last, -6), to: oracle.today });
  await expectShown(() => page.locator('ol.timeline li').count(), week.length);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a browser under the C locale, whose language is no language tag', async () => {
  const { page, complaints } = await openTab(dashboard, `/overview?${rangeOf(RANGE)}`, {
    language: 'en-US@posix',
  });
  await settled(page);
  await expectShown(() => figures(page), written(keyNumbers(RANGE)));
  expect(complaints).toEqual([]);
  await page.context().close();
});

/** The last test: it sends events. */
test('live: what happens while one looks', async () => {
  const { page, complaints } = await openTab(dashboard, '/live');
  await settled(page);
  await expectShown(() => figure(page, 'Orders, 30 min'), '0');
  const items = [{ item_id: 'sku-9', price: 12.5, quantity: 2 }];
  const ago = (seconds: number) => ({ timestamp: new Date(Date.now() - seconds * 1_000).toISOString() });
  await stack.send('demo-write-key', [
    { name: 'view_item', user_id: 'ana', items, ...ago(150) },
    { name: 'add_to_cart', user_id: 'ana', items, currency: 'EUR', ...ago(120) },
    { name: 'view_item', user_id: 'bea', items, ...ago(100) },
    { name: 'page_view', user_id: 'bea', page: '/teas', ...ago(95) },
    { name: 'begin_checkout', user_id: 'bea', items, currency: 'EUR', ...ago(90) },
    { name: 'purchase', user_id: 'cleo', items, currency: 'EUR', transaction_id: 'live-1', ...ago(30) },
  ]);
  // What partitions send each other meanwhile would take the place of an event that is read.
  await counted(stack);
  const events = await eventsOf(stack, site);
  const now = () => live(new NaiveShop(events, site, Date.now()), stack.config.cartAbandonedMinutes);
  expect(now()).toMatchObject({ orders_30m: 1, open_carts: { users: 1 }, checkouts: 1 });
  for (const [label, of] of Object.entries({
    'Visitors now': ({ users_5m }: ReturnType<typeof now>) => count(users_5m),
    'Visitors, 30 min': ({ users_30m }: ReturnType<typeof now>) => count(users_30m),
    'Open carts': ({ open_carts }: ReturnType<typeof now>) => count(open_carts.users),
    'In checkout': ({ checkouts }: ReturnType<typeof now>) => count(checkouts),
    'Orders, 30 min': ({ orders_30m }: ReturnType<typeof now>) => count(orders_30m),
    'Revenue, 30 min': ({ revenue_30m }: ReturnType<typeof now>) => money(revenue_30m[0]!.amount_minor),
  })) {
    await expectShown(
      () => figure(page, label),
      () => of(now()),
    );
  }
  await expectShown(
    async () => (await rowsOf(page, 'Events by minute')).map(([, value]) => value!),
    () => now().minutes.map((minute) => count(minute.events)),
  );
  for (const [caption, of] of [
    ['Pages that are viewed now', () => now().pages.map(({ page, views }) => [page, count(views)])],
    [
      'Products that are viewed now',
      () => now().products.map(({ product_id, name, views }) => [`${name ?? ''}${product_id}`, count(views)]),
    ],
  ] as const) {
    await expectShown(() => rowsOf(page, caption), of);
  }
  expect(await page.locator('.stream li time').count()).toBe(
    newest(new NaiveShop(events, site, Date.now()), 50).times.length,
  );
  expect(complaints).toEqual([]);
  await page.context().close();
});
