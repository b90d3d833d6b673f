import { createHash } from 'node:crypto';
import { z } from 'zod';
import { findAmountProblem } from '../event/amounts.ts';
import {
  EVENT_NAME,
  EVENT_VERSION,
  type FootfallEvent,
  type Item,
  MAX_ITEMS,
  VALUE_FIELDS,
} from '../event/event.ts';
import { KEPT_FIELDS, KEPT_ITEM_FIELDS, type KeptKind } from '../event/kept-fields.ts';
import { personlessUser } from '../event/personless.ts';
import { roundQuantity } from '../event/quantity.ts';
import { FIRST_INSTANT, readInstant } from '../event/timestamps.ts';
import { FootfallError } from '../platform/errors.ts';
import { fromMinor, isExact, toMinor } from '../platform/money.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../platform/time.ts';
import { type Problem, problemsOf } from '../platform/validation.ts';
import { currencyCode, type Site } from '../sites/site.ts';
import { keptEventSchema, keptItemSchema } from './kept-schema.ts';
import { separateReturns } from './returns.ts';
import { NOT_NEGATIVE, readDecimal } from './values/decimal.ts';
import { fewFields, fewLines } from './values/few-problems.ts';
import { leftOut } from './values/kept-values.ts';
import { putRight } from './values/put-right.ts';
import type { Warning } from './values/warning.ts';

/** Tolerance for fast clocks, ms. An event further in the future gets its time of arrival. */
const MAX_AHEAD_MS = 10 * MINUTE_MS;

/**
 * An unpaired surrogate has no UTF-8 form: two such ids would become one on their way through Kafka and
 * Redis.
 */
const wellFormed = (value: string) => value.isWellFormed();
const notWellFormed = 'must be well-formed Unicode';

const nameError = 'must be a letter, then letters, digits and underscores: 40 characters at most';

const text = (max: number) =>
  z.string().min(1, 'must not be empty').max(max).refine(wellFormed, notWellFormed);
/** Ids are text or, from some shops, whole numbers. */
const id = (max: number) =>
  z.union([text(max), z.number().int().transform(String)], {
    error: `must be a text of 1 to ${max} characters, or a whole number`,
  });
/** A person's id. Clients remove `.` and `..` from URL paths, so such a person could not be queried. */
const personId = id(256).refine((value) => value !== '.' && value !== '..', 'must not be . or ..');
const inWords = ({ input }: { input?: unknown }): string => {
  const read = readDecimal(input);
  return 'problem' in read ? read.problem : NOT_NEGATIVE;
};
/** A number as {@link putRight} writes it. */
const decimal = z
  .union(
    [
      z.number({ error: inWords }).min(0, { error: inWords }),
      z.string().regex(/^\d{1,100}(\.\d{1,100})?$/, { error: inWords }),
    ],
    { error: inWords },
  )
  .transform(String);

const price = decimal;
/** A line of a purchase may take off of its total, as a discount does. {@link refuseNegative} refuses it elsewhere. */
const linePrice = z
  .union(
    [
      z.number({ error: inWords }).min(0, { error: inWords }),
      z.string().regex(/^-?\d{1,100}(\.\d{1,100})?$/, { error: inWords }),
    ],
    { error: inWords },
  )
  .transform(String);
const MAX_QUANTITY = 1_000_000;
const quantity = decimal
  .refine((text) => Number(text) <= MAX_QUANTITY, `must be at most ${MAX_QUANTITY}`)
  .optional()
  .meta({
    description:
      'Pieces; 1 when absent. With up to three decimals (1.5 m); more are rounded, and the amount is exact. ' +
      'Negative only in orders and refunds, where it is what came back',
  });

/**
 * The largest amount, in minor units: 10,000,000,000.00 EUR. Write keys are public, and a few amounts near
 * 2^53 would make a site's sums inexact forever.
 */
const MAX_MINOR = 1e12;

const timestampError =
  'must be ISO 8601 with an offset (2026-03-01T12:00:00Z), or a number of seconds, ms, µs or ns since the epoch';

const timestamp = z
  .union([z.string(), z.number()], { error: timestampError })
  .transform((value, context) => {
    const ms = readInstant(value);
    if (ms === undefined) {
      context.addIssue({ code: 'custom', message: timestampError });
      return z.NEVER;
    }
    // An earlier event could not even be dead-lettered as late: the log holds no earlier times.
    if (ms < FIRST_INSTANT) {
      context.addIssue({ code: 'custom', message: 'must be in the year 1900 or later' });
    }
    return ms;
  })
  .meta({
    description:
      'ISO 8601 with an offset, or a number since the epoch: seconds below 10^11, milliseconds below 10^14, ' +
      'microseconds below 10^17, else nanoseconds',
  });

