import { readBreakdown } from '../../shared/questions/breakdowns.ts';
import { readCarts } from '../../shared/questions/carts.ts';
import { readCartsDaily } from '../../shared/questions/carts-daily.ts';
import { readCustomerCohorts } from '../../shared/questions/customer-cohorts.ts';
import { readCustomers } from '../../shared/questions/customers.ts';
import { readEvents } from '../../shared/questions/events.ts';
import { readFunnel } from '../../shared/questions/funnels.ts';
import { readInteractions } from '../../shared/questions/interactions.ts';
import { readLive } from '../../shared/questions/live.ts';
import { readNewest } from '../../shared/questions/newest.ts';
import { readOrder } from '../../shared/questions/order.ts';
import { MAX_TABLE_ORDERS, readOrders } from '../../shared/questions/orders.ts';
import { readOverview } from '../../shared/questions/overview.ts';
import { readProduct } from '../../shared/questions/product.ts';
import { readProducts } from '../../shared/questions/products.ts';
import { readRevenue } from '../../shared/questions/revenue.ts';
import { readSeries } from '../../shared/questions/series.ts';
import { readSessions } from '../../shared/questions/sessions.ts';
import { readTrending } from '../../shared/questions/trending.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import { readUser } from '../../shared/questions/user.ts';
import { readRetention } from '../../shared/questions/user-retention.ts';
import { readWeekdayHour } from '../../shared/questions/weekday-hour.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import * as naive from './answers.ts';
import * as buyers from './answers-customers.ts';
import * as lists from './answers-orders.ts';
import * as people from './answers-people.ts';
import * as over from './answers-series.ts';
import * as shops from './answers-shop.ts';
import * as values from './answers-values.ts';
import type { NaiveShop, Range } from './shop.ts';
import { NOBODIES, PRODUCTS, TRANSACTIONS } from './streams.ts';

/** A question with both answers to it: the one under test, and the naive program's. */
export interface Asked {
  question: unknown[];
  answer: Promise<unknown>;
  expected: unknown;
}

/** A page may be shorter than a list; its cursor must lead to the rest. */
interface Page {
  next_cursor?: string | undefined;
}

async function allPages<T extends Page, R>(
  ask: (cursor: { cursor?: string }) => Promise<T>,
  rowsOf: (page: T) => R[],
): Promise<R[]> {
  const rows: R[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor === undefined ? {} : { cursor });
    rows.push(...rowsOf(page));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return rows;
}

const LIMIT = 1_000;
const CURRENCIES = ['EUR', 'JPY', 'KWD'] as const;

/**
 * Questions about a range of days.
 * @param turn which of the many metrics of breakdowns and products to ask for this time.
 */
export function askAbout(reader: StoreReader, shop: NaiveShop, range: Range, turn: number): Asked[] {
  const { site } = shop;
  const asked: Asked[] = [];
  const ask = (question: unknown[], answer: Promise<unknown>, expected: unknown) =>
    asked.push({ question: [site.id, range, ...question], answer, expected });

  ask(['overview'], readOverview(reader, site, range), naive.overview(shop, range));
  ask(['unique users'], readUniqueUsers(reader, site, range), people.uniqueUsers(shop, range));
  ask(['sessions'], readSessions(reader, site, range), people.sessions(shop, range));
  for (const by of ['day', 'month', 'country'] as const) {
    ask(['revenue', by], readRevenue(reader, site, { ...range, by }), naive.revenue(shop, range, by));
  }
  for (const options of [{}, { event: 'purchase' }, { event: 'nothing' }, { grain: 'day' as const }]) {
    const expected = naive.frequency(shop, range, options);
    ask(['events', options], readEvents(reader, site, { ...range, ...options }), expected);
  }
  for (const period of ['day', 'week', 'month'] as const) {
    for (const periods of [3, 91]) {
      const question = { period, periods };
      const answer = readRetention(reader, site, { ...range, ...question });
      ask(['retention', question], answer, people.retention(shop, range, question));
    }
  }
  ask(['customers'], readCustomers(reader, site, range), buyers.customers(shop, range));
  for (const period of ['week', 'month'] as const) {
    for (const periods of [3, 54]) {
      const question = { period, periods };
      const answer = readCustomerCohorts(reader, site, { ...range, ...question });
      ask(['customer cohorts', question], answer, buyers.customerCohorts(shop, range, question));
    }
  }
  const takesTurn = (i: number) => (i + turn) % 3 === 0;
  askAboutValues(reader, shop, range, ask, turn);
  askAboutProducts(reader, shop, range, ask, takesTurn);
  askAboutOrders(reader, shop, range, ask);
  return asked;
}

