import fc from 'fast-check';
import { increase } from '../../shared/platform/counters.ts';
import { Committer } from '../../shared/shard/committer.ts';
import { WriteBatch } from '../../shared/shard/write-batch.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { openReader } from '../support/reader.ts';

const { redis } = openReader(await freshConfig({ oneServer: true, partitions: 1, sites: [] }));
const committer = new Committer(redis);
const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);
let keys = 0;

/** Commits some batches to a key of its own, one after the other. */
async function commitAll(write: ((batch: WriteBatch, key: string) => void)[]): Promise<string> {
  const key = `{commit-writes}:${keys++}`;
  for (const [version, one] of write.entries()) {
    const batch = new WriteBatch();
    one(batch, key);
    const head = { version, next: version };
    expect(
      await committer.commit(`${key}:head`, head, { next: version + 1, timestamp: 1 }, batch.encode()),
    ).toBe(true);
  }
  return key;
}

test('a breakdown keeps the first values up to its limit, and adds up the rest', async () => {
  const limit = 3;
  const marker = 'events';
  const value = fc.constantFrom('a', 'b', 'c|d', 'é', '(other)', 'events', '');
  const counter = fc.constantFrom(marker, 'orders', 'revenue:EUR');
  const commit = fc.array(fc.tuple(value, counter, fc.integer({ min: -2, max: 3 })), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(commit, { minLength: 1, maxLength: 5 }), async (commits) => {
      const expected = new Map<string, number>();
      const batches = commits.map((amounts) => {
        const values = new Map<string, Map<string, number>>();
        for (const [value, counter, amount] of amounts) {
          const sums = values.get(value) ?? new Map<string, number>();
          values.set(value, sums);
          increase(sums, counter, amount);
        }
        // The same, one value after the other.
        for (const [value, sums] of values) {
          if (sums.values().every((amount) => amount === 0)) continue;
          let counted = value;
          if (!expected.has(`${marker}|${value}`)) {
            if ((expected.get('#') ?? 0) < limit) {
              increase(expected, '#', 1);
              increase(expected, `${marker}|${value}`, 0);
            } else counted = '(other)';
          }
          for (const [counter, amount] of sums) {
            if (amount !== 0) increase(expected, `${counter}|${counted}`, amount);
          }
        }
        return (batch: WriteBatch, key: string) => batch.incrementValues(key, 0, values, { limit, marker });
      });
      const key = await commitAll(batches);
      const stored = await redis.hgetall(key);
      expect(stored).toEqual(Object.fromEntries([...expected].map(([field, sum]) => [field, String(sum)])));
    }),
    { numRuns },
  );
});

/** More than one call of a command takes. */
const many = Array.from({ length: 7_003 }, (_, i) => `m${i}`);

test('a breakdown of very many values', async () => {
  const values = new Map(many.map((value, i) => [value, new Map([['orders', i + 1]])]));
  const add = (batch: WriteBatch, key: string) =>
    batch.incrementValues(key, 0, values, { limit: 6_500, marker: 'events' });
  const stored = await redis.hgetall(await commitAll([add, add]));
  expect(stored['#']).toBe('6500');
  expect(stored['orders|m6499']).toBe('13000');
  expect(stored['orders|m6500']).toBeUndefined();
  const rest = many.slice(6_500).reduce((sum, _, i) => sum + 2 * (6_501 + i), 0);
  expect(stored['orders|(other)']).toBe(String(rest));
  expect(Object.keys(stored)).toHaveLength(2 * 6_500 + 2);
});

test('scores, ranks and fields of very many members', async () => {
  const scores = many.map((member, i): [string, number] => [member, i + 1]);
  const stored = async (...write: ((batch: WriteBatch, key: string) => void)[]) => {
    const all = await redis.zrange(await commitAll(write), '0', '-1', 'WITHSCORES');
    return all.flatMap((member, i) => (i % 2 === 0 ? [[member, Number(all[i + 1])]] : []));
  };
  expect(await stored((batch, key) => batch.setScores(key, scores))).toEqual(scores);
  expect(await stored((batch, key) => batch.raiseScores(key, 0, 3, scores))).toEqual(scores.slice(2));
  const rank = (batch: WriteBatch, key: string) => batch.rank(key, 0, new Map(scores));
  expect(await stored(rank)).toEqual(scores);
  expect(await stored(rank, rank)).toEqual(scores.map(([member, score]) => [member, 2 * score]));
  const fields = many.map((member): [string, string] => [member, `${member}!`]);
  const key = await commitAll([(batch, key) => batch.setFields(key, 0, fields)]);
  expect(await redis.hgetall(key)).toEqual(Object.fromEntries(fields));
});

test('scores are raised and never lowered; members without one are removed', async () => {
  const key = await commitAll([
    (batch, key) =>
      batch.setScores(key, [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]),
    (batch, key) =>
      batch.setScores(key, [
        ['a', undefined],
        ['b', 5],
        ['nothing', undefined],
        ['d', 1],
      ]),
    (batch, key) =>
      batch.setScores(key, [
        ['b', undefined],
        ['b', 6],
      ]),
    (batch, key) =>
      batch.raiseScores(key, 0, 2, [
        ['c', 1],
        ['b', 7],
        ['e', 1],
      ]),
  ]);
  expect(await redis.zrange(key, '0', '-1', 'WITHSCORES')).toEqual(['c', '3', 'b', '7']);
});
