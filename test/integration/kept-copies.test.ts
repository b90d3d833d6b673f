import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Copies, type CopyName } from '../../shared/derived/copies.ts';
import type { Copy } from '../../shared/derived/copy.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { DAY_MS } from '../../shared/platform/time.ts';
import { cellsOf, tableOf } from '../../shared/shard/sums.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { openReader } from '../support/reader.ts';
import { keyNames } from '../support/redis-data.ts';
import { siteOf } from '../support/shop.ts';

/** What derived copies take in Redis, whatever is asked. */

const sizing = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'sizing.md'), 'utf8');
const stated = Number(/(\d+) MB for its \[copies of sums\]/.exec(sizing)?.[1]) * 1e6;

const { redis } = openReader(await freshConfig({ partitions: 1, sites: [siteOf('greedy')] }));
const nameOf = (site: string, i: number): CopyName => ({ generation: '6', site, name: `kind:${i}:days` });

/** A copy of some hundred kB: its numbers are random. */
function copyOf(values: number, expiresAt = Date.now() + DAY_MS): Copy {
  const sums = new Map(Array.from({ length: values }, (_, i) => [`/page-${i}`, Math.random() * 1e9]));
  return {
    proof: { upTo: [7], births: ['a'] },
    table: tableOf([[20_000, new Map([['views', sums]])]]),
    expiresAt,
  };
}

const copies = async (site: string) =>
  (await keyNames(redis, `ff:{sums:${site}}:6:*`)).map((name) => name.split(':').at(-2)!).sort();

async function bytesOf(site: string): Promise<number> {
  const names = await keyNames(redis, `ff:{sums:${site}}:*`);
  const bytes = await Promise.all(names.map((name) => redis.memory('USAGE', name, 'SAMPLES', 0)));
  return bytes.reduce<number>((sum, one) => sum + one! + 64, 0);
}

test('a site keeps as many as there is room for, and the others keep theirs', async () => {
  const process = new Copies(redis);
  await process.keep([[nameOf('modest', 0), copyOf(10)]]);
  for (let i = 0; i < 60; i++) await process.keep([[nameOf('greedy', i), copyOf(40_000)]]);
  const bytes = await bytesOf('greedy');
  console.log({ bytes, stated, copies: (await copies('greedy')).length });
  expect(bytes).toBeLessThanOrEqual(stated);
  expect(bytes).toBeGreaterThan(stated / 2);
  // The first ones stay: others would only take their place in turns.
  expect(await new Copies(redis).fetch(nameOf('greedy', 0))).toBeDefined();
  expect(await new Copies(redis).fetch(nameOf('greedy', 59))).toBeUndefined();
  // A smaller one still finds room, and so does one that replaces itself.
  await process.keep([
    [nameOf('greedy', 60), copyOf(10)],
    [nameOf('greedy', 0), copyOf(39_000)],
  ]);
  expect(await new Copies(redis).fetch(nameOf('greedy', 60))).toBeDefined();
  expect((await new Copies(redis).fetch(nameOf('greedy', 0)))!.table.rows).toHaveLength(39_000);
  expect(await copies('modest')).toEqual(['0']);
  expect(await keysWithoutEnd(redis)).toEqual([]);
});

test('what has expired makes room', async () => {
  const process = new Copies(redis);
  const [name, bytes] = [keys.copiesKept('greedy'), keys.copiesBytes('greedy')];
  const before = Number(await redis.hget(bytes, ''));
  await redis.zadd(name, 1, '6:kind:1:days');
  await redis.unlink(keys.copy('greedy', '6', 'kind:1:days'));
  await process.keep([[nameOf('greedy', 61), copyOf(10)]]);
  expect(Number(await redis.hget(bytes, ''))).toBeLessThan(before - 100_000);
  await process.keep([[nameOf('greedy', 62), copyOf(10, Date.now() - 1)]]);
  expect(await copies('greedy')).not.toContain('62');
});

test('a copy is what was copied, to another process and in one command', async () => {
  const sums = [
    [
      19_999,
      new Map([
        ['orders', new Map([['', 2]])],
        ['revenue:EUR', new Map([['/a', 1_999]])],
        ['gone', new Map([['/b', 0]])],
      ]),
    ],
    [
      20_001,
      new Map([
        [null, new Map([['n:view_item', 7]])],
        ['orders', new Map([['/a', -1]])],
        [
          'a',
          new Map([
            ['ñ 商品', 2 ** 53 - 1],
            ['/b', 0.5],
          ]),
        ],
      ]),
    ],
    [20_002, new Map()],
  ] as const;
  const copy = { ...copyOf(1), table: tableOf(sums) };
  await new Copies(redis).keep([[nameOf('modest', 7), copy]]);
  const other = new Copies(redis);
  const [found] = await Promise.all([7, 8, 0].map((i) => other.fetch(nameOf('modest', i))));
  const { table, ...rest } = found!;
  expect(rest).toEqual({ proof: copy.proof, expiresAt: copy.expiresAt });
  expect([...table.days].map(([day, columns]) => [day, cellsOf(table, columns)])).toEqual(sums);
});
