import fc from 'fast-check';
import { MAX_VALUES } from '../../shared/event/dimensions.ts';
import { firstGeneration, type Generation } from '../../shared/generations/generation.ts';
import { getOrMake, increase } from '../../shared/platform/counters.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { DAY_MS } from '../../shared/platform/time.ts';
import { markerOf } from '../../shared/shard/chunk-writer.ts';
import { Committer } from '../../shared/shard/committer.ts';
import { DayPacker } from '../../shared/shard/packing/day-packer.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { WriteBatch } from '../../shared/shard/write-batch.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { rebuiltId } from '../support/generation.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { openReader } from '../support/reader.ts';
import { keyNames, loseAll } from '../support/redis-data.ts';
import { siteOf } from '../support/shop.ts';
import { fieldsOf, totalsOf } from '../support/sums.ts';

/**
 * A shard that is packed at any time has the numbers of one that never is. Both get the same commits; the second one is
 * packed in between.
 */
const numRuns = Number(process.env.FOOTFALL_RUNS ?? 40);
const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);

const site = siteOf('shop', { zone: 'Europe/Madrid', currency: 'EUR', retention_days: 400 });
const config = await freshConfig({ partitions: 1, sites: [site], oneServer: true });
const { redis } = openReader(config);
const plain: Generation = firstGeneration(config.kafka);
const packed: Generation = { ...plain, id: rebuiltId() };

const today = Math.floor(Date.now() / DAY_MS);
const DAYS = [today - 40, today - 39];
const METRICS = ['views', 'purchases', 'units', 'revenue:EUR', 'refunded:JPY'];
const DIMENSIONS = ['page', 'source', 'country'] as const;
const MARKER = 'events';

/** What one commit adds on one day. */
interface Added {
  day: number;
  counters: [string, number][];
  hours: [string, number][];
  gaps: [string, number][];
  funnel: [string, number][];
  products: [metric: string, product: string, amount: number][];
  values: [dimension: (typeof DIMENSIONS)[number], value: string, counter: string, amount: number][];
}

/** Commits to both generations, and packs the second one. */
class Twins {
  readonly readers = [plain, packed].map((one) => new StoreReader(redis, one));
  readonly packer = new DayPacker(redis, packed);
  readonly #committer = new Committer(redis);
  #version = 0;

