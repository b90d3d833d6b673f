import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { signalAbandonedCarts } from '../../shared/carts/signal-carts.ts';
import { packUserState, unpackUserState } from '../../shared/fold/user-state.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { chunkArray } from '../../shared/platform/chunk-array.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { formatDay, localDay } from '../../shared/platform/time.ts';
import { readOrders } from '../../shared/questions/orders.ts';
import { DayPacker } from '../../shared/shard/packing/day-packer.ts';
import { callsByCommand, infoNumber, resetCalls } from '../support/commands.ts';
import { openShop, siteOf } from '../support/shop.ts';
import { totalsOf } from '../support/sums.ts';

/**
 * Clients name products, events and times, so a shop may have any number of each. A question about such a shop holds
 * Redis no longer at a time than any other: the others wait meanwhile.
 */
const site = siteOf('shop');
const shop = await openShop([site, siteOf('other')], { partitions: 2 });
const { redis, reader, config } = shop;
const generation = firstGeneration(config.kafka);
const keys = keysOf(generation.id);
const now = Date.now();
const day = Math.floor(now / 86_400_000);
const MANY = 60_000;

const numbers = Array.from({ length: MANY }, (_, n) => n);

/** How often Redis was asked each command, and what came of it. */
async function counting<T>(work: () => Promise<T>): Promise<{ calls: Record<string, number>; result: T }> {
  await resetCalls(redis);
  const result = await work();
  return { calls: await callsByCommand(redis), result };
}

beforeEach(() => shop.forget());

describe('a shop with very many products', () => {
  beforeEach(async () => {
    for (const some of chunkArray(numbers, 5_000)) {
      const scored = some.flatMap((n) => [n + 1, `p-${n}`]);
      await redis.zadd(keys.products(0, 'shop', day, 'views'), ...scored);
      await redis.zadd(keys.productHour(0, 'shop', now - (now % 3_600_000), 'views'), ...scored);
      await redis.hset(keys.names(0, 'shop', 3), ...some.flatMap((n) => [`p-${n}`, `Product ${n}`]));
    }
    await redis.zadd(keys.products(1, 'shop', day, 'views'), 5, 'p-0', 2, 'p-x');
  });

  test('is added up in pages', async () => {
    const { calls, result } = await counting(async () =>
      totalsOf(await reader.products('shop', [day - 1, day], ['views'])),
    );
    expect(result.size).toBe(MANY + 1);
    expect(result.get('p-0')).toBe(6);
    expect(result.get('p-59999')).toBe(60_000);
    expect(result.get('p-x')).toBe(2);
    expect(calls.zrange).toBe(1);
    expect(calls.zscan).toBeGreaterThan(6);
  });

  test('has its trends in pages', async () => {
    const hours = new Map([[now - (now % 3_600_000), 0.5]]);
    const { calls, result } = await counting(() => reader.trending('shop', 'views', hours));
    expect(result.get('p-59999')).toBe(30_000);
    expect(calls.zunion ?? 0).toBe(0);
  });

  test('is searched in pages', async () => {
    const { calls, result } = await counting(() => reader.names('shop', [3]));
    expect(result.size).toBe(MANY);
    expect(calls.hgetall ?? 0).toBe(0);
  });
});

test('a day of very many event names is read in pages', async () => {
  for (const some of chunkArray(numbers, 5_000))
    await redis.hset(keys.day(0, 'shop', day), ...some.flatMap((n) => [`n:event-${n}`, 1]));
  await redis.hset(keys.day(1, 'shop', day), 'n:event-1', 2);
  const { calls, result } = await counting(() => reader.dayHashes('day', 'shop', [day]));
  expect(result[0]!.sums.size).toBe(MANY);
  expect(result[0]!.sums.get('n:event-1')).toBe(3);
  // The other shard's, which is short.
  expect(calls.hgetall).toBe(1);
});

