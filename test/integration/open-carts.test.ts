import { firstGeneration } from '../../shared/generations/generation.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { DAY_MS, localDay } from '../../shared/platform/time.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Carts that are touched while they are read. */
const site = siteOf('shop');
const shop = await openShop([site], { partitions: 1 });
const { redis } = shop;
const generation = firstGeneration(shop.config.kafka);
const keys = keysOf(generation.id);
// Noon, so that a minute before it is the same day.
const now = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2;
const today = localDay(now, site.zone);
const cartsKey = keys.carts(0, 'shop');
const worthOf = (day: number) => keys.cartValues(0, 'shop', day);

/** How often readers have asked for carts; after the first time they are interrupted. */
let reads = 0;

/** A reader that is interrupted once, after its first command about carts. */
function interrupted(work: () => Promise<unknown>): StoreReader {
  const client = new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      if (name !== 'readCarts') return value.bind(target);
      return async (...args: unknown[]) => {
        const answer: unknown = await value.apply(target, args);
        if (reads++ === 0) await work();
        return answer;
      };
    },
  });
  return new StoreReader(client, generation);
}

/** As a commit does. */
const touch = (user: string, from: number, ts: number) =>
  redis
    .multi()
    .zadd(cartsKey, ts, user)
    .hdel(worthOf(localDay(from, site.zone)), user)
    .hset(worthOf(localDay(ts, site.zone)), user, 'EUR:700')
    .exec();

const totalOf = (days: Awaited<ReturnType<StoreReader['cartsSince']>>) =>
  [...days.values()].reduce(
    (sum, { carts, value }) => ({ carts: sum.carts + carts, EUR: sum.EUR + (value.get('EUR') ?? 0) }),
    { carts: 0, EUR: 0 },
  );

beforeEach(async () => {
  reads = 0;
  await shop.forget();
});
afterEach(() => expect(reads).toBeGreaterThan(0));

test('a cart that moves to another day meanwhile keeps its worth', async () => {
  await touch('ada', now - DAY_MS, now - DAY_MS);
  const reader = interrupted(() => touch('ada', now - DAY_MS, now));
  expect(totalOf(await reader.cartsSince(site, now - 2 * DAY_MS))).toEqual({ carts: 1, EUR: 700 });
});

test('of more carts than a page has, each is read once when one of them moves to the end meanwhile', async () => {
  const COUNT = 5_500;
  const users = Array.from({ length: COUNT }, (_, n) => `cart-${n}`);
  const start = now - 60_000;
  await redis.zadd(cartsKey, ...users.flatMap((user, n) => [start + n, user]));
  // Each has another worth, so that one is not taken for another.
  await redis.hset(worthOf(today), ...users.flatMap((user, n) => [user, `EUR:${n}`]));
  const reader = interrupted(() => redis.zadd(cartsKey, now, 'cart-3'));
  const carts = await reader.cartsSince(site, start);
  expect(totalOf(carts)).toEqual({ carts: COUNT, EUR: (COUNT * (COUNT - 1)) / 2 });
});
