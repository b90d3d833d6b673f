import { DAY_MS } from '../../platform/time.ts';
import { leftOut } from './kept-values.ts';
import { shown, type Warning } from './warning.ts';

type Fields = Record<string, unknown>;
type Warn = (code: Warning['code'], path: string, message: string) => void;

/** [name, the most characters] */
type Texts = readonly (readonly [string, number])[];

/** Texts that describe an event, and the most characters that are kept of each. */
const TEXTS: Texts = Object.entries({
  page: 2_000,
  referrer: 2_000,
  source: 200,
  medium: 200,
  campaign: 200,
  search_term: 200,
  device: 100,
  browser: 100,
  os: 100,
  user_agent: 1_000,
});

/** The same of a line. */
const ITEM_TEXTS: Texts = Object.entries({ item_name: 500, item_brand: 200, item_category: 200 });

const MAX_SESSION_ID = 100;
const MAX_PROPERTIES = 50;
const MAX_PROPERTY_NAME = 100;
const MAX_PROPERTY = 1_000;

/**
 * Reads what only describes an event: pages, sources, devices, the country, properties. A number becomes text, a list of
 * texts becomes one text, and a long text is cut. What cannot be read is left out with a warning: it is never worth an
 * event, which may be an order.
 */
export function putDescriptionsRight(plain: Fields, warn: Warn): void {
  putTextsRight(plain, TEXTS, '', warn);
  const { country, engagement_time_msec: engaged, session_id: session } = plain;
  if (country !== undefined) plain.country = countryOf(country);
  if (country !== undefined && plain.country === undefined) {
    leave(plain, 'country', 'must be an ISO 3166-1 code of two letters, such as ES', '', warn);
  }
  if (engaged !== undefined && !(typeof engaged === 'number' && engaged >= 0 && engaged <= DAY_MS)) {
    leave(plain, 'engagement_time_msec', 'must be a number of ms, from 0 to a day', '', warn);
  }
  const isId =
    typeof session === 'number' || (typeof session === 'string' && session.length <= MAX_SESSION_ID);
  if (session !== undefined && !isId) {
    leave(plain, 'session_id', 'must be a text of at most 100 characters, or a whole number', '', warn);
  }
  putPropertiesRight(plain, warn);
}

/** {@link putDescriptionsRight} for a line. @param place before the names: `items[0].`. */
export const putLineDescriptionsRight = (line: Fields, place: string, warn: Warn): void =>
  putTextsRight(line, ITEM_TEXTS, place, warn);

function putTextsRight(fields: Fields, texts: Texts, place: string, warn: Warn): void {
  for (const [name, max] of texts) {
    const value = fields[name];
    if (value === undefined) continue;
    // As nearly all are.
    if (typeof value === 'string' && value.length <= max && value.isWellFormed()) continue;
    const text = textOf(value);
    if (text === undefined) leave(fields, name, 'must be a text', place, warn);
    else fields[name] = cut(text, max, place + name, warn);
  }
}

function leave(fields: Fields, name: string, problem: string, place: string, warn: Warn): void {
  warn('left_out', place + name, leftOut(problem));
  delete fields[name];
}

/** Well-formed text; undefined for anything but a text, a number, or a list of them. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => ['string', 'number'].includes(typeof one))
  ) {
    return value.join(', ').toWellFormed();
  }
  return typeof value === 'string' ? value.toWellFormed() : undefined;
}

function cut(text: string, max: number, path: string, warn: Warn): string {
  if (text.length <= max) return text;
  warn('cut_text', path, `has ${text.length} characters; the first ${max} are kept`);
  // Do not cut a surrogate pair in half.
  const end = /[\ud800-\udbff]/.test(text[max - 1]!) ? max - 1 : max;
  return text.slice(0, end);
}

/** What people say instead of a country's code. */
const OTHER_CODES: Readonly<Record<string, string>> = { UK: 'GB', EL: 'GR' };

function countryOf(value: unknown): string | undefined {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  if (Object.hasOwn(OTHER_CODES, code)) return OTHER_CODES[code];
  return /^[A-Z]{2}$/.test(code) ? code : undefined;
}

function putPropertiesRight(plain: Fields, warn: Warn): void {
  const { properties } = plain;
  if (properties === undefined) return;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) {
    leave(plain, 'properties', 'must be an object', '', warn);
    return;
  }
  const kept: Fields = {};
  let count = 0;
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === '' || name === '__proto__') continue;
    const path = `properties.${shown(name)}`;
    const read = typeof value === 'number' || typeof value === 'boolean' ? value : textOf(value);
    if (read === undefined) warn('left_out', path, leftOut('must be a text, a number, true or false'));
    else if (name === '' || name.length > MAX_PROPERTY_NAME || !name.isWellFormed()) {
      warn('left_out', path, leftOut('must have a name of at most 100 characters'));
    } else if (++count <= MAX_PROPERTIES) {
      kept[name] = typeof read === 'string' ? cut(read, MAX_PROPERTY, path, warn) : read;
    }
  }
  if (count > MAX_PROPERTIES) {
    warn('left_out', 'properties', `has ${count} properties; the first ${MAX_PROPERTIES} are kept`);
  }
  plain.properties = kept;
}
