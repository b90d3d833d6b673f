import fc from 'fast-check';
import { erasureEvent } from '../../shared/event/erasure.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import type { FunnelDefinition } from '../../shared/funnels/definition.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { type Site, siteSchema } from '../../shared/sites/site.ts';
import { erasedIds, erasureWithin, toldAfter } from '../oracle/erased.ts';
import { Folded, FoldedLog, inTurn, type Reading, readings } from '../oracle/folded.ts';
import { distinct, recount } from '../oracle/naive.ts';
import { cut, eventStream, FUNNELS, hardSites, recordsOf, shuffled, USERS } from '../oracle/streams.ts';
import { eventOf, NOON, shop } from '../support/events.ts';
import { generationOf } from '../support/generation.ts';

/** `FOOTFALL_RUNS=1000 npm test -- test/unit/fold.test.ts` looks harder. A failure prints its seed and path. */
const numRuns = Number(process.env.FOOTFALL_RUNS ?? 30);

function foldAll(events: readonly FootfallEvent[], reading: Reading, partitions: number): Folded {
  return new FoldedLog(hardSites, partitions, FUNNELS).append(events).read(reading);
}

const counted = (events: readonly FootfallEvent[]) => recount(events, hardSites, FUNNELS);
const partitionCounts = fc.constantFrom(1, 3, 16);

test('what the fold adds up is what an independent count finds, however it is cut into batches', () => {
  fc.assert(
    fc.property(eventStream({ orders: true }), readings, partitionCounts, (events, reading, partitions) => {
      expect(foldAll(events, reading, partitions).numbers()).toEqual(counted(events));
    }),
    { numRuns },
  );
});

test('the order in which events arrive changes nothing', () => {
  fc.assert(
    fc.property(
      shuffled(eventStream({ orders: true })),
      fc.tuple(readings, partitionCounts),
      fc.tuple(readings, partitionCounts),
      ({ events, other }, one, two) => {
        const numbers = foldAll(events, ...one).numbers();
        expect(foldAll(other, ...two).numbers()).toEqual(numbers);
        expect(numbers).toEqual(counted(other));
      },
    ),
    { numRuns },
  );
});

test('visitors who identify themselves become one person with that user, whenever they do', () => {
  const streams = shuffled(eventStream({ identities: true, orders: true }));
  fc.assert(
    fc.property(streams, readings, partitionCounts, ({ other }, reading, partitions) => {
      expect(foldAll(other, reading, partitions).numbers()).toEqual(counted(other));
    }),
    { numRuns },
  );
});

test('an order and its refunds count once, whichever comes first and whichever ids they belong to', () => {
  const streams = shuffled(eventStream({ sites: hardSites.slice(0, 1), identities: true, orders: true }));
  fc.assert(
    fc.property(streams, readings, partitionCounts, ({ other }, reading, partitions) => {
      expect(foldAll(other, reading, partitions).numbers()).toEqual(counted(other));
    }),
    { numRuns },
  );
});

test('a log that is read again in other batches, to its end or half-way, gives the same numbers', () => {
  const streams = eventStream({ sites: hardSites.slice(0, 1), identities: true, orders: true });
  fc.assert(
    fc.property(streams, readings, readings, partitionCounts, (events, one, two, partitions) => {
      const log = new FoldedLog(hardSites, partitions, FUNNELS).append(events);
      const numbers = log.read(one).numbers();
      expect(numbers).toEqual(counted(events));
      log.forget();
      expect(log.read(two).numbers()).toEqual(numbers);
    }),
    { numRuns },
  );
});

test("the shop keeps an erased person's orders and visits, and no other number has them", () => {
  const [site] = hardSites as [Site];
  const cases = fc.record({
    events: shuffled(eventStream({ sites: [site], identities: true, orders: true })).map(
      ({ other }) => other,
    ),
    asked: fc.subarray([...USERS, 'never-seen'], { minLength: 1, maxLength: 3 }),
    share: fc.integer({ min: 5, max: 100 }),
    late: fc.integer({ min: 0, max: 100 }),
    partitions: partitionCounts,
    one: readings,
    two: readings,
  });
  fc.assert(
    fc.property(cases, ({ events, asked, share, late, partitions, one, two }) => {
      const times = events.map(({ received }) => received);
      const [from, to] = [Math.min(...times), Math.max(...times)];
      const at = from + Math.floor(((to - from) * late) / 100);
      const erasure = erasureWithin(events, { site: site.id, asked, at, share });
      const ids = erasedIds(erasure);
      const erases = { receipt: 'receipt', of: ids.size };
      const log = new FoldedLog(hardSites, partitions, FUNNELS).append(erasure.before);
      log.read(one);
      log.append([...ids].map((user) => erasureEvent({ site: site.id, user, at, erases })));
      const numbers = log.append(erasure.after).read(two).numbers();
      const all = [...erasure.before, ...erasure.after];
      expect(numbers).toEqual(recount(all, hardSites, FUNNELS, toldAfter(erasure)));
    }),
    { numRuns },
  );
});

