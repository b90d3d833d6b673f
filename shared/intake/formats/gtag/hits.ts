import { createHash } from 'node:crypto';
import { MAX_ITEMS } from '../../../event/event.ts';
import type { IncomingEvent } from '../../incoming.ts';
import { idOf } from '../common/convert-values.ts';
import { EventDraft } from '../common/event-draft.ts';
import { addEvent } from '../ga4/ga4-event.ts';
import { consentOf } from './hit-consent.ts';

/**
 * Hits of gtag.js, version 2 of Google's collect endpoint. Google does not document them; this follows
 * gtag.js itself. Event parameters begin with `ep.` (text) or `epn.` (number), user properties with `up.` or
 * `upn.`, and some have short names.
 */
const SHORT: Readonly<Record<string, string>> = {
  dl: 'page_location',
  dp: 'page_path',
  dr: 'page_referrer',
  dt: 'page_title',
  cu: 'currency',
  cs: 'campaign_source',
  cm: 'campaign_medium',
  cn: 'campaign_name',
  sid: 'session_id',
  _et: 'engagement_time_msec',
  ir: 'ignore_referrer',
};

/** A parameter that says whose the hit is, and nothing about the event. */
export const WRITE_KEY = 'write_key';

/** Prefixes of the parts of an item, as gtag.js has them. */
const ITEM_SHORT: Readonly<Record<string, string>> = {
  id: 'item_id',
  nm: 'item_name',
  br: 'item_brand',
  ca: 'item_category',
  pr: 'price',
  qt: 'quantity',
  va: 'item_variant',
  c2: 'item_category2',
  c3: 'item_category3',
  c4: 'item_category4',
  c5: 'item_category5',
  cp: 'coupon',
  ds: 'discount',
  lp: 'index',
  li: 'item_list_id',
  ln: 'item_list_name',
  pi: 'promotion_id',
  pn: 'promotion_name',
  cn: 'creative_name',
  cs: 'creative_slot',
  af: 'affiliation',
  lo: 'location_id',
};

/**
 * Most parameters of the query, and of a line; gtag.js sends some fifty, and one for each item. Further ones are
 * dropped.
 */
const MAX_QUERY_PARAMETERS = 500;
const MAX_PARAMETERS = MAX_ITEMS + 500;

/** The lines of a body, one hit each. Empty: the query is the only hit. */
export const linesOf = (body: string): string[] => body.split(/\r?\n/).filter((line) => line !== '');

/**
 * The hits of a request; the query holds what they share. @param lines from {@link linesOf}; the caller
 * limits their number.
 */
export function hitsOf(query: string, lines: readonly string[]): Map<string, string>[] {
  if (lines.length === 0) return [parametersOf(query, MAX_PARAMETERS)];
  const common = parametersOf(query, MAX_QUERY_PARAMETERS);
  return lines.map((line) => new Map([...common, ...parametersOf(line, MAX_PARAMETERS)]));
}

const parametersOf = (text: string, most: number) => new Map(new URLSearchParams(text).entries().take(most));

/**
 * Converts a hit into a plain event. Drops user properties and the address that `uip` may carry.
 *
 * The event's id is a digest of the whole hit, so that a repeated beacon counts once. That requires `_p`,
 * which is random for each page load, and `_s`, which counts the page's requests; gtag.js sends both. Hits
 * without them may be equal without being repetitions, so each counts. A purchase gets no such id, as its
 * transaction identifies it.
 * @param index position of the hit in its request, from 0.
 * @param isBatch whether the request has several hits.
 */
export function fromHit(hit: ReadonlyMap<string, string>, index: number, isBatch: boolean): IncomingEvent {
  const place = isBatch ? `hits[${index}]` : '';
  const draft = new EventDraft(place, {});
  const params: Record<string, unknown> = {};
  const origins = new Map([['name', 'en']]);
  const put = (name: string, value: unknown, origin: string) => {
    if (name === '__proto__' || name === WRITE_KEY) return;
    params[name] = value;
    origins.set(name, origin);
  };
  for (const [key, value] of hit) {
    if (key.startsWith('ep.')) put(key.slice(3), value, key);
    else if (key.startsWith('epn.')) put(key.slice(4), numberOf(value), key);
    else if (Object.hasOwn(SHORT, key)) put(SHORT[key]!, value, key);
  }
  const items = itemsOf(hit);
  if (items.length > 0) params.items = items.map(({ item }) => item);

  draft.set('id', idOfHit(hit, index), '_s');
  draft.set('anonymous_id', idOf(hit.get('cid')), 'cid');
  draft.set('user_id', idOf(hit.get('uid')), 'uid');
  draft.set('consent', consentOf(hit), 'gcs');
  addEvent(draft, {
    name: idOf(hit.get('en')),
    params,
    originOf: (param) => origins.get(param) ?? itemOrigin(param, items) ?? param,
  });
  // gtag.js always sends `cid`, so name that one when both ids are missing.
  if (!draft.plain.user_id && !draft.plain.anonymous_id) draft.note('user_id', 'cid');
  return draft.finished();
}

/** Leaves `1e3` and the like as texts: an amount is not written so. */
const numberOf = (text: string) => (/^-?\d{1,15}(\.\d{1,20})?$/.test(text.trim()) ? Number(text) : text);

function idOfHit(hit: ReadonlyMap<string, string>, index: number): string | undefined {
  if (!hit.get('_p') || !hit.get('_s')) return undefined;
  if (hit.get('en') === 'purchase' && hit.get('ep.transaction_id')) return undefined;
  const said = JSON.stringify([index, ...[...hit].sort(([a], [b]) => (a < b ? -1 : 1))]);
  return `gtag:${createHash('sha256').update(said).digest('base64url')}`;
}

interface HitItem {
  /** `pr1` */
  key: string;
  item: Record<string, string>;
}

/** The items `pr1`, `pr2` …, in order. */
function itemsOf(hit: ReadonlyMap<string, string>): HitItem[] {
  return [...hit.keys()]
    .filter((key) => /^pr\d{1,4}$/.test(key))
    .sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)))
    .map((key) => ({ key, item: itemOf(hit.get(key)!) }));
}

/** Parses `idSKU_1~nmGreen tea~pr12.5~qt2`: a tilde separates parts; a doubled tilde is part of a value. */
function itemOf(text: string): Record<string, string> {
  const parts = text.match(/(?:~~|[^~])+/g) ?? [];
  return Object.fromEntries(
    parts.flatMap((part) => {
      const name = ITEM_SHORT[part.slice(0, 2)];
      return name === undefined ? [] : [[name, part.slice(2).replaceAll('~~', '~')]];
    }),
  );
}

/** Maps `items[0].price` to `pr1.pr`. */
function itemOrigin(param: string, items: readonly HitItem[]): string | undefined {
  const [, index, field] = /^items\[(\d+)\](?:\.(\w+))?$/.exec(param) ?? [];
  if (index === undefined) return undefined;
  const short = Object.keys(ITEM_SHORT).find((key) => ITEM_SHORT[key] === field);
  const { key } = items[Number(index)]!;
  return short === undefined ? key : `${key}.${short}`;
}