  async commit(
    { day, ...added }: Added,
    generations: readonly Generation[] = [plain, packed],
  ): Promise<void> {
    for (const { id } of generations) {
      const keys = keysOf(id);
      const batch = new WriteBatch();
      const at = Math.floor(Date.now() / 1_000) + 100_000;
      const sums = (list: [string, number][]) => {
        const counters = new Map<string, number>();
        for (const [field, amount] of list) increase(counters, field, amount);
        return counters;
      };
      batch.increment(keys.day(0, site.id, day), at, sums(added.counters));
      batch.increment(keys.hours(0, site.id, day), at - 50_000, sums(added.hours));
      batch.increment(keys.gaps(0, site.id, day), at, sums(added.gaps));
      batch.increment(keys.funnel(0, site.id, 'shop', day), at, sums(added.funnel));
      for (const [metric, list] of Map.groupBy(added.products, ([one]) => one)) {
        const amounts = sums(list.map(([, product, amount]) => [product, amount]));
        batch.rank(keys.products(0, site.id, day, metric), at, amounts);
      }
      for (const [dimension, list] of Map.groupBy(added.values, ([one]) => one)) {
        const values = new Map<string, Map<string, number>>();
        for (const [, value, counter, amount] of list) {
          increase(
            getOrMake(values, value, () => new Map<string, number>()),
            counter,
            amount,
          );
        }
        batch.incrementValues(keys.breakdown(0, site.id, day, dimension), at, values, {
          limit: MAX_VALUES,
          marker: markerOf(dimension),
          packed: { key: keys.packed(0, site.id, day), dimension },
        });
      }
      batch.setFields(keys.touched(0, site.id), 0, [[String(day), String(this.#version + 1)]]);
      const head = { version: this.#version, next: this.#version };
      const to = { next: this.#version + 1, timestamp: 1 };
      expect(await this.#committer.commit(keys.head(0), head, to, batch.encode())).toBe(true);
    }
    if (generations.length === 2) this.#version++;
  }

  pack(day: number): Promise<boolean> {
    return this.packer.pack({ partition: 0, site, day });
  }

  /** Everything that both have, under the same names. */
  async answers(reader: StoreReader): Promise<Record<string, unknown>> {
    const { id } = site;
    const products = ['p1', 'p2', 'p-7', 'p-1234', 'nothing'];
    return {
      day: await reader.dayHashes('day', id, DAYS),
      hours: await reader.dayHashes('hours', id, DAYS),
      gaps: await reader.dayHashes('gaps', id, DAYS),
      funnel: await reader.funnel(id, 'shop', DAYS),
      products: fieldsOf(await reader.products(id, DAYS, METRICS)),
      views: totalsOf(await reader.products(id, DAYS, ['views', 'refunded:JPY'])),
      each: await Promise.all(products.map((product) => reader.productDays(id, product, DAYS, METRICS))),
      breakdowns: await Promise.all(DIMENSIONS.map((dimension) => reader.breakdown(id, DAYS, dimension))),
    };
  }

  async expectEqual(): Promise<void> {
    const [expected, answers] = await Promise.all(this.readers.map((reader) => this.answers(reader)));
    expect(answers).toEqual(expected);
  }
}

const amounts = fc.oneof(fc.integer({ min: -2, max: 5 }), fc.integer({ min: -1e9, max: 1e12 }));
const fields = (names: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...names), amounts), { maxLength: 6 });
/** Few values, and very many: a dimension that becomes full. */
const someValues = fc.array(
  fc.tuple(
    fc.constantFrom(...DIMENSIONS),
    fc.constantFrom('a', 'b', 'ü|#', '(other)', '#', '(not set)'),
    fc.constantFrom(MARKER, 'sessions', 'orders', 'revenue:EUR'),
    amounts,
  ),
  { maxLength: 8 },
);
const manyValues = fc
  .tuple(fc.constantFrom(0, 150, 300, 480), fc.constantFrom(30, 300, 600), amounts)
  .map(([from, count, amount]) =>
    Array.from({ length: count }, (_, n): Added['values'][number] => [
      'page',
      `/page-${from + n}`,
      n % 3 ? MARKER : 'orders',
      amount,
    ]),
  );
const someProducts = fc.array(
  fc.tuple(fc.constantFrom(...METRICS), fc.constantFrom('p1', 'p2', 'a|b', ''), amounts),
  { maxLength: 8 },
);
const manyProducts = fc
  .tuple(fc.constantFrom(...METRICS), fc.constantFrom(20, 300, 2_000), amounts)
  .map(([metric, count, amount]) =>
    Array.from({ length: count }, (_, n): Added['products'][number] => [metric, `p-${n}`, amount]),
  );
const commits: fc.Arbitrary<Added> = fc.record({
  day: fc.constantFrom(...DAYS),
  counters: fields(['events', 'n:view_item', 'n:a|b', 'orders', 'orders:EUR', 'orders:JPY']),
  hours: fields(['1700000000|events', '1700003600|events', '1700003600|n:x']),
  gaps: fields(['0', '1', '17']),
  funnel: fields(['g1', 'g2|5', 't2|100']),
  products: fc.oneof({ weight: 4, arbitrary: someProducts }, manyProducts),
  values: fc.oneof({ weight: 3, arbitrary: someValues }, manyValues),
});
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: commits.map((added) => ({ added })) },
    fc.constantFrom(...DAYS).map((pack) => ({ pack })),
  ),
  { minLength: 2, maxLength: 25, size: 'max' },
);

beforeEach(() => loseAll(redis));

test(
  `answers are the same, whenever a day is packed (FOOTFALL_SEED=${seed})`,
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        await loseAll(redis);
        const twins = new Twins();
        for (const step of list) {
          if ('pack' in step) await twins.pack(step.pack);
          else await twins.commit(step.added);
        }
        await twins.expectEqual();
        for (const day of DAYS) await twins.pack(day);
        await twins.expectEqual();
        expect(await keysWithoutEnd(redis)).toEqual([]);
      }),
      { numRuns, seed },
    );
  },
  120_000 + numRuns * 10_000,
);

