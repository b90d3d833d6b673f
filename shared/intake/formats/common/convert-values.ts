import { isCountry } from '../../enrich/countries.ts';

/**
 * Converts values of other formats into plain ones. Shops cannot change what an SDK sends. So descriptive
 * values (names, pages, sources …) are cut to their limit, and dropped when they are not text. Values that
 * identify or are counted (ids, amounts, quantities) pass through unchanged when invalid, so the plain format
 * rejects them.
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

/** An id unchanged; an empty one is absent. */
export const idOf = (value: unknown): unknown => (value === '' ? undefined : value);

/**
 * A number, with commas only between groups of three digits, and at most one currency sign before or after
 * it.
 */
const WRITTEN = /^\p{Sc}?\s*((?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)\s*\p{Sc}?$/u;

/** `19.99`, `$19.99` and `1,299.00` become decimal text. Ambiguous text (`19,99`) stays unchanged. */
export function amountOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const written = WRITTEN.exec(value.trim())?.[1];
  return written === undefined ? idOf(value) : written.replaceAll(',', '');
}

/**
 * The amount if it can be money, else undefined. For events that are not orders: a view is never rejected for
 * its price.
 */
export function amountOrNothing(value: unknown): number | string | undefined {
  const amount = amountOf(value);
  if (typeof amount === 'string') return /^\d{1,10}(\.\d{1,10})?$/.test(amount) ? amount : undefined;
  return typeof amount === 'number' && amount >= 0 && amount < 1e10 ? amount : undefined;
}

/** A quantity; whole numbers may be text. */
export const quantityOf = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}(\.0+)?$/.test(value.trim()) ? Number(value) : idOf(value);

/** ISO 4217 codes in upper case. */
export const currencyOf = (value: unknown): unknown =>
  typeof value === 'string' ? idOf(value.trim().toUpperCase()) : value;

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
