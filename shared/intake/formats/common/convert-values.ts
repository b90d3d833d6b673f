import { DAY_MS } from '../../../platform/time.ts';
import { isCountry } from '../../enrich/countries.ts';
import { readDecimal } from '../../values/decimal.ts';
import type { EventDraft } from './event-draft.ts';

/**
 * Converts values of other formats into plain ones. Shops cannot change what an SDK sends. So descriptive
 * values (names, pages, sources …) are cut to their limit, and dropped when they are not text. Values that
 * identify or are counted (ids, amounts, quantities, currencies) pass through: they are read in one place for
 * all formats, see put-right.ts.
 */

export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = Object.freeze({});

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or an empty one for any other value. */
export const objectOf = (value: unknown): Fields => (isObject(value) ? value : NOTHING);

/** Well-formed text of at most `max` characters; undefined when there is none. Numbers become text. */
export function textOf(value: unknown, max: number): string | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text === '') return undefined;
  if (text.length <= max) return text.toWellFormed();
  // Do not cut a surrogate pair in half.
  const end = /[\ud800-\udbff]/.test(text[max - 1]!) ? max - 1 : max;
  return text.slice(0, end).toWellFormed();
}

/** Whole milliseconds; undefined for anything else than 0 to a day. */
export function millisecondsOf(value: unknown): number | undefined {
  const read = readDecimal(value);
  const ms = 'problem' in read ? Number.NaN : Math.round(Number(read.text));
  return ms >= 0 && ms <= DAY_MS ? ms : undefined;
}

/** An id unchanged; an empty one is absent. */
export const idOf = (value: unknown): unknown => (value === '' ? undefined : value);

/**
 * The amount unless it cannot be money. For events that are not orders: a view is never refused for its price.
 * @param path where it stands, for the warning that it is left out.
 */
export function amountOrNothing(value: unknown, draft: EventDraft, path: string): unknown {
  if (idOf(value) === undefined) return undefined;
  const read = readDecimal(value);
  const problem = 'problem' in read ? read.problem : findAmountProblem(read.text);
  if (problem === undefined) return value;
  draft.warn('left_out', path, `${problem}; it was left out, since the event is not an order`);
  return undefined;
}

const findAmountProblem = (text: string): string | undefined =>
  Number(text) >= 0 && Number(text) < 1e10 ? undefined : 'must be 0 or more, and less than 10,000,000,000';

/** ISO 3166-1 alpha-2; undefined for anything else, such as a country's name. */
export function countryOf(value: unknown): string | undefined {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return isCountry(code) ? code : undefined;
}

/** The first of the named fields that is neither absent nor empty text, with its name. */
export function firstOf(
  fields: Fields,
  names: readonly string[],
): [name: string, value: unknown] | undefined {
  for (const name of names) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value !== undefined && value !== '') return [name, value];
  }
  return undefined;
}