const [day] = DAYS as [number];
const none = { counters: [], hours: [], gaps: [], funnel: [], products: [], values: [] };
const full: Added = {
  day,
  counters: [
    ['events', 3],
    ['orders:EUR', 1],
  ],
  hours: [['1700000000|events', 3]],
  gaps: [['0', 2]],
  funnel: [['g1', 2]],
  products: [
    ['views', 'p1', 2],
    ['revenue:EUR', 'p1', 1_999],
  ],
  values: [
    ['page', '/a', MARKER, 3],
    ['page', '/b', MARKER, 1],
  ],
};
const keys = keysOf(packed.id);
const plainKeys = async () =>
  (await keyNames(redis, `${keys.prefix}*`)).filter((name) => /:(d|h|g|f|b|p):/.test(name));

test('a packed day has no key of its own but the container and that of the hours', async () => {
  const twins = new Twins();
  await twins.commit(full);
  expect((await plainKeys()).length).toBe(7);
  expect(await twins.pack(day)).toBe(true);
  expect(await plainKeys()).toEqual([]);
  expect(await redis.exists(keys.packed(0, site.id, day), keys.packedHours(0, site.id, day))).toBe(2);
  await twins.expectEqual();
});

test('a packed day, and its hours, expire when the last of what is in them does', async () => {
  const twins = new Twins();
  await twins.commit(full);
  await redis.expire(keys.gaps(0, site.id, day), 900_000);
  await twins.pack(day);
  const ttlOf = async (key: string) => Math.round((await redis.ttl(key)) / 1_000);
  expect(await ttlOf(keys.packed(0, site.id, day))).toBe(900);
  expect(await ttlOf(keys.packedHours(0, site.id, day))).toBe(50);
  await twins.commit(full);
  await twins.pack(day);
  expect(await ttlOf(keys.packed(0, site.id, day))).toBe(900);
  expect(await ttlOf(keys.packedHours(0, site.id, day))).toBe(50);
});

test('a correction of a value that was counted as (other) is subtracted there after packing', async () => {
  const twins = new Twins();
  const value = (n: number, amount: number): Added['values'][number] => ['page', `/v-${n}`, MARKER, amount];
  const all = Array.from({ length: MAX_VALUES + 20 }, (_, n) => value(n, 2));
  await twins.commit({ ...none, day, values: all });
  await twins.pack(day);
  await twins.commit({ ...none, day, values: [value(3, -2), value(MAX_VALUES + 3, -2), value(9_999, 5)] });
  const [found] = await twins.readers[1]!.breakdown(site.id, [day], 'page');
  const { sums } = found!;
  expect(sums.get(`${MARKER}|/v-3`)).toBe(0);
  expect(sums.has(`${MARKER}|/v-${MAX_VALUES + 3}`)).toBe(false);
  expect(sums.get(`${MARKER}|(other)`)).toBe(2 * 20 - 2 + 5);
  await twins.expectEqual();
});

test('a sum that is too large to be packed stays as it is, and everything else is packed', async () => {
  const twins = new Twins();
  await twins.commit({ ...full, products: [...full.products, ['units', 'p1', 2 ** 52]] });
  await twins.commit({ ...none, day, gaps: [['0', 2 ** 52]] });
  expect(await twins.pack(day)).toBe(true);
  expect((await plainKeys()).sort()).toEqual([
    keys.gaps(0, site.id, day),
    keys.products(0, site.id, day, 'units'),
  ]);
  await twins.expectEqual();
});

/** Does something when the packing script is on its way. */
function beforePacking(act: () => Promise<unknown>): DayPacker {
  const connection = openReader(config, { enableAutoPipelining: false }).redis;
  const packer = new DayPacker(connection, packed);
  const commands = connection as unknown as { packDay(...args: unknown[]): Promise<number> };
  const send = commands.packDay.bind(connection);
  commands.packDay = async (...args) => {
    await act();
    return send(...args);
  };
  return packer;
}

test('a commit that comes while a day is packed makes the packing do nothing', async () => {
  const twins = new Twins();
  await twins.commit(full);
  const packer = beforePacking(() => twins.commit(full));
  expect(await packer.pack({ partition: 0, site, day })).toBe(false);
  expect((await plainKeys()).length).toBe(7);
  await twins.expectEqual();
});

