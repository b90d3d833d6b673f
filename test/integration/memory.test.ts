import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { EVENT_VERSION, type FootfallEvent, type Item } from '../../shared/event/event.ts';
import { OUTCOMES } from '../../shared/event/outcome.ts';
import { unpackUserState } from '../../shared/fold/user-state.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { DAY_MS, dayStart, HOUR_MS, localDay, MINUTE_MS } from '../../shared/platform/time.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { InteractionFactory } from '../../shared/simulation/factory.ts';
import { shoppersFor } from '../../shared/simulation/publish.ts';
import { sweep } from '../../shared/sweep/sweep-shards.ts';
import { infoNumber } from '../support/commands.ts';
import { familyOf } from '../support/generation.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { ledgerOf } from '../support/ledger.ts';
import { noonZone } from '../support/noon.ts';
import { packAll } from '../support/pack-all.ts';
import { openReader } from '../support/reader.ts';
import { keyNames } from '../support/redis-data.ts';
import { openShop, siteOf } from '../support/shop.ts';

/**
 * Compares the bytes that Redis needs (MEMORY USAGE) with the table in docs/sizing.md:
 * no more than it says, and no less than a third of that.
 */
const PARTITIONS = 16;
const zone = noonZone();
const KINDS = ['visit', 'views', 'sessions', 'days', 'months'] as const;
const sites = [...KINDS, 'catalogue', 'landings', 'day', 'hour'].map((id) =>
  siteOf(id, { zone, currency: 'EUR', retention_days: 1_095 }),
);
const shop = await openShop(sites, { partitions: PARTITIONS });
const { redis } = shop;

const now = Date.now();
/** Yesterday, a day that does not end during the test. */
const start = dayStart(localDay(now, zone) - 1, zone);

const BATCH = 1_000;

/** Counts events in their order, batch by batch. */
async function count(events: FootfallEvent[]): Promise<void> {
  events.sort((a, b) => a.ts - b.ts);
  for (let i = 0; i < events.length; i += BATCH) await shop.count(events.slice(i, i + BATCH));
}

afterEach(async () => {
  const ledger = await ledgerOf(shop.reader);
  expect([...ledger.keys()].filter((field) => !/:(applied|forwarded|joined|order)$/.test(field))).toEqual([]);
});

/** The bytes of a key that MEMORY USAGE leaves out: its expiry, and its entries in the server's two tables. */
const KEY_BYTES = 64;

interface Key {
  name: string;
  bytes: number;
}

/** The names of the keys of all shards with one of these beginnings. */
async function namesOf(...beginnings: string[]): Promise<string[]> {
  return (await keyNames(redis)).filter((name) => {
    const own = name.replace(/^[^{]*\{p\d+\}:/, '');
    return beginnings.some((beginning) => own.startsWith(beginning));
  });
}

async function keysOf(...beginnings: string[]): Promise<Key[]> {
  const bytes = async (name: string) => KEY_BYTES + (await redis.memory('USAGE', name, 'SAMPLES', 0))!;
  const names = await namesOf(...beginnings);
  return Promise.all(names.map(async (name) => ({ name, bytes: await bytes(name) })));
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
const bytesOf = (keys: readonly Key[]) => sum(keys.map(({ bytes }) => bytes));
const sumOver = async (keys: readonly Key[], measure: (name: string) => Promise<number>) =>
  sum(await Promise.all(keys.map(({ name }) => measure(name))));

const sizing = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'sizing.md'), 'utf8');
/** The rows of its tables: the names, and the numbers after them. */
const rows = sizing
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').slice(1, -1))
  .map(([name, ...cells]) => ({ name: name!.trim(), numbers: cells.map(numberIn) }));

function numberIn(text: string): number {
  return Number(text.replaceAll(/[^\d.]/g, ''));
}

const stated = (what: string) =>
  rows.find(({ name, numbers }) => name === what && numbers.length === 1)?.numbers[0];

const NUMBER = "a number of a breakdown's value, an hour or a minute, for each shard";
const PRODUCT = "a product's day with 20 interactions, one of them an order, in 16 shards";
const DAY = 'a day (totals, funnels, unique users, cohorts), for each shard';
const SETTLED_NUMBER = "a settled number of a breakdown's value or of an hour, for each shard";

