import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { recordsOf } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { openReader } from '../support/reader.ts';
import { loseAll } from '../support/redis-data.ts';
import { type Fate, startRedisProxy } from '../support/redis-proxy.ts';

/** A slow Redis slows aggregate down, and no command runs out of time. */
const PARTITIONS = 4;
const COMMAND_MS = 2_000;
/** Far less than a command may take; what all chunks take is far more. */
const COMMIT_MS = 60;

const site = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR' });
const sites = [site];
const config = await freshConfig({ oneServer: true, partitions: PARTITIONS, sites });
const { redis, reader } = openReader(config);
const proxy = closing(await startRedisProxy(config.redis.url), (one) => one.close());
const isCommit = (command: string) => command.startsWith('eval');

beforeEach(async () => {
  proxy.decide = () => 'pass';
  await loseAll(redis);
});

/** A consumer without any experience of how long a commit takes. */
const newConsumer = () =>
  openConsumer(config, { redisUrl: proxy.url, commandTimeout: COMMAND_MS, forward: async () => {} });

/** Orders of many lines, so that each fills a chunk, for each partition this many. */
const now = Date.now();
function ordersFor(partitions: readonly number[], count: number): FootfallEvent[] {
  const orders: FootfallEvent[] = [];
  const missing = new Map(partitions.map((partition) => [partition, count]));
  for (let i = 0; [...missing.values()].some((left) => left > 0); i++) {
    const order = orderOf(i);
    const left = missing.get(partitionOf(userKey(order), PARTITIONS)) ?? 0;
    if (left === 0) continue;
    missing.set(partitionOf(userKey(order), PARTITIONS), left - 1);
    orders.push(order);
  }
  return orders;
}

function orderOf(i: number): FootfallEvent {
  const line = (n: number) => ({ id: `product-${i}-${n}`, quantity: 1, amount: 100 });
  return {
    ...{ v: EVENT_VERSION, id: `order-${i}`, site: site.id, user: `user-${i}`, name: 'purchase' },
    ...{ ts: now, received: now, currency: 'EUR', transaction: `t${i}` },
    items: Array.from({ length: 800 }, (_, n) => line(n)),
  };
}

const withoutDays = (numbers: Record<string, number>) =>
  Object.fromEntries(Object.entries(numbers).filter(([name]) => !name.startsWith('days /')));

async function expectCounted(events: readonly FootfallEvent[]): Promise<void> {
  const users = events.map(({ user }) => user);
  expect(await stored(reader, sites, users)).toEqual(withoutDays(recount(events, sites)));
}

/** Has each commit take this long, one after the other, as on a server of one thread. */
const delayCommits = (ms: () => number) => {
  proxy.decide = async (command): Promise<Fate> => {
    if (isCommit(command)) await sleep(ms());
    return 'pass';
  };
};

const commits = () => proxy.counts.commands.filter(isCommit).length;

describe('batches whose chunks together take longer than a command may', () => {
  test('are applied, four partitions at once', async () => {
    const events = ordersFor([0, 1, 2, 3], 20);
    const { apply } = newConsumer();
    delayCommits(() => COMMIT_MS);
    proxy.reset();
    const began = performance.now();
    await Promise.all(recordsOf(events, PARTITIONS).map((batch) => apply(batch)));
    expect(commits()).toBe(events.length);
    expect(performance.now() - began).toBeGreaterThan(2 * COMMAND_MS);
    await expectCounted(events);
  });

  test('are applied when Redis becomes four times slower in the middle of a batch', async () => {
    const events = ordersFor([0], 100);
    const { apply } = newConsumer();
    let sent = 0;
    delayCommits(() => (++sent > 40 ? COMMIT_MS : COMMIT_MS / 4));
    await apply(recordsOf(events, PARTITIONS)[0]!);
    expect(sent).toBe(events.length);
    await expectCounted(events);
  });
});

describe('a Redis as quick as usual', () => {
  test('gets the chunks of a batch in one round trip', async () => {
    const batches = 25;
    const events = ordersFor([0], 4 * batches);
    const { apply } = newConsumer();
    const records = recordsOf(events, PARTITIONS)[0]!;
    const roundTrips: number[] = [];
    for (let n = 0; n < batches; n++) {
      proxy.reset();
      await apply(records.slice(4 * n, 4 * (n + 1)));
      expect(commits()).toBe(4);
      roundTrips.push(proxy.counts.roundTrips);
    }
    // One reads, the other one commits. On a busy machine, some commits seem slow, and their batches take more.
    expect(Math.min(...roundTrips)).toBe(2);
    await expectCounted(events);
  });
});
