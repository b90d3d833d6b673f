import { isCountry } from '../../enrich/countries.ts';

/**
 * Values of other formats as plain ones. Nobody can change what an SDK sends, so what is only looked at (names,
 * pages, sources …) is cut to its longest, and left away when it is no text. What identifies or is counted (ids,
 * amounts, quantities) goes on as it is when it makes no sense, for the plain format to refuse it.
 */

export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = Object.freeze({});

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or an empty one for anything else. */
export const objectOf = (value: unknown): Fields => (isObject(value) ? value : NOTHING);

/** A text of at most so many characters, well-formed; undefined when there is none. Numbers are taken as text. */
export function textOf(value: unknown, max: number): string | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text === '') return undefined;
  if (text.length <= max) return text.toWellFormed();
  // A character that the cut would halve is left away.
  const end = /[\ud800-\udbff]/.test(text[max - 1]!) ? max - 1 : max;
  return text.slice(0, end).toWellFormed();
}

/** An id as it came; an empty one is none. */
export const idOf = (value: unknown): unknown => (value === '' ? undefined : value);

/** A number with at most one currency sign beside it, and commas between thousands when there are three digits after each. */
const WRITTEN = /^\p{Sc}?\s*((?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)\s*\p{Sc}?$/u;

/** `19.99`, `$19.99` and `1,299.00` are decimal texts; what can be read in two ways (`19,99`) stays as it is. */
export function amountOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const written = WRITTEN.exec(value.trim())?.[1];
  return written === undefined ? idOf(value) : written.replaceAll(',', '');
}

/** The amount when it is one that can be money. For events that are no orders: nobody refuses a view for its price. */
export function amountOrNothing(value: unknown): number | string | undefined {
  const amount = amountOf(value);
  if (typeof amount === 'string') return /^\d{1,10}(\.\d{1,10})?$/.test(amount) ? amount : undefined;
  return typeof amount === 'number' && amount >= 0 && amount < 1e10 ? amount : undefined;
}

/** Pieces: whole numbers also come as text. */
export const quantityOf = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}(\.0+)?$/.test(value.trim()) ? Number(value) : idOf(value);

/** ISO 4217 codes are in capitals. */
export const currencyOf = (value: unknown): unknown =>
  typeof value === 'string' ? idOf(value.trim().toUpperCase()) : value;

/** ISO 3166 alpha-2; names of countries are none. */
export function countryOf(value: unknown): string | undefined {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return isCountry(code) ? code : undefined;
}

/** The first that is neither absent nor an empty text, with its name. */
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
