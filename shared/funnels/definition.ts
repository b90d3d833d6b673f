/** The fields by which a step can filter events. A field of items holds when any item has the value. */
export const FILTER_FIELDS = [
  'country',
  'device',
  'browser',
  'os',
  'page',
  'search_term',
  'source',
  'medium',
  'campaign',
  'referrer',
  'item_id',
  'category',
  'brand',
] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];

export interface FunnelStep {
  /** The event's name. */
  event: string;
  /** All must hold. Pages are compared as paths, referrers as hosts. */
  filters?: { field: FilterField; value: string }[];
}

/** Ordered steps towards a goal. */
export interface FunnelDefinition {
  id: string;
  name: string;
  steps: FunnelStep[];
  /** The longest time from the first step to the last. */
  window_hours: number;
  by: 'user' | 'session';
  /** Names its numbers in the store. Unlike the id, it is never used for another definition. */
  key: string;
  /** Events received from then on are counted, ms since the epoch. */
  effective_from: number;
  /** Whoever does not take a step may still take a later one, see {@link SHOP_FUNNEL}. Not for funnels of shops. */
  skips?: true;
}

export const MAX_FUNNELS = 20;
export const MAX_STEPS = 10;
export const MAX_WINDOW_HOURS = 720;

/**
 * The funnel that every shop has: the steps that GA4 names. Few shops send all of them, and an answer leaves out those
 * that none of the shop's events takes. So people are followed past the steps that they did not take, and what they
 * skipped is counted with the step. Its events are all different.
 */
export const SHOP_FUNNEL: FunnelDefinition = {
  id: 'shop',
  name: 'Shop',
  steps: [
    { event: 'view_item' },
    { event: 'add_to_cart' },
    { event: 'begin_checkout' },
    { event: 'add_shipping_info' },
    { event: 'add_payment_info' },
    { event: 'purchase' },
  ],
  window_hours: 168,
  by: 'user',
  key: 'shop',
  effective_from: 0,
  skips: true,
};
