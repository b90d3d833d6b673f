import { CopyPreparer } from '../../shared/derived/copy-preparer.ts';
import { DIMENSIONS } from '../../shared/event/dimensions.ts';
import { EVENT_VERSION, type FootfallEvent, type Item } from '../../shared/event/event.ts';
import { homeOfOrder, keyOfTransaction } from '../../shared/event/order-note.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { serversOf } from '../../shared/platform/redis/connection.ts';
import { dayStart, formatDay, localDay, MINUTE_MS } from '../../shared/platform/time.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { questions } from '../../shared/questions/questions.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { closing } from '../support/closing.ts';
import { callsByCommand, infoNumber, resetCalls } from '../support/commands.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ask } from '../support/http.ts';
import { noonZone } from '../support/noon.ts';
import { openReader } from '../support/reader.ts';
import { keyNames } from '../support/redis-data.ts';
import { analyticsRoutes } from '../support/routes.ts';
import { isAll } from '../support/runs.ts';
import { siteOf } from '../support/shop.ts';

/**
 * The cost of an answer, in commands counted by the server, does not depend on the number of events. Two shops have
 * the same catalogue, days and minutes; the second has several times the events and users. `npm run test:scale` uses ten
 * million events.
 */
const SMALL = 10_000;
const LARGE = Number(process.env.FOOTFALL_SCALE_EVENTS ?? 4 * SMALL);
const isLong = LARGE > 1_000_000;

const site = siteOf('shop', { zone: noonZone(), currency: 'EUR' });
const PARTITIONS = 16;
const PRODUCTS = 300;
const DAYS = 5;
/** Average events of a visit, and visits of a user. */
const STEPS = 10;
const VISITS = 3;

const end = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
const today = localDay(end, site.zone);
const firstDay = today - DAYS + 1;
const begin = dayStart(firstDay, site.zone);

/** Ana's events grow with the total; her last visit is in the same minutes in both shops. */
const ANA = 'ana';
const ANAS_LAST = 12;

/** In both shops one user of each shard has an open cart, filled at the same time. */
const WITH_CART = Array.from({ length: PARTITIONS }, (_, partition) => {
  for (let n = 0; ; n++) {
    const user = `cart-${n}`;
    if (partitionOf(userKey({ site: site.id, user }), PARTITIONS) === partition) return user;
  }
});

const productOf = (n: number): Item & { amount: number } => ({
  id: `product-${n % PRODUCTS}`,
  name: `Product number ${n % PRODUCTS}`,
  category: `category-${(n % PRODUCTS) % 12}`,
  brand: `brand-${(n % PRODUCTS) % 20}`,
  quantity: 1,
  amount: 500 + (n % PRODUCTS),
});

/** A third of the visits buy, a third leave a cart behind, the rest only look. Some orders are refunded. */
const VISIT = ['page_view', 'search', 'view_item_list', 'select_item', 'view_item', 'view_item'];
const ENDS = [
  ['add_to_cart', 'begin_checkout', 'purchase', 'refund'],
  ['add_to_cart', 'add_to_cart', 'view_cart', 'begin_checkout'],
  ['select_item', 'view_item', 'search', 'view_item'],
];

const shardOf = (transaction: string) =>
  partitionOf(userKey({ site: site.id, user: homeOfOrder(keyOfTransaction(transaction)) }), PARTITIONS);

/** Names a visit's order so that the orders of a day take turns with the shards: each has some in both shops. */
function transactionOf(visit: number): string {
  const shard = (shardOf('order-0') + Math.floor(visit / 3)) % PARTITIONS;
  let name = `order-${visit}`;
  for (let n = 1; shardOf(name) !== shard; n++) name = `order-${visit}-${n}`;
  return name;
}

