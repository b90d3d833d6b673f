import { readFlag } from '../../values/flags.ts';
import { linesOf } from '../../values/lists.ts';
import { addKept, keptItemFields, SAME_NAMES } from '../common/add-kept.ts';
import {
  amountOrNothing,
  type Fields,
  firstOf,
  idOf,
  isObject,
  millisecondsOf,
  textOf,
} from '../common/convert-values.ts';
import type { EventDraft } from '../common/event-draft.ts';
import { propertiesOf } from '../common/flatten-properties.ts';

/** An event with GA4's names: of the Measurement Protocol, or read from a hit of gtag.js. */
export interface Ga4Event {
  name: unknown;
  /** Includes `items`. */
  params: Fields;
  /** Path of a parameter in the request: `value`, `items[0].price`. */
  originOf(param: string): string;
}

/** Apps send a screen instead of a page. */
const PAGES = ['page_location', 'page_path'];
const SCREENS = ['screen_name', 'firebase_screen', 'firebase_screen_class'];
const SOURCES = ['campaign_source', 'source'];
const MEDIA = ['campaign_medium', 'medium'];
const CAMPAIGNS = ['campaign_name', 'campaign'];

/** No properties: they have a field of their own, are worked out by Footfall, or concern only Google. */
const LEFT_AWAY = [
  'items',
  'session_id',
  'session_number',
  'engagement_time_msec',
  'ignore_referrer',
  'debug_mode',
  'user_data',
];

/** Adds an event's fields to a plain event, which uses GA4's names too. */
export function addEvent(draft: EventDraft, { name, params, originOf }: Ga4Event): void {
  const taken = new Set(LEFT_AWAY);
  const take = (field: string, names: readonly string[], read: (value: unknown) => unknown) => {
    const found = firstOf(params, names);
    const value = found && read(found[1]);
    draft.set(field, value, originOf(found?.[0] ?? names[0]!));
    if (found && value !== undefined) taken.add(found[0]);
  };
  const text = (max: number) => (value: unknown) => textOf(value, max);
  const isOrder = name === 'purchase' || name === 'refund';

  draft.set('name', name, originOf('name'));
  take('transaction_id', ['transaction_id'], isOrder ? idOf : text(128));
  take('currency', ['currency'], idOf);
  take('value', ['value'], (value) => (isOrder ? value : amountOrNothing(value, draft, originOf('value'))));
  take('page', name === 'screen_view' ? [...SCREENS, ...PAGES] : [...PAGES, ...SCREENS], text(2_000));
  take('referrer', ['page_referrer'], text(2_000));
  take('ignore_referrer', ['ignore_referrer'], readFlag);
  take('session_id', ['session_id'], text(100));
  take('engagement_time_msec', ['engagement_time_msec'], millisecondsOf);
  take('source', SOURCES, text(200));
  take('medium', MEDIA, text(200));
  take('campaign', CAMPAIGNS, text(200));
  take('search_term', ['search_term'], text(200));
  const items = linesOf(params.items);
  if (items !== undefined && items !== '') {
    const list = Array.isArray(items)
      ? items.map((item, index) => itemOf(draft, item, `items[${index}]`, isOrder, originOf))
      : items;
    draft.set('items', list, originOf('items'));
  }
  addKept(draft, params, SAME_NAMES, { taken, originOf });
  draft.set('properties', propertiesOf(params, taken), originOf('params'));
}

/** Names of an item's id: GA4's, that of Universal Analytics, and those of shops' own code. */
const IDS = ['item_id', 'id', 'product_id', 'productId', 'sku'];

/** Converts an item. Without an id, its name is its id, as in GA4. */
function itemOf(
  draft: EventDraft,
  item: unknown,
  place: string,
  isOrder: boolean,
  originOf: Ga4Event['originOf'],
): unknown {
  draft.note(place, originOf(place));
  if (!isObject(item)) return item;
  for (const field of ['item_id', 'price', 'quantity']) {
    draft.note(`${place}.${field}`, originOf(`${place}.${field}`));
  }
  const text = (names: readonly string[], max: number) => textOf(firstOf(item, names)?.[1], max);
  const name = text(['item_name', 'name'], 500);
  return {
    item_id: firstOf(item, IDS)?.[1] ?? textOf(name, 128),
    item_name: name,
    item_brand: text(['item_brand', 'brand'], 200),
    item_category: text(['item_category', 'category'], 200),
    price: isOrder ? item.price : amountOrNothing(item.price, draft, originOf(`${place}.price`)),
    quantity: item.quantity,
    ...keptItemFields(draft, item, { place, originOf: (name) => originOf(`${place}.${name}`) }),
  };
}