test('events may come any number of times; only those of bots count each time', () => {
  const repeated = eventStream({ orders: true }).chain((events) =>
    fc.record({
      events: fc.constant(events),
      more: fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 100, size: 'max' }),
    }),
  );
  fc.assert(
    fc.property(repeated, readings, ({ events, more }, reading) => {
      const folded = foldAll([...events, ...more], { ...reading, loss: null, repeats: Infinity }, 3);
      expect(folded.numbers()).toEqual(counted([...events, ...more.filter(({ bot }) => bot !== undefined)]));
      const count = (outcome: string) =>
        [...folded.ledger].reduce((sum, [name, n]) => (name.endsWith(`:${outcome}`) ? sum + n : sum), 0);
      expect(count('applied')).toBe(distinct(events).length);
      expect(count('applied') + count('duplicate') + count('bot')).toBe(events.length + more.length);
    }),
    { numRuns },
  );
});

/** All of them are received at noon. */
const event = (fields: Partial<FootfallEvent>) => eventOf({ received: NOON, ...fields });

function foldOne(events: FootfallEvent[]): Folded {
  return new FoldedLog([shop], 1).append(events).read(inTurn(events.length));
}

test('a refund may come before its purchase', () => {
  const line = [{ id: 'shoe', quantity: 1, amount: 2_500 }];
  const purchase = event({ id: 'p', name: 'purchase', items: line, currency: 'EUR' });
  const refund = event({ id: 'r', name: 'refund', ts: NOON + 1, items: line, currency: 'EUR' });
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
  const late = event({ id: 'late', ts: NOON - 40 * 3_600_000, known: true });
  const numbers = foldOne([event({}), late]).numbers();
  expect(numbers).toMatchObject({
    'day / shop / 2026-06-08 / new_users': 1,
    'day / shop / 2026-06-08 / new_accounts': 1,
  });
  expect(numbers).not.toHaveProperty(['day / shop / 2026-06-10 / new_users']);
});

test('minutes and hours are counted as long as they are kept, to the ms', () => {
  const day = 24 * 3_600_000;
  const aged = (age: number) => event({ id: String(age), ts: NOON - age, backfill: true });
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
  const folded = new Folded([shop, other], 1);
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
  expect(folded.numbers()).toEqual(recount(events, [shop]));
  expect([...folded.ledger].sort()).toEqual([
    ['shop:applied', 2_000],
    ['shop:duplicate', 500],
    ['shop:order', 2_000],
  ]);
});

test('the offset moves past every record of a chunk, also past those that are not counted', () => {
  const records: KafkaRecord[] = recordsOf([event({}), event({})], 1)[0]!;
  records.push({ ...records[0]!, offset: 7, value: Buffer.from('no event').toString('base64') });
  const folded = new Folded([shop], 1);
  folded.apply(records);
  expect([...folded.ledger].sort()).toEqual([
    ['-:deadLettered', 1],
    ['shop:applied', 1],
    ['shop:duplicate', 1],
  ]);
});

describe("a person's carts of years", () => {
  const day = 24 * 3_600_000;
  const items = [{ id: 'tea', quantity: 1, amount: 500 }];
  /** On every other day a cart that ends in one of these ways, in turn. All are received as they happen. */
  const carts = (count: number, ends: readonly string[]): FootfallEvent[] =>
    Array.from({ length: count }, (_, n) => {
      const begin = NOON - (2 * count - 2 * n) * day;
      const end = ends[n % ends.length]!;
      return ['add_to_cart', end].map((name, i) => {
        const ts = begin + i * 90 * 60_000;
        return event({ id: `${n}-${i}`, name, items, currency: 'EUR', ts, received: ts });
      });
    }).flat();

  test('stay counted when they are settled', () => {
    const events = carts(700, ['purchase', 'view_cart', 'remove_from_cart']);
    const folded = new Folded([shop], 1);
    for (const batch of cut(recordsOf(events, 1)[0]!, [50])) folded.apply(batch);
    expect(folded.numbers()).toEqual(recount(events, [shop]));
    expect(folded.stateOf('shop', 'ana')!.cart.changes.length).toBeLessThan(300);
  });

  test('are counted once when a visitor with others becomes the user', () => {
    const events = carts(250, ['purchase']);
    const visits = carts(240, ['purchase', 'remove_from_cart']).map((one) => ({
      ...one,
      id: `v${one.id}`,
      user: 'cookie',
      ts: one.ts + day,
    }));
    const log = new FoldedLog([shop], 3).append(events).append(visits);
    log.append([event({ id: 'i', user: 'cookie', name: 'identify', identifies: 'ana', ts: NOON })]);
    const numbers = log.read(inTurn(50)).numbers();
    expect(cartsIn(numbers)).toEqual(cartsIn(recount([...events, ...visits], [shop])));
  });

  const cartsIn = (numbers: Record<string, number>) =>
    Object.fromEntries(Object.entries(numbers).filter(([name]) => name.startsWith('carts / ')));
});