/** The i-th event in order of time. The time between two steps of a visit is the same in both shops. */
function eventAt(i: number, count: number): FootfallEvent {
  const isAnasLast = i >= count - ANAS_LAST;
  const last = end - ANAS_LAST * MINUTE_MS;
  const withCart = isAnasLast ? undefined : WITH_CART[count - ANAS_LAST - 1 - i];
  const ts = isAnasLast
    ? end - (count - i) * MINUTE_MS
    : withCart
      ? last
      : Math.floor(begin + ((last - begin) * i) / count);
  const atOnce = count / SMALL;
  const step = Math.floor(i / atOnce) % STEPS;
  const visit = Math.floor(i / atOnce / STEPS) * atOnce + (i % atOnce);
  const users = Math.ceil(count / STEPS / VISITS);
  const isAna = isAnasLast || (!withCart && i % (SMALL / 20) === SMALL / 40);
  const name = isAna ? 'view_item' : withCart ? 'add_to_cart' : [...VISIT, ...ENDS[visit % 3]!][step]!;
  const product = productOf(isAnasLast ? count - i : Math.floor(visit / 3) * 7 + step * 31);
  const hasItems = !['page_view', 'search'].includes(name);
  return {
    v: EVENT_VERSION,
    id: `0e5a7f3c-0000-4000-8000-${String(i).padStart(12, '0')}`,
    site: site.id,
    user: isAna ? ANA : (withCart ?? `user-${(visit * 17) % users}`),
    ...((isAna || visit % 4 === 0) && { known: true }),
    name,
    ts,
    received: ts,
    ...(hasItems && { items: [product], currency: 'EUR' }),
    ...(name === 'purchase' && { transaction_id: transactionOf(visit) }),
    ...(name === 'search' && { search_term: `words ${visit % 40}` }),
    country: ['ES', 'FR', 'PT', 'DE', 'GB', 'IT', 'NL', 'US'][visit % 8]!,
    device: ['mobile', 'desktop', 'tablet'][visit % 3]!,
    browser: ['Chrome', 'Safari', 'Firefox', 'Edge'][visit % 4]!,
    os: ['Android', 'iOS', 'Windows', 'macOS', 'Linux'][visit % 5]!,
    page: hasItems ? `/p/${product.id}` : `/${name}`,
    source: ['google', 'newsletter', 'instagram', 'direct', 'partner', 'bing'][visit % 6]!,
    medium: ['organic', 'email', 'cpc'][visit % 3]!,
    channel: ['Organic Search', 'Email', 'Paid Other'][visit % 3]!,
    campaign: `campaign-${visit % 10}`,
    referrer: `https://www.site-${visit % 15}.example/`,
  };
}

/** The batch size: records wait for others of their shard, never for all. */
const BATCH = 2_000;

interface Shop {
  redis: RedisClient;
  get: Get;
  /** Asks a process that has no memory. */
  newProcess(): Get;
  /** Makes copies of the sums of settled days, as the sweep does. */
  sweep(): Promise<void>;
}

type Get = (target: string) => Promise<{ status: number; body: { data: Record<string, unknown> } }>;

function* eventsOf(count: number): Generator<FootfallEvent> {
  for (let i = 0; i < count; i++) yield eventAt(i, count);
}

async function openShopOf(events: Iterable<FootfallEvent>, partitions = PARTITIONS): Promise<Shop> {
  const config = await freshConfig({ partitions, sites: [site] });
  const waiting: KafkaRecord[][] = Array.from({ length: partitions }, () => []);
  const next = waiting.map(() => 0);
  const add = (event: FootfallEvent): number => {
    const key = userKey(event);
    const partition = partitionOf(key, partitions);
    waiting[partition]!.push({
      topic: config.kafka.eventsTopic,
      partition,
      offset: next[partition]!++,
      timestamp: event.received,
      key: Buffer.from(key).toString('base64'),
      value: Buffer.from(JSON.stringify(event)).toString('base64'),
    });
    return partition;
  };
  const consumer = openConsumer(config, { forward: async (events) => events.forEach(add) });
  const apply = async (partition: number) => {
    const records = waiting[partition]!.splice(0);
    if (records.length > 0) await consumer.apply(records);
  };
  for (const event of events) {
    const partition = add(event);
    if (waiting[partition]!.length >= BATCH) await apply(partition);
  }
  // What shards send to each other comes last.
  while (waiting.some(({ length }) => length > 0)) {
    for (const partition of waiting.keys()) await apply(partition);
  }

  const { redis } = openReader(config);
  const fetch = async () => next.map((high, partition) => ({ partition, low: 0, high }));
  const headers = { authorization: `Bearer ${site.id}-read-key` };
  const newProcess = (): Get => {
    const contexts = analyticsContexts(config, redis, { fetch }, fixedSites(new Sites([site])));
    const handler = httpStack(routerOf(analyticsRoutes(contexts)));
    return (target) => ask(handler, 'GET', target, { headers });
  };
  const sweep = async () => {
    const preparer = new CopyPreparer(redis, firstGeneration(config.kafka));
    // The first run only sees how the days are.
    for (const prepared of [0, 1]) {
      expect(await preparer.run([site], { now: Date.now(), goOn: () => true })).toBe(prepared);
    }
  };
  return { redis, get: newProcess(), newProcess, sweep };
}

