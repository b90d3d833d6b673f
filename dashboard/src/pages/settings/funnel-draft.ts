import type { Schemas } from '../../api/types.ts';

type Funnel = Schemas['FunnelDefinition'];
export type Step = Funnel['steps'][number];
type Filter = NonNullable<Step['filters']>[number];
export type FilterField = Filter['field'];

/** A funnel as the form has it. */
export interface Draft {
  name: string;
  /** '': made of the name. */
  id: string;
  by: Funnel['by'];
  /** As typed. */
  windowHours: string;
  steps: readonly { event: string; filters: readonly Filter[] }[];
}

export const MAX_STEPS = 10;
export const MAX_FILTERS = 5;

export const NEW_DRAFT: Draft = {
  ...{ name: '', id: '', by: 'user', windowHours: '168' },
  steps: [
    { event: 'view_item', filters: [] },
    { event: 'purchase', filters: [] },
  ],
};

export const FILTERS: Record<FilterField, string> = {
  country: 'Country',
  device: 'Device',
  browser: 'Browser',
  os: 'Operating system',
  page: 'Page (path)',
  search_term: 'Search term',
  source: 'Source',
  medium: 'Medium',
  campaign: 'Campaign',
  referrer: 'Referrer (host)',
  item_id: 'Product id',
  category: 'Category',
  brand: 'Brand',
};

/** A new draft with the steps of a funnel. */
export const draftOf = ({ name, by, window_hours, steps }: Funnel): Draft => ({
  ...{ name: `${name} (copy)`, id: '', by, windowHours: String(window_hours) },
  steps: steps.map(({ event, filters = [] }) => ({ event, filters })),
});

/** @example idOf('From shoes to an order') // 'from-shoes-to-an-order' */
export const idOf = ({ id, name }: Pick<Draft, 'id' | 'name'>): string =>
  id ||
  name
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');

/** What is sent. */
export const inputOf = (draft: Draft): Schemas['FunnelInput'] => ({
  id: idOf(draft),
  name: draft.name.trim(),
  by: draft.by,
  // Nothing is not 0: the API says what is wrong with it.
  window_hours: draft.windowHours.trim() === '' ? Number.NaN : Number(draft.windowHours),
  steps: draft.steps.map(({ event, filters }) => ({
    event: event.trim(),
    ...(filters.length > 0 && {
      filters: filters.map(({ field, value }) => ({ field, value: value.trim() })),
    }),
  })),
});

export const stepText = ({ event, filters = [] }: Step): string =>
  filters.length === 0
    ? event
    : `${event} (${filters.map(({ field, value }) => `${FILTERS[field]} ${value}`).join(', ')})`;
