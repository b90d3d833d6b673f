import type { Random } from '../../shared/simulation/random.ts';

/** An event as a shop sends it, with at most one item. */
export interface PlainEvent {
  id: string;
  name: string;
  user_id: string;
  timestamp: number;
  items?: { item_id: string; price: number; quantity: number }[];
}

/** Valid events of some sites, and the same with repetitions and broken ones in between, as they are to be sent. */
export interface MixedEvents {
  good: { site: string; event: PlainEvent }[];
  outgoing: { site: string; event: object }[];
  repeated: number;
  broken: number;
}

const NAMES = ['view_item', 'view_item', 'view_item', 'select_item', 'add_to_cart', 'purchase', 'search'];

/** @param count of valid events of the last two days; 5 % of them are repeated, and 1 % have a broken copy. */
export function mixedEvents(sites: readonly string[], count: number, random: Random): MixedEvents {
  const now = Date.now();
  const mixed: MixedEvents = { good: [], outgoing: [], repeated: 0, broken: 0 };
  for (let i = 0; i < count; i++) {
    const site = random.pick(sites);
    const name = random.pick(NAMES);
    const quantity = 1 + random.below(3);
    // A price of whole cents, so that a test needs no rounding.
    const price = (100 + random.below(10_000)) / 100;
    const event: PlainEvent = {
      id: `e-${i}`,
      name,
      user_id: `user-${Math.floor(random.unit() ** 2 * 300)}`,
      // Over midnights in several zones.
      timestamp: now - Math.floor(random.unit() * 47 * 3_600_000),
      ...(name !== 'search' && {
        items: [{ item_id: `p-${Math.floor(random.unit() ** 2 * 50)}`, price, quantity }],
      }),
    };
    mixed.good.push({ site, event });
    mixed.outgoing.push({ site, event });
    if (random.chance(0.05)) {
      mixed.repeated++;
      mixed.outgoing.splice(random.below(mixed.outgoing.length), 0, { site, event });
    }
    if (random.chance(0.01)) {
      mixed.broken++;
      mixed.outgoing.push({ site, event: random.pick(brokenCopies(event)) });
    }
  }
  return mixed;
}

const brokenCopies = (event: PlainEvent): object[] => [
  { ...event, name: '1st' },
  { ...event, timestamp: 'soon' },
  { name: 'x' },
  { ...event, items: [{ item_id: 'x', price: 'dear' }] },
];