function askAboutOrders(reader: StoreReader, shop: NaiveShop, range: Range, ask: Ask): void {
  const { site } = shop;
  const expected = lists.orders(shop, range);
  const ordersIn = (limit: number, cursor: { cursor?: string } = {}) =>
    readOrders(reader, site, { ...range, limit, ...cursor });
  ask(['orders'], ordersIn(LIMIT), { orders: expected });
  const table = readOrders(reader, site, { ...range, limit: 1 }, true);
  ask(['orders in a table'], table, { orders: expected.slice(0, MAX_TABLE_ORDERS) });
  const pages = allPages(
    (cursor) => ordersIn(2, cursor),
    (page) => page.orders,
  );
  ask(['orders in pages'], pages, expected);
  for (const transaction of new Set([...TRANSACTIONS, 'unheard of'])) {
    const answer = readOrder(reader, site, transaction).catch(codeOf);
    ask(['order', transaction], answer, lists.order(shop, transaction) ?? 'unknown_order');
  }
}

type Ask = (question: unknown[], answer: Promise<unknown>, expected: unknown) => void;
type TakesTurn = (i: number) => boolean;

function askAboutValues(reader: StoreReader, shop: NaiveShop, range: Range, ask: Ask, turn: number): void {
  const { site } = shop;
  for (const [n, [dimension, metrics]] of values.DIMENSION_METRICS.entries()) {
    const currency = 'KWD';
    // One or two of them, since sessions have many: another dimension asks for others.
    const every = Math.ceil(metrics.length / 2);
    for (const metric of metrics.filter((_, i) => (i + n + turn) % every === 0)) {
      const question = { ...range, metric, currency };
      const expected = values.breakdown(shop, dimension, question);
      ask(
        ['breakdown', dimension, metric],
        readBreakdown(reader, site, dimension, { ...question, limit: LIMIT }),
        expected,
      );
    }
    const byDefault = values.breakdown(shop, dimension, { ...range, metric: metrics[0], currency });
    const pages = allPages(
      (cursor) => readBreakdown(reader, site, dimension, { ...range, limit: 2, ...cursor }),
      ({ rows }) => rows,
    );
    ask(['breakdown', dimension, 'in pages'], pages, byDefault.rows);
  }
}

function askAboutProducts(
  reader: StoreReader,
  shop: NaiveShop,
  range: Range,
  ask: Ask,
  takesTurn: TakesTurn,
): void {
  const { site } = shop;
  const pagesOf = (query: shops.ProductsQuestion) =>
    allPages(
      (cursor) => readProducts(reader, site, { ...query, limit: 3, ...cursor }),
      ({ products }) => products,
    );
  for (const metric of shops.PRODUCT_METRICS.filter((_, i) => takesTurn(i))) {
    for (const currency of metric === 'revenue' ? CURRENCIES : (['EUR'] as const)) {
      const query = { ...range, metric, currency };
      const expected = shops.products(shop, query);
      ask(['products', metric, currency], readProducts(reader, site, { ...query, limit: LIMIT }), expected);
    }
  }
  for (const search of ['shoe', 'O', '|', '商', 'no such thing'].filter((_, i) => takesTurn(i))) {
    const query = { ...range, metric: 'interactions', search } as const;
    ask(['products in pages', search], pagesOf(query), shops.products(shop, query).products);
  }
  const all = { ...range, metric: 'view_to_cart_rate' } as const;
  ask(['products in pages'], pagesOf(all), shops.products(shop, all).products);
  for (const [i, id] of [...PRODUCTS.keys(), 'unheard of'].entries()) {
    const query = { ...range, currency: CURRENCIES[i % 3]! };
    const answer = readProduct(reader, site, id, query).catch(codeOf);
    ask(['product', id], answer, shops.product(shop, id, query) ?? 'unknown_product');
  }
}

const codeOf = (error: { code?: string }) => {
  if (error.code === undefined) throw error;
  return error.code;
};

const CART_LEFT_MINUTES = 60;

