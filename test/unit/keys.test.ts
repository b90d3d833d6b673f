import fc from 'fast-check';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { parseDay } from '../../shared/platform/time.ts';

const day = parseDay('2026-03-01')!;
const month = 2026 * 12 + 2;
const keys = keysOf(String(STATE_FORMAT));

const allOf = (partition: number, site: string, text: string) => [
  keys.head(partition),
  keys.ledger(partition),
  keys.days(partition, site),
  keys.checkouts(partition, site),
  keys.newest(partition, site),
  keys.viewed(partition, site, day * 86_400_000, 'page'),
  keys.dueCarts(partition, site),
  keys.claims(partition, site),
  keys.leftCarts(partition, site),
  keys.day(partition, site, day),
  keys.hours(partition, site, day),
  keys.minutes(partition, site, day),
  keys.products(partition, site, day, 'revenue:EUR'),
  keys.breakdown(partition, site, day, 'country'),
  keys.packed(partition, site, day),
  keys.packedHours(partition, site, day),
  keys.packedLarge(partition, site, day),
  keys.packedDays(partition, site),
  keys.user(partition, site, text),
  keys.order(partition, site, text),
  keys.loneOrder(partition, site, text),
  keys.orders(partition, site, day),
  keys.timeline(partition, site, month, text),
];

/** The part of a key that decides its slot: between the first { and the next } (Redis Cluster specification). */
function hashTag(key: string): string {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key;
}

test('all keys of a shard are in one cluster slot, whatever the name of the user', () => {
  const user = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('{p9}', '}{', '{', '{}', ':'));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_023 }), user, (partition, text) => {
      const tags = allOf(partition, 'shop', text).map(hashTag);
      expect(new Set(tags)).toEqual(new Set([`p${partition}`]));
    }),
  );
});

test('different things have different keys', () => {
  const user = fc.string({ minLength: 1, unit: fc.constantFrom('a', ':', '0', '{', '}') });
  const site = fc.constantFrom('a', 'a0', 'a-0', '0');
  const names = fc.tuple(fc.integer({ min: 0, max: 11 }), site, user);
  fc.assert(
    fc.property(names, names, ([p1, site1, user1], [p2, site2, user2]) => {
      const one = [keys.user(p1, site1, user1), keys.timeline(p1, site1, month, user1)];
      const two = [keys.user(p2, site2, user2), keys.timeline(p2, site2, month, user2)];
      const same = p1 === p2 && site1 === site2 && user1 === user2;
      expect(new Set([...one, ...two]).size).toBe(same ? 2 : 4);
    }),
    { numRuns: 1_000 },
  );
  expect(new Set(allOf(1, 'shop', 'ana')).size).toBe(23);
});

test('days and months are spelt as dates', () => {
  expect(keys.day(7, 'shop', day)).toBe(`ff:${STATE_FORMAT}:{p7}:d:shop:20260301`);
  expect(keys.timeline(7, 'shop', month, 'ana')).toBe(`ff:${STATE_FORMAT}:{p7}:t:shop:202603:ana`);
});
