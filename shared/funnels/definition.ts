/** The fields of an event that a funnel's step may ask for; those of items ask whether any of them has the value. */
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
  /** All of them must hold; pages are compared as paths, referrers as hosts. */
  filters?: { field: FilterField; value: string }[];
}

/** Ordered steps towards a goal. */
export interface FunnelDefinition {
  id: string;
  name: string;
  steps: FunnelStep[];
  /** From the first step to the last at the most. */
  window_hours: number;
  by: 'user' | 'session';
  /** Names its numbers in the store: unlike the id, no two definitions ever share it. */
  key: string;
  /** ms since the epoch: events received from then on are counted. */
  effective_from: number;
}

export const MAX_FUNNELS = 20;
export const MAX_STEPS = 10;
export const MAX_WINDOW_HOURS = 720;

/** The funnel that every shop has. */
export const SHOP_FUNNEL: FunnelDefinition = {
  id: 'shop',
  name: 'Shop',
  steps: [
    { event: 'view_item' },
    { event: 'add_to_cart' },
    { event: 'begin_checkout' },
    { event: 'purchase' },
  ],
  window_hours: 168,
  by: 'user',
  key: 'shop',
  effective_from: 0,
};
