import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { recordsOf } from '../oracle/streams.ts';
import { resetCalls, timeOfCommand } from '../support/commands.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Write keys are public: anyone can make states as heavy as there can be, and have many of them in one batch. */
const PARTITIONS = 4;
const USERS = 300;
const HOUR = 3_600_000;
const site = siteOf('shop', { lateness_hours: 720, retention_days: 3_650 });
const shop = await openShop([site], { partitions: PARTITIONS });
const { redis, config } = shop;
const keys = keysOf(firstGeneration(config.kafka).id);
const now = Date.now();
const run = promisify(execFile);

/** Texts of three bytes a letter, as long as they are kept. */
const wide = (n: number, length = 200) => `${n}`.padEnd(length, '語');

const eventOf = (user: string, n: number, fields: Partial<FootfallEvent>): FootfallEvent => ({
  v: EVENT_VERSION,
  id: wide(n, 128),
  site: 'shop',
  user,
  name: 'page_view',
  ts: now - 700 * HOUR + n * HOUR,
  received: now,
  ...fields,
});

/** 400 visits with texts that are as wide as they are kept, carts, and orders. */
const heaviest = (user: string): FootfallEvent[] => [
  ...Array.from({ length: 400 }, (_, n) =>
    eventOf(user, n, {
      ...{ source: wide(n), medium: wide(n), campaign: wide(n), channel: wide(n) },
      ...{ referrer: wide(n), page: wide(n), session_id: wide(n, 100) },
    }),
  ),
  ...Array.from({ length: 100 }, (_, n) =>
    Array.from({ length: 10 }, (_, copy) =>
      eventOf(user, 1_000 + n * 10 + copy, {
        ...{ name: 'purchase', ts: now - 700 * HOUR + n * HOUR - copy * 1_000, currency: 'EUR', value: 100 },
        ...{ transaction_id: wide(n, 128), session_id: wide(copy, 100) },
      }),
    ),
  ).flat(),
  ...Array.from({ length: 200 }, (_, n) =>
    eventOf(user, 3_000 + n, {
      ...{ name: 'add_to_cart', ts: now, currency: 'EUR' },
      items: [{ id: wide(n, 100), quantity: 1, amount: 100 }],
    }),
  ),
  ...Array.from({ length: 10_000 }, (_, n) => eventOf(user, 10_000 + n, { ts: now })),
];

const home = (user: string) => partitionOf(userKey({ site: 'shop', user }), PARTITIONS);
let state: Buffer;

beforeAll(async () => {
  await shop.count(heaviest('heavy'));
  state = (await redis.getBuffer(keys.user(home('heavy'), 'shop', 'heavy')))!;
});

test('a state is bounded in bytes', () => {
  console.log('bytes of the heaviest state:', state.length);
  expect(state.length).toBeGreaterThan(300_000);
  expect(state.length).toBeLessThan(600_000);
});

test('an order is bounded in bytes', async () => {
  const lines = Array.from({ length: 1_000 }, (_, n) => ({ id: wide(n, 100), quantity: 1, amount: 100 }));
  const orderOf = (n: number, fields: Partial<FootfallEvent>) =>
    eventOf('buyer', n, { transaction_id: 'T-1', currency: 'EUR', items: lines, ...fields });
  await shop.count([
    orderOf(0, { name: 'purchase' }),
    ...Array.from({ length: 20 }, (_, n) => orderOf(n + 1, { name: 'refund' })),
  ]);
  const order = await redis.getBuffer(keys.order(home('order:T-1'), 'shop', 'T-1'));
  console.log('bytes of the heaviest order:', order!.length);
  expect(order!.length).toBeLessThan(1_000_000);
});

test('parts change no number: each event of a heavy user is counted once, in order', async () => {
  const users = ['u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6'].map((name) =>
    shop.userBeside('shop', name, 'heavy'),
  );
  for (const user of users) await redis.set(keys.user(home(user), 'shop', user), state, 'EX', 3_600);
  const before = await Promise.all(users.map((user) => shop.reader.user('shop', user)));
  const events = Array.from({ length: 60 }, (_, n) =>
    eventOf(users[n % users.length]!, 70_000 + n, { ts: now + 2_000 + n, received: now + 2_000 }),
  );
  await shop.count(events);
  const after = await Promise.all(users.map((user) => shop.reader.user('shop', user)));
  const added = after.map((one, i) => one!.sums.get('n:page_view')! - before[i]!.sums.get('n:page_view')!);
  expect(added).toEqual(users.map(() => 10));
});

/** How long one script holds Redis that does as much as a chunk may cost: 10,000 writes to a hash, µs. */
async function statedHold(): Promise<number> {
  const script = `for i = 1, 10000 do redis.call('HINCRBY', KEYS[1], 'field-' .. i % 5000, '1') end`;
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    await resetCalls(redis);
    await redis.eval(script, 1, 'hold:{p0}');
    times.push(await timeOfCommand(redis, 'eval'));
  }
  await redis.del('hold:{p0}');
  return times.sort((a, b) => a - b)[4]!;
}

test('a batch of the heaviest states stays below its memory, and holds Redis no longer than any chunk', async () => {
  const users = Array.from({ length: USERS }, (_, n) => `u-${n}`);
  const heads = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, p) => redis.hget(keys.head(p), 'next')),
  );
  for (const user of users) await redis.set(keys.user(home(user), 'shop', user), state, 'EX', 3_600);
  const events = users.map((user, n) =>
    eventOf(user, 50_000 + n, { ts: now + 1_000, received: now + 1_000 }),
  );
  const batches = recordsOf(events, PARTITIONS)
    .map((records, p) => records.map((one, i) => ({ ...one, offset: Number(heads[p] ?? 0) + i })))
    .filter((records) => records.length > 0);
  const folder = await mkdtemp(join(tmpdir(), 'footfall-heavy-'));
  try {
    const file = join(folder, 'batches.json');
    await writeFile(file, JSON.stringify({ config, sites: [site], batches }));
    const before = await statedHold();
    await redis.config('SET', 'slowlog-log-slower-than', 500);
    await redis.config('SET', 'slowlog-max-len', 10_000);
    await redis.slowlog('RESET');
    const child = join(import.meta.dirname, '..', 'support', 'heavy-child.ts');
    const { stdout } = await run(process.execPath, [child, file]);
    const { applied, megabytes } = JSON.parse(stdout) as { applied: number; megabytes: number };
    const slow = (await redis.slowlog('GET', 10_000)) as [number, number, number, string[]][];
    const times = slow.map(([, , micros]) => micros).sort((a, b) => b - a);
    const stated = Math.max(before, await statedHold());
    // Other programs may interrupt Redis within any single command.
    const longest = times[Math.floor(times.length / 20)] ?? 0;
    console.log({ megabytes, longest, stated, slow: times.slice(0, 5), commands: times.length });
    expect(applied).toBe(USERS);
    expect(megabytes).toBeLessThan(400);
    expect(longest).toBeLessThan(2 * stated);
  } finally {
    await rm(folder, { recursive: true });
  }
});
