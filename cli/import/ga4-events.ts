import { type Fields, objectOf, textOf } from '../../shared/intake/formats/common/convert-values.ts';
import { EventDraft } from '../../shared/intake/formats/common/event-draft.ts';
import { addEvent } from '../../shared/intake/formats/ga4/ga4-event.ts';
import { readInstant } from './dates.ts';
import type { Mapper } from './mapper.ts';
import { objectMapper } from './object-events.ts';
import type { Plan } from './plan.ts';

/** What GA4 writes where there is nothing. */
const NOTHING = new Set<unknown>(['(not set)', '(none)', '']);

/** Facts that GA4 computes itself and repeats in each event. */
const LEFT_AWAY =
  /^(ga_session_number$|engaged_session_event$|session_engaged$|entrances$|batch_|gclid$|gclsrc$|term$|content$)/;

/**
 * Reads rows of GA4's export to BigQuery: parameters as a list of keys with typed values, times in µs, numbers as text.
 * @param now when the import takes place, ms since the epoch.
 */
export const ga4Mapper = (plan: Plan, now: number): Mapper =>
  objectMapper(plan, now, (object) => {
    const row = object as Fields;
    const draft = new EventDraft('', {
      name: 'event_name',
      user_id: 'user_id',
      timestamp: 'event_timestamp',
    });
    const [device, source] = [objectOf(row.device), objectOf(row.collected_traffic_source)];
    const ecommerce = present(objectOf(row.ecommerce));
    const refund = row.event_name === 'refund';
    const params = {
      transaction_id: ecommerce.transaction_id,
      value: refund ? ecommerce.refund_value : ecommerce.purchase_revenue,
      tax: ecommerce.tax_value,
      shipping: ecommerce.shipping_value,
      ...withoutBlank({
        campaign_source: source.manual_source,
        campaign_medium: source.manual_medium,
        campaign_name: source.manual_campaign_name,
      }),
      ...withSession(paramsOf(row.event_params)),
      ...(Array.isArray(row.items) && row.items.length > 0 && { items: row.items.map(itemOf) }),
    };
    addEvent(draft, { name: row.event_name, params: withoutBlank(params), originOf: (param) => param });
    // A visitor who refused consent has no pseudonym.
    if (objectOf(row.privacy_info).analytics_storage === 'No') draft.set('consent', false, 'privacy_info');
    const { user_id, user_pseudo_id, event_timestamp } = present(row);
    draft.set('user_id', user_id, 'user_id');
    draft.set('anonymous_id', user_pseudo_id, 'user_pseudo_id');
    const micros = event_timestamp === undefined ? '' : String(event_timestamp);
    draft.set('timestamp', readInstant(micros, 'UTC'), 'event_timestamp');
    draft.set('device', textOf(device.category, 100), 'device.category');
    draft.set('os', textOf(device.operating_system, 100), 'device.operating_system');
    draft.set('browser', textOf(objectOf(device.web_info).browser, 100), 'device.web_info.browser');
    // GA4 names countries. The plain format wants codes, the canonical event takes either.
    const country = textOf(present(objectOf(row.geo)).country, 64);
    return [{ incoming: draft.finished(), ...(country && { more: { country } }) }];
  });

const withoutBlank = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

const present = (fields: Fields): Fields =>
  withoutBlank(Object.fromEntries(Object.entries(fields).filter(([, value]) => !NOTHING.has(value))));

function paramsOf(list: unknown): Fields {
  if (!Array.isArray(list)) return {};
  return Object.fromEntries(
    list.flatMap((param: unknown) => {
      const { key, value } = objectOf(param);
      if (typeof key !== 'string' || LEFT_AWAY.test(key)) return [];
      const { string_value, int_value, double_value, float_value } = objectOf(value);
      const number = int_value ?? double_value ?? float_value;
      const found =
        string_value ?? (number == null ? undefined : typeof number === 'string' ? numberOf(number) : number);
      return found == null || NOTHING.has(found) ? [] : [[key, found]];
    }),
  );
}

/** The export names the visit in its own way. */
const withSession = ({ ga_session_id, ...params }: Fields): Fields => ({
  ...(ga_session_id !== undefined && { session_id: ga_session_id }),
  ...params,
});

/** BigQuery writes whole numbers as text. Those of 64 bits stay text. */
const numberOf = (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);

function itemOf(item: unknown): Fields {
  const { quantity, item_list_index: index, item_params, ...fields } = present(objectOf(item));
  return {
    // Parameters without a column of their own, such as the discount.
    ...paramsOf(item_params),
    ...fields,
    ...(index !== undefined && { index }),
    ...(quantity !== undefined && { quantity: String(quantity) }),
  };
}
