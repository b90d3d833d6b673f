import {
  type Fields,
  isObject,
  objectOf,
  textOf,
} from '../../shared/intake/formats/common/convert-values.ts';
import { EventDraft } from '../../shared/intake/formats/common/event-draft.ts';
import { eventNameOf } from '../../shared/intake/formats/segment/event-names.ts';
import type { Mapper } from './mapper.ts';
import { objectMapper } from './object-events.ts';
import type { Plan } from './plan.ts';

/** Actions of a visit that say nothing of their own: an abandoned cart is found by Footfall itself. */
const LEFT_AWAY = new Set<unknown>(['goal', 'ecommerceAbandonedCart']);
const OF_ACTION: Readonly<Record<string, string>> = {
  search: 'search',
  outlink: 'click',
  download: 'file_download',
  ecommerceOrder: 'purchase',
};
const REFERRERS: Readonly<Record<string, string>> = {
  search: 'organic',
  social: 'social',
  website: 'referral',
};

/**
 * Reads visits of Matomo's `Live.getLastVisitsDetails`. Each action of a visit becomes an event; its first one carries where
 * the visit came from.
 * @param now when the import takes place, ms since the epoch.
 */
export const matomoMapper = (plan: Plan, now: number): Mapper =>
  objectMapper(plan, now, (object) => {
    const visit = object as Fields;
    const actions = Array.isArray(visit.actionDetails) ? visit.actionDetails.filter(isObject) : [];
    return actions
      .filter(({ type }) => !LEFT_AWAY.has(type))
      .map((action, index) => ({ incoming: draftOf(visit, action, index).finished() }));
  });

function draftOf(visit: Fields, action: Fields, index: number): EventDraft {
  const draft = new EventDraft(`actionDetails[${index}]`, {});
  const set = (field: string, value: unknown) => draft.set(field, value, field);
  set('name', nameOf(action));
  set('id', visit.idVisit == null ? undefined : `matomo:${visit.idVisit}:${action.timestamp}:${index}`);
  set('user_id', textOf(visit.userId, 256));
  set(
    'anonymous_id',
    textOf(visit.visitorId || undefined, 256) ??
      (visit.idVisit == null ? undefined : `visit-${visit.idVisit}`),
  );
  set('timestamp', Number(action.timestamp));
  set('page', textOf(action.url, 2_000));
  set('search_term', textOf(action.siteSearchKeyword, 200));
  const code = textOf(visit.countryCode, 10)?.toUpperCase();
  set('country', code && /^[A-Z]{2}$/.test(code) && code !== 'XX' ? code : undefined);
  set('device', textOf(visit.deviceType, 100)?.toLowerCase().replace('smartphone', 'mobile'));
  set('browser', textOf(visit.browserName ?? visit.browser, 100));
  set('os', textOf(visit.operatingSystemName ?? visit.operatingSystem, 100));
  if (index === 0) addSource(set, visit);
  const items = itemsOf(action);
  if (items.length > 0) set('items', items);
  if (action.type === 'ecommerceOrder') {
    set('transaction_id', textOf(action.orderId, 128));
    set('value', amountOf(action.revenue));
    set('tax', amountOf(action.revenueTax));
    set('shipping', amountOf(action.revenueShipping));
    set('discount', amountOf(action.revenueDiscount));
  }
  if (items.length > 0 || action.type === 'ecommerceOrder') set('currency', textOf(visit.siteCurrency, 3));
  return draft;
}

function nameOf({ type, eventAction, productViewSku }: Fields): string {
  if (type === 'event') return eventNameOf(String(eventAction ?? 'event'));
  if (productViewSku != null) return 'view_item';
  return OF_ACTION[String(type)] ?? 'page_view';
}

function addSource(set: (field: string, value: unknown) => void, visit: Fields): void {
  const type = String(visit.referrerType ?? '');
  if (type === 'campaign') {
    set('source', textOf(visit.campaignSource || undefined, 200) ?? textOf(visit.referrerName, 200));
    set('medium', textOf(visit.campaignMedium || undefined, 200) ?? 'campaign');
    set('campaign', textOf(visit.campaignName || undefined, 200) ?? textOf(visit.referrerName, 200));
  } else if (REFERRERS[type]) {
    set('source', textOf(visit.referrerName, 200)?.toLowerCase());
    set('medium', REFERRERS[type]);
  }
  set('referrer', textOf(visit.referrerUrl || undefined, 2_000));
}

function itemsOf(action: Fields): unknown[] {
  if (Array.isArray(action.itemDetails)) {
    return action.itemDetails.map((item: unknown) => {
      const { itemSKU, itemName, itemCategory, categories, price, quantity } = objectOf(item);
      return {
        ...{ item_id: textOf(itemSKU, 128) ?? textOf(itemName, 128), item_name: textOf(itemName, 500) },
        ...categoriesOf(categories, itemCategory),
        price: amountOf(price),
        quantity: quantity == null ? undefined : Number(quantity),
      };
    });
  }
  const { productViewSku, productViewName, productViewPrice, productViewCategories } = action;
  if (productViewSku == null) return [];
  return [
    {
      ...{ item_id: textOf(productViewSku, 128), item_name: textOf(productViewName, 500) },
      ...categoriesOf(productViewCategories),
      price: amountOf(productViewPrice),
    },
  ];
}

/** Up to five categories, as Matomo keeps them. @param only the first one, where there is no list. */
function categoriesOf(list: unknown, only?: unknown): Fields {
  const [first, ...others] = Array.isArray(list) ? list : [];
  return {
    item_category: textOf(only ?? first, 200),
    ...Object.fromEntries(others.slice(0, 4).map((category, i) => [`item_category${i + 2}`, category])),
  };
}

const amountOf = (value: unknown) => (value == null || value === '' || value === false ? undefined : value);
