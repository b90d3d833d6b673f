import { createHash } from 'node:crypto';
import type { IncomingEvent } from '../../incoming.ts';
import { Draft } from '../common/draft.ts';
import { idOf } from '../common/fit.ts';
import { addEvent } from '../ga4/event.ts';

/**
 * Hits of gtag.js, version 2 of Google's collect endpoint. Google does not document them; this is what gtag.js
 * itself does: parameters of the event are `ep.` (texts) and `epn.` (numbers), those of the user `up.` and
 * `upn.`, and some have short names of their own.
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
};

/** Of an item, the first two letters of each part. */
const ITEM_SHORT: Readonly<Record<string, string>> = {
  id: 'item_id',
  nm: 'item_name',
  br: 'item_brand',
  ca: 'item_category',
  pr: 'price',
  qt: 'quantity',
};

/** Of one hit, with what the query says; gtag.js sends some fifty. More are left away. */
const MAX_PARAMETERS = 500;

/** The lines of a request with several hits: one for each. None: the query is the hit. */
export const linesOf = (body: string): string[] => body.split(/\r?\n/).filter((line) => line !== '');

/** A request's hits: what they have in common is in the query. @param lines as {@link linesOf} has them, bounded by the caller. */
export function hitsOf(query: string, lines: readonly string[]): Map<string, string>[] {
  const common = parametersOf(query);
  if (lines.length === 0) return [common];
  return lines.map((line) => new Map([...common, ...parametersOf(line)]));
}

const parametersOf = (text: string) => new Map(new URLSearchParams(text).entries().take(MAX_PARAMETERS));

/**
 * A hit as a plain event. A user's properties, and the address that `uip` may carry, are not kept.
 *
 * Its id is made of all that the hit says, so that a beacon that is sent again is counted once. This needs what
 * gtag.js puts into each: `_p`, which is random for each load of a page, and `_s`, which counts the requests of
 * that page; a hit without them may well happen twice, and each counts. A purchase has no such id, since it is
 * known by its transaction.
 * @param index of the hit in its request, 0 for the only one.
 * @param isBatch whether the request has several.
 */
export function fromHit(hit: ReadonlyMap<string, string>, index: number, isBatch: boolean): IncomingEvent {
  const place = isBatch ? `hits[${index}]` : '';
  const draft = new Draft(place, {});
  const params: Record<string, unknown> = {};
  const origins = new Map([['name', 'en']]);
  const put = (name: string, value: unknown, origin: string) => {
    if (name === '__proto__') return;
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
  addEvent(draft, {
    name: idOf(hit.get('en')),
    params,
    originOf: (param) => origins.get(param) ?? itemOrigin(param, items) ?? param,
  });
  // Where neither id is there, the one that gtag.js always sends is what is missing.
  if (!draft.plain.user_id && !draft.plain.anonymous_id) draft.note('user_id', 'cid');
  return draft.finished();
}

const numberOf = (text: string) =>
  text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;

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

/** The items `pr1`, `pr2` …, in their order. */
function itemsOf(hit: ReadonlyMap<string, string>): HitItem[] {
  return [...hit.keys()]
    .filter((key) => /^pr\d{1,3}$/.test(key))
    .sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)))
    .map((key) => ({ key, item: itemOf(hit.get(key)!) }));
}

/** `idSKU_1~nmGreen tea~pr12.5~qt2`: parts are parted by one tilde; one that belongs to a value is doubled. */
function itemOf(text: string): Record<string, string> {
  const parts = text.match(/(?:~~|[^~])+/g) ?? [];
  return Object.fromEntries(
    parts.flatMap((part) => {
      const name = ITEM_SHORT[part.slice(0, 2)];
      return name === undefined ? [] : [[name, part.slice(2).replaceAll('~~', '~')]];
    }),
  );
}

/** `items[0].price` is `pr1.pr`. */
function itemOrigin(param: string, items: readonly HitItem[]): string | undefined {
  const [, index, field] = /^items\[(\d+)\](?:\.(\w+))?$/.exec(param) ?? [];
  if (index === undefined) return undefined;
  const short = Object.keys(ITEM_SHORT).find((key) => ITEM_SHORT[key] === field);
  const { key } = items[Number(index)]!;
  return short === undefined ? key : `${key}.${short}`;
}
