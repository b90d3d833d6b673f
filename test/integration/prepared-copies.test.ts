import { CopyPreparer } from '../../shared/derived/copy-preparer.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { DAY_MS, formatDay } from '../../shared/platform/time.ts';
import { callsByCommand, resetCalls } from '../support/commands.ts';
import { eventOf } from '../support/events.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** The sweep makes copies of the sums of settled days before a question needs them. */

const site = siteOf('shop');
const quiet = siteOf('quiet');
const PARTITIONS = 4;
const shop = await openShop([site, quiet], { partitions: PARTITIONS });
const generation = firstGeneration(shop.config.kafka);
const now = Date.now();
const dayOf = (daysAgo: number) => formatDay(Math.floor(now / DAY_MS) - daysAgo);
let ids = 0;

const view = (user: string, daysAgo: number, product: string): FootfallEvent => {
  const ts = now - daysAgo * DAY_MS;
  const items = [{ id: product, quantity: 1, amount: 500 }];
  return eventOf({
    id: `e${ids++}`,
    user,
    ts,
    received: now,
    backfill: true,
    country: 'ES',
    currency: 'EUR',
    items,
  });
};

const send = (...events: FootfallEvent[]) => shop.count(events);

const days = `from=${dayOf(200)}&to=${dayOf(20)}`;
const QUESTIONS = [
  `/v1/overview?${days}`,
  `/v1/breakdowns/country?${days}`,
  `/v1/series?${days}&metric=users`,
];

/** How often a process without memory runs a script in a shard for the questions. */
async function readsOfShards(): Promise<number> {
  await resetCalls(shop.redis);
  const { get } = shop.process();
  for (const target of QUESTIONS) expect((await get(site.id, target)).status).toBe(200);
  return (await callsByCommand(shop.redis)).hlen ?? 0;
}

const productsSeen = async () =>
  (await shop.get<{ data: { products: number } }>(site.id, QUESTIONS[0]!)).body.data.products;

const run = (preparer: CopyPreparer, goOn = () => true, sites = [site, quiet]) =>
  preparer.run(sites, { now: Date.now(), goOn });

beforeEach(() => shop.forget());

test('days that two runs found the same have copies, and a question reads no shard', async () => {
  await send(view('ana', 150, 'tea'), view('ben', 40, 'tea'), view('ana', 40, 'cup'), view('ben', 0, 'tea'));
  const preparer = new CopyPreparer(shop.redis, generation);
  expect(await run(preparer)).toBe(0);
  expect(await run(preparer)).toBe(1);
  expect(await run(preparer)).toBe(0);
  expect(await readsOfShards()).toBe(0);
  expect(await productsSeen()).toBe(2);
});

test('a late event in a settled day is in the copies of a later run', async () => {
  await send(view('ana', 150, 'tea'), view('ben', 40, 'tea'));
  const preparer = new CopyPreparer(shop.redis, generation);
  for (const _ of [1, 2]) await run(preparer);
  await send(view('cleo', 41, 'cup'));
  expect(await run(preparer)).toBe(0);
  expect(await run(preparer)).toBe(1);
  expect(await readsOfShards()).toBe(0);
  expect(await productsSeen()).toBe(2);
});

test('a month that changes all the time does not hold up the others', async () => {
  await send(view('ana', 150, 'tea'), view('ben', 40, 'tea'));
  const preparer = new CopyPreparer(shop.redis, generation);
  await run(preparer);
  await send(view('cleo', 40, 'cup'));
  expect(await run(preparer)).toBe(1);
  await send(view('dora', 40, 'cup'));
  expect(await run(preparer)).toBe(0);
  expect(await run(preparer)).toBe(1);
  expect(await readsOfShards()).toBe(0);
  expect(await productsSeen()).toBe(2);
});

test('events of now make no run prepare anything', async () => {
  await send(view('ana', 150, 'tea'));
  const preparer = new CopyPreparer(shop.redis, generation);
  for (const _ of [1, 2]) await run(preparer);
  await send(view('ben', 0, 'tea'));
  for (const _ of [1, 2]) expect(await run(preparer)).toBe(0);
});

test('a run without time leaves the rest to the next one', async () => {
  await send(view('ana', 150, 'tea'), view('ben', 40, 'tea'));
  const preparer = new CopyPreparer(shop.redis, generation);
  await run(preparer);
  let steps = 6;
  expect(await run(preparer, () => steps-- > 0, [site])).toBe(0);
  const some = await shop.redis.zcard(keys.copiesKept(site.id));
  expect(some).toBeGreaterThan(1);
  expect(await run(preparer, () => true, [site])).toBe(1);
  expect(await shop.redis.zcard(keys.copiesKept(site.id))).toBeGreaterThan(some);
  expect(await readsOfShards()).toBe(0);
});