describe('very heavy days that are packed', () => {
  const packer = new DayPacker(redis, generation);
  const pack = async () => {
    for (const partition of [0, 1]) {
      await redis.hset(keys.touched(partition, 'shop'), String(day), '1');
      expect(await packer.pack({ partition, site, day })).toBe(true);
    }
  };

  test('many products are packed in pages, and are read so; one of them costs one bucket', async () => {
    for (const some of chunkArray(numbers, 5_000)) {
      await redis.zadd(keys.products(0, 'shop', day, 'views'), ...some.flatMap((n) => [n + 1, `p-${n}`]));
    }
    await redis.zadd(keys.products(1, 'shop', day, 'views'), 5, 'p-0', 2, 'p-x');
    for (const partition of [0, 1]) {
      await redis.expire(keys.products(partition, 'shop', day, 'views'), 1_000);
    }
    const packing = await counting(pack);
    expect(packing.calls.zrange).toBeGreaterThan(MANY / 5_000);
    // What lies beside it.
    await redis.zadd(keys.products(0, 'shop', day, 'views'), -1, 'p-0', 7, 'p-y');
    const all = await counting(async () => totalsOf(await reader.products('shop', [day], ['views'])));
    expect(all.result.size).toBe(MANY + 2);
    expect([all.result.get('p-0'), all.result.get('p-59999'), all.result.get('p-y')]).toEqual([5, 60_000, 7]);
    expect(all.calls.hmget).toBeGreaterThan(2);
    const largest = Math.max(
      ...(await redis.hvalsBuffer(keys.packedLarge(0, 'shop', day))).map(({ length }) => length),
    );
    expect(largest).toBeLessThan(4_000);
    const one = await counting(() => reader.productDays('shop', 'p-0', [day], ['views']));
    expect(one.result[0]!.sums.get('views')).toBe(5);
    expect(one.calls).toMatchObject({ hget: 3, zscore: 2 });
  });

  test('very many event names come in one compressed section', async () => {
    for (const some of chunkArray(numbers, 5_000)) {
      await redis.hset(keys.day(0, 'shop', day), ...some.flatMap((n) => [`n:event-${n}`, 1]));
    }
    await redis.expire(keys.day(0, 'shop', day), 1_000);
    await pack();
    expect(await redis.hlen(keys.packedLarge(0, 'shop', day))).toBe(1);
    const { calls, result } = await counting(() => reader.dayHashes('day', 'shop', [day]));
    expect(result[0]!.sums.size).toBe(MANY);
    expect(calls.hscan ?? 0).toBe(0);
  });
});

test('one product of a year of packed days costs a bucket a day, and little memory', async () => {
  const packer = new DayPacker(redis, generation);
  const days = Array.from({ length: 365 }, (_, n) => day - n);
  const scored = numbers.slice(0, 2_000).flatMap((n) => [n + 1, `p-${n}`]);
  for (const metric of ['views', 'carts']) {
    await redis.zadd(keys.products(0, 'shop', day, metric), ...scored);
    await redis.expire(keys.products(0, 'shop', day, metric), 1_000);
  }
  await redis.hset(keys.touched(0, 'shop'), String(day), '1');
  expect(await packer.pack({ partition: 0, site, day })).toBe(true);
  // The other days are the same.
  for (const one of days.slice(1)) {
    await redis.copy(keys.packed(0, 'shop', day), keys.packed(0, 'shop', one));
    await redis.copy(keys.packedLarge(0, 'shop', day), keys.packedLarge(0, 'shop', one));
  }
  await resetCalls(redis);
  const bytesSent = () => infoNumber(redis, 'stats', 'total_net_output_bytes');
  const [before, started] = [await bytesSent(), performance.now()];
  const byDay = await reader.productDays('shop', 'p-7', days, ['views', 'carts']);
  const [tookMs, bytes] = [performance.now() - started, (await bytesSent()) - before];
  console.log({ tookMs, bytes });
  expect(byDay.map(({ sums }) => [...sums.values()])).toEqual(days.map(() => [8, 8]));
  expect(bytes).toBeLessThan(days.length * 4_000);
  const { result, calls } = await counting(async () =>
    totalsOf(await reader.products('shop', days, ['views'])),
  );
  expect(result.get('p-7')).toBe(8 * days.length);
  expect((calls.evalsha ?? 0) + (calls.eval ?? 0)).toBeLessThan(30);
});

