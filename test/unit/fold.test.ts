import fc from 'fast-check';
import type { KafkaRecord } from '../../shared/events/decode.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/events/event.ts';
import { siteSchema } from '../../shared/sites.ts';
import { Folded } from '../oracle/folded.ts';
import { distinct, recount } from '../oracle/naive.ts';
import { batchSizes, cut, eventStream, FUNNELS, hardSites, recordsOf, shuffled } from '../oracle/streams.ts';

/** `FOOTFALL_RUNS=1000 npm test -- test/unit/fold.test.ts` looks harder. A failure prints its seed and path. */
const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);

/** What shards send to each other comes after each batch, and now and then twice, as after a crash. */
function foldAll(events: FootfallEvent[], sizes: readonly number[], partitions: number): Folded {
  const folded = new Folded(hardSites, partitions, FUNNELS);
  const deliver = () => {
    const sent = folded.forwards.splice(0);
    const again = sent.length % 2 === 0 ? sent : [];
    for (const records of recordsOf([...sent, ...again], partitions)) {
      if (records.length > 0) folded.apply(records);
    }
  };
  for (const records of recordsOf(events, partitions)) {
    for (const batch of cut(records, sizes)) {
      folded.apply(batch);
      if (sizes[0]! % 2 === 0) deliver();
    }
  }
  deliver();
  return folded;
}

const counted = (events: readonly FootfallEvent[]) => recount(events, hardSites, FUNNELS);

test('what the fold adds up is what an independent count finds, however it is cut into batches', () => {
  const partitions = fc.constantFrom(1, 3, 16);
  fc.assert(
    fc.property(eventStream(), batchSizes, partitions, (events, sizes, count) => {
      expect(foldAll(events, sizes, count).numbers()).toEqual(counted(events));
    }),
    { numRuns },
  );
});

test('the order in which events arrive changes nothing', () => {
  fc.assert(
    fc.property(shuffled(eventStream()), batchSizes, batchSizes, ({ events, other }, one, two) => {
      const numbers = foldAll(events, one, 3).numbers();
      expect(foldAll(other, two, 3).numbers()).toEqual(numbers);
      expect(numbers).toEqual(counted(other));
    }),
    { numRuns },
  );
});

test('visitors who say who they are become one person with that user, whenever they say it', () => {
  const streams = shuffled(eventStream({ identities: true }));
  fc.assert(
    fc.property(streams, batchSizes, fc.constantFrom(1, 3, 16), ({ other }, sizes, count) => {
      expect(foldAll(other, sizes, count).numbers()).toEqual(counted(other));
    }),
    { numRuns },
  );
});

test('any of the events may come any number of times more', () => {
  const repeated = eventStream().chain((events) =>
    fc.record({
      events: fc.constant(events),
      more: fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 100, size: 'max' }),
    }),
  );
  fc.assert(
    fc.property(repeated, batchSizes, ({ events, more }, sizes) => {
      const folded = foldAll([...events, ...more], sizes, 3);
      expect(folded.numbers()).toEqual(counted(events));
      const count = (outcome: string) =>
        [...folded.ledger].reduce((sum, [name, n]) => (name.endsWith(`:${outcome}`) ? sum + n : sum), 0);
      expect(count('applied')).toBe(distinct(events).length);
      expect(count('applied') + count('duplicate')).toBe(events.length + more.length);
    }),
    { numRuns },
  );
});

const site = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR' });
const noon = Date.parse('2026-06-10T10:00:00Z');
const event = (fields: Partial<FootfallEvent>): FootfallEvent => ({
  v: EVENT_VERSION,
  id: 'e1',
  site: 'shop',
  user: 'ana',
  name: 'view_item',
  ts: noon,
  received: noon,
  ...fields,
});

function foldOne(events: FootfallEvent[]): Folded {
  const folded = new Folded([site], 1);
  folded.apply(recordsOf(events, 1)[0]!);
  return folded;
}

