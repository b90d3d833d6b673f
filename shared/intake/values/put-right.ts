import { MAX_ITEMS } from '../../event/event.ts';
import { unitOf } from '../../event/timestamps.ts';
import { readDecimal } from './decimal.ts';
import { readConsent, readFlag } from './flags.ts';
import { KEPT_IN_EVENT, KEPT_IN_ITEM, type KeptRules, putKeptRight } from './kept-values.ts';
import { listOf } from './lists.ts';
import { isNoId, isNoOrder, isNoPerson, isNoUserAgent } from './placeholders.ts';
import { shown, type Warning } from './warning.ts';

/** A plain event whose values are written as the schema expects them, where their meaning is clear. */
export interface PutRight {
  /** Not validated: a value that could not be read stays as it is, for the schema to refuse. */
  plain: unknown;
  /** Lines beyond {@link MAX_ITEMS}, put right like the others. */
  cut: unknown[];
  warnings: Warning[];
}

type Fields = Record<string, unknown>;
type Warn = (code: Warning['code'], path: string, message: string) => void;

/**
 * Reads the values of a plain event as real clients write them. All formats become plain events, so this is the
 * one place where values are read:
 *
 * - null and empty text are absent;
 * - placeholders such as `undefined` are no ids;
 * - numbers are read by {@link readDecimal}: digits as text, currency signs, thousands, float tails;
 * - currencies and countries may be in small letters, flags may be text;
 * - without consent, what recognizes the visitor is dropped, see {@link dropPerson};
 * - a list may come as an object with numbered keys, and has at most 2,000 lines;
 * - kept fields such as coupons that cannot be read are left out, see {@link putKeptRight}.
 *
 * Changes nothing in the input.
 */
export function putRight(input: unknown): PutRight {
  const warnings: Warning[] = [];
  if (!isObject(input)) return { plain: input, cut: [], warnings };
  const warn: Warn = (code, path, message) => warnings.push({ code, path, message });
  const plain = withoutEmpty(input);
  readFlags(plain);
  dropPerson(plain);
  dropPlaceholders(plain, warn);
  for (const field of ['currency', 'country']) {
    const code = plain[field];
    if (typeof code === 'string') plain[field] = code.trim().toUpperCase();
  }
  if (plain.value !== undefined) plain.value = decimalOf(plain.value, 'value', warn);
  if (plain.engagement_time_msec !== undefined)
    plain.engagement_time_msec = wholeOf(plain.engagement_time_msec);
  if (isNoUserAgent(plain.user_agent)) delete plain.user_agent;
  warnOfUnit(plain.timestamp, warn);
  putKeptRight(plain, KEPT_IN_EVENT, keptRules('', plain.name, warn));
  if (isObject(plain.properties)) plain.properties = withoutEmpty(plain.properties);
  const cut = putItemsRight(plain, warn);
  return { plain, cut, warnings };
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutEmpty(fields: Fields): Fields {
  const kept: Fields = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    // An assignment to `__proto__` would set the prototype.
    if (value !== null && value !== '' && name !== '__proto__') kept[name] = value;
  }
  return kept;
}

const FLAGS = { backfill: readFlag, consent: readConsent, server: readFlag, ignore_referrer: readFlag };

function readFlags(plain: Fields): void {
  for (const [field, read] of Object.entries(FLAGS)) {
    if (plain[field] !== undefined) plain[field] = read(plain[field]) ?? plain[field];
  }
}

/** What recognizes a visitor, or may: a shop writes anything into properties. */
const OF_PERSON = ['user_id', 'anonymous_id', 'session_id', 'engagement_time_msec', 'properties'];

/**
 * Drops what recognizes a visitor who refused consent, before any of it is looked at. Events in the original format say
 * nothing of consent.
 */
function dropPerson(plain: Fields): void {
  if (plain.consent !== false || 'interaction_type' in plain) return;
  for (const field of OF_PERSON) delete plain[field];
}

