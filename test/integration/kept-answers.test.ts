import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keys } from '../../shared/platform/redis/keys.ts';
import { DAY_MS, formatDay } from '../../shared/platform/time.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { keyNames } from '../support/redis-data.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** What answers take in Redis, when a client with a read key asks very many different questions. */

const shop = await openShop([siteOf('greedy'), siteOf('modest')]);
const sizing = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'sizing.md'), 'utf8');
const stated = Number(/(\d+) MB for the answers that a site keeps/.exec(sizing)?.[1]) * 1e6;

const PRODUCTS = 1_000;
const today = Math.floor(Date.now() / DAY_MS);
const day = formatDay(today - 20);
/** Questions about past days, each of which has another answer. */
const targetOf = (limit: number) => `/v1/products?from=${day}&to=${day}&metric=views&limit=${limit}`;

/** Asks in a process that remembers nothing. */
async function ask(site: string, limit: number): Promise<string> {
  const { status, body } = await shop.process().get<{ meta: { cache: string } }>(site, targetOf(limit));
  expect(status).toBe(200);
  return body.meta.cache;
}

const answers = async () =>
  (await keyNames(shop.redis, 'ff:answer:*')).filter((name) => !name.endsWith(':lock'));

/** What all answers, and the notes about them, take in Redis. */
async function bytesOfAnswers(): Promise<number> {
  const names = [...(await answers()), ...(await keyNames(shop.redis, 'ff:{answers:*'))];
  const bytes = await Promise.all(names.map((name) => shop.redis.memory('USAGE', name, 'SAMPLES', 0)));
  // MEMORY USAGE leaves out a key's expiry and its entries in the server's two tables.
  return bytes.reduce<number>((sum, one) => sum + one! + 64, 0);
}

beforeAll(async () => {
  const items = Array.from({ length: PRODUCTS }, (_, i) => ({
    item_id: `a-product-with-a-long-id-${i}`,
    item_name: `A product whose name is rather long, ${i}`,
  }));
  for (const site of ['greedy', 'modest']) {
    for (let i = 0; i < PRODUCTS; i += 100) {
      const fields = { name: 'view_item', user_id: 'ana', backfill: true, timestamp: `${day}T10:00:00Z` };
      await shop.send(site, { ...fields, items: items.slice(i, i + 100) });
    }
  }
});

test('a site keeps no more than it may, and the others keep theirs', async () => {
  expect(await ask('modest', 10)).toBe('miss');
  const LIMITS = Array.from({ length: 300 }, (_, i) => 200 + i);
  for (const limit of LIMITS) expect(await ask('greedy', limit)).toBe('miss');
  const bytes = await bytesOfAnswers();
  console.log({ bytes, stated, answers: (await answers()).length });
  expect(bytes).toBeLessThanOrEqual(stated);
  expect(bytes).toBeGreaterThan(stated / 3);
  // The oldest went.
  expect(await ask('greedy', LIMITS.at(-1)!)).toBe('hit');
  expect(await ask('greedy', LIMITS[0]!)).toBe('miss');
  expect(await ask('modest', 10)).toBe('hit');
  expect(await keysWithoutEnd(shop.redis)).toEqual([]);
});

test('a long page is kept for seconds, a short one for a day', async () => {
  const livesOf = async (limit: number) => {
    const before = new Set(await answers());
    expect(await ask('modest', limit)).toBe('miss');
    const added = (await answers()).filter((name) => !before.has(name));
    expect(added).toHaveLength(1);
    return [await shop.redis.strlen(added[0]!), await shop.redis.pttl(added[0]!)] as const;
  };
  const [long, seconds] = await livesOf(1_000);
  expect(long).toBeGreaterThan(100_000);
  expect(seconds).toBeLessThanOrEqual(10_000);
  const [short, aDay] = await livesOf(20);
  expect(short).toBeLessThan(100_000);
  expect(aDay).toBeGreaterThan(DAY_MS - 60_000);
});

test('what expired, or was asked again, makes room', async () => {
  const sum = async () => Number(await shop.redis.get(keys.answersBytes('modest')));
  const before = await sum();
  expect(await ask('modest', 30)).toBe('miss');
  const with30 = await sum();
  expect(with30).toBeGreaterThan(before);
  const [member] = (await shop.redis.zrange(keys.answersKept('modest'), '-1', '-1')) as [string];
  // Lost, and kept once more.
  await shop.redis.del(keys.answer(member.slice(0, member.lastIndexOf(':'))));
  expect(await ask('modest', 30)).toBe('miss');
  expect(await sum()).toBe(with30);
  // Expired.
  await shop.redis.zadd(keys.answersKept('modest'), 1, member);
  expect(await ask('modest', 31)).toBe('miss');
  expect(Math.abs((await sum()) - with30)).toBeLessThan(1_000);
});