test('the sizing page adds up its example', () => {
  const example = rows.filter(
    ({ name, numbers }) => name !== 'all' && numbers.length === 3 && numbers[0]! > 0,
  );
  expect(example.length).toBeGreaterThan(10);
  const figures = new Set(
    rows.filter(({ numbers }) => numbers.length === 1).map(({ numbers }) => numbers[0]),
  );
  let all = 0;
  for (const { name, numbers } of example) {
    const [count, bytes, gigabytes] = numbers as [number, number, number];
    expect([name, gigabytes]).toEqual([name, Number(((count * bytes) / 1e9).toFixed(2))]);
    expect([name, figures.has(bytes)]).toEqual([name, true]);
    all += (count * bytes) / 1e9;
  }
  expect(rows.find(({ name }) => name === 'all')?.numbers.at(-1)).toBe(Number(all.toFixed(1)));
});

/** Packs the days of a site, as the sweep does with settled ones. */
async function pack(site: string): Promise<void> {
  const generation = firstGeneration(shop.config.kafka);
  const own = sites.filter(({ id }) => id === site);
  for (let shard = 0; shard < PARTITIONS; shard++) await packAll(redis, generation, shard, own);
}

test('products, breakdowns, days and hours of the example take a sixth of what they would take, at most', () => {
  const parts = rows.filter(
    ({ name, numbers }) =>
      numbers.length === 3 && /^(settled )?(products' days|numbers of (breakdowns|hours)|days):/.test(name),
  );
  expect(parts.length).toBe(8);
  const unpacked = (name: string) =>
    stated(name.includes('products') ? PRODUCT : name.includes('numbers') ? NUMBER : DAY)!;
  const took = sum(parts.map(({ name, numbers }) => numbers[0]! * unpacked(name)));
  const takes = sum(parts.map(({ numbers }) => numbers[0]! * numbers[1]!));
  console.log({ took, takes, times: took / takes });
  expect(takes).toBeLessThan(took / 6);
});

const measured: { what: string; bytes: number; stated: number | undefined }[] = [];
afterAll(() => console.log(measured));

function expectStated(what: string, bytes: number): void {
  measured.push({ what, bytes: Math.round(bytes * 10) / 10, stated: stated(what) });
  const most = stated(what) ?? 0;
  expect({ what, bytes, holds: bytes <= most, isTight: bytes >= most / 3 }).toEqual({
    what,
    bytes,
    holds: true,
    isTight: true,
  });
}

const itemOf = (n: number): Item => ({
  id: `product-${n}`,
  name: `A product with number ${n}`,
  category: `category-${n % 12}`,
  brand: `brand-${n % 20}`,
  quantity: 1,
  amount: 1_999,
});

function eventOf(
  site: string,
  user: string,
  name: string,
  ts: number,
  fields: Partial<FootfallEvent> = {},
): FootfallEvent {
  const from = { country: 'ES', device: 'mobile', browser: 'Chrome', os: 'Android' };
  const money = fields.items && { currency: 'EUR' };
  return {
    v: EVENT_VERSION,
    id: randomUUID(),
    site,
    user,
    name,
    ts,
    received: ts,
    ...from,
    ...money,
    ...fields,
  };
}

describe('a user', () => {
  const PEOPLE = 200;
  const MORE = 20;
  const EVENTS = 10;

  const come = (site: string, user: string, ts: number) =>
    eventOf(site, user, 'page_view', ts, {
      page: 'https://shop.example/c/kitchen?utm_source=google',
      source: 'google',
      medium: 'cpc',
      channel: 'Paid Search',
      campaign: 'shopping',
      referrer: 'https://www.google.com/',
    });

  /** A user comes, looks around and leaves a cart behind. */
  function visit(site: string, user: string, n: number, views = EVENTS - 7): FootfallEvent[] {
    const steps: [name: string, fields: Partial<FootfallEvent>][] = [
      ['search', { page: '/search', search_term: 'copper pan' }],
      ['view_item_list', { page: '/c/kitchen', items: [0, 1, 2, 3].map((k) => itemOf(n + k)) }],
      ['select_item', { page: '/c/kitchen', items: [itemOf(n)] }],
    ];
    for (let k = 0; k < views; k++) {
      steps.push(['view_item', { page: `/p/product-${n + k}`, items: [itemOf(n + k)], value: 1_999 }]);
    }
    for (const name of ['add_to_cart', 'view_cart', 'begin_checkout']) {
      steps.push([name, { page: '/cart', items: [itemOf(n)], value: 1_999 }]);
    }
    const from = start + 18 * HOUR_MS + n * MINUTE_MS;
    return [
      come(site, user, from),
      ...steps.map(([name, fields], k) => eventOf(site, user, name, from + (k + 1) * 20_000, fields)),
    ];
  }

  /** What a user of each site does: a visit, and something more. */
  const more: Record<(typeof KINDS)[number], (user: string, n: number) => FootfallEvent[]> = {
    visit: (user, n) => visit('visit', user, n),
    views: (user, n) => visit('views', user, n, EVENTS - 7 + MORE),
    sessions: (user, n) => [
      ...visit('sessions', user, n),
      ...Array.from({ length: MORE }, (_, k) => come('sessions', user, start + k * 40 * MINUTE_MS)),
    ],
    days: (user, n) => [
      ...visit('days', user, n),
      ...Array.from({ length: MORE }, (_, k) => come('days', user, start - (3 * k + 1) * DAY_MS)),
    ],
    // Each in a month of its own.
    months: (user, n) => [
      ...visit('months', user, n),
      ...Array.from({ length: MORE }, (_, k) => come('months', user, start - 31 * (k + 1) * DAY_MS)),
    ],
  };
  /** Bytes of a user's state in Redis, and of the packed state without the remembered ids. */
  const states = new Map<string, { bytes: number; packed: number }>();
  let timelines: Key[];

  beforeAll(async () => {
    for (const kind of KINDS) {
      await count(Array.from({ length: PEOPLE }, (_, n) => more[kind](randomUUID(), n)).flat());
      const keys = await keysOf(`u:${kind}:`);
      expect(keys.length).toBe(PEOPLE);
      const packed = await sumOver(keys, async (name) => {
        const bytes = (await redis.getBuffer(name))!;
        const { current, previous } = unpackUserState(bytes).ids;
        return bytes.length - 9 * (current.length + previous.length);
      });
      states.set(kind, { bytes: bytesOf(keys) / PEOPLE, packed: packed / PEOPLE });
    }
    timelines = await keysOf(...KINDS.map((kind) => `t:${kind}:`));
  });

  const slope = (kind: string, from: string, what: 'bytes' | 'packed') =>
    (states.get(kind)![what] - states.get(from)![what]) / MORE;

  test('with one visit', () => {
    expectStated('a user, with one visit of ten events', states.get('visit')!.bytes);
  });

  test('each further session, without its events', () => {
    expectStated(
      'each further session of a user',
      slope('sessions', 'visit', 'bytes') - slope('views', 'visit', 'bytes'),
    );
  });

  test('each further active day', () => {
    expectStated('each further active day of a user', slope('days', 'sessions', 'packed'));
  });

  test('each event, with its id and its entry in the timeline, whose string Redis allocates at up to twice its size', async () => {
    const of = timelines.filter(({ name }) => !/:(days|months):/.test(name));
    const perEvent = bytesOf(of) / (PEOPLE * (EVENTS + 2 * (EVENTS + MORE)));
    expectStated(
      "an event: its id, and its entry in the user's timeline",
      perEvent + slope('views', 'visit', 'bytes'),
    );
  });

  test('each month with events, without the events', async () => {
    const single = [];
    for (const { name, bytes } of timelines.filter((key) => key.name.includes(':months:'))) {
      const entries = (await redis.get(name))!;
      if (JSON.parse(entries.split('\n')[0]!).length === 1) single.push(bytes - entries.length);
    }
    expect(single.length).toBeGreaterThanOrEqual(PEOPLE * (MORE - 1));
    expectStated(
      'a month with events of a user',
      sum(single) / single.length + slope('months', 'days', 'packed'),
    );
  });
});

describe('a product', () => {
  /** Enough that no ranking is short enough for Redis to pack it. */
  const PRODUCTS = 3_000;
  const EACH = { view_item: 13, select_item: 4, add_to_cart: 2, purchase: 1 };
  const LINES = 25;

  beforeAll(async () => {
    const events: FootfallEvent[] = [];
    for (const [name, times] of Object.entries(EACH)) {
      for (let round = 0; round < times; round++) {
        for (let first = 0; first < PRODUCTS; first += LINES) {
          // Each round has other neighbours, so a product's users are in many shards.
          const items = Array.from({ length: LINES }, (_, k) =>
            itemOf((first + k * (2 * round + 1) * LINES + k * (round + 1)) % PRODUCTS),
          );
          const ts = start + 12 * HOUR_MS + events.length * 1_000;
          events.push(eventOf('catalogue', `user-${events.length % 500}`, name, ts, { items }));
        }
      }
    }
    await count(events);
  });

  test('on a day, for each of its metrics and shards', async () => {
    const keys = await keysOf('p:catalogue:');
    const long = [];
    for (const key of keys) if ((await redis.zcard(key.name)) > 128) long.push(key);
    const members = await sumOver(long, (name) => redis.zcard(name));
    expectStated("a product's day, for each metric and shard that it has", bytesOf(long) / members);
  });

  test('on a day with twenty interactions', async () => {
    const { body } = await shop.get<{ data: { products: number } }>('catalogue', '/v1/overview');
    expectStated(PRODUCT, bytesOf(await keysOf('p:catalogue:')) / body.data.products);
  });

  test('on a settled day with twenty interactions', async () => {
    const { body } = await shop.get<{ data: { products: number } }>('catalogue', '/v1/overview');
    await pack('catalogue');
    expect(await keysOf('p:catalogue:')).toEqual([]);
    const keys = await keysOf('zl:catalogue:');
    for (const { name } of keys) {
      expect((await redis.hkeys(name)).filter((field) => !field.startsWith('p'))).toEqual([]);
    }
    const packed = await shop.get<{ data: { products: number } }>('catalogue', '/v1/overview');
    expect(packed.body.data).toEqual(body.data);
    expectStated(
      "a settled product's day with 20 interactions, one of them an order, in 16 shards",
      bytesOf(keys) / body.data.products,
    );
  });

  test('its name in a month, for each shard', async () => {
    const keys = await keysOf('n:catalogue:');
    expectStated(
      "a product's name, in a month, for each shard",
      bytesOf(keys) / (await sumOver(keys, (name) => redis.hlen(name))),
    );
  });
});

test('a value of a breakdown on a day, for each shard and number', async () => {
  const first = 'visitor-0';
  const visitors = Array.from({ length: 12 }, (_, n) => shop.userBeside('landings', `visitor-${n}`, first));
  const visits = visitors.flatMap((user, n) =>
    Array.from({ length: 46 }, (_, k) => {
      const from = start + k * 31 * MINUTE_MS;
      const page = `/c/kitchen/pans/a-page-of-a-shop-${n}-${k}`;
      return [
        eventOf('landings', user, 'page_view', from, { page }),
        eventOf('landings', user, 'purchase', from + 20_000, { page, items: [itemOf(k)] }),
      ];
    }),
  );
  await count(visits.flat());
  const keys = [];
  // Shorter ones are packed.
  for (const key of await keysOf('b:landings:')) if ((await redis.hlen(key.name)) > 512) keys.push(key);
  expect(keys.length).toBe(2);
  const numbers = await sumOver(keys, (name) => redis.hlen(name));
  expectStated(NUMBER, bytesOf(keys) / numbers);

  const all = await sumOver(await keysOf('b:landings:'), (name) => redis.hlen(name));
  await pack('landings');
  expect(await keysOf('b:landings:')).toEqual([]);
  expectStated(SETTLED_NUMBER, bytesOf(await keysOf('z:landings:', 'zl:landings:')) / all);
});

describe('a day of a shop', () => {
  const EVENTS = 30_000;

  beforeAll(async () => {
    const day = sites.filter(({ id }) => id === 'day');
    const factory = new InteractionFactory({
      sites: day,
      seed: 1,
      shoppers: shoppersFor(EVENTS / (DAY_MS / 1_000)),
      dayMs: DAY_MS,
    });
    const events = Array.from({ length: EVENTS }, (_, i) => {
      const ts = Math.floor(start + (i * DAY_MS) / EVENTS);
      return factory.next(ts, ts);
    });
    await count(events);
  });

  test('its numbers, for each shard', async () => {
    const keys = await keysOf(
      'd:day:',
      'g:day:',
      'f:day:',
      'r:day:',
      'so:day:',
      'rc:day:',
      'days:day',
      'touched:day',
    );
    expectStated(DAY, bytesOf(keys) / PARTITIONS);
  });

  test('each of its orders, where it is counted', async () => {
    const keys = await keysOf('o:day:');
    expect(keys.length).toBeGreaterThan(100);
    // With its entry in the day's list.
    const lists = await keysOf('oi:day:');
    expect(lists.length).toBeGreaterThan(0);
    expectStated('an order with a transaction id', (bytesOf(keys) + bytesOf(lists)) / keys.length);
  });

  test('each number of its minutes; the fewer ones of its hours are packed', async () => {
    const minutes = await keysOf('m:day:');
    expect(minutes.length).toBe(PARTITIONS);
    expectStated(NUMBER, bytesOf(minutes) / (await sumOver(minutes, (name) => redis.hlen(name))));
    const hours = await keysOf('h:day:');
    const perNumber = bytesOf(hours) / (await sumOver(hours, (name) => redis.hlen(name)));
    expect(perNumber).toBeLessThan(stated(NUMBER)!);
  });
});

describe('a settled day of a shop', () => {
  const PARTS = ['d:day:', 'g:day:', 'f:day:', 'h:day:', 'b:day:', 'p:day:'];
  let [before, hours]: [Key[], number] = [[], 0];

  beforeAll(async () => {
    before = await keysOf(...PARTS);
    hours = await sumOver(await keysOf('h:day:'), (name) => redis.hlen(name));
    await pack('day');
  });

  test('takes a sixth of what it took, at most', async () => {
    expect(await keysOf(...PARTS)).toEqual([]);
    const [took, takes] = [bytesOf(before), bytesOf(await keysOf('z:day:', 'zl:day:', 'zh:day:'))];
    console.log({ took, takes, times: took / takes });
    expect(takes).toBeLessThan(took / 6);
  });

  test('its numbers, for each shard', async () => {
    const keys = await keysOf('z:day:', 'r:day:', 'days:day', 'touched:day', 'packed:day');
    expectStated(
      'a settled day (totals, funnels, unique users, cohorts, short breakdowns), for each shard',
      bytesOf(keys) / PARTITIONS,
    );
  });

  test('each number of its hours', async () => {
    expect(bytesOf(await keysOf('zh:day:')) / hours).toBeLessThan(stated(SETTLED_NUMBER)!);
  });
});

describe('an hour of simulated traffic', () => {
  const hour = sites.filter(({ id }) => id === 'hour');
  const isOfHour = (name: string) => name.includes(':hour') || /:(head|ledger|derived|funnels)$/.test(name);

  async function traffic(events: number, seed: number): Promise<void> {
    const factory = new InteractionFactory({
      sites: hour,
      seed,
      shoppers: shoppersFor(events / (HOUR_MS / 1_000)),
      dayMs: DAY_MS,
    });
    const from = now - HOUR_MS;
    await count(
      Array.from({ length: events }, (_, i) => {
        const ts = Math.floor(from + (i * HOUR_MS) / events);
        return factory.next(ts, ts);
      }),
    );
  }

  test('each of the newest interactions', async () => {
    await traffic(2_000, 3);
    const keys = await keysOf('newest:hour');
    expectStated(
      'one of the newest interactions',
      bytesOf(keys) / (await sumOver(keys, (name) => redis.zcard(name))),
    );
  });

  /** The server's memory without its tables of keys and of expiries, which double at each power of two. */
  async function usedByKeys(): Promise<number> {
    const places = 2 ** Math.ceil(Math.log2((await keyNames(redis)).length));
    return (await infoNumber(redis, 'memory', 'used_memory')) - 2 * 8 * places;
  }

  /** For each family of keys that never expire: the number of fields or members of the largest. */
  async function stayingSizes(): Promise<Record<string, number>> {
    const sizes: Record<string, number> = {};
    const names = (await namesOf('')).filter(isOfHour);
    const ttls = await Promise.all(names.map((name) => redis.ttl(name)));
    for (const [i, name] of names.entries()) {
      const ttl = ttls[i]!;
      // Cohorts are followed for three years and then kept for as long as any other number.
      expect(ttl).toBeLessThan((2 * 1_095 + 100) * 86_400);
      if (ttl >= 0) continue;
      const isRanked = (await redis.type(name)) === 'zset';
      const size = isRanked ? await redis.zcard(name) : await redis.hlen(name);
      sizes[familyOf(name)] = Math.max(sizes[familyOf(name)] ?? 0, size);
    }
    return sizes;
  }

  test('everything expires, except a few numbers for each shard and day, and carts, which the sweep trims', async () => {
    const [before, bytesBefore] = [await usedByKeys(), bytesOf(await keysOf(''))];
    await traffic(2_000, 1);
    const few = await stayingSizes();
    await traffic(8_000, 2);
    const many = await stayingSizes();
    // The sizes of the keys add up to what the server's memory grew by.
    const [after, bytesAfter] = [await usedByKeys(), bytesOf(await keysOf(''))];
    const share = (bytesAfter - bytesBefore) / (after - before);
    console.log({ share, few, many });
    expect(share).toBeGreaterThan(0.9);

    expect(Object.keys(many).sort()).toEqual(['cart', 'days', 'derived', 'due', 'head', 'ledger', 'touched']);
    // An hour lies in two days at most.
    expect(many.days).toBeLessThanOrEqual(2);
    expect(many.touched).toBeLessThanOrEqual(2);
    // Version, offset, timestamp, topic, partitions and birth; the last that came from each shard and that went there;
    // which days of each site have changed.
    expect(many.head).toBeLessThanOrEqual(6 + 2 * PARTITIONS + sites.length);
    expect(many.ledger).toBeLessThanOrEqual(sites.length * OUTCOMES.length);
    expect(many.derived).toBeLessThanOrEqual(sites.length * OUTCOMES.length);
    expect(many.cart).toBeGreaterThan(few.cart!);

    const { redis: url, kafka } = shop.config;
    const trimming = openReader({ redis: url, kafka }).redis;
    const trimmer = new Trimmer(trimming, firstGeneration(kafka));
    const swept = await sweep({
      claims: new CartClaims(trimming, firstGeneration(kafka)),
      trimmer,
      openWriter: () => SignalWriter.open(kafka),
      takeOver: async () => {},
      sites: hour,
      partitions: PARTITIONS,
      cartAbandonedMinutes: 1,
    });
    expect(swept).toMatchObject({ failures: [] });
    expect(swept.signalled).toBeGreaterThan(0);
    expect(Object.keys(await stayingSizes()).sort()).toEqual(
      expect.arrayContaining(['cart', 'days', 'head', 'ledger', 'left', 'touched']),
    );
    for (let shard = 0; shard < PARTITIONS; shard++) {
      await trimmer.trim(shard, hour[0]!, now + 32 * DAY_MS, () => true);
    }
    expect(Object.keys(await stayingSizes()).sort()).toEqual([
      'days',
      'derived',
      'head',
      'ledger',
      'touched',
    ]);
  });

  test('everything that is older than the site keeps expires, however often it is counted', async () => {
    const old = now - (hour[0]!.retention_days + 200) * DAY_MS;
    // In batches of their own: the later ones find the state of a user whose old months are gone.
    for (const ts of [now, old, old + MINUTE_MS, old + 2 * MINUTE_MS]) {
      await count([eventOf('hour', 'a-regular', 'purchase', ts, { items: [itemOf(1)] })]);
    }
    expect(await keysWithoutEnd(redis)).toEqual([]);
  });
});
