import fc from 'fast-check';
import { KEPT_FIELDS, KEPT_ITEM_FIELDS, type KeptKind } from '../../shared/event/kept-fields.ts';
import { plainEvent } from '../../shared/intake/plain-schema.ts';
import { readQuickly } from '../../shared/intake/quick-plain.ts';
import { runs } from '../support/runs.ts';

/** The schema of plain events says what is valid. What is read without it must come out the same. */

/** Values at the bounds of what some field takes, and beyond them. */
const BOUNDS: readonly unknown[] = [
  ...['a', '', '.', '..', ' ', '0', '1', '-1', '12.50', '-12.5', '1e3', '1000000', '1000001', '.5', '5.'],
  ...['EUR', 'eur', 'XXX', 'ES', 'es', 'ESP', 'new', 'returning', 'true', '\ud800', 'ü€😀', '__proto__'],
  ...['2026-03-01T12:00:00Z', '2026-03-01', '1700000000', '1890-01-01T00:00:00Z', 'soon'],
  ...[0, -0, 1, -1, 1.5, -0.5, 1e-7, 86_400_000, 86_400_001, 1e6, 1_000_001, 1.7e9, 1.7e12, 1e15, 1e21],
  ...[2 ** 53, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY],
  ...[true, false, null, undefined, [], {}, ['a'], { a: 1 }, { a: null }, { '': 'a' }, { a: [] }],
  ...[64, 100, 128, 200, 256, 500, 1_000, 2_000].flatMap((max) => ['x'.repeat(max), 'x'.repeat(max + 1)]),
];

const values = fc.oneof(
  fc.constantFrom(...BOUNDS),
  fc.dictionary(fc.string({ maxLength: 102 }), fc.oneof(fc.string(), fc.double(), fc.boolean()), {
    maxKeys: 52,
    size: 'max',
  }),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

const valid = {
  id: fc.constantFrom('e-1', 7),
  name: fc.constantFrom('view_item', 'purchase', 'x'.repeat(40)),
  user_id: fc.constantFrom('ada', 42),
  anonymous_id: fc.constantFrom('c0ffee', 'x'.repeat(256)),
  consent: fc.boolean(),
  session_id: fc.constant('s1'),
  engagement_time_msec: fc.constantFrom(0, 10, 86_400_000),
  server: fc.boolean(),
  timestamp: fc.constantFrom(1_700_000_000, '2026-03-01T12:00:00+01:00'),
  backfill: fc.boolean(),
  currency: fc.constantFrom('EUR', 'JPY'),
  value: fc.constantFrom('12.50', '0'),
  transaction_id: fc.constant('o-1'),
  country: fc.constant('ES'),
  page: fc.constant('/tea?x=1'),
  referrer: fc.constant('https://example.com'),
  ignore_referrer: fc.boolean(),
  source: fc.constant('google'),
  medium: fc.constant('cpc'),
  campaign: fc.constant('spring'),
  device: fc.constant('mobile'),
  browser: fc.constant('Firefox'),
  os: fc.constant('iOS'),
  user_agent: fc.constant('Mozilla/5.0'),
  search_term: fc.constant('teapot'),
  properties: fc.constantFrom({ plan: 'pro', seats: 3, trial: false }, {}),
  elsewhere: fc.constant('ignored'),
};

const keptValues: Record<KeptKind, fc.Arbitrary<unknown>> = {
  text: fc.constantFrom('SPRING', 'x'.repeat(200)),
  amount: fc.constantFrom('10', '0.5'),
  index: fc.constantFrom(0, 3),
  customer_type: fc.constantFrom('new', 'returning'),
};

const kept = (fields: readonly (readonly [KeptKind, string])[]) =>
  Object.fromEntries(fields.map(([kind, name]) => [name, keptValues[kind]]));

const item = recordOf({
  item_id: fc.constantFrom<unknown>('tea-1', 1),
  item_name: fc.constant('Green tea'),
  item_brand: fc.constant('Oolong'),
  item_category: fc.constant('tea'),
  price: fc.constantFrom('10', '-2.5'),
  quantity: fc.constantFrom('1', '2.5'),
  ...kept(Object.values(KEPT_ITEM_FIELDS)),
});

/** Records with some of the fields; now and then one has a value that it may not have. */
function recordOf(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const wrong = fc.record({ at: fc.constantFrom(...Object.keys(fields)), value: values });
  return fc
    .tuple(fc.record(fields, { requiredKeys: [] }), fc.option(wrong, { freq: 2 }))
    .map(([record, change]) => (change ? { ...record, [change.at]: change.value } : record));
}

const events = recordOf({
  ...valid,
  ...kept(Object.entries(KEPT_FIELDS).map(([name, kind]) => [kind, name])),
  items: fc.array(item, { maxLength: 4 }),
});

const cleaned = (value: unknown) => structuredClone(value);

test('an event that is read quickly is what the schema makes of it', () => {
  let quick = 0;
  fc.assert(
    fc.property(events, (event) => {
      const before = cleaned(event);
      const read = readQuickly(event);
      expect(cleaned(event)).toEqual(before);
      if (read === undefined) return;
      quick++;
      expect(plainEvent.safeParse(event)).toEqual({ success: true, data: read });
    }),
    { numRuns: runs(3_000) },
  );
  expect(quick).toBeGreaterThan(runs(3_000) / 20);
});

const usual = {
  name: 'purchase',
  user_id: 'ada',
  transaction_id: 'o-1001',
  currency: 'EUR',
  value: '24.9',
  timestamp: '2026-03-31T18:05:12.250Z',
  items: [{ item_id: 'tea-1', item_name: 'Green tea', price: '10', quantity: '2' }],
};

test('a usual event is read quickly', () => {
  expect(readQuickly(usual)).toEqual(plainEvent.parse(usual));
});

const itemNames = ['item_id', 'item_name', 'item_brand', 'item_category', 'price', 'quantity'];

test.each([
  ...Object.keys({ ...valid, ...KEPT_FIELDS, items: [] }).map((name) => [
    name,
    (value: unknown) => ({ ...usual, [name]: value }),
  ]),
  ...[...itemNames, ...Object.values(KEPT_ITEM_FIELDS).map(([, name]) => name)].map((name) => [
    `items[].${name}`,
    (value: unknown) => ({ ...usual, items: [{ ...usual.items[0], [name]: value }] }),
  ]),
] as [string, (value: unknown) => object][])(
  'no value of %s is read that the schema refuses',
  (_, eventWith) => {
    for (const value of BOUNDS) {
      const event = eventWith(value);
      const read = readQuickly(event);
      if (read !== undefined) expect(plainEvent.safeParse(event)).toEqual({ success: true, data: read });
    }
  },
);

test.each([undefined, null, 'text', 1, [], {}, { name: 'view_item' }])(
  '%p is left to the schema',
  (plain) => {
    expect(readQuickly(plain)).toBeUndefined();
  },
);