describe('very many carts of one millisecond', () => {
  const COUNT = 5_000;
  const ts = now - 7_200_000;
  const nameOf = (n: number) => `u-${String(n).padStart(5, '0')}`;

  beforeEach(async () => {
    for (const some of chunkArray(numbers.slice(0, COUNT), 1_000)) {
      for (const partition of [0, 1]) {
        const mine = some.filter((n) => n % 2 === partition);
        await redis.zadd(
          keys.carts(partition, 'shop'),
          ...mine.flatMap((n) => [n === 7 ? ts + 1 : n === 8 ? ts - 1 : ts, nameOf(n)]),
        );
      }
    }
  });

  test('are listed without reading all of them, in pages that have each once', async () => {
    const all = numbers.slice(0, COUNT).filter((n) => n !== 7 && n !== 8);
    const expected = [7, ...all, 8].map(nameOf);
    const first = await counting(() => reader.carts('shop', { from: 0, to: now, limit: 10 }));
    expect(first.result.map(({ user }) => user)).toEqual(expected.slice(0, 10));
    expect(first.calls.zrevrangebyscore! + (first.calls.zrange ?? 0)).toBeLessThan(20);
    const after = { ts, user: nameOf(3_000) };
    const middle = await counting(() => reader.carts('shop', { from: 0, to: now, limit: 10, after }));
    expect(middle.result.map(({ user }) => user)).toEqual(numbers.slice(3_001, 3_011).map(nameOf));
    expect(middle.calls.zrevrangebyscore! + (middle.calls.zrange ?? 0)).toBeLessThan(60);
    const last = await reader.carts('shop', {
      from: 0,
      to: now,
      limit: 10,
      after: { ts, user: nameOf(4_995) },
    });
    expect(last.map(({ user }) => user)).toEqual(expected.slice(-5));
  });
});

test('what very many open carts are worth is read a few thousand carts at a time', async () => {
  const users = numbers.slice(0, 11_000).map((n) => `open-${n}`);
  const today = localDay(now, site.zone);
  for (const some of chunkArray(users, 1_000)) {
    await redis.zadd(keys.carts(0, 'shop'), ...some.flatMap((user) => [now, user]));
    await redis.hset(keys.cartValues(0, 'shop', today), ...some.flatMap((user) => [user, 'EUR:150,JPY:-2']));
  }
  const { calls, result } = await counting(() => reader.cartsSince(site, now - 60_000));
  expect([...result]).toEqual([
    [
      today,
      {
        carts: 11_000,
        value: new Map([
          ['EUR', 1_650_000],
          ['JPY', -22_000],
        ]),
      },
    ],
  ]);
  // Three pages of one shard, the first of them twice since all have one time, and one of the other.
  expect(calls).toMatchObject({ zrangebyscore: 5, hmget: 4 });
});

test('a day of very many orders is listed page by page', async () => {
  const COUNT = 100_000;
  const noon = day * 86_400_000 + 43_200_000;
  for (const some of chunkArray(
    Array.from({ length: COUNT }, (_, n) => n),
    5_000,
  )) {
    for (const partition of [0, 1]) {
      const mine = some.filter((n) => n % 2 === partition);
      await redis.zadd(
        keys.orders(partition, 'shop', day),
        ...mine.flatMap((n) => [noon + Math.floor(n / 4), `tT-${String(n).padStart(6, '0')}`]),
      );
    }
  }
  const page = await counting(() => reader.orders('shop', [day - 1, day], { limit: 101 }));
  expect(page.result).toHaveLength(101);
  // Of one ms there are four.
  const names = [99_996, 99_997, 99_998, 99_999, 99_992].map((n) => `tT-${String(n).padStart(6, '0')}`);
  expect(page.result.slice(0, 5).map(({ key }) => key)).toEqual(names);
  expect(page.calls.zrevrangebyscore! + (page.calls.zrange ?? 0)).toBeLessThan(10);
  const after = page.result[99]!;
  const next = await reader.orders('shop', [day - 1, day], { after, limit: 10 });
  expect(next[0]).toEqual(page.result[100]);
  expect(await reader.countOrders('shop', [day - 1, day])).toBe(COUNT);
  await redis.hset(keys.days(0, 'shop'), String(day), 1);
  const query = { from: formatDay(day), to: formatDay(day), limit: 1 };
  const table = readOrders(reader, site, query, true);
  await expect(table).rejects.toMatchObject({
    code: 'too_many_orders',
    status: 400,
    details: { orders: COUNT, limit: 10_000 },
  });
});

