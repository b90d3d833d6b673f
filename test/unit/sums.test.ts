import fc from 'fast-check';
import { packCopy, unpackCopy } from '../../shared/derived/copy.ts';
import { Dictionary, Texts } from '../../shared/platform/texts.ts';
import { firstOf } from '../../shared/questions/ranking.ts';
import { ValueSums } from '../../shared/questions/value-sums.ts';
import { cellsOf, joinTables, sumColumns, sumTable, tableOf } from '../../shared/shard/sums.ts';
import { fieldsOf } from '../support/sums.ts';

/** Sums by row and counter, as plain maps would have them. */

const amounts = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((amount) => !Object.is(amount, -0)),
);
const rows = fc.oneof(
  fc.constantFrom('', 'tea', 'teapot', 'ñ 商品', '😀'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const days = fc.uniqueArray(
  fc.tuple(
    fc.integer({ min: -3, max: 40_000 }),
    fc.uniqueArray(
      fc.tuple(
        fc.constantFrom(null, 'views', 'orders', 'revenue:EUR'),
        fc.uniqueArray(fc.tuple(rows, amounts), { selector: ([row]) => row, maxLength: 12 }),
      ),
      { selector: ([counter]) => String(counter), maxLength: 4 },
    ),
  ),
  { selector: ([day]) => day, maxLength: 6 },
);
const cellsFrom = (counters: [string | null, [string, number][]][]) =>
  new Map(counters.map(([counter, some]) => [counter, new Map(some)]));

test('a table has what it was made of, also when it was packed', () => {
  fc.assert(
    fc.property(days, (all) => {
      const expected = all.map(([day, counters]) => [day, cellsFrom(counters)] as const);
      const proof = { upTo: [7, 0], births: ['a', ''] };
      const { table } = unpackCopy(packCopy({ proof, table: tableOf(expected), expiresAt: 1e12 }))!;
      expect([...table.days].map(([day, columns]) => [day, cellsOf(table, columns)])).toEqual(expected);
    }),
  );
});

test('tables that are joined keep the days, and no row without an amount', () => {
  fc.assert(
    fc.property(days, days, (some, others) => {
      const tables = [some, others].map((all) =>
        tableOf(all.map(([day, counters]) => [day, cellsFrom(counters)] as const)),
      );
      // Only the first day of each.
      const parts = tables.flatMap((table) =>
        [...table.days].slice(0, 1).map(([day, columns]) => [day, table, columns] as const),
      );
      const joined = joinTables(parts);
      const expected = new Map(parts.map(([day, table, columns]) => [day, cellsOf(table, columns)]));
      expect(new Map([...joined.days].map(([day, columns]) => [day, cellsOf(joined, columns)]))).toEqual(
        expected,
      );
      const used = new Set(
        [...expected.values()].flatMap((cells) => [...cells.values()].flatMap((one) => [...one.keys()])),
      );
      // A day of the second table takes the place of the same one of the first.
      if (new Set(parts.map(([day]) => day)).size === parts.length) {
        expect(new Set(Array.from({ length: joined.rows.length }, (_, i) => joined.rows.at(i)))).toEqual(
          used,
        );
      }
    }),
  );
});

test('columns add up by row and counter, in a dictionary that has other texts already', () => {
  const whole = fc.integer({ min: -1e6, max: 1e6 });
  const one = fc.array(fc.tuple(fc.constantFrom(null, 'views', 'orders'), rows, whole), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 4 }), fc.array(rows), (all, before) => {
      const dictionary = new Dictionary();
      dictionary.numbersOf(Texts.of([...new Set(before)]));
      const expected = new Map<string, number>();
      const parts = all.map((cells) => {
        const map = new Map<string | null, Map<string, number>>();
        for (const [counter, row, amount] of cells) {
          const own = map.get(counter) ?? new Map<string, number>();
          map.set(counter, own.set(row, (own.get(row) ?? 0) + amount));
          const field = counter === null ? row : `${counter}|${row}`;
          expected.set(field, (expected.get(field) ?? 0) + amount);
        }
        const table = tableOf([[1, map]]);
        return [table, table.days.get(1)!] as const;
      });
      const sums = sumColumns(dictionary, parts);
      const found = fieldsOf(sums);
      expect(found).toEqual(expected);
      expect(fieldsOf(sumTable(sums.toTable()))).toEqual(expected);
    }),
  );
});

test('a dictionary numbers very many texts, each once', () => {
  const dictionary = new Dictionary();
  const texts = Array.from({ length: 20_000 }, (_, i) => `product-${i}`);
  const first = dictionary.numbersOf(Texts.of(texts.slice(0, 7_000)));
  const again = dictionary.numbersOf(Texts.of([...texts].reverse()));
  expect(dictionary.length).toBe(20_000);
  expect(again[19_999]).toBe(first[0]);
  for (const i of [0, 6_999, 7_000, 19_999])
    expect(dictionary.at(dictionary.find(texts[i]!)!)).toBe(texts[i]);
  expect(dictionary.find('product-20000')).toBeUndefined();
});

test('the first rows of a list are those of the whole list in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      (ranks, most) => {
        const all = ranks.map((_, i) => i);
        const byRest = (a: number, b: number) => b - a;
        const expected = [...all].sort((a, b) => ranks[b]! - ranks[a]! || byRest(a, b)).slice(0, most);
        expect(firstOf(all, Float64Array.from(ranks), most, byRest)).toEqual(expected);
      },
    ),
  );
});

test('a value that a question adds stands beside those that are stored', () => {
  const stored = sumTable(
    tableOf([
      [
        1,
        new Map<string | null, Map<string, number>>([
          [null, new Map([['#', 2]])],
          [
            'events',
            new Map([
              ['ES', 3],
              ['FR', 0],
            ]),
          ],
        ]),
      ],
    ]),
  );
  const values = new ValueSums(stored);
  values.set('(not set)', 'events', 4);
  values.set('ES', 'orders', 1);
  const all = Object.fromEntries(
    values.rowsWithAmount().map((row) => [values.at(row), values.countersOf(row)]),
  );
  expect(all).toEqual({
    ES: new Map([
      ['events', 3],
      ['orders', 1],
    ]),
    '(not set)': new Map([['events', 4]]),
  });
  expect(values.all().map((row) => values.at(row))).toEqual(['ES', 'FR', '(not set)']);
  expect(values.totals()).toEqual(
    new Map([
      ['events', 7],
      ['orders', 1],
    ]),
  );
});
