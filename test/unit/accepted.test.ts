import fc from 'fast-check';
import { decode, usersOf } from '../../shared/event/decode.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { Folded } from '../oracle/folded.ts';
import { runs } from '../support/runs.ts';
import { hit, measure, plain, published, segment } from '../support/ways-in.ts';

/** What collect accepts, the shards count. */
const PARTITIONS = 4;
const shop = siteSchema.parse({ id: 'shop', currency: 'EUR' });

/** Each published event as the record that aggregate reads. */
const records = () =>
  published.map((event, offset) => {
    const key = userKey(event);
    return {
      topic: 'events',
      partition: partitionOf(key, PARTITIONS),
      offset,
      timestamp: event.received,
      key: Buffer.from(key).toString('base64'),
      value: Buffer.from(JSON.stringify(event)).toString('base64'),
    };
  });

/** Reads and folds what was published. Late events become dead letters, and collect says so. */
function expectCounted(): void {
  const sites = new Sites([shop]);
  const all = records();
  const users = usersOf(all, PARTITIONS);
  const refused = all
    .map((record) => decode(record, users, sites))
    .flatMap((one) => (one.event ? [] : [one.reason]));
  expect(refused.filter((reason) => reason !== 'too_late')).toEqual([]);
  const folded = new Folded([shop], PARTITIONS);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = all.filter((record) => record.partition === partition);
    if (own.length > 0) folded.apply(own.map((record, offset) => ({ ...record, offset })));
  }
  expect(folded.ledger.get('shop:deadLettered') ?? 0).toBe(refused.length);
}

const amount = fc.oneof(
  fc.constantFrom(
    0,
    '0',
    1e10,
    '10000000000',
    9_999_999_999.99,
    1e9,
    '1e9',
    1e-7,
    0.1 + 0.2,
    -1,
    '$1',
    1e13,
    1e21,
  ),
  fc.double({ min: 0, max: 2e10, noNaN: true }),
);
const quantity = fc.oneof(
  fc.constantFrom(0, 1, 1_000_000, '1000000', 0.0004, '0.0005', -3, 1e9, 999_999.9996),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
);
const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'x'.repeat(300),
    '\ud800',
    '\u0000',
    '__proto__',
    'a:b',
    ':',
    'order:o-1',
    '😀'.repeat(64),
  ),
  fc.string({ unit: 'binary', maxLength: 130 }),
);
const line = fc.record(
  { item_id: fc.oneof(text, fc.integer()), item_brand: text, price: amount, quantity },
  { requiredKeys: ['item_id'] },
);
const lines = fc.oneof(
  fc.array(line, { maxLength: 4 }),
  fc.tuple(line, fc.constantFrom(99, 101, 150, 2_000, 2_100)).map(([one, count]) => Array(count).fill(one)),
);
const event = fc.record(
  {
    name: fc.constantFrom('purchase', 'refund', 'view_item', 'view_item_list', 'add_to_cart', 'identify'),
    user_id: text,
    anonymous_id: text,
    id: text,
    transaction_id: text,
    timestamp: fc.constantFrom(
      Date.now(),
      Date.now() + 9e5,
      1e17,
      '1900-01-03T00:00:00Z',
      '9999-12-31T00:00:00Z',
      1,
    ),
    backfill: fc.boolean(),
    value: amount,
    currency: fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF', 'usd'),
    page: text,
    referrer: text,
    user_agent: text,
    search_term: text,
    properties: fc.dictionary(text, fc.oneof(text, fc.double(), fc.boolean()), { maxKeys: 3 }),
    items: lines,
  },
  { requiredKeys: ['name'] },
);

beforeEach(() => {
  published.length = 0;
});

test('whatever is accepted is counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 4 }), async (events) => {
      published.length = 0;
      await plain({ events });
      for (const { name, user_id, items, ...rest } of events) {
        const params = { ...rest, items };
        await measure({ client_id: user_id ?? '1.2', events: [{ name, params }] });
        await segment('track', {
          ...{ event: name, userId: user_id, anonymousId: rest.anonymous_id },
          properties: { ...rest, products: items?.map((one) => ({ ...one, product_id: one.item_id })) },
        });
        const query = new URLSearchParams({ en: name, cid: String(user_id ?? '1.2') });
        for (const [key, value] of Object.entries(rest)) {
          if (typeof value !== 'object') query.set(`ep.${key}`, String(value).toWellFormed());
        }
        for (const [i, { item_id, price }] of (items ?? []).slice(0, 150).entries()) {
          query.set(`pr${i + 1}`, `id${String(item_id).toWellFormed()}~pr${price}~qt1000000`);
        }
        await hit(query.toString());
      }
      expectCounted();
    }),
    { numRuns: runs(12) },
  );
});

test('many lines, each of the largest amount, are refused together', async () => {
  const items = Array(150).fill({ item_id: 'a', price: 1e10 });
  for (const name of ['purchase', 'view_item_list']) {
    const answer = await plain({ name, user_id: 'ada', transaction_id: 'o-1', items });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 'bad_amount', path: 'items' }] } });
  }
  expect(published).toEqual([]);
});

test('an order is worth no more by its lines than by its value', async () => {
  const items = Array(2).fill({ item_id: 'a', price: 9e9 });
  const order = { name: 'purchase', user_id: 'ada', transaction_id: 'o-1' };
  const bad = { status: 400, body: { errors: [{ code: 'bad_amount' }] } };
  expect(await plain({ ...order, items })).toMatchObject(bad);
  expect(await plain({ ...order, value: 18e9 })).toMatchObject(bad);
  expect(await plain({ ...order, name: 'view_item_list', items })).toMatchObject({ status: 202 });
  expectCounted();
});

test('lines that are too long for a record are refused', async () => {
  const query = Array.from(
    { length: 400 },
    (_, i) => `pr${i}=id${i}~nm${'%01'.repeat(500)}~br${'%01'.repeat(200)}`,
  );
  const answer = await hit(`cid=1.2&en=view_item&${query.join('&')}`);
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 'invalid_event' }] } });
  expect(published).toEqual([]);
});
