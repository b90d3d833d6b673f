import fc from 'fast-check';
import { erasureEvent } from '../../shared/event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { batchSizes, cut, eventStream, hardSites, recordsOf, USERS } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { type Consumer, openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openReader } from '../support/reader.ts';
import { keyNames, loseAll } from '../support/redis-data.ts';
import { type Fate, startRedisProxy } from '../support/redis-proxy.ts';

const shop = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 3 });
const sites = [...hardSites, shop];
const numRuns = Math.ceil(Number(process.env.FOOTFALL_RUNS ?? 100) / 10);
const config = await freshConfig({ oneServer: true, partitions: 1, sites });
const { redis, reader } = openReader(config);
const proxy = closing(await startRedisProxy(config.redis.url), (one) => one.close());
/** What shards send to each other is left out: it only lists the orders, which have no transaction ids. */
const forward = async () => {};
const direct = openConsumer(config, { forward });
const consumer = openConsumer(config, { redisUrl: proxy.url, forward });

const isCommit = (command: string) => command === 'evalsha' || command === 'eval';

beforeEach(async () => {
  proxy.decide = () => 'pass';
  await loseAll(redis);
});

const withoutDays = (numbers: Record<string, number>) =>
  Object.fromEntries(Object.entries(numbers).filter(([name]) => !name.startsWith('days /')));

async function expectCounted(events: FootfallEvent[], users: readonly string[]): Promise<void> {
  expect(await stored(reader, sites, users)).toEqual(withoutDays(recount(events, sites)));
}

/** As Lambda does: whatever is thrown, the same batch again. Returns how often it was thrown. */
async function applyPatiently(to: Consumer, batch: Parameters<Consumer['apply']>[0]): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await to.apply(batch);
      return failures;
    } catch (error) {
      if (failures === 20) throw error;
    }
  }
}

test('a connection that is cut before or after a commit, at any of them, changes no number', async () => {
  const fates = fc.array(fc.constantFrom<Fate>('pass', 'lose command', 'lose reply'), {
    minLength: 10,
    maxLength: 10,
  });
  const recent = { receivedFrom: Date.now() - 12 * 3_600_000, receivedFor: 12 * 3_600_000 };
  await fc.assert(
    fc.asyncProperty(eventStream(recent), batchSizes, fates, async (events, sizes, list) => {
      await loseAll(redis);
      const queue = [...list];
      proxy.decide = (command) => (isCommit(command) ? (queue.shift() ?? 'pass') : 'pass');
      for (const batch of cut(recordsOf(events, 1)[0]!, sizes)) await applyPatiently(consumer, batch);
      await expectCounted(events, USERS);
    }),
    { numRuns },
  );
});

const now = Date.now();

/** Events that make very many writes: each buys three products that no other event buys. */
const large: FootfallEvent[] = Array.from({ length: 2_500 }, (_, i) => ({
  v: EVENT_VERSION,
  id: `e${i}`,
  site: 'shop',
  user: `u${i % 300}`,
  name: 'purchase',
  ts: now - i,
  received: now,
  currency: 'EUR',
  items: [0, 1, 2].map((j) => ({ id: `p${i}-${j}`, quantity: 1, amount: 100 + j })),
}));
const largeBatch = recordsOf(large, 1)[0]!;
const largeUsers = Array.from({ length: 300 }, (_, i) => `u${i}`);

test('a large batch is committed in several chunks', async () => {
  let commits = 0;
  proxy.decide = (command) => {
    if (isCommit(command)) commits++;
    return 'pass';
  };
  expect(await consumer.apply(largeBatch)).toMatchObject({ applied: 2_500, duplicate: 0 });
  expect(commits).toBeGreaterThan(2);
  await expectCounted(large, largeUsers);
});

test.each<[Fate, number]>([
  ['lose command', 1],
  ['lose command', 2],
  ['lose reply', 1],
  ['lose reply', 2],
])('"%s" at chunk %i of a large batch', async (fate, chunk) => {
  let commits = 0;
  proxy.decide = (command) => (isCommit(command) && ++commits === chunk ? fate : 'pass');
  await applyPatiently(consumer, largeBatch);
  expect(commits).toBeGreaterThan(2);
  await expectCounted(large, largeUsers);
});

