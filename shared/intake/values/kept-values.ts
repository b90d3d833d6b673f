import { CUSTOMER_TYPES } from '../../event/event.ts';
import {
  KEPT_FIELDS,
  KEPT_ITEM_FIELDS,
  type KeptKind,
  MAX_INDEX,
  MAX_KEPT_TEXT,
} from '../../event/kept-fields.ts';
import { readDecimal } from './decimal.ts';
import { shown, type Warning } from './warning.ts';

/** Kept fields of a plain event, and of a line of one, by their names there. */
export const KEPT_IN_EVENT: ReadonlyMap<string, KeptKind> = new Map(Object.entries(KEPT_FIELDS));
export const KEPT_IN_ITEM: ReadonlyMap<string, KeptKind> = new Map(
  Object.values(KEPT_ITEM_FIELDS).map(([kind, name]) => [name, kind]),
);

type Read = { value: string | number | undefined } | { problem: string };

/** Amounts may be this large in units of the currency; {@link readKept} does not know the currency. */
const MAX_UNITS = 1e10;

/**
 * Reads a value of a kept field, such as a coupon or a tax. Texts may be numbers or lists of them, amounts are decimal
 * numbers as `readDecimal` reads them, and positions are whole numbers or their digits.
 * @param mayBeNegative of an amount, see {@link mayBeNegative}.
 * @returns the value as the plain schema expects it: an amount may still be negative or have a tail. Undefined for
 *   blanks. Else why it cannot be read.
 */
export function readKept(kind: KeptKind, value: unknown, mayBeNegative = false): Read {
  if (typeof value === 'string' && value.trim() === '') return { value: undefined };
  switch (kind) {
    case 'text': {
      const text = textOf(value);
      return text === undefined ? { problem: 'must be a text' } : { value: text };
    }
    case 'amount': {
      const read = readDecimal(value);
      if ('problem' in read) return read;
      if (read.text.startsWith('-') && !mayBeNegative) return { problem: 'must be 0 or more' };
      const isTooMuch = Math.abs(Number(read.text)) >= MAX_UNITS;
      return isTooMuch
        ? { problem: 'must be less than 10,000,000,000' }
        : { value: value as string | number };
    }
    case 'index': {
      const read = readDecimal(value);
      const index = 'text' in read ? Number(read.text) : NaN;
      const isIndex = Number.isSafeInteger(index) && index >= 0 && index <= MAX_INDEX;
      return isIndex ? { value: index } : { problem: `must be a whole number from 0 to ${MAX_INDEX}` };
    }
    case 'customer_type': {
      const type = typeof value === 'string' ? value.trim().toLowerCase() : '';
      const isType = (CUSTOMER_TYPES as readonly string[]).includes(type);
      return isType ? { value: type } : { problem: `must be ${CUSTOMER_TYPES.join(' or ')}` };
    }
  }
}

/** A discount may be written with a minus, and so may what a refund gives back. */
export const mayBeNegative = (field: string, eventName: unknown): boolean =>
  field === 'discount' || eventName === 'refund';

/** Undefined for anything but a text, a number, or a list of them. A list becomes one text, as own properties do. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return String(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((one) => typeof one === 'string' || typeof one === 'number')
    ? value.join(',').toWellFormed()
    : undefined;
}

export interface KeptRules {
  /** Before the name, for warnings: `items[0].`. */
  place: string;
  /** Of the event. */
  eventName: unknown;
  /** Reads an amount and warns of what it puts right. */
  decimalOf(value: unknown, path: string): unknown;
  warn(code: Warning['code'], path: string, message: string): void;
}

/**
 * Puts the kept fields of an event or a line right, in place. One that cannot be read is left out with a warning, so it
 * never costs the event.
 */
export function putKeptRight(
  fields: Record<string, unknown>,
  kinds: ReadonlyMap<string, KeptKind>,
  rules: KeptRules,
): void {
  for (const name of Object.keys(fields)) {
    const kind = kinds.get(name);
    if (kind === undefined) continue;
    const value = keptValueOf(name, kind, fields[name], rules);
    if (value === undefined) delete fields[name];
    else fields[name] = value;
  }
}

function keptValueOf(name: string, kind: KeptKind, said: unknown, rules: KeptRules): unknown {
  const { warn } = rules;
  const path = rules.place + name;
  const read = readKept(kind, said, mayBeNegative(name, rules.eventName));
  if ('problem' in read) {
    warn('left_out', path, leftOut(read.problem));
    return undefined;
  }
  const { value } = read;
  if (kind === 'text' && typeof value === 'string' && value.length > MAX_KEPT_TEXT) {
    warn('cut_text', path, `has ${value.length} characters; the first ${MAX_KEPT_TEXT} are kept`);
    // Half a surrogate pair at the end becomes U+FFFD.
    return value.slice(0, MAX_KEPT_TEXT).toWellFormed();
  }
  if (kind !== 'amount' || value === undefined) return value;
  const amount = rules.decimalOf(value, path);
  if (!String(amount).startsWith('-')) return amount;
  warn('negative_amount', path, `${shown(amount)} was read as ${shown(String(amount).slice(1))}`);
  return typeof amount === 'number' ? -amount : String(amount).slice(1);
}

/** The message of a warning. @param problem follows the field's name: `must be …`. */
export const leftOut = (problem: string): string => `${problem}; it was left out, and the event is taken`;
