import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { findAmountProblem } from '../event/amounts.ts';
import { EVENT_VERSION, type FootfallEvent, type Item, MAX_ITEMS, VALUE_FIELDS } from '../event/event.ts';
import { KEPT_FIELDS, KEPT_ITEM_FIELDS, type KeptKind } from '../event/kept-fields.ts';
import { personlessUser } from '../event/personless.ts';
import { roundQuantity } from '../event/quantity.ts';
import { FootfallError } from '../platform/errors.ts';
import { fromMinor, isExact, toMinor } from '../platform/money.ts';
import { HOUR_MS, MINUTE_MS } from '../platform/time.ts';
import { type Problem, problemsOf } from '../platform/validation.ts';
import type { Site } from '../sites/site.ts';
import {
  itemList,
  MAX_MINOR,
  MAX_PROPERTIES,
  originalEvent,
  type PlainEvent,
  plainEvent,
  propertyMap,
} from './plain-schema.ts';
import { readQuickly } from './quick-plain.ts';
import { separateReturns } from './returns.ts';
import { NOT_NEGATIVE } from './values/decimal.ts';
import { fewFields, fewLines } from './values/few-problems.ts';
import { leftOut } from './values/kept-values.ts';
import { putRight } from './values/put-right.ts';
import type { Warning } from './values/warning.ts';

/** Tolerance for fast clocks, ms. An event further in the future gets its time of arrival. */
const MAX_AHEAD_MS = 10 * MINUTE_MS;

/** GA4's names for the original's interactions. */
export const NAME_OF_INTERACTION = { click: 'select_item', view: 'view_item', purchase: 'purchase' } as const;

/** What {@link translate} makes of an event. */
export type Translation =
  | {
      event: FootfallEvent;
      /** What came back within a purchase. It goes the way of the event. */
      refund?: FootfallEvent;
      deadLetter?: Refusal;
      warnings?: Warning[];
    }
  | { refusals: Refusal[] };

/** Why an event was rejected, or will not be counted. `code` is stable. */
export interface Refusal extends Problem {
  code: 'invalid_event' | 'too_late' | 'beyond_retention' | 'bad_amount';
}

/**
 * Validates one event of `POST /v1/events`, plain or in the original format, and converts it into a canonical
 * one. Values are put right first, see {@link putRight}.
 * @param received when it arrived, ms since the epoch.
 * @param newId makes an id for an event without one.
 * @returns the event, with `warnings` about what was put right; with `deadLetter` when it is stored but never
 *   counted: aggregate decides the same from the same fields (decode.ts) and keeps it with its reason. Or the
 *   reasons why it is invalid.
 * @example translate({ name: 'view_item', user_id: 'ada', items: [{ item_id: 'tea-1' }] }, site, Date.now(),
 *   randomUUID)
 */
export function translate(input: unknown, site: Site, received: number, newId: () => string): Translation {
  const { plain, cut, returned, warnings } = putRight(input);
  const parsed = read(plain);
  if (!parsed.success) return { refusals: invalid(problemsOf(parsed.error)) };
  try {
    const whole = canonical(parsed.data, { site, received, newId, cut, warnings });
    const { order: event, refund } = returned.size > 0 ? withoutReturns(whole, returned) : { order: whole };
    const back = refund && { refund };
    const said = warnings.length > 0 && { warnings };
    if (event.backfill) {
      const refusal = tooOldForSite(event, site);
      return refusal ? { refusals: [refusal] } : { event, ...back, ...said };
    }
    const deadLetter = tooLate(event, site);
    return { event, ...back, ...(deadLetter && { deadLetter }), ...said };
  } catch (error) {
    if (!(error instanceof BadAmount)) throw error;
    return { refusals: [{ code: error.code, path: error.path, message: error.message }] };
  }
}

function read(plain: unknown): { success: true; data: PlainEvent } | { success: false; error: z.ZodError } {
  const isOriginal = typeof plain === 'object' && plain !== null && 'interaction_type' in plain;
  if (isOriginal) return fromOriginal.safeParse(plain);
  const data = readQuickly(plain);
  return data ? { success: true, data } : plainEvent.safeParse(withFewProblems(plain));
}

function withoutReturns(whole: FootfallEvent, returned: ReadonlySet<number>) {
  const items = whole.items!;
  const bought = items.filter((_, index) => !returned.has(index));
  return separateReturns(
    { ...whole, items: bought },
    items.filter((_, index) => returned.has(index)),
  );
}

