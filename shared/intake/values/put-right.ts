import { MAX_ITEMS } from '../../event/event.ts';
import { unitOf } from '../../event/timestamps.ts';
import { amountWithCode, currencyOf } from './currency.ts';
import { readDecimal } from './decimal.ts';
import { putDescriptionsRight, putLineDescriptionsRight } from './descriptions.ts';
import { readConsent, readFlag } from './flags.ts';
import { idInCookie, trimmedId, visitorId } from './ids.ts';
import { KEPT_IN_EVENT, KEPT_IN_ITEM, type KeptRules, putKeptRight } from './kept-values.ts';
import { linesOf } from './lists.ts';
import { isNoId, isNoOrder, isNoPerson, isNoUserAgent } from './placeholders.ts';
import { shown, type Warning } from './warning.ts';

/** A plain event whose values are written as the schema expects them, where their meaning is clear. */
export interface PutRight {
  /** Not validated: a value that could not be read stays as it is, for the schema to refuse. */
  plain: unknown;
  /** Lines beyond {@link MAX_ITEMS}, put right like the others. */
  cut: unknown[];
  /** Positions of the lines of a purchase that came back. Their quantities are positive. */
  returned: ReadonlySet<number>;
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
 * - kept fields such as coupons that cannot be read are left out, see {@link putKeptRight};
 * - negative quantities are what came back. A purchase of nothing else is a refund.
 *
 * Changes nothing in the input.
 */
export function putRight(input: unknown): PutRight {
  const warnings: Warning[] = [];
  if (!isObject(input)) return { plain: input, cut: [], returned: NONE, warnings };
  const warn: Warn = (code, path, message) => warnings.push({ code, path, message });
  const plain = withoutEmpty(input);
  readFlags(plain);
  dropPerson(plain);
  readIds(plain, warn);
  dropPlaceholders(plain, warn);
  keepOrderOfNobody(plain, warn);
  readCurrency(plain, warn);
  if (plain.value !== undefined) {
    const amount = withoutCode(plain.value, plain.currency, 'value', warn);
    plain.value = decimalOf(amount, 'value', warn);
  }
  if (plain.engagement_time_msec !== undefined)
    plain.engagement_time_msec = wholeOf(plain.engagement_time_msec);
  if (isNoUserAgent(plain.user_agent)) delete plain.user_agent;
  warnOfUnit(plain.timestamp, warn);
  putKeptRight(plain, KEPT_IN_EVENT, keptRules('', plain.name, warn));
  putDescriptionsRight(plain, warn);
  const cut = putItemsRight(plain, warn);
  const returned = putReturnsRight(plain, cut.length, warn);
  return { plain, cut, returned, warnings };
}

const NONE: ReadonlySet<number> = new Set();

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

const FLAGS = Object.entries({
  backfill: readFlag,
  consent: readConsent,
  server: readFlag,
  ignore_referrer: readFlag,
});

function readFlags(plain: Fields): void {
  for (const [field, read] of FLAGS) {
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

/** A number of ms as clients write it, without decimals. Anything else stays. */
function wholeOf(value: unknown): unknown {
  const read = readDecimal(value);
  return 'problem' in read ? value : Math.round(Number(read.text));
}

const PLACEHOLDERS = Object.entries({
  user_id: isNoPerson,
  anonymous_id: isNoPerson,
  id: isNoId,
  transaction_id: isNoOrder,
  session_id: isNoOrder,
});

function dropPlaceholders(plain: Fields, warn: Warn): void {
  for (const [field, isPlaceholder] of PLACEHOLDERS) {
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

/**
 * Reads the currency. A placeholder is none, so the site's counts. An amount may have the code of the event's currency
 * beside it, and gives an event without one its currency.
 */
function readCurrency(plain: Fields, warn: Warn): void {
  const { currency } = plain;
  if (typeof currency === 'string') {
    plain.currency = currencyOf(currency);
    if (isNoId(currency)) {
      delete plain.currency;
      warn('placeholder_id', 'currency', `${JSON.stringify(shown(currency))} is no currency; it was ignored`);
    } else if (plain.currency !== currency.trim().toUpperCase()) {
      warn('currency_text', 'currency', `${JSON.stringify(shown(currency))} was read as ${plain.currency}`);
    }
  }
  const said = amountWithCode(plain.value);
  if (said && plain.currency === undefined) plain.currency = said.code;
}

/** An amount without the code of the event's currency, see {@link readCurrency}. */
function withoutCode(value: unknown, currency: unknown, path: string, warn: Warn): unknown {
  const said = amountWithCode(value);
  if (said === undefined || said.code !== currency) return value;
  warn('number_text', path, `${JSON.stringify(shown(value))} was read without its currency; send a number`);
  return said.amount;
}

const IDS = ['user_id', 'anonymous_id', 'transaction_id', 'session_id'];

function readIds(plain: Fields, warn: Warn): void {
  for (const field of IDS) {
    if (plain[field] === undefined) continue;
    plain[field] = (field === 'anonymous_id' ? visitorId : trimmedId)(plain[field]);
    const inside = idInCookie(plain[field]);
    if (inside === undefined || field === 'transaction_id') continue;
    warn('cookie_id', field, `is a whole cookie of Google's; it was read as ${inside}, the id in it`);
    plain[field] = inside;
  }
}

/**
 * Lets an order, or a refund of one, count without a person when it names none: guests buy, too. The order's other copies
 * may still tell the buyer.
 */
function keepOrderOfNobody(plain: Fields, warn: Warn): void {
  const { name, user_id, anonymous_id, transaction_id, consent } = plain;
  const isOrder = (name === 'purchase' || name === 'refund') && transaction_id !== undefined;
  if (!isOrder || consent === false || user_id !== undefined || anonymous_id !== undefined) return;
  warn('no_person', 'user_id', 'names no person, so the order counts without one');
  plain.consent = false;
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
  const items = linesOf(plain.items);
  plain.items = items;
  if (!Array.isArray(items)) return [];
  const lines = items.map((line, index) => lineOf(line, `items[${index}]`, plain, warn));
  plain.items = lines.slice(0, MAX_ITEMS);
  if (lines.length <= MAX_ITEMS) return [];
  const isOrder = plain.name === 'refund' || plain.name === 'purchase';
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

function lineOf(line: unknown, path: string, { name: eventName, currency }: Fields, warn: Warn): unknown {
  if (!isObject(line)) return line;
  const kept = withoutEmpty(line);
  nameLine(kept, `${path}.item_id`, eventName, warn);
  putLineDescriptionsRight(kept, `${path}.`, warn);
  kept.price = withoutCode(kept.price, currency, `${path}.price`, warn);
  if (kept.price === undefined) delete kept.price;
  for (const field of ['price', 'quantity']) {
    if (kept[field] !== undefined) kept[field] = decimalOf(kept[field], `${path}.${field}`, warn);
  }
  putKeptRight(kept, KEPT_IN_ITEM, keptRules(`${path}.`, eventName, warn));
  return kept;
}

/** Other names of a line's fields: of Universal Analytics' gtag.js, of Segment and of shops' own code. */
const LINE_NAMES = Object.entries({
  item_id: ['id', 'product_id', 'productId', 'sku'],
  item_name: ['name'],
  item_brand: ['brand'],
  item_category: ['category'],
});

const MAX_LINE_ID = 128;

/** Gives a line the names that the schema knows. Without an id its name is its id, as in GA4. */
function nameLine(line: Fields, path: string, eventName: unknown, warn: Warn): void {
  for (const [field, names] of LINE_NAMES) {
    const found = line[field] === undefined ? names.find((name) => line[name] !== undefined) : undefined;
    if (found !== undefined) line[field] = line[found];
  }
  line.item_id = trimmedId(line.item_id);
  if (line.item_id !== undefined && line.item_id !== '') return;
  const { item_name } = line;
  if (typeof item_name === 'string' && item_name.trim() !== '') {
    line.item_id = item_name.trim().slice(0, MAX_LINE_ID).toWellFormed();
  } else if (eventName === 'purchase' || eventName === 'refund') {
    // The order is worth more than the name of a product.
    line.item_id = NOT_SET;
    warn('left_out', path, `is missing, as is the name; the line counts as the product ${NOT_SET}`);
  } else delete line.item_id;
}

/** GA4's name for what is not known. */
const NOT_SET = '(not set)';

/** @returns positions of the lines that came back, when others of the purchase did not. */
function putReturnsRight(plain: Fields, cut: number, warn: Warn): ReadonlySet<number> {
  if (plain.name !== 'refund' && plain.name !== 'purchase') return NONE;
  const lines: unknown[] = Array.isArray(plain.items) ? plain.items : [];
  const back = new Set(lines.keys().filter((index) => isNegative(lines[index], 'quantity')));
  const isMixed = plain.name === 'purchase' && back.size > 0 && back.size < lines.length;
  // The schema refuses the rest: the value of lines that are cut is not known by line.
  if (isMixed && cut > 0) return NONE;
  if (plain.name === 'purchase' && !isMixed && (back.size > 0 || takesBack(plain, lines))) {
    warn('read_as_refund', 'name', 'a purchase of which all amounts are negative was read as a refund');
    plain.name = 'refund';
  }
  for (const index of back) {
    const line = lines[index] as Fields;
    const quantity = line.quantity as string;
    warn(
      'negative_quantity',
      `items[${index}].quantity`,
      `${quantity} was read as ${quantity.slice(1)} that came back`,
    );
    line.quantity = quantity.slice(1);
  }
  if (isMixed) {
    // When more came back than was bought, the lines say how much of each.
    if (isNegative(plain, 'value')) delete plain.value;
    return back;
  }
  if (plain.name === 'refund') putAmountsRight(plain, lines, warn);
  return NONE;
}

/** Whether a purchase takes an order back, as Universal Analytics wanted it: what it says of money is negative. */
function takesBack(plain: Fields, lines: readonly unknown[]): boolean {
  const ofLines = lines.filter((line) => isNegative(line, 'price')).length;
  return plain.value === undefined ? ofLines > 0 && ofLines === lines.length : isNegative(plain, 'value');
}

/** Takes the minus off what a refund gives back. A discount among its lines is worth what the order says. */
function putAmountsRight(plain: Fields, lines: readonly unknown[], warn: Warn): void {
  const positive = (fields: Fields, field: string, path: string) => {
    const said = fields[field] as string;
    fields[field] = said.slice(1);
    warn('negative_amount', path, `${said} was read as ${said.slice(1)} that was given back`);
  };
  if (isNegative(plain, 'value')) positive(plain, 'value', 'value');
  const negative = [...lines.keys()].filter((index) => isNegative(lines[index], 'price'));
  const isDiscount = lines.some((line) => isPositive(line, 'price'));
  for (const index of negative) {
    const line = lines[index] as Fields;
    const path = `items[${index}].price`;
    if (!isDiscount) positive(line, 'price', path);
    else {
      delete line.price;
      warn('left_out', path, 'is negative beside others; the line is worth what the order says');
    }
  }
}

const isPositive = (fields: unknown, field: string): boolean =>
  isObject(fields) && typeof fields[field] === 'string' && /^(?!-).*[1-9]/.test(fields[field]);

const isNegative = (fields: unknown, field: string): boolean =>
  isObject(fields) && typeof fields[field] === 'string' && /^-(?=.*[1-9])/.test(fields[field]);
