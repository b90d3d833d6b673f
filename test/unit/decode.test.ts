import fc from 'fast-check';
import { decode, usersOf } from '../../shared/event/decode.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { type Site, Sites, siteSchema } from '../../shared/sites/site.ts';
import { Folded } from '../oracle/folded.ts';
import { recordOf } from '../oracle/streams.ts';

const site = siteSchema.parse({ id: 'shop', zone: 'Pacific/Apia', lateness_hours: 72 });
const sites = new Sites([site]);
const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);

const valid = {
  v: EVENT_VERSION,
  id: 'e1',
  site: 'shop',
  user: 'ana',
  name: 'purchase',
  ts: 1_790_000_000_000,
  received: 1_790_000_000_500,
  currency: 'EUR',
  value: 1_250,
  items: [{ id: 'shoe', quantity: 1, amount: 1_250, name: 'Shoe' }],
};

/** All that a record may become, as one type. */
interface Any {
  event?: FootfallEvent;
  site?: Site;
  user?: { key: string };
  reason?: string;
  detail?: string;
}

function decodeAll(records: KafkaRecord[], partitions = 1): Any[] {
  const users = usersOf(records, partitions);
  return records.map((record) => decode(record, users, sites));
}
const decodeOne = (value: string | Buffer, partitions = 1, partition = 0) =>
  decodeAll([recordOf(value, partition, 0)], partitions)[0]!;
const decodeEvent = (event: unknown) => decodeOne(JSON.stringify(event));

test('an event comes back as it was sent', () => {
  const { event, site: found, user } = decodeEvent(valid);
  expect(event).toEqual(valid);
  expect([found, user?.key]).toEqual([site, 'shop:ana']);
});

test('fields that are kept and not counted come back, too', () => {
  const more = {
    ...{ coupon: 'MAY', tax: 335, shipping: 490, discount: 0, customer_type: 'new', promotion_id: 'P-1' },
    items: [{ id: 'shoe', quantity: 1, discount: 250, index: 0, variant: '42', category2: 'Trail' }],
  };
  const { event } = decodeEvent({ ...valid, ...more });
  expect(event).toEqual({ ...valid, ...more });
  // As is the order of the fields, so that the fold sees one shape of events.
  expect(Object.keys(event!)).toEqual(Object.keys(decodeEvent(valid).event!));
});