/** The event; what is invalid in it anyway, only as far as its problems are listed. */
const withFewProblems = (plain: unknown): unknown =>
  typeof plain === 'object' && plain !== null && !Array.isArray(plain)
    ? {
        ...plain,
        ...('items' in plain && { items: fewLines(plain.items, itemList) }),
        ...('properties' in plain && {
          properties: fewFields(plain.properties, MAX_PROPERTIES, propertyMap),
        }),
      }
    : plain;

const invalid = (problems: Problem[]): Refusal[] =>
  problems.map((problem) => ({ code: 'invalid_event', ...problem }));

function toPlain(event: z.infer<typeof originalEvent>): PlainEvent {
  const { user_id, interaction_type, product_id, site_id, site_name, timestamp } = event;
  return {
    name: NAME_OF_INTERACTION[interaction_type],
    user_id,
    items: [{ item_id: product_id }],
    ...(timestamp !== undefined && { timestamp }),
    properties: {
      ...(site_id !== undefined && { site_id }),
      ...(site_name !== undefined && { site_name }),
    },
  };
}

const fromOriginal = originalEvent.transform(toPlain);

/** Fields that are copied unchanged. */
const SAME = ['transaction_id', ...VALUE_FIELDS] as const;

/** What surrounds a plain event on its way to the canonical one. */
interface Conversion {
  site: Site;
  received: number;
  newId: () => string;
  /** Lines beyond the limit of an event. */
  cut: readonly unknown[];
  /** Gets what is found to be put right. */
  warnings: Warning[];
}

function canonical(plain: PlainEvent, { site, received, newId, cut, warnings }: Conversion): FootfallEvent {
  const { name, transaction_id, properties } = plain;
  const ahead = (plain.timestamp ?? received) - received > MAX_AHEAD_MS;
  if (ahead) {
    const said = new Date(plain.timestamp!).toISOString();
    const message = `${said} is in the future, so the event counts at the time it was received`;
    warnings.push({ code: 'clamped', path: 'timestamp', message });
  }
  const currency = plain.currency ?? site.currency;
  const items = plain.items?.map((line, i) => toItem(line, currency, `items[${i}]`, warnings));
  const isOrder = name === 'purchase' || name === 'refund';
  refuseNegative(plain, items);
  const value =
    plain.value === undefined
      ? isOrder && cut.length > 0
        ? sumOf(items ?? [], cut, currency)
        : undefined
      : amount(plain.value, currency, '1', 'value', warnings);
  assertFits(items ?? []);
  if (isOrder) assertWorth(items ?? [], currency);
  // An order's amounts are bounded more tightly. Other events may list many dear products.
  const problem = findAmountProblem({ value, items });
  if (problem) throw new BadAmount(problem.path, problem.message);
  const kept = keptOf(plain, KEPT_OF_EVENT, { currency, times: '1', place: '', warnings });
  const hasMoney = value !== undefined || hasAmount(kept) || items?.some(hasAmount);
  // A purchase without an id is identified by its transaction, as in GA4, so an order counts once.
  const orderId = name === 'purchase' && transaction_id !== undefined ? orderIdOf(transaction_id) : undefined;
  const id = plain.id ?? orderId ?? newId();
  const event: FootfallEvent = {
    v: EVENT_VERSION,
    id,
    site: site.id,
    ...(plain.consent === false ? { user: personlessUser(id), personless: true } : whoOf(plain)),
    name,
    ts: ahead ? received : (plain.timestamp ?? received),
    received,
  };
  addVisit(event, plain);
  if (ahead) event.clamped = true;
  if (plain.backfill) event.backfill = true;
  if (items && items.length > 0) event.items = items;
  if (hasMoney || plain.currency) event.currency = currency;
  if (value !== undefined) event.value = value;
  for (const field of SAME) {
    const same = plain[field];
    if (same !== undefined && !(field === 'referrer' && plain.ignore_referrer)) event[field] = same;
  }
  if (kept !== NONE_KEPT) Object.assign(event, kept);
  if (properties && Object.keys(properties).length > 0) event.props = properties;
  return event;
}

/** @throws BadAmount for a negative price outside a purchase, and for a purchase whose lines are worth less than nothing. */
function refuseNegative({ name, value, items: lines = [] }: PlainEvent, items: readonly Item[] = []): void {
  const index = lines.findIndex(({ price }) => price?.startsWith('-') && Number(price) < 0);
  if (index < 0) return;
  const total = items.reduce((sum, { amount = 0 }) => sum + amount, 0);
  if (name !== 'purchase' || (value === undefined && total < 0)) {
    throw new BadAmount(`items[${index}].price`, NOT_NEGATIVE, 'invalid_event');
  }
}