test('of two that pack the same day, one does nothing', async () => {
  const twins = new Twins();
  await twins.commit(full);
  const packer = beforePacking(async () => {
    expect(await twins.pack(day)).toBe(true);
    await twins.commit(full);
    expect(await twins.pack(day)).toBe(true);
  });
  expect(await packer.pack({ partition: 0, site, day })).toBe(false);
  await twins.expectEqual();
});

test('a packing that arrives after Redis has lost everything and was filled in part does nothing', async () => {
  const twins = new Twins();
  await twins.commit(full);
  await twins.pack(day);
  await twins.commit(full);
  const packer = beforePacking(async () => {
    await loseAll(redis);
    const again = new Twins();
    await again.commit(full);
    // The offset is the same, but nothing was packed.
    await redis.hset(keys.touched(0, site.id), String(day), '2');
  });
  expect(await packer.pack({ partition: 0, site, day })).toBe(false);
  await twins.expectEqual();
});

test('a full Redis packs all of a day or nothing', async () => {
  const twins = new Twins();
  await twins.commit(full);
  await redis.config('SET', 'maxmemory', '1');
  try {
    await expect(twins.pack(day)).rejects.toThrow(/OOM|memory/);
    await twins.expectEqual();
  } finally {
    await redis.config('SET', 'maxmemory', '0');
  }
  expect((await plainKeys()).length).toBe(7);
  expect(await twins.pack(day)).toBe(true);
  await twins.expectEqual();
});

test('answers that are read while days are packed and counted are those of one moment', async () => {
  const twins = new Twins();
  const products = Array.from({ length: 700 }, (_, n): Added['products'][number] => ['views', `p-${n}`, 1]);
  const reader = openReader(config).redis;
  const asking = new StoreReader(reader, packed);
  let count = 0;
  let isOver = false;
  const wrong: unknown[] = [];
  let asked = 0;
  const ask = async () => {
    while (!isOver) {
      const before = count;
      const [ofDay, byProduct, ofProduct] = await Promise.all([
        asking.dayHashes('day', site.id, [day]),
        asking.products(site.id, [day], ['views']).then(totalsOf),
        asking.productDays(site.id, 'p-7', [day], ['views']),
      ]);
      const after = count + 1;
      asked++;
      const found = [
        ofDay[0]!.sums.get('events') ?? 0,
        byProduct.get('p-7') ?? 0,
        ofProduct[0]!.sums.get('views') ?? 0,
      ];
      for (const number of found) if (number < before || number > after) wrong.push({ before, after, found });
    }
  };
  const asks = [ask(), ask()];
  for (let turn = 0; turn < 60; turn++) {
    await twins.commit({ ...none, day, counters: [['events', 1]], products });
    count++;
    if (turn % 2) await twins.pack(day);
  }
  isOver = true;
  await Promise.all(asks);
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(20);
});

describe('a run', () => {
  const openRun = (now: number) => new DayPacker(redis, packed).run([site], { now, goOn: () => true });
  const settled = (day + 2) * DAY_MS + site.lateness_hours * 3_600_000;

  test('packs a day once it is settled, and again when it has changed', async () => {
    const twins = new Twins();
    await twins.commit(full);
    expect(await openRun(settled - 1)).toBe(0);
    expect(await openRun(settled)).toBe(1);
    expect(await openRun(settled)).toBe(0);
    await twins.commit(full);
    await twins.expectEqual();
    let again = 0;
    for (let minute = 0; minute < 30; minute++) again += await openRun(settled + minute * 60_000);
    expect(again).toBe(1);
    expect(await plainKeys()).toEqual([]);
    await twins.expectEqual();
  });

  test('ends when its time is over, and the next one goes on', async () => {
    const twins = new Twins();
    for (const one of DAYS) await twins.commit({ ...full, day: one });
    let left = 2;
    const some = await new DayPacker(redis, packed).run([site], {
      now: settled + DAY_MS,
      goOn: () => left-- > 0,
    });
    expect(some).toBe(1);
    expect(await openRun(settled + DAY_MS)).toBe(1);
    expect(await openRun(settled + DAY_MS)).toBe(0);
  });
});