test.each([
  ['nothing', '', 'not_json'],
  ['no JSON', '{"v":1', 'not_json'],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 'not_json'],
  ['a text', '"purchase"', 'not_an_event'],
  ['null', 'null', 'not_an_event'],
  ['an array', '[1]', 'not_an_event'],
  ['an object without anything', '{}', 'unknown_version'],
  ['a later version', JSON.stringify({ ...valid, v: 2 }), 'unknown_version'],
  ['a version as text', JSON.stringify({ ...valid, v: '1' }), 'unknown_version'],
  ['a site that is not there', JSON.stringify({ ...valid, site: 'nobody' }), 'unknown_site'],
])('%s is refused', (_, value, reason) => {
  expect(decodeOne(value)).toMatchObject({ reason });
});

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test.each<[string, object]>([
  ['erases', { erases: true }],
  ['erases', { erases: {} }],
  ['erases', { erases: { receipt: '' } }],
  ['erases', { erases: { receipt: 'r', of: 0 } }],
  ['erases', { erases: { receipt: 'r', of: '1' } }],
  ['id', { id: '' }],
  ['id', { id: 7 }],
  ['id', { id: 'x'.repeat(129) }],
  ['site', { site: ['shop'] }],
  ['user', { user: '' }],
  ['user', { user: 'half a pair \ud800' }],
  ['name', { name: 'view item' }],
  ['name', { name: ['purchase'] }],
  ['ts', { ts: '2026-01-01' }],
  ['ts', { ts: 1.5 }],
  ['ts', { ts: 8.64e15 }],
  ['ts', { ts: -8.64e15 }],
  ['received', { received: null }],
  ['received', { received: 8.64e15 }],
  ['known', { known: false }],
  ['personless', { personless: false }],
  ['identifies', { identifies: '~nobody-17' }],
  ['user', { user: '~nobody-17' }],
  ['server', { server: 1 }],
  ['session_id', { session_id: '' }],
  ['engaged_ms', { engaged_ms: 1.5 }],
  ['backfill', { backfill: 'yes' }],
  ['country', { country: null }],
  ['value', { value: 12.5 }],
  ['value', { value: 2e14 }],
  ['items', { items: {} }],
  ['items', { items: [null] }],
  [
    'items',
    {
      items: [
        { id: 'a', quantity: 1, amount: 6e13 },
        { id: 'b', quantity: 1, amount: 6e13 },
      ],
    },
  ],
  ['items[].id', { items: [{ id: 1, quantity: 1 }] }],
  ['items[].id', { items: [{ id: 'half a pair \udc00', quantity: 1 }] }],
  ['items[].name', { items: [{ id: 'a', quantity: 1, name: {} }] }],
  ['items[0].quantity', { items: [{ id: 'a', quantity: 0.0005 }] }],
  ['items[0].quantity', { items: [{ id: 'a', quantity: 0.1 + 0.2 }] }],
  ['items[0].quantity', { items: [{ id: 'a', quantity: '1' }] }],
  ['items[0].quantity', { items: [{ id: 'a', quantity: 1e15 }] }],
  ['items[0].amount', { items: [{ id: 'a', quantity: 1, amount: '1' }] }],
  ['currency', { currency: undefined }],
  ['currency', { currency: ['EUR'] }],
  ['currency', { currency: 'eur' }],
  ['items[].variant', { items: [{ id: 'a', quantity: 1, variant: 4 }] }],
  ['items[].category5', { items: [{ id: 'a', quantity: 1, category5: '' }] }],
  ['items[].list_name', { items: [{ id: 'a', quantity: 1, list_name: 'half a pair \ud800' }] }],
  ['items[].discount', { items: [{ id: 'a', quantity: 1, discount: 0.5 }] }],
  ['items[].index', { items: [{ id: 'a', quantity: 1, index: -1 }] }],
  ['tax', { tax: '2.00' }],
  ['shipping', { shipping: 1.5 }],
  ['discount', { discount: 2e14 }],
  ['currency', { currency: undefined, value: undefined, items: undefined, tax: 1 }],
  ['currency', { currency: undefined, value: undefined, items: [{ id: 'a', quantity: 1, discount: 1 }] }],
  ['coupon', { coupon: ['MAY'] }],
  ['payment_type', { payment_type: 'x'.repeat(201) }],
  ['customer_type', { customer_type: 'VIP' }],
  ['page', { page: { nested: true } }],
  ['search_term', { search_term: null }],
  ['transaction_id', { transaction_id: 5 }],
  ['channel', { channel: 5 }],
  ['channel', { channel: 'half a pair \ud800' }],
  ['bot', { bot: true }],
  ['bot', { bot: '' }],
  ['bot', { bot: 'x'.repeat(101) }],
  ['bot', { bot: 'Googlebot', origin: { partition: 1, offset: 1, part: 0, generation: '1' } }],
  ['props', { props: [] }],
  ['props', { props: { a: { b: 1 } } }],
])('a wrong %s is named', (field, wrong) => {
  const decoded = decodeEvent({ ...valid, ...wrong });
  expect(decoded).toMatchObject({ reason: 'not_an_event' });
  expect(decoded.detail).toContain(field);
});

test.each([1, 0, -2, 0.5, 1.005, 836.999, -0.001, 999_999_999.999, 1e9])(
  '%p pieces are a quantity',
  (quantity) => {
    const items = [{ id: 'a', quantity }];
    expect(decodeEvent({ ...valid, items }).event?.items).toEqual(items);
  },
);

test('an event may have 2,000 lines and no more', () => {
  const withLines = (length: number) => ({
    ...valid,
    items: Array.from({ length }, () => ({ id: 'a', quantity: 1 })),
  });
  expect(decodeEvent(withLines(2_000)).event).toBeDefined();
  expect(decodeEvent(withLines(2_001))).toMatchObject({ reason: 'not_an_event' });
});