const days = `from=${formatDay(firstDay)}&to=${formatDay(today)}`;
const past = `from=${formatDay(firstDay)}&to=${formatDay(today - 2)}`;

/** The question, by its path. `past`: days that are over, whose answers are kept for long. */
const asked: Record<string, string[]> = {
  '/v1/overview': [`/v1/overview?${days}`, `/v1/overview?${past}`, `/v1/overview?${past}&compare=previous`],
  '/v1/series': [
    `/v1/series?${days}`,
    `/v1/series?${days}&metric=users&grain=week`,
    `/v1/series?${days}&metric=revenue&grain=hour`,
    `/v1/series?${days}&metric=net&also=users,orders,carts_left`,
    `/v1/series?from=${formatDay(today - 1)}&metric=sessions&grain=minute`,
  ],
  '/v1/series/weekday-hour': [`/v1/series/weekday-hour?${days}&metric=orders`],
  '/v1/events': [`/v1/events?${days}`, `/v1/events?${days}&event=view_item&grain=day`],
  '/v1/breakdowns/{dimension}': [
    'country',
    'page',
    'search_term',
    'category',
    'brand',
    'source',
    'referrer',
    'landing_page',
    'channel',
    'coupon',
    'bot',
  ].map((dimension) => `/v1/breakdowns/${dimension}?${days}`),
  '/v1/products': [
    `/v1/products?${days}`,
    `/v1/products?${days}&metric=revenue&limit=50`,
    `/v1/products?${past}&metric=view_to_cart_rate&search=number`,
  ],
  '/v1/products/{product}': [`/v1/products/product-7?${days}`],
  '/v1/quality': [`/v1/quality?${days}`],
  '/v1/revenue': [`/v1/revenue?${days}`, `/v1/revenue?${days}&by=country`],
  '/v1/orders': [`/v1/orders?${days}&limit=20`],
  '/v1/orders/{transaction_id}': ['/v1/orders/order-0'],
  '/v1/sessions': [`/v1/sessions?${days}`],
  '/v1/users/unique': [`/v1/users/unique?${days}`],
  '/v1/retention': [`/v1/retention?${days}`, `/v1/retention?${days}&period=month`],
  '/v1/customers': [`/v1/customers?${days}`],
  '/v1/customers/cohorts': [
    `/v1/customers/cohorts?${days}`,
    `/v1/customers/cohorts?${days}&period=week&periods=54`,
  ],
  '/v1/funnels': ['/v1/funnels'],
  '/v1/funnels/{funnel}': [`/v1/funnels/shop?${days}`, `/v1/funnels/shop?${past}&interval=day`],
  '/v1/carts/abandoned': [`/v1/carts/abandoned?${days}&limit=20`],
  '/v1/carts/daily': [`/v1/carts/daily?${days}`],
  '/v1/live': ['/v1/live'],
  '/v1/live/interactions': ['/v1/live/interactions', '/v1/live/interactions?limit=10'],
  '/v1/search': ['/v1/search?q=number', `/v1/search?q=${ANA}`],
  '/v1/trending': ['/v1/trending', '/v1/trending?metric=purchases&limit=50'],
  '/v1/ledger': ['/v1/ledger'],
  '/v1/users/{user}': [`/v1/users/${ANA}`],
  '/v1/users/{user}/interactions': [`/v1/users/${ANA}/interactions?${days}`],
  '/get_user_engagement/{user}': [`/get_user_engagement/${ANA}`],
  '/get_popular_products/{limit}': [`/get_popular_products/10?${days}`],
  '/get_event_frequency/{event}': [`/get_event_frequency/view?${days}`],
  '/get_user_data_by_date/{user}/{date}': [`/get_user_data_by_date/${ANA}/${formatDay(today)}`],
  '/get_user_data_between_dates/{user}/{start}/{end}': [
    `/get_user_data_between_dates/${ANA}/${formatDay(firstDay)}/${formatDay(today)}`,
  ],
};

/** Commands of a question, by name, and the bytes that the server sent. */
interface Cost {
  calls: Record<string, number>;
  bytes: number;
}

/** Commands that are not part of an answer: for statistics, and for new connections. */
const OURS = ['config', 'info', 'select', 'client'];

async function costOf({ redis, get }: Pick<Shop, 'redis' | 'get'>, target: string): Promise<Cost> {
  await resetCalls(redis);
  const { status } = await get(target);
  expect([target, status]).toEqual([target, 200]);
  const bytes = await infoNumber(redis, 'stats', 'total_net_output_bytes');
  const calls = await callsByCommand(redis);
  for (const name of OURS) delete calls[name];
  return { calls, bytes };
}