/** A number of ms as clients write it, without decimals. What is no number stays. */
function wholeOf(value: unknown): unknown {
  const read = readDecimal(value);
  return 'problem' in read ? value : Math.round(Number(read.text));
}

const PLACEHOLDERS = {
  user_id: isNoPerson,
  anonymous_id: isNoPerson,
  id: isNoId,
  transaction_id: isNoOrder,
  session_id: isNoOrder,
};

function dropPlaceholders(plain: Fields, warn: Warn): void {
  for (const [field, isPlaceholder] of Object.entries(PLACEHOLDERS)) {
    const value = plain[field];
    if (value === undefined || !isPlaceholder(value)) continue;
    warn(
      'placeholder_id',
      field,
      `${JSON.stringify(shown(value))} is a placeholder, not an id; it was ignored`,
    );
    delete plain[field];
  }
}

/** The number as decimal text; what cannot be read stays. */
function decimalOf(value: unknown, path: string, warn: Warn): unknown {
  const read = readDecimal(value);
  if ('problem' in read) return value;
  if (read.rule === 'float_tail') {
    warn('float_tail', path, `${shown(value)} has a tail of binary arithmetic; it was read as ${read.text}`);
  } else if (read.rule === 'number_text') {
    warn('number_text', path, `${JSON.stringify(shown(value))} was read as ${read.text}; send a number`);
  }
  // 1e-7 stays a number, and the arithmetic reads it.
  return read.text.includes('e') ? value : read.text;
}

function warnOfUnit(timestamp: unknown, warn: Warn): void {
  const number =
    typeof timestamp === 'string' && /^\d{9,20}$/.test(timestamp) ? Number(timestamp) : timestamp;
  if (typeof number !== 'number' || !(number >= 0)) return;
  const unit = unitOf(number);
  if (unit === 'us' || unit === 'ns') {
    const name = unit === 'us' ? 'microseconds' : 'nanoseconds';
    warn('time_unit', 'timestamp', `was read as ${name} since the epoch, by its size`);
  }
}

/** @returns the lines beyond the limit. */
function putItemsRight(plain: Fields, warn: Warn): unknown[] {
  if (plain.items === undefined) return [];
  const items = listOf(plain.items);
  plain.items = items;
  if (!Array.isArray(items)) return [];
  const isRefund = plain.name === 'refund';
  const lines = items.map((line, index) => lineOf(line, `items[${index}]`, isRefund, warn));
  plain.items = lines.slice(0, MAX_ITEMS);
  if (lines.length <= MAX_ITEMS) return [];
  const isOrder = isRefund || plain.name === 'purchase';
  const value = isOrder ? ' The value of the order counts all of them.' : '';
  warn('items_cut', 'items', `has ${lines.length} lines; the first ${MAX_ITEMS} are kept.${value}`);
  return lines.slice(MAX_ITEMS);
}

const keptRules = (place: string, eventName: unknown, warn: Warn): KeptRules => ({
  place,
  eventName,
  decimalOf: (value, path) => decimalOf(value, path, warn),
  warn,
});

function lineOf(line: unknown, path: string, isRefund: boolean, warn: Warn): unknown {
  if (!isObject(line)) return line;
  const kept = withoutEmpty(line);
  if (kept.price !== undefined) kept.price = decimalOf(kept.price, `${path}.price`, warn);
  if (kept.quantity !== undefined) {
    kept.quantity = quantityOf(kept.quantity, `${path}.quantity`, isRefund, warn);
  }
  putKeptRight(kept, KEPT_IN_ITEM, keptRules(`${path}.`, isRefund ? 'refund' : undefined, warn));
  return kept;
}

function quantityOf(value: unknown, path: string, isRefund: boolean, warn: Warn): unknown {
  const quantity = decimalOf(value, path, warn);
  if (typeof quantity !== 'string' || !isRefund || !/^-\d/.test(quantity)) return quantity;
  warn('negative_quantity', path, `${quantity} of a refund was read as ${quantity.slice(1)} that came back`);
  return quantity.slice(1);
}