test('nested arrays that would exhaust the stack are refused', () => {
  const text = JSON.stringify(valid).replace('}]}', `}],"props":{"deep":${deep(50_000)}}}`);
  expect(decodeOne(text)).toMatchObject({ reason: 'not_an_event' });
  expect(decodeOne(deep(50_000)).reason).toMatch(/^not_/);
});

test('an event is late one ms after the limit, unless it is history', () => {
  const limit = valid.received - 72 * 3_600_000;
  expect(decodeEvent({ ...valid, ts: limit }).event).toBeDefined();
  expect(decodeEvent({ ...valid, ts: limit - 1 })).toMatchObject({ reason: 'too_late' });
  expect(decodeEvent({ ...valid, ts: limit - 1, backfill: true }).event).toBeDefined();
});

test('a user belongs to one partition, and their records in any other one are refused', () => {
  const text = JSON.stringify(valid);
  const homes = [0, 1, 2, 3].filter((partition) => decodeOne(text, 4, partition).event !== undefined);
  expect(homes).toHaveLength(1);
  const away = (homes[0]! + 1) % 4;
  const decoded = decodeAll([recordOf(text, away, 0), recordOf(text, away, 1)], 4);
  expect(decoded.map(({ reason }) => reason)).toEqual(['wrong_partition', 'wrong_partition']);
});

test.each([
  ['of another user', 'shop:ben'],
  ['of another site', 'pohs:ana'],
  ['without a site', 'ana'],
  ['with more behind it', 'shop:ana '],
])('a key %s is refused: it would let two shards count one user', (_, key) => {
  const [decoded] = decodeAll([recordOf(JSON.stringify(valid), 0, 0, key)]);
  expect(decoded).toMatchObject({ reason: 'wrong_key' });
});

test('a record without a key is refused', () => {
  const { key: _, ...record } = recordOf(JSON.stringify(valid), 0, 0);
  expect(decodeAll([record])[0]).toMatchObject({ reason: 'wrong_key' });
});

test('keys that read as the same text are one user', () => {
  const event = { ...valid, user: '\ufffd' };
  const records = [0xfe, 0xff].map((byte, offset) => ({
    ...recordOf(JSON.stringify(event), 0, offset),
    key: Buffer.from([...Buffer.from('shop:'), byte]).toString('base64'),
  }));
  expect(new Set(usersOf(records, 1).values()).size).toBe(1);
});

test('users are listed once each, whatever else is in the batch', () => {
  const values = [valid, { ...valid, id: 'e2' }, { ...valid, user: 'ben' }, { ...valid, user: 7 }];
  const records = values.map((value, i) => recordOf(JSON.stringify(value), 0, i));
  expect([...usersOf(records, 1).values()].map(({ key }) => key)).toEqual(['shop:ana', 'shop:ben']);
});

/** Valid events with anything in place of some fields: most that programs get wrong looks like this. */
const almostEvents = fc
  .record({
    fields: fc.subarray([...Object.keys(valid), 'page', 'props', 'country', 'transaction_id', 'backfill']),
    values: fc.array(fc.oneof(fc.jsonValue(), fc.integer(), fc.string({ unit: 'binary' })), {
      minLength: 14,
      maxLength: 14,
    }),
  })
  .map(({ fields, values }) => ({
    ...valid,
    ...Object.fromEntries(fields.map((field, i) => [field, values[i]])),
    v: EVENT_VERSION,
    site: 'shop',
  }));

test('nothing that a record holds can stop its batch', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    almostEvents.map((event) => Buffer.from(JSON.stringify(event))),
  );
  fc.assert(
    fc.property(fc.array(anything, { minLength: 1, maxLength: 20 }), (values) => {
      const records = values.map((value, i) => recordOf(value, 0, i));
      expect(decodeAll(records)).toHaveLength(records.length);
      const folded = new Folded([site], 1);
      folded.apply(records);
      expect([...folded.ledger.values()].reduce((sum, count) => sum + count, 0)).toBe(records.length);
      expect(Object.values(folded.numbers()).every(Number.isSafeInteger)).toBe(true);
    }),
    { numRuns: numRuns * 5 },
  );
});