describe('two people with a long history who turn out to be one', () => {
  const day = 24 * 3_600_000;
  /** On every other day a visit that goes three steps into the shop funnel, all received as they happen. */
  const history = (user: string, days: number, from: number): FootfallEvent[] =>
    Array.from({ length: days }, (_, n) =>
      ['view_item', 'add_to_cart', 'begin_checkout'].map((name, step) => {
        const ts = NOON - (from - 2 * n) * day + step * 60_000;
        return event({ id: `${user}-${n}-${step}`, user, name, ts, received: ts, source: `from-${user}` });
      }),
    ).flat();
  const bySession: FunnelDefinition = {
    id: 'visit',
    name: 'Visit',
    key: 'visit.1',
    by: 'session',
    window_hours: 24,
    effective_from: 0,
    steps: [{ event: 'view_item' }, { event: 'begin_checkout' }],
  };
  const identify = event({ id: 'i', user: 'cookie', name: 'identify', identifies: 'ana', ts: NOON });

  function foldPeople(events: FootfallEvent[]): Folded {
    const folded = new Folded([shop], 3, [bySession]);
    for (const records of recordsOf(events, 3)) for (const batch of cut(records, [50])) folded.apply(batch);
    const sent = folded.forwards.splice(0);
    for (const records of recordsOf(sent, 3)) if (records.length > 0) folded.apply(records);
    return folded;
  }

  // More than are kept open of sessions and of funnels' entries, of either or of both.
  test.each([
    [150, 20],
    [20, 150],
    [150, 149],
    [1, 200],
  ])('%i visits join %i', (visitors, users) => {
    const events = [
      ...history('cookie', visitors, 401),
      ...history('ana', users, 400),
      { ...identify, received: NOON },
    ];
    expect(foldPeople(events).numbers()).toEqual(recount(events, [shop], [bySession]));
  });

  test("a visitor's history is sent in records small enough for a broker, however long it is", () => {
    const values = (n: number) => `${n} ${'商'.repeat(190)}`;
    const visits = Array.from({ length: 390 }, (_, n) => {
      const ts = NOON - (400 - n) * 3_600_000;
      const texts = { source: values(n), medium: values(n), campaign: values(n), page: `/${values(n)}` };
      return event({ id: `v${n}`, user: 'cookie', ts, received: ts, backfill: true, ...texts });
    });
    const folded = new Folded([shop], 1);
    for (const batch of cut([...visits, identify], [100])) {
      folded.apply(recordsOf(batch, 1)[0]!.map((record, i) => ({ ...record, offset: i })));
    }
    const sizes = folded.forwards.map((one) => Buffer.byteLength(JSON.stringify(one)));
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(900_000);
    folded.apply(recordsOf(folded.forwards.splice(0), 1)[0]!);
    expect(folded.numbers()).toEqual(recount([...visits, identify], [shop]));
  });

  test("a state that this version can't read is refused, and no shard waits for it", () => {
    const joins = { user: 'cookie', state: Buffer.from('no state').toString('base64') };
    const record = event({
      name: 'identify',
      origin: { partition: 5, offset: 3, part: 0, generation: generationOf(1).id },
      joins,
    });
    const folded = foldOne([record, event({ id: 'e2' })]);
    expect([...folded.ledger].sort()).toEqual([
      ['shop:applied', 1],
      ['shop:deadLettered', 1],
    ]);
  });

  test("a user's counters are bounded, whatever events are called", () => {
    const events = Array.from({ length: 1_500 }, (_, n) => event({ id: `n${n}`, name: `name_${n}` }));
    const numbers = foldOne(events).numbers();
    expect(numbers['user / shop / ana / n:(other)']).toBe(500);
    expect(numbers['day / shop / 2026-06-10 / n:name_1400']).toBe(1);
  });
});