/** Series of each metric by day, week and month, and by hour and minute. */
export function askForSeries(
  reader: StoreReader,
  shop: NaiveShop,
  ranges: { days: Required<Range>; hours: Required<Range>; minutes: Required<Range>; turn: number },
): Asked[] {
  const { site } = shop;
  const asked: Asked[] = [];
  const ask = (query: naive.SeriesQuestion, expected: unknown = naive.series(shop, query)) =>
    asked.push({
      question: [site.id, 'series', query],
      answer: readSeries(reader, site, query, { cartMinutes: CART_LEFT_MINUTES }).catch(codeOf),
      expected,
    });
  for (const [i, metric] of naive.METRICS.entries()) {
    const isOfUsers = (naive.USER_METRICS as readonly string[]).includes(metric);
    for (const grain of ['day', 'week', 'month'] as const) ask({ metric, grain, ...ranges.days });
    for (const [grain, range] of [
      ['hour', ranges.hours],
      ['minute', ranges.minutes],
    ] as const) {
      // A day has 1,440 minutes: a few of the metrics each time.
      if (grain === 'minute' && (i + ranges.turn) % 6 !== 0) continue;
      const query = { metric, grain, ...range, currency: 'KWD' } as const;
      if (isOfUsers) ask(query, 'unsupported_grain');
      else ask(query);
    }
  }
  for (const metric of over.CART_METRICS) {
    for (const grain of ['day', 'week', 'month'] as const) {
      const query = { metric, grain, ...ranges.days, currency: 'EUR' } as const;
      asked.push({
        question: [site.id, 'series of carts', query],
        answer: readSeries(reader, site, query, { cartMinutes: CART_LEFT_MINUTES }),
        expected: over.seriesOfCarts(shop, query, CART_LEFT_MINUTES),
      });
    }
  }
  // In one question, each metric is as it is alone.
  const cartQuery = { ...ranges.days, currency: 'EUR' } as const;
  const grain = (['day', 'week', 'month'] as const)[ranges.turn % 3]!;
  const several = [
    ...(['net', 'users', 'orders', 'conversion_rate', 'returning_users'] as const).map((metric) =>
      naive.series(shop, { metric, grain, ...cartQuery }),
    ),
    ...(['carts_left', 'carts_recovered_value'] as const).map((metric) =>
      over.seriesOfCarts(shop, { metric, grain, ...cartQuery }, CART_LEFT_MINUTES),
    ),
  ];
  for (const all of [several, several.toReversed()]) {
    const [first, ...others] = all;
    const query = { metric: first!.metric, also: others.map(({ metric }) => metric), grain, ...cartQuery };
    asked.push({
      question: [site.id, 'series of several', query],
      answer: readSeries(reader, site, query, { cartMinutes: CART_LEFT_MINUTES }),
      expected: { ...first, also: others.map(({ grain: _, zone: __, ...one }) => one) },
    });
  }
  const zone = OTHER_ZONES[site.zone]!;
  for (const metric of ['events', 'net', 'sessions'] as const) {
    for (const grain of ['hour', 'day', 'week'] as const) {
      const query = { metric, grain, ...ranges.hours, zone };
      // Hours that begin at other minutes cannot be added up.
      if (naive.haveSameHours(shop, ranges.hours, zone)) ask(query);
      else ask(query, 'unsupported_zone');
    }
  }
  ask({ metric: 'events', grain: 'minute', ...ranges.minutes, zone });
  for (const [by, metrics] of over.METRICS_BY) {
    for (const [i, metric] of metrics.entries()) {
      const grain = (['day', 'week', 'month'] as const)[(i + ranges.turn) % 3]!;
      const query = {
        metric,
        grain,
        ...ranges.days,
        by,
        top: 1 + (ranges.turn % 4),
        currency: 'EUR',
      } as const;
      asked.push({
        question: [site.id, 'series by', query],
        answer: readSeries(reader, site, query, { cartMinutes: CART_LEFT_MINUTES }),
        expected: over.seriesBy(shop, query),
      });
    }
  }
  for (const metric of ['events', 'orders', 'net', 'units', 'bounces'] as const) {
    const query = { metric, ...ranges.hours, currency: 'EUR' } as const;
    asked.push({
      question: [site.id, 'weekday and hour', query],
      answer: readWeekdayHour(reader, site, query),
      expected: over.weekdayHour(shop, query),
    });
  }
  for (const grain of ['hour', 'minute'] as const) {
    const range = grain === 'hour' ? ranges.hours : ranges.minutes;
    for (const event of [undefined, 'purchase']) {
      const options = { grain, ...(event && { event }) };
      asked.push({
        question: [site.id, 'events', range, options],
        answer: readEvents(reader, site, { ...range, ...options }),
        expected: naive.frequency(shop, range, options),
      });
    }
  }
  return asked;
}

/** For each site's zone one that is whole hours from it; from Lord Howe's in winter or in summer only. */
const OTHER_ZONES: Record<string, string> = {
  'Europe/Madrid': 'America/New_York',
  'America/New_York': 'Pacific/Apia',
  'Asia/Kolkata': 'America/St_Johns',
  'America/St_Johns': 'Asia/Kolkata',
  'Pacific/Apia': 'Europe/Madrid',
  'Australia/Lord_Howe': 'Asia/Kolkata',
};

