import { createHash } from 'node:crypto';
import { type Incoming, refusalsOfNumbers, within } from '../../incoming.ts';
import type { Refusal } from '../../plain-event.ts';
import { addKept } from '../common/add-kept.ts';
import {
  amountOrNothing,
  type Fields,
  firstOf,
  idOf,
  isObject,
  objectOf,
  textOf,
} from '../common/convert-values.ts';
import { EventDraft } from '../common/event-draft.ts';
import { propertiesOf } from '../common/flatten-properties.ts';
import { isCancellation, trackedName } from './event-names.ts';
import { happenedAt } from './happened-at.ts';
import { keptNamesOf } from './kept-names.ts';
import { consentOf } from './message-consent.ts';
import { addContext } from './message-context.ts';
import { addProducts, keptProductFields, PRODUCT_FIELDS } from './message-products.ts';
import { addVisit, SESSION_IDS } from './message-visit.ts';

export const MESSAGE_TYPES = ['track', 'page', 'screen', 'identify', 'group', 'alias'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** What surrounds a message. */
export interface Envelope {
  /** Type from the request's path; the messages of a batch say it themselves. */
  type?: MessageType;
  /** Path of the message in the request's body, such as `batch[2]`; empty when it is the whole body. */
  place: string;
  /** When the request arrived, ms since the epoch. */
  received: number;
  /** Values of the batch, which apply to all its messages. */
  sentAt?: unknown;
  context?: unknown;
}

const ORIGINS = {
  id: 'messageId',
  name: 'event',
  user_id: 'userId',
  anonymous_id: 'anonymousId',
  timestamp: 'timestamp',
};

/** Converts a message of Segment's HTTP API into a plain event. */
export function fromSegment(message: unknown, envelope: Envelope): Incoming {
  const draft = new EventDraft(envelope.place, ORIGINS);
  if (!isObject(message)) return { ...draft.finished(), plain: message };
  const context = { ...objectOf(envelope.context), ...objectOf(message.context) };
  const consent = consentOf(context);
  const refused = (refusals: Refusal[]): Incoming => ({ refusals, plain: { consent } });
  const lacks = (path: string, problem: string) =>
    refused([{ code: 'invalid_event', path: within(envelope.place, path), message: problem }]);
  const refusals = refusalsOfNumbers(message, envelope.place);
  if (refusals.length > 0) return refused(refusals);
  const type = envelope.type ?? message.type ?? message.action;
  if (!isMessageType(type)) return lacks('type', `must be one of ${MESSAGE_TYPES.join(', ')}`);
  if (type === 'alias') {
    if (!firstOf(message, PREVIOUS)) return lacks('previousId', 'previousId is required');
    if (!firstOf(message, NEW)) return lacks('userId', 'userId is required');
  }
  draft.set('id', messageId(message.messageId), 'messageId');
  draft.set('user_id', idOf(message.userId), 'userId');
  draft.set('anonymous_id', idOf(message.anonymousId), 'anonymousId');
  const [when, timestamp] = firstOf(message, ['timestamp', 'originalTimestamp']) ?? ['timestamp', undefined];
  draft.set('timestamp', happenedAt(timestamp, envelope.sentAt ?? message.sentAt, envelope.received), when);
  addContext(draft, context, type === 'page' ? objectOf(message.properties) : {});
  draft.set('consent', consent, 'context.consent');
  ADD[type](draft, message);
  addVisit(draft, message, { type, context, properties: objectOf(message.properties) });
  return draft.finished(textOf(context.userAgent, 1_000));
}

const isMessageType = (type: unknown): type is MessageType =>
  (MESSAGE_TYPES as readonly unknown[]).includes(type);

/** Replaces an id that is too long by its digest, which still detects retries. */
function messageId(id: unknown): unknown {
  if (typeof id !== 'string' || id.length <= 128) return idOf(id);
  return createHash('sha256').update(id).digest('base64url');
}

/** Old clients of alias send `from` and `to`. */
const PREVIOUS = ['previousId', 'from', 'anonymousId'];
const NEW = ['userId', 'to'];

const ADD: Record<MessageType, (draft: EventDraft, message: Fields) => void> = {
  track: addTracked,
  page: (draft, message) => addView(draft, message, 'page_view', { title: 'page_title', name: 'page_name' }),
  screen: (draft, message) => {
    addView(draft, message, 'screen_view', {});
    const name = firstOf(message, ['name']) ?? firstOf(objectOf(message.properties), ['name']);
    if (draft.plain.page === undefined) draft.set('page', textOf(name?.[1], 2_000), 'name');
  },
  identify: (draft, message) => {
    draft.set('name', 'identify', 'type');
    draft.set('properties', propertiesOf(objectOf(message.traits), new Set()), 'traits');
  },
  group: (draft, message) => {
    draft.set('name', 'group', 'type');
    const traits = { group_id: message.groupId, ...objectOf(message.traits) };
    draft.set('properties', propertiesOf(traits, new Set()), 'traits');
  },
  alias: (draft, message) => {
    const [before, previous] = firstOf(message, PREVIOUS)!;
    const [now, user] = firstOf(message, NEW)!;
    draft.set('name', 'identify', 'type');
    draft.set('anonymous_id', previous, before);
    draft.set('user_id', user, now);
  },
};

function addView(draft: EventDraft, message: Fields, name: string, names: Record<string, string>): void {
  draft.set('name', name, 'type');
  const { name: called, category } = message;
  const properties = { name: called, category, ...objectOf(message.properties) };
  draft.set('properties', propertiesOf(properties, VIEW_FIELDS, names), 'properties');
}
const VIEW_FIELDS = new Set(['url', 'path', 'referrer', 'search', ...SESSION_IDS]);

/** Events of one product, whose properties are the product's own. */
const OF_PRODUCT = new Set([
  'view_item',
  'select_item',
  'add_to_cart',
  'remove_from_cart',
  'add_to_wishlist',
]);

/** Events whose amounts must be valid. */
const OF_ORDER = new Set(['purchase', 'refund']);

/**
 * Fields that may hold an order's value, in order of preference. `total` is what plain events have and what
 * Segment's own destination for GA4 uses, also for refunds: the spec's Order Refunded has no other amount,
 * and refunds must be measured like revenue. Next comes `revenue`, which excludes shipping and taxes.
 */
const ORDER_VALUES = ['total', 'revenue', 'value', 'subtotal'];
const VALUES = ['value', 'revenue', 'total'];
/**
 * For other events, only `revenue` is money by the spec ("Spec: Track", "Properties"); their `value` may be
 * anything.
 */
const OTHER_VALUES = ['revenue'];

/** Commerce events, by their GA4 names. */
const OF_COMMERCE = new Set([
  ...OF_PRODUCT,
  ...OF_ORDER,
  'view_item_list',
  'view_cart',
  'begin_checkout',
  'add_payment_info',
]);

const ORDER_IDS = ['order_id', 'orderId', 'transaction_id', 'transactionId'];

/** GA4's names for some properties. */
const PROPERTY_NAMES: Readonly<Record<string, Record<string, string>>> = {
  share: { share_via: 'method' },
};

function addTracked(draft: EventDraft, message: Fields): void {
  const properties = objectOf(message.properties);
  const name = trackedName(message.event);
  draft.set('name', name, 'event');
  if (name === undefined) return;
  const taken = new Set(['products', ...SESSION_IDS]);
  const take = (field: string, found: [string, unknown] | undefined, value: unknown) => {
    draft.set(field, value, `properties.${found?.[0] ?? field}`);
    if (found !== undefined && value !== undefined) taken.add(found[0]);
  };

  const order = firstOf(properties, ORDER_IDS);
  const isOrder = OF_ORDER.has(name);
  take('transaction_id', order, isOrder ? order?.[1] : textOf(order?.[1], 128));
  // A cancellation refunds the order as it was bought; its own amounts are computed differently.
  const isWhole = order !== undefined && isCancellation(String(message.event));
  if (!isWhole) {
    const isOfProduct = OF_PRODUCT.has(name);
    if (addProducts(draft, properties, { isOfProduct, isOrder })) {
      for (const field of [...PRODUCT_FIELDS, ...keptProductFields(isOfProduct)]) taken.add(field);
    }
    const value = firstOf(properties, isOrder ? ORDER_VALUES : OF_COMMERCE.has(name) ? VALUES : OTHER_VALUES);
    const path = `properties.${value?.[0]}`;
    take('value', value, isOrder ? value?.[1] : amountOrNothing(value?.[1], draft, path));
  }
  addKept(draft, properties, keptNamesOf(name, isWhole), {
    taken,
    originOf: (property) => `properties.${property}`,
  });
  const { value, items, tax, shipping, discount } = draft.plain;
  const hasMoney = [value, items, tax, shipping, discount].some((money) => money !== undefined);
  if (isWhole || OF_COMMERCE.has(name) || hasMoney) {
    take('currency', firstOf(properties, ['currency']), idOf(properties.currency));
  }
  if (name === 'search') take('search_term', firstOf(properties, ['query']), textOf(properties.query, 200));
  draft.set(
    'properties',
    propertiesOf(properties, taken, Object.hasOwn(PROPERTY_NAMES, name) ? PROPERTY_NAMES[name] : undefined),
    'properties',
  );
}
