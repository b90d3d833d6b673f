import fc from 'fast-check';
import {
  type Cells,
  cellOf,
  encodeCells,
  fieldOf,
  isPackable,
  visitCells,
} from '../../shared/shard/packing/cells.ts';
import {
  BUCKET_BITS,
  bucketFields,
  PRODUCTS,
  packDay,
  smallSections,
  visitLarge,
} from '../../shared/shard/packing/packed-day.ts';

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);

const texts = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.string({ unit: fc.constantFrom('a', 'b', '|', '😀', '😁', '\0', '\n') }),
  fc.constantFrom('views', 'revenue:EUR', 'product-1', 'product-12', '#', '(other)', ''),
);
const amounts = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer(),
  fc.maxSafeInteger().filter(isPackable),
  fc.constantFrom(2 ** 51, -(2 ** 51), 127, 128, -64, -65),
);
const fields = fc
  .uniqueArray(fc.tuple(texts, texts, fc.boolean(), amounts), {
    selector: ([column, row, isSingle]) => (isSingle ? row : `${column}|${row}`),
    maxLength: 60,
  })
  .map(
    (list) =>
      new Map(
        list.map(([column, row, isSingle, amount]): [string, number] => [
          isSingle ? row : `${column}|${row}`,
          amount,
        ]),
      ),
  );

function cellsOf(hash: ReadonlyMap<string, number>): Cells {
  const cells: Cells = new Map();
  for (const [field, amount] of hash) {
    const [column, row] = cellOf(field);
    cells.set(column, (cells.get(column) ?? new Map()).set(row, amount));
  }
  return cells;
}

function hashOf(bytes: Buffer, isWanted?: (column: string | null) => boolean): Map<string, number> {
  const hash = new Map<string, number>();
  visitCells(bytes, (column, row, amount) => hash.set(fieldOf(column, row), amount), isWanted);
  return hash;
}

test('cells come back as they were, those that are 0 too', () => {
  fc.assert(
    fc.property(fields, (hash) => {
      const bytes = encodeCells(cellsOf(hash));
      expect(hashOf(bytes)).toEqual(hash);
    }),
    { numRuns },
  );
});

test('columns that are not wanted are left out', () => {
  fc.assert(
    fc.property(fields, fc.array(texts), (hash, columns) => {
      const bytes = encodeCells(cellsOf(hash));
      const isWanted = (column: string | null) => columns.includes(column ?? '');
      const wanted = [...hash].filter(([field]) => isWanted(cellOf(field)[0]));
      expect(hashOf(bytes, isWanted)).toEqual(new Map(wanted));
    }),
    { numRuns },
  );
});

test('columns without common rows take no table of all their rows', () => {
  const cells: Cells = new Map(
    Array.from({ length: 2_000 }, (_, n) => [`column-${n}`, new Map([[`row-${n}`, n]])]),
  );
  expect(encodeCells(cells).length).toBeLessThan(50_000);
});

test.each([0.5, 2 ** 51 + 1, -(2 ** 51) - 1, Number.NaN, Infinity, 2 ** 60])('%d is not packed', (amount) => {
  expect(isPackable(amount)).toBe(false);
});

/** The hashes of all sections, large and small. */
function sectionsOf({ container, large }: ReturnType<typeof packDay>): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  const add = (name: string) => (column: string | null, row: string, amount: number) => {
    const hash = found.get(name) ?? new Map<string, number>();
    found.set(name, hash);
    const field = fieldOf(column, row);
    // None twice.
    hash.set(field, hash.has(field) ? Number.NaN : amount);
  };
  for (const [name, bytes] of smallSections(container)) visitCells(bytes, add(name));
  for (const [field, bytes] of large) {
    if (field !== BUCKET_BITS) visitLarge(bytes, add(field.startsWith('p:') ? PRODUCTS : field));
  }
  return found;
}

test('the sections of a day come back, whatever their sizes are', () => {
  const longHash = fc
    .tuple(fc.constantFrom(10, 400, 3_000), amounts)
    .map(
      ([length, amount]) =>
        new Map(Array.from({ length }, (_, n): [string, number] => [`views|product ${n}`, amount])),
    );
  const days = fc.dictionary(
    fc.constantFrom('d', 'g', 'b:page', 'b:source', 'f:shop', 'p'),
    fc.oneof({ weight: 3, arbitrary: fields }, longHash),
  );
  fc.assert(
    fc.property(days, fc.boolean(), (day, isWhole) => {
      const hashes = Object.entries(day).filter(([, hash]) => hash.size > 0);
      const sections = new Map(hashes.map(([name, hash]) => [name, cellsOf(hash)]));
      const packed = packDay(sections, { isWhole });
      expect(sectionsOf(packed)).toEqual(new Map(hashes));
      if (isWhole) expect(packed.large.size).toBe(0);
    }),
    { numRuns: Math.ceil(numRuns / 5) },
  );
});

test('many products are in buckets of some hundred, each where a reader looks for it', () => {
  const products = Array.from({ length: 5_000 }, (_, n) => `product-${n}`);
  const cells: Cells = new Map([['views', new Map(products.map((product, n) => [product, n + 1]))]]);
  const { large } = packDay(new Map([[PRODUCTS, cells]]));
  const bits = Number(large.get(BUCKET_BITS)!.toString());
  expect(large.size - 1).toBe(2 ** bits);
  for (const [field, bytes] of large) {
    if (field === BUCKET_BITS) continue;
    const own: string[] = [];
    visitLarge(bytes, (_, product) => own.push(product));
    expect(own.filter((product) => bucketFields(product)[bits] !== field)).toEqual([]);
    expect(own.length).toBeGreaterThan(64);
    expect(own.length).toBeLessThan(512);
  }
});