/** Questions about each of a site's funnels. */
export function askAboutFunnels(
  reader: StoreReader,
  shop: NaiveShop,
  range: Range,
  funnels: readonly people.NamedFunnel[],
): Asked[] {
  return funnels.flatMap((one) =>
    [{}, { interval: 'day' as const }].map((options) => ({
      question: [shop.site.id, range, 'funnel', one.id, options],
      answer: readFunnel(reader, shop.site, one.id, { ...range, ...options }),
      expected: people.funnel(shop, range, one, options),
    })),
  );
}

/** Questions about the present. @param visitors by user: the ids that the user had as a visitor */
export function askAboutNow(
  reader: StoreReader,
  shop: NaiveShop,
  range: Required<Range>,
  visitors: ReadonlyMap<string, readonly string[]>,
): Asked[] {
  const { site } = shop;
  const asked: Asked[] = [];
  const ask: Ask = (question, answer, expected) =>
    asked.push({ question: [site.id, ...question], answer, expected });
  const live = readLive(reader, site, CART_LEFT_MINUTES).then(({ minutes, ...rest }) => ({
    ...rest,
    minutes: minutes.map((one) => ({ ...one, start: Date.parse(one.start) })),
  }));
  ask(['live'], live, people.live(shop, CART_LEFT_MINUTES));
  for (const limit of [1, 10, 50]) {
    const answer = readNewest(reader, site, { limit }).then(({ interactions }) =>
      people.determined(
        interactions.map(({ id, name, at, user_id = null }) => {
          const person = user_id !== null && (people.personOf(visitors, user_id) ?? user_id);
          return { id, name, ts: Date.parse(at), person: person || null };
        }),
        limit,
      ),
    );
    ask(['newest', limit], answer, people.newest(shop, limit));
  }
  for (const metric of ['views', 'carts', 'purchases'] as const) {
    for (const half_life_hours of [1, 6]) {
      const answer = readTrending(reader, site, { metric, half_life_hours, limit: LIMIT });
      ask(['trending', metric, half_life_hours], answer, shops.trending(shop, metric, half_life_hours));
    }
  }
  const first = shop.dates[0]!;
  for (const part of [range, { to: shop.dates.at(-1)! }]) {
    for (const minutes of [1, CART_LEFT_MINUTES, 10_080]) {
      const answer = readCartsDaily(reader, site, part, minutes);
      ask(['carts by day', part, minutes], answer, shops.cartsDaily(shop, part, minutes));
    }
  }
  for (const part of [range, { from: first, to: shop.today }]) {
    if (part.from > part.to) continue;
    const expected = shops.carts(shop, part, CART_LEFT_MINUTES);
    const carts = (limit: number, cursor: { cursor?: string } = {}) =>
      readCarts(reader, site, { ...part, limit, ...cursor }, CART_LEFT_MINUTES);
    ask(['carts', part], carts(LIMIT), expected);
    const pages = allPages(
      (cursor) => carts(1, cursor),
      (page) => page.carts,
    );
    ask(['carts in pages', part], pages, expected.carts);
  }
  return asked;
}

/** Questions about each person, under each of their ids. */
export function askAboutPeople(
  reader: StoreReader,
  shop: NaiveShop,
  range: Required<Range>,
  visitors: ReadonlyMap<string, readonly string[]>,
): Asked[] {
  const { site } = shop;
  const refused = NOBODIES.map((id) => ({
    question: [site.id, 'user', id],
    answer: readUser(reader, site, id).catch(codeOf),
    expected: 'unknown_user',
  }));
  const answered = [...shop.people.keys()].flatMap((id) => {
    const aliases = visitors.get(id) ?? [];
    return [id, ...aliases].flatMap((asked) => [
      {
        question: [site.id, 'user', asked],
        // In the order in which their shards sent them.
        answer: readUser(reader, site, asked).then((one) => ({ ...one, aliases: one.aliases.toSorted() })),
        expected: { ...people.user(shop, id, asked), aliases: aliases.toSorted() },
      },
      {
        question: [site.id, range, 'interactions', asked],
        answer: allPages(
          (cursor) => readInteractions(reader, site, asked, { ...range, limit: 9, ...cursor }),
          (page) => page.interactions,
        ),
        expected: people.interactions(shop, id, range),
      },
    ]);
  });
  return [...refused, ...answered];
}