test('a refund may come before its purchase', () => {
  const line = [{ id: 'shoe', quantity: 1, amount: 2_500 }];
  const purchase = event({ id: 'p', name: 'purchase', items: line, currency: 'EUR' });
  const refund = event({ id: 'r', name: 'refund', ts: noon + 1, items: line, currency: 'EUR' });
  const numbers = foldOne([refund, purchase]).numbers();
  expect(numbers).toMatchObject({
    'day / shop / 2026-06-10 / revenue:EUR': 2_500,
    'day / shop / 2026-06-10 / refunded:EUR': 2_500,
    'day / shop / 2026-06-10 / new_users': 1,
    'product / shop / 2026-06-10 / revenue:EUR / shoe': 2_500,
    'user / shop / ana / n:refund': 1,
  });
  expect(foldOne([purchase, refund]).numbers()).toEqual(numbers);
});

test('an order has its own total when it says one, else the sum of its lines', () => {
  const items = [
    { id: 'a', quantity: 2, amount: 199 },
    { id: 'b', quantity: 1, amount: 1 },
  ];
  const numbers = foldOne([
    event({ id: '1', name: 'purchase', items, currency: 'EUR' }),
    event({ id: '2', name: 'purchase', items, currency: 'EUR', value: 150 }),
  ]).numbers();
  expect(numbers['day / shop / 2026-06-10 / revenue:EUR']).toBe(350);
  expect(numbers['product / shop / 2026-06-10 / revenue:EUR / a']).toBe(398);
});

test('an earlier first event moves the user to its day', () => {
  const late = event({ id: 'late', ts: noon - 40 * 3_600_000, known: true });
  const numbers = foldOne([event({}), late]).numbers();
  expect(numbers).toMatchObject({
    'day / shop / 2026-06-08 / new_users': 1,
    'day / shop / 2026-06-08 / new_customers': 1,
  });
  expect(numbers).not.toHaveProperty(['day / shop / 2026-06-10 / new_users']);
});

test('minutes and hours are counted as long as they are kept, at the very ms', () => {
  const day = 24 * 3_600_000;
  const aged = (age: number) => event({ id: String(age), ts: noon - age, backfill: true });
  const grains = (age: number) =>
    Object.keys(foldOne([aged(age)]).numbers())
      .filter((name) => name.endsWith(' / n:view_item'))
      .map((name) => name.split(' ')[0])
      .filter((kind) => kind === 'minute' || kind === 'hour');
  expect(grains(2 * day - 1)).toEqual(['hour', 'minute']);
  expect(grains(2 * day)).toEqual(['hour']);
  expect(grains(90 * day - 1)).toEqual(['hour']);
  expect(grains(90 * day)).toEqual([]);
});

test('the same id of another user or another site is another event', () => {
  const other = siteSchema.parse({ id: 'other', zone: 'UTC' });
  const folded = new Folded([site, other], 1);
  const events = [event({}), event({ user: 'ben' }), event({ site: 'other' })];
  folded.apply(recordsOf(events, 1)[0]!);
  expect([...folded.ledger].sort()).toEqual([
    ['other:applied', 1],
    ['shop:applied', 2],
  ]);
});

test('a batch with very many different writes is cut into chunks that add up to the same', () => {
  const items = (i: number) => [0, 1, 2].map((j) => ({ id: `p${i}-${j}`, quantity: 1, amount: 100 }));
  const events = Array.from({ length: 2_000 }, (_, i) =>
    event({ id: `e${i}`, user: `u${i % 700}`, name: 'purchase', items: items(i), currency: 'EUR' }),
  );
  const folded = foldOne([...events, ...events.slice(0, 500)]);
  expect(folded.chunks).toBeGreaterThan(2);
  expect(folded.numbers()).toEqual(recount(events, [site]));
  expect([...folded.ledger].sort()).toEqual([
    ['shop:applied', 2_000],
    ['shop:duplicate', 500],
  ]);
});

test('the offset moves past every record of a chunk, also past those that are not counted', () => {
  const records: KafkaRecord[] = recordsOf([event({}), event({})], 1)[0]!;
  records.push({ ...records[0]!, offset: 7, value: Buffer.from('no event').toString('base64') });
  const folded = new Folded([site], 1);
  folded.apply(records);
  expect([...folded.ledger].sort()).toEqual([
    ['-:deadLettered', 1],
    ['shop:applied', 1],
    ['shop:duplicate', 1],
  ]);
});