const currency = z
  .string()
  .refine((code) => currencyCode.safeParse(code).success, 'must be an ISO 4217 currency code, such as EUR');

const item = z
  .object({
    item_id: id(128),
    item_name: text(500).optional(),
    item_brand: text(200).optional(),
    item_category: text(200).optional(),
    price: linePrice.optional().meta({
      description:
        'Price of one piece, in units of the currency: 12.5 is 12.50 EUR. Negative only in a purchase, where the line ' +
        'is a discount, and in a refund',
    }),
    quantity,
    ...keptItemSchema,
  })
  .meta({ id: 'Item', description: "A line of a cart or an order, with GA4's names" });

const property = z.union([z.string().max(1_000).refine(wellFormed), z.number(), z.boolean()], {
  error: 'must be a text of at most 1000 characters, a number, true or false',
});

const itemList = z.array(item);
const propertyMap = z.record(text(100), property);
/** Properties of an event. */
const MAX_PROPERTIES = 50;

export const plainEvent = z
  .object({
    id: id(128).optional().meta({ description: 'Makes retries harmless: each id counts once per user' }),
    name: z
      .string()
      .regex(EVENT_NAME, nameError)
      .meta({ description: "GA4's event name, or one of your own" }),
    user_id: personId.optional().meta({ description: "The shop's own id of a known visitor" }),
    anonymous_id: personId.optional().meta({
      description:
        'Id of an unknown visitor, from a cookie or device. One of the two ids is required. An event ' +
        'with both belongs to the user; an identify with both says that the visitor is that user',
    }),
    consent: z
      .boolean()
      .optional()
      .meta({
        description:
          'Whether the visitor agreed to analytics. With false, no id is required, and the ids, the visit and the ' +
          'properties are dropped: the event counts in events, products and money, and for no person',
      }),
    session_id: id(100).optional().meta({
      description: "The visit, as GA4's session_id. An event of a server belongs to the visit that it names",
    }),
    engagement_time_msec: z.number().int().min(0).max(DAY_MS).optional().meta({
      description: 'How long the page was in the foreground since the last event, ms; a day at most',
    }),
    server: z
      .boolean()
      .optional()
      .meta({
        description:
          'A server sends the event, not the visitor: it opens no visit, and belongs to the one that session_id ' +
          'names or that it falls into',
      }),
    timestamp: timestamp.optional().meta({ description: 'When the event happened. Default: now' }),
    backfill: z
      .boolean()
      .optional()
      .meta({ description: 'Marks historical data: the lateness limit does not apply' }),
    items: itemList.optional().meta({
      description:
        'Lines of the cart or order. The first 2,000 are kept; the value of an order counts all of them',
    }),
    currency: currency.optional().meta({ description: "ISO 4217. Default: the site's currency" }),
    value: price.optional().meta({ description: 'Total of the order. Default: the sum of its lines' }),
    transaction_id: id(128)
      .optional()
      .meta({
        description:
          'Id of the order, which counts once in the site, whoever sends it and how often. ' +
          'A refund finds its order by it; without value and items, it gives back what is left of the order',
      }),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code of two letters, such as ES')
      .optional()
      .meta({ description: 'ISO 3166-1 alpha-2' }),
    page: text(2_000).optional().meta({ description: 'Path or URL' }),
    referrer: text(2_000).optional().meta({ description: 'URL of the previous page; its host is counted' }),
    ignore_referrer: z.boolean().optional().meta({
      description:
        'The previous page brought no visitor, as a payment page does not: the referrer is dropped',
    }),
    source: text(200)
      .optional()
      .meta({ description: "Traffic source, as GA4's session source (utm_source)" }),
    medium: text(200).optional().meta({ description: 'organic, email, cpc … (utm_medium)' }),
    campaign: text(200).optional().meta({
      description:
        'utm_campaign. Without source, medium and campaign, Footfall takes them from the page (utm_…) or the referrer',
    }),
    device: text(100).optional().meta({ description: 'desktop, mobile, tablet …' }),
    browser: text(100).optional(),
    os: text(100).optional().meta({ description: 'Operating system' }),
    user_agent: text(1_000)
      .optional()
      .meta({
        description:
          "The visitor's user agent, when a server sends the event. Supplies missing device, browser and os, and detects " +
          'bots, which are counted separately. Not stored',
      }),
    search_term: text(200).optional(),
    ...keptEventSchema,
    properties: propertyMap
      .optional()
      .meta({ description: 'Up to 50 properties of your own; stored with the interaction, not aggregated' }),
  })
  .refine(
    ({ user_id, anonymous_id, consent }) => (user_id ?? anonymous_id) !== undefined || consent === false,
    {
      path: ['user_id'],
      message:
        'user_id or anonymous_id is required; a placeholder such as undefined, 0 or guest is not an id',
    },
  )
  .refine((event) => Object.keys(event.properties ?? {}).length <= MAX_PROPERTIES, {
    path: ['properties'],
    message: `at most ${MAX_PROPERTIES} properties`,
  })
  // Without an `anyOf` for the two ids: generators of clients would give the event no type.
  .meta({ id: 'Event', description: 'One of user_id and anonymous_id is required, unless consent is false' });