/** Fields that hold money in minor units. */
const hasAmount = ({ amount, tax, shipping, discount }: Partial<Item & FootfallEvent>): boolean =>
  amount !== undefined || tax !== undefined || shipping !== undefined || discount !== undefined;

/** By the name in a plain event: the name in the canonical one, and what it holds. */
type KeptNames = ReadonlyMap<string, readonly [field: string, kind: KeptKind]>;
const KEPT_OF_EVENT: KeptNames = new Map(
  Object.entries(KEPT_FIELDS).map(([field, kind]) => [field, [field, kind]]),
);
const KEPT_OF_ITEM: KeptNames = new Map(
  Object.entries(KEPT_ITEM_FIELDS).map(([field, [kind, said]]) => [said, [field, kind]]),
);
const NONE_KEPT: Partial<Item & FootfallEvent> = Object.freeze({});

/**
 * The fields that are kept and not counted, of those that the event or line has. An amount that is too large is left
 * out with a warning: it would not be worth the event.
 * @param place of the fields, before their names: `items[0].`.
 * @param times what an amount is multiplied with: the line's quantity.
 */
function keptOf(
  said: Readonly<Record<string, unknown>>,
  names: KeptNames,
  {
    currency,
    times,
    place,
    warnings,
  }: { currency: string; times: string; place: string; warnings: Warning[] },
): Partial<Item & FootfallEvent> {
  if (!hasOneOf(said, names)) return NONE_KEPT;
  const kept: Record<string, unknown> = {};
  for (const [name, [field, kind]] of names) {
    const value = said[name];
    if (value === undefined) continue;
    if (kind !== 'amount') {
      kept[field] = value;
      continue;
    }
    try {
      kept[field] = amount(value as string, currency, times, place + name, warnings);
    } catch (error) {
      if (!(error instanceof BadAmount)) throw error;
      warnings.push({ code: 'left_out', path: error.path, message: leftOut('is too large') });
    }
  }
  return kept;
}

function hasOneOf(said: object, names: KeptNames): boolean {
  for (const name in said) if (names.has(name)) return true;
  return false;
}

/**
 * The person of an event: the user, if it has one. Only an `identify` with both ids belongs to the visitor,
 * so that it reaches the shard of the visitor's earlier events. Two equal ids change no identity.
 */
function whoOf({
  name,
  user_id,
  anonymous_id,
}: PlainEvent): Pick<FootfallEvent, 'user' | 'known' | 'identifies'> {
  if (user_id === undefined) return { user: anonymous_id! };
  const isIdentify = name === 'identify' && anonymous_id !== undefined && anonymous_id !== user_id;
  return isIdentify ? { user: anonymous_id, identifies: user_id } : { user: user_id, known: true };
}

/** Adds what an event says of its visit. A refund belongs to none, whoever sends it. */
function addVisit(event: FootfallEvent, plain: PlainEvent): void {
  const { name, server, session_id, engagement_time_msec } = plain;
  if (server && name !== 'refund') event.server = true;
  if (session_id !== undefined) event.session_id = session_id;
  if (engagement_time_msec) event.engaged_ms = engagement_time_msec;
}

/** The event id of an order. A long transaction id is replaced by its digest. */
export function orderIdOf(transaction: string): string {
  const id = `purchase:${transaction}`;
  return id.length <= 128 ? id : `purchase:${createHash('sha256').update(transaction).digest('base64url')}`;
}

/** What is wrong with an event's lines or amounts. */
class BadAmount extends Error {
  readonly code: Refusal['code'];
  readonly path: string;

  constructor(path: string, message: string, code: Refusal['code'] = 'bad_amount') {
    super(message);
    this.path = path;
    this.code = code;
  }
}

/**
 * Minor units of price × quantity, rounded once, half away from zero.
 * @param warnings gets a warning when it is rounded.
 * @throws BadAmount with the path of the invalid value.
 */
function amount(
  price: string,
  currency: string,
  quantity: string,
  path: string,
  warnings: Warning[],
): number {
  let minor: number;
  let exact: boolean;
  try {
    minor = toMinor(price, currency, quantity);
    exact = isExact(price, currency, quantity);
  } catch (error) {
    if (error instanceof FootfallError) throw new BadAmount(path, error.message);
    throw error;
  }
  if (Math.abs(minor) > MAX_MINOR) throw new BadAmount(path, tooMuch(currency));
  if (!exact) {
    const message = `was rounded to the amount ${fromMinor(minor, currency)} ${currency}`;
    warnings.push({ code: 'rounded_amount', path, message });
  }
  return minor;
}