describe('carts with the heaviest states', () => {
  test('are claimed a few at a time', async () => {
    const users = Array.from({ length: 50 }, (_, n) => `heavy-${n}`);
    await shop.send('shop', { name: 'page_view', user_id: 'heavy' });
    const home = (await redis.exists(keys.user(0, 'shop', 'heavy'))) ? 0 : 1;
    const state = unpackUserState((await redis.getBuffer(keys.user(home, 'shop', 'heavy')))!);
    state.sums.set(`n:${'x'.repeat(400_000)}`, 1);
    const heavy = packUserState(state);
    for (const user of users) await redis.set(keys.user(0, 'shop', user), heavy, 'EX', 3_600);
    await redis.zadd(keys.dueCarts(0, 'shop'), ...users.flatMap((user) => [now - 7_200_000, user]));
    const claims = new CartClaims(redis, generation);
    const wanted = users.map((user) => ({
      claim: {
        ...{ site: 'shop', user, ts: now - 7_200_000, id: user },
        ...{ partition: 0, offset: 0, run: 'r' },
      },
    }));
    const { calls, result } = await counting(() => claims.take(0, 'shop', wanted, now));
    expect(result.map((one) => one?.sums.size)).toEqual(users.map(() => 2));
    // Five of 400 kB at a time.
    expect((calls.evalsha ?? 0) + (calls.eval ?? 0)).toBeGreaterThanOrEqual(10);
  });
});

test('a shop with very many left carts in one shard keeps those of other shards waiting for a page only', async () => {
  const ts = now - 7_200_000;
  const order: string[] = [];
  let left = [500, 1];
  const claims = {
    hasWork: async (shard: number) => left[shard]! > 0,
    claims: async () => [],
    due: async (shard: number) => {
      order.push(`page of ${shard}`);
      const some = Math.min(50, left[shard]!);
      left = left.with(shard, left[shard]! - some);
      return Array.from({ length: some }, (_, n) => ({ user: `u-${n}`, ts }));
    },
    take: async (_: number, __: string, wanted: unknown[]) => wanted.map(() => undefined),
    settle: async () => {},
  };
  const writer = {
    placeOf: () => ({ partition: 0, offset: 0 }),
    published: async () => new Set<string>(),
    publish: async () => {},
    close: async () => {},
  };
  await signalAbandonedCarts(
    {
      ...{ claims: claims as never, sites: ['shop'], partitions: 2 },
      ...{ openWriter: async () => writer as never, takeOver: async () => {}, onSignalled: () => {} },
    },
    { before: now, goOn: () => true },
  );
  expect(order.slice(0, 2).sort()).toEqual(['page of 0', 'page of 1']);
});

test('many users who are no longer live are removed some at a time', async () => {
  const key = keys.live(0, 'shop');
  const user = shop.userBeside('shop', 'someone', 'someone');
  await shop.send('shop', { name: 'page_view', user_id: user });
  const live = (await redis.exists(key)) ? key : keys.live(1, 'shop');
  const before = await reader.live('shop', now - 1_800_000);
  for (const some of chunkArray(numbers, 5_000))
    await redis.zadd(live, ...some.flatMap((n) => [now - 86_400_000, `gone-${n}`]));
  await shop.send('shop', { name: 'page_view', user_id: user });
  expect(await redis.zcard(live)).toBeGreaterThan(MANY - 2_000);
  expect(await redis.zcard(live)).toBeLessThan(MANY);
  expect(await reader.live('shop', now - 1_800_000)).toBe(before);
});
