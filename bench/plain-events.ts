import type { FootfallEvent, Item } from '../shared/event/event.ts';
import { InteractionFactory } from '../shared/simulation/factory.ts';
import { BURST_MS, burst, shoppersFor } from '../shared/simulation/publish.ts';
import type { Site } from '../shared/sites/site.ts';

/** Fields of simulated events that a client sends as they are. */
const SAME = [
  ...(['id', 'name', 'currency', 'transaction_id', 'country', 'page', 'referrer', 'source'] as const),
  ...(['medium', 'campaign', 'device', 'browser', 'os', 'search_term'] as const),
];

/** A simulated event as a client sends it to `POST /v1/events`. */
export function plainOf(event: FootfallEvent): Record<string, unknown> {
  const { user, known, ts, items, value, props } = event;
  const same = SAME.flatMap((field) => (event[field] === undefined ? [] : [[field, event[field]]]));
  return {
    ...Object.fromEntries(same),
    [known ? 'user_id' : 'anonymous_id']: user,
    timestamp: ts,
    ...(items && { items: items.map(lineOf) }),
    ...(value !== undefined && { value: value / 100 }),
    ...(props && { properties: props }),
  };
}

const lineOf = ({ id, name, brand, category, quantity = 1, amount }: Item) => ({
  item_id: id,
  item_name: name,
  item_brand: brand,
  item_category: category,
  quantity,
  // In whole cents: a float tail would be put right first.
  ...(amount !== undefined && { price: Number((amount / 100 / quantity).toFixed(2)) }),
});

/** Simulated events of one site, without sign-ins: each is counted for one person. */
export function simulatedEvents(site: Site, count: number, seed: number): FootfallEvent[] {
  const shoppers = shoppersFor((count / BURST_MS) * 1_000);
  const factory = new InteractionFactory({ sites: [site], seed, shoppers });
  return [...burst(factory, count, Date.now())].map(({ identifies: _, ...event }) => event);
}