const tooMuch = (currency: string) =>
  `The amount is too large: at most ${fromMinor(MAX_MINOR, currency)} ${currency}.`;

function toItem(line: Line, currency: string, path: string, warnings: Warning[]): Item {
  const { quantity = '1', item_name, item_brand, item_category, price } = line;
  const item: Item = { id: line.item_id, quantity: piecesOf(quantity, `${path}.quantity`, warnings) };
  if (item_name !== undefined) item.name = item_name;
  if (item_brand !== undefined) item.brand = item_brand;
  if (item_category !== undefined) item.category = item_category;
  if (price !== undefined) item.amount = amount(price, currency, quantity, `${path}.price`, warnings);
  const kept = keptOf(line, KEPT_OF_ITEM, { currency, times: quantity, place: `${path}.`, warnings });
  return kept === NONE_KEPT ? item : Object.assign(item, kept);
}

type Line = NonNullable<PlainEvent['items']>[number];

/** A quantity of three decimals at most. */
function piecesOf(quantity: string, path: string, warnings: Warning[]): number {
  const pieces = roundQuantity(quantity);
  if (pieces !== Number(quantity)) {
    const message = `${quantity} counts as ${pieces} pieces; the amount is exact`;
    warnings.push({ code: 'rounded_quantity', path, message });
  }
  return pieces;
}

/**
 * The value of an order that has more lines than are kept: the sum of all of them.
 * @returns undefined when no line has a price.
 * @throws BadAmount when a line cannot be read, or the sum is too large.
 */
function sumOf(kept: readonly Item[], cut: readonly unknown[], currency: string): number | undefined {
  const parsed = itemList.safeParse(fewLines(cut, itemList));
  if (!parsed.success) {
    const { path, message } = problemsOf(parsed.error)[0]!;
    const placed = path.replace(/^\[(\d+)\]/, (_, index) => `items[${Number(index) + MAX_ITEMS}]`);
    throw new BadAmount(placed, message, 'invalid_event');
  }
  const others = parsed.data.map((line, i) => toItem(line, currency, `items[${i + MAX_ITEMS}]`, []));
  const amounts = [...kept, ...others].flatMap(({ amount }) => amount ?? []);
  if (amounts.length === 0) return undefined;
  const sum = amounts.reduce((total, one) => total + one, 0);
  if (sum > MAX_MINOR) throw new BadAmount('items', tooMuch(currency));
  return sum;
}

/**
 * The most bytes of an event's lines in JSON. A record has up to 2 MB. A body of JSON has 1 MB at most, but a hit of
 * gtag.js may hold control characters, which JSON writes in six bytes each.
 */
const MAX_LINES_BYTES = 1_200_000;
/** Fewer lines fit, whatever they hold. */
const MANY_LINES = 100;

/** @throws BadAmount when the lines are too long for a record. */
function assertFits(lines: readonly Item[]): void {
  if (lines.length <= MANY_LINES || Buffer.byteLength(JSON.stringify(lines)) <= MAX_LINES_BYTES) return;
  const message = `must have at most ${MAX_LINES_BYTES} bytes as JSON`;
  throw new BadAmount('items', message, 'invalid_event');
}

/** @throws BadAmount when the lines of an order add up to more than an order may be worth. */
function assertWorth(lines: readonly Item[], currency: string): void {
  const sum = lines.reduce((total, { amount = 0 }) => total + amount, 0);
  if (sum > MAX_MINOR) throw new BadAmount('items', tooMuch(currency));
}

function tooLate({ ts, received }: FootfallEvent, site: Site): Refusal | undefined {
  if (received - ts <= site.lateness_hours * HOUR_MS) return undefined;
  const message = `is more than ${site.lateness_hours} hours ago, so the event is stored but not counted: send historical data with backfill true, or import it`;
  return { code: 'too_late', path: 'timestamp', message };
}

function tooOldForSite({ ts, received }: FootfallEvent, site: Site): Refusal | undefined {
  if (received - ts <= site.retention_days * 24 * HOUR_MS) return undefined;
  const message = `is older than the site's retention (${site.retention_days} days): raise retention_days first`;
  return { code: 'beyond_retention', path: 'timestamp', message };
}