/** The event format of the program that Footfall grew out of. */
export const originalEvent = z
  .object({
    user_id: personId,
    interaction_type: z.enum(['click', 'view', 'purchase']),
    product_id: id(128),
    site_id: id(200).optional(),
    site_name: text(200).optional(),
    timestamp: timestamp.optional().meta({ description: 'Seconds since the epoch, possibly fractional' }),
  })
  .meta({ id: 'OriginalEvent', description: 'Event format of the program that Footfall grew out of' });

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
  const isOriginal = typeof plain === 'object' && plain !== null && 'interaction_type' in plain;
  const parsed = isOriginal
    ? originalEvent.transform(toPlain).safeParse(plain)
    : plainEvent.safeParse(withFewProblems(plain));
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

type PlainEvent = z.infer<typeof plainEvent>;

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
  return {
    v: EVENT_VERSION,
    id,
    site: site.id,
    ...(plain.consent === false ? { user: personlessUser(id), personless: true } : whoOf(plain)),
    ...visitOf(plain),
    name,
    ts: ahead ? received : (plain.timestamp ?? received),
    received,
    ...(ahead && { clamped: true }),
    ...(plain.backfill && { backfill: true }),
    ...(items && items.length > 0 && { items }),
    ...((hasMoney || plain.currency) && { currency }),
    ...(value !== undefined && { value }),
    ...Object.fromEntries(
      SAME.flatMap((field) =>
        plain[field] === undefined || (field === 'referrer' && plain.ignore_referrer)
          ? []
          : [[field, plain[field]]],
      ),
    ),
    ...kept,
    ...(properties && Object.keys(properties).length > 0 && { props: properties }),
  };
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

/** [name in a plain event, name in the canonical one, what it holds] */
type KeptNames = readonly (readonly [said: string, field: string, kind: KeptKind])[];
const KEPT_OF_EVENT: KeptNames = Object.entries(KEPT_FIELDS).map(([field, kind]) => [field, field, kind]);
const KEPT_OF_ITEM: KeptNames = Object.entries(KEPT_ITEM_FIELDS).map(([field, [kind, said]]) => [
  said,
  field,
  kind,
]);

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
  const kept: Record<string, unknown> = {};
  for (const [name, field, kind] of names) {
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

/** What an event says of its visit. A refund belongs to none, whoever sends it. */
function visitOf({
  name,
  server,
  session_id,
  engagement_time_msec,
}: PlainEvent): Pick<FootfallEvent, 'server' | 'session_id' | 'engaged_ms'> {
  return {
    ...(server && name !== 'refund' && { server }),
    ...(session_id !== undefined && { session_id }),
    ...(engagement_time_msec && { engaged_ms: engagement_time_msec }),
  };
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
  const { quantity = '1' } = line;
  return {
    id: line.item_id,
    ...(line.item_name !== undefined && { name: line.item_name }),
    ...(line.item_brand !== undefined && { brand: line.item_brand }),
    ...(line.item_category !== undefined && { category: line.item_category }),
    quantity: piecesOf(quantity, `${path}.quantity`, warnings),
    ...(line.price !== undefined && {
      amount: amount(line.price, currency, quantity, `${path}.price`, warnings),
    }),
    ...keptOf(line, KEPT_OF_ITEM, { currency, times: quantity, place: `${path}.`, warnings }),
  };
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