const total = ({ calls }: Cost) => Object.values(calls).reduce((sum, count) => sum + count, 0);

const textOf = ({ calls }: Cost) =>
  Object.entries(calls)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

let shops: Shop[];

beforeAll(async () => {
  shops = [await openShopOf(eventsOf(SMALL))];
  // Without persistence, since ten million events would be several GB on disk.
  if (isLong) {
    const { redis } = shops[0]!;
    const setAll = (value: string) =>
      Promise.all(serversOf(redis).map((server) => server.config('SET', 'appendonly', value)));
    await setAll('no');
    closing(redis, async () => {
      await Promise.all(serversOf(redis).map((server) => server.flushall()));
      await setAll('yes');
    });
  }
  shops.push(await openShopOf(eventsOf(LARGE)));
}, 3_600_000);

test('the shops differ only in their number of events', async () => {
  const answers = await Promise.all(
    shops.map(async ({ get }) => {
      const dataOf = async (target: string) => (await get(target)).body.data;
      const overview = await dataOf(`/v1/overview?from=${formatDay(firstDay)}`);
      const minutes = await dataOf(`/v1/series?from=${formatDay(firstDay)}&grain=hour&metric=events`);
      const dimensions = await Promise.all(
        [
          'country',
          'device',
          'browser',
          'os',
          'page',
          'search_term',
          'category',
          'brand',
          'source',
          'referrer',
        ].map(
          async (dimension) =>
            (await dataOf(`/v1/breakdowns/${dimension}?${days}&limit=1000`)).rows as unknown[],
        ),
      );
      const { interactions: _, ...interactions } = await dataOf(`/v1/users/${ANA}/interactions?${days}`);
      return {
        events: overview.total_events,
        users: overview.users as number,
        products: overview.products,
        hours: (minutes.points as { value: number }[]).filter(({ value }) => value > 0).length,
        values: dimensions.map((rows) => rows.length),
        anas: interactions.total as number,
      };
    }),
  );
  const [small, large] = [answers[0]!, answers[1]!];
  console.log(answers);
  expect([small.events, large.events]).toEqual([SMALL, LARGE]);
  expect(small.products).toBe(PRODUCTS);
  expect(large).toMatchObject({ products: small.products, hours: small.hours, values: small.values });
  expect(large.users).toBeGreaterThan((small.users * LARGE) / SMALL / 2);
  expect(large.anas).toBeGreaterThan((small.anas * LARGE) / SMALL / 2);
});

type Calls = readonly [target: string, calls: Record<string, number>];

/**
 * Commands that read a list in steps of some 5,000 entries. A minute with any event is an entry for each of its
 * counters, and an hour for each of its products. With a thousand times the events, the large shop has events in minutes
 * that are empty in the small one, so its lists may have more steps: at most those of a full day.
 */
const IN_STEPS = isLong ? ['hscan', 'zunion'] : [];
/** 1,440 minutes with 25 counters. */
const MOST_STEPS = 8;
const withoutSteps = ([target, calls]: Calls) => [
  target,
  Object.fromEntries(Object.entries(calls).filter(([name]) => !IN_STEPS.includes(name))),
];

test('an answer costs the same commands for any number of events', async () => {
  expect(Object.keys(asked).sort()).toEqual(questions.map(({ path }) => path).sort());
  const lines: string[] = [];
  const costs: { target: string; costs: Cost[] }[] = [];
  for (const target of Object.values(asked).flat()) {
    const both: Cost[] = [];
    for (const shop of shops) {
      await forgetAnswers(shop.redis);
      both.push(await costOf(shop, target));
    }
    costs.push({ target, costs: both });
    const [small, large] = [both[0]!, both[1]!];
    lines.push(
      [
        target.replaceAll(/(from|to)=[\d-]+&?/g, '').padEnd(70),
        String(total(small)).padStart(7),
        String(total(large)).padStart(7),
        String(small.bytes).padStart(10),
        String(large.bytes).padStart(10),
        `  ${textOf(large)}`,
      ].join(''),
    );
  }
  const sizes = [SMALL, LARGE].map((size) => size.toLocaleString('en'));
  console.log(`Commands, then bytes, of an answer at ${sizes.join(' and ')} events\n${lines.join('\n')}`);
  const [ofSmall, ofLarge] = [0, 1].map((i) =>
    costs.map(({ target, costs }) => [target, costs[i]!.calls] as const),
  ) as [Calls[], Calls[]];
  expect(ofLarge.map(withoutSteps)).toEqual(ofSmall.map(withoutSteps));
  for (const [i, [target, calls]] of ofLarge.entries()) {
    for (const name of IN_STEPS) {
      const most = MOST_STEPS * (ofSmall[i]![1][name] ?? 0);
      expect({ target, name, isBounded: (calls[name] ?? 0) <= most }).toEqual({
        target,
        name,
        isBounded: true,
      });
    }
  }
});