test('another consumer that commits between two chunks of a large batch', async () => {
  let commits = 0;
  proxy.decide = async (command): Promise<Fate> => {
    if (isCommit(command) && ++commits === 2) await direct.apply(largeBatch.slice(0, 2_000));
    return 'pass';
  };
  const counts = await consumer.apply(largeBatch);
  // The first chunk, and what the other consumer had left.
  expect(counts.applied).toBeGreaterThan(500);
  expect(counts.applied).toBeLessThan(2_500);
  await expectCounted(large, largeUsers);
});

test('a server that forgets its scripts between two batches', async () => {
  await consumer.apply(largeBatch.slice(0, 100));
  await redis.script('FLUSH');
  await consumer.apply(largeBatch.slice(0, 2_500));
  await expectCounted(large, largeUsers);
});

const event = (fields: Partial<FootfallEvent>): FootfallEvent => ({ ...large[0]!, ...fields });

test('an event from before 1970, older than anything its site keeps, does not stop the others', async () => {
  const old = event({ id: 'old', ts: Date.UTC(1930, 5, 1), backfill: true });
  await consumer.apply(recordsOf([event({ id: 'a' }), old, event({ id: 'b' })], 1)[0]!);
  expect(await ledgerOf(reader)).toEqual(new Map([['shop:applied', 3]]));
  expect((await reader.user('shop', 'u0'))?.sums.get('n:purchase')).toBe(3);
  const today = await stored(reader, [shop], []);
  const orders = Object.entries(today).filter(([name]) => /^day .* orders$/.test(name));
  expect(orders.map(([, count]) => count)).toEqual([2]);
});

test('a user whose last event is older than anything that is kept', async () => {
  await consumer.apply(recordsOf([event({ ts: Date.UTC(1930, 5, 1), backfill: true })], 1)[0]!);
  expect(await ledgerOf(reader)).toEqual(new Map([['shop:applied', 1]]));
});

test('a sum too large for Redis does not leave a commit half done', async () => {
  const dear = Array.from({ length: 5 }, (_, i) => event({ id: `d${i}`, value: 1e14, items: [] }));
  const [records] = recordsOf([...dear, event({ id: 'other', user: 'u1', currency: 'JPY' })], 1);
  await consumer.apply(records!.slice(0, 1));
  const [key] = await keyNames(redis, '*:d:shop:*');
  await redis.hset(key!, 'revenue:EUR', String(2n ** 63n - 10n ** 14n));
  await consumer.apply(records!);
  expect(await reader.heads()).toMatchObject([{ next: 6 }]);
  const numbers = await stored(reader, [shop], ['u0', 'u1']);
  expect(Object.entries(numbers).find(([name]) => /^day .* orders$/.test(name))?.[1]).toBe(6);
  expect(numbers['user / shop / u0 / revenue:EUR']).toBe(5e14);
});

test('a full Redis takes all of a commit or nothing', async () => {
  const now = Date.now();
  const event = { v: EVENT_VERSION, site: 'shop', user: 'ada', ts: now, received: now } as const;
  // What an erasure removes needs no memory: nothing of it may open the way for the rest.
  const erases = { receipt: 'r', of: 1 };
  const [records] = recordsOf(
    [
      { ...event, id: '1', name: 'purchase', items: [{ id: 'tea', quantity: 1 }] },
      erasureEvent({ site: 'shop', user: 'ada', at: now, erases }),
      erasureEvent({ site: 'shop', user: 'bob', at: now, erases }),
    ],
    1,
  ) as [KafkaRecord[]];
  for (const record of records) {
    await redis.config('SET', 'maxmemory', '1');
    try {
      await expect(direct.apply([record])).rejects.toThrow('OOM');
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    await direct.apply([record]);
  }
  const ledger = await ledgerOf(reader);
  expect(Object.fromEntries(ledger)).toEqual({ 'shop:applied': 1, 'shop:erasure': 2 });
});