test.each(['grain=day&metric=users', 'grain=hour&metric=orders'])(
  'a series of several metrics costs the commands of one: %s',
  async (one) => {
    const shop = shops[0]!;
    const target = `/v1/series?${past}&${one}`;
    const costWarm = async (asked: string) => {
      await forgetAnswers(shop.redis);
      return (await costOf({ ...shop, get: shop.newProcess() }, asked)).calls;
    };
    await costWarm(target);
    const alone = await costWarm(target);
    expect(await costWarm(`${target}&also=net,conversion_rate,refunded,average_order,sessions`)).toEqual(
      alone,
    );
  },
);

/** Those in Redis; the process has not been asked any of the questions before. */
async function forgetAnswers(redis: RedisClient): Promise<void> {
  const kept = await keyNames(redis, 'ff:answer:*');
  await Promise.all(kept.map((name) => redis.del(name)));
}

describe('a year', () => {
  /** The most commands of one of the questions below. */
  const MOST = 80;
  const YEAR = 365;
  const EVENTS_A_DAY = 8;

  /** Every day of a bit more than a year has events. The last one is today. */
  function* yearOfEvents(): Generator<FootfallEvent> {
    const count = (YEAR + 40) * EVENTS_A_DAY;
    for (let i = 0; i < count; i++) {
      const ts = Math.floor(end - ((count - i) * 86_400_000) / EVENTS_A_DAY);
      yield { ...eventAt(i, SMALL), ts, received: ts };
    }
  }

  const range = (last: number) => `from=${formatDay(last - YEAR + 1)}&to=${formatDay(last)}`;
  /** Days that are settled with those on which a funnel may still be completed, and days up to now. */
  const ranges = { settled: range(today - 14), 'until today': range(today) };
  const questionsOf = (days: string) => [
    `/v1/overview?${days}`,
    `/v1/series?${days}`,
    `/v1/series?${days}&metric=users&grain=month`,
    `/v1/series?${days}&metric=revenue&grain=week`,
    `/v1/series?${days}&metric=sessions&by=channel&grain=month`,
    `/v1/series?${days}&metric=sessions&by=country&grain=day`,
    `/v1/series?${days}&metric=orders&by=page&grain=week`,
    ...DIMENSIONS.map((dimension) => `/v1/breakdowns/${dimension}?${days}`),
    `/v1/events?${days}`,
    `/v1/revenue?${days}&by=month`,
    `/v1/sessions?${days}`,
    `/v1/users/unique?${days}`,
    `/v1/funnels/shop?${days}`,
  ];

  // With 64, applying the events takes most of the time.
  test.each(isAll || isLong ? [16, 64] : [16])(
    'costs at most 80 commands at %i partitions: of settled days always, of days up to now when they have not changed',
    async (partitions) => {
      const shop = await openShopOf(yearOfEvents(), partitions);
      await shop.sweep();
      const lines: string[] = [];
      const dear: unknown[] = [];
      for (const [name, days] of Object.entries(ranges)) {
        for (const target of questionsOf(days)) {
          const first = await costOf({ ...shop, get: shop.newProcess() }, target);
          const expected = (await shop.get(target)).body.data;
          await forgetAnswers(shop.redis);
          const get = shop.newProcess();
          const cost = await costOf({ ...shop, get }, target);
          expect((await get(target)).body.data).toEqual(expected);
          lines.push(
            `${name.padEnd(12)} ${target.replaceAll(/(from|to)=[\d-]+&?/g, '').padEnd(45)} ${String(total(first)).padStart(7)} ${String(total(cost)).padStart(4)}  ${textOf(cost)}`,
          );
          if (total(cost) > MOST) dear.push([target, total(cost), cost.calls]);
          if (name === 'settled' && total(first) > MOST) dear.push([target, total(first), first.calls]);
        }
      }
      console.log(`Commands of a year at ${partitions} partitions, first and then\n${lines.join('\n')}`);
      expect(dear).toEqual([]);
    },
    600_000,
  );
});
