import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EVENT_NAME, EVENT_VERSION, type FootfallEvent, type Item, VALUE_FIELDS } from '../event/event.ts';
import { epochMs, FIRST_INSTANT } from '../event/timestamps.ts';
import { FootfallError } from '../platform/errors.ts';
import { fromMinor, toMinor } from '../platform/money.ts';
import { HOUR_MS, MINUTE_MS } from '../platform/time.ts';
import { type Problem, problemsOf } from '../platform/validation.ts';
import { currencyCode, type Site } from '../sites/site.ts';

/** Tolerance for fast clocks, ms. An event further in the future gets its time of arrival. */
const MAX_AHEAD_MS = 10 * MINUTE_MS;

/**
 * An unpaired surrogate has no UTF-8 form: two such ids would become one on their way through Kafka and
 * Redis.
 */
const wellFormed = (value: string) => value.isWellFormed();
const notWellFormed = 'must be well-formed Unicode';

const text = (max: number) => z.string().min(1).max(max).refine(wellFormed, notWellFormed);
/** Ids are text or, from some shops, whole numbers. */
const id = (max: number) =>
  z.union([text(max), z.number().int().transform(String)], {
    error: `must be a text of 1 to ${max} characters, or a whole number`,
  });
/** A person's id. Clients remove `.` and `..` from URL paths, so such a person could not be queried. */
const personId = id(256).refine((value) => value !== '.' && value !== '..', 'must not be . or ..');
const priceError = 'must be a number of 0 or more, or a decimal number as text';
const price = z.union(
  [z.number().min(0, priceError), z.string().regex(/^\d{1,15}(\.\d{1,10})?$/, priceError)],
  {
    error: priceError,
  },
);

/**
 * The largest amount, in minor units: 10,000,000,000.00 EUR. Write keys are public, and a few amounts near
 * 2^53 would make a site's sums inexact forever.
 */
const MAX_MINOR = 1e12;

const timestampError =
  'must be ISO 8601 with an offset (2026-03-01T12:00:00Z), or ms or seconds since the epoch';

const timestamp = z
  .union(
    [
      z.iso.datetime({ offset: true, error: timestampError }).max(64, timestampError),
      z.number().min(0, timestampError).max(8.64e15, timestampError),
    ],
    {
      error: timestampError,
    },
  )
  .transform((value) => (typeof value === 'string' ? Date.parse(value) : epochMs(value)))
  // An earlier event could not even be dead-lettered as late: the log holds no earlier times.
  .refine((ms) => ms >= FIRST_INSTANT, 'must be in the year 1900 or later')
  .meta({
    description:
      'ISO 8601 with an offset, or a number since the epoch: seconds below 10^11, else milliseconds',
  });

const item = z
  .object({
    item_id: id(128),
    item_name: text(500).optional(),
    item_brand: text(200).optional(),
    item_category: text(200).optional(),
    price: price
      .optional()
      .meta({ description: 'Price of one piece, in units of the currency: 12.5 is 12.50 EUR' }),
    quantity: z.number().int().min(0).max(1_000_000).default(1),
  })
  .meta({ id: 'Item', description: "A line of a cart or an order, with GA4's names" });

const property = z.union([z.string().max(1_000).refine(wellFormed), z.number(), z.boolean()], {
  error: 'must be a text of at most 1000 characters, a number, true or false',
});

export const plainEvent = z
  .object({
    id: id(128).optional().meta({ description: 'Makes retries harmless: each id counts once per user' }),
    name: z.string().regex(EVENT_NAME).meta({ description: "GA4's event name, or one of your own" }),
    user_id: personId.optional().meta({ description: "The shop's own id of a known visitor" }),
    anonymous_id: personId.optional().meta({
      description:
        'Id of an unknown visitor, from a cookie or device. One of the two ids is required. An event ' +
        'with both belongs to the user; an identify with both says that the visitor is that user',
    }),
    timestamp: timestamp.optional().meta({ description: 'When the event happened. Default: now' }),
    backfill: z
      .boolean()
      .optional()
      .meta({ description: 'Marks historical data: the lateness limit does not apply' }),
    items: z.array(item).max(200).optional(),
    currency: currencyCode.optional().meta({ description: "ISO 4217. Default: the site's currency" }),
    value: price.optional().meta({ description: 'Total of the order. Default: the sum of its lines' }),
    transaction_id: id(128)
      .optional()
      .meta({
        description:
          'Id of the order. A purchase without `id` counts once per user and order. A refund with this ' +
          'but without value and items refunds the whole order',
      }),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional()
      .meta({ description: 'ISO 3166-1 alpha-2' }),
    page: text(2_000).optional().meta({ description: 'Path or URL' }),
    referrer: text(2_000).optional().meta({ description: 'URL of the previous page; its host is counted' }),
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
    properties: z
      .record(text(100), property)
      .optional()
      .meta({ description: 'Up to 50 properties of your own; stored with the interaction, not aggregated' }),
  })
  .refine((event) => event.user_id !== undefined || event.anonymous_id !== undefined, {
    path: ['user_id'],
    message: 'user_id or anonymous_id is required',
  })
  .refine((event) => Object.keys(event.properties ?? {}).length <= 50, {
    path: ['properties'],
    message: 'at most 50 properties',
  })
  .meta({ id: 'Event', anyOf: [{ required: ['user_id'] }, { required: ['anonymous_id'] }] });

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

/** Why an event was rejected, or will not be counted. `code` is stable. */
export interface Refusal extends Problem {
  code: 'invalid_event' | 'too_late' | 'beyond_retention' | 'bad_amount';
}

/**
 * Validates one event of `POST /v1/events`, plain or in the original format, and converts it into a canonical
 * one.
 * @param received when it arrived, ms since the epoch.
 * @param newId makes an id for an event without one.
 * @returns the event; with `deadLetter` when it is stored but never counted: aggregate decides the same from
 *   the same fields (decode.ts) and keeps it with its reason. Or the reasons why it is invalid.
 * @example translate({ name: 'view_item', user_id: 'ada', items: [{ item_id: 'tea-1' }] }, site, Date.now(),
 *   randomUUID)
 */
export function translate(
  input: unknown,
  site: Site,
  received: number,
  newId: () => string,
): { event: FootfallEvent; deadLetter?: Refusal } | { refusals: Refusal[] } {
  const isOriginal = typeof input === 'object' && input !== null && 'interaction_type' in input;
  const parsed = isOriginal ? originalEvent.transform(toPlain).safeParse(input) : plainEvent.safeParse(input);
  if (!parsed.success) {
    return { refusals: problemsOf(parsed.error).map((problem) => ({ code: 'invalid_event', ...problem })) };
  }
  try {
    const event = canonical(parsed.data, site, received, newId);
    if (event.backfill) {
      const refusal = tooOldForSite(event, site);
      return refusal ? { refusals: [refusal] } : { event };
    }
    const deadLetter = tooLate(event, site);
    return { event, ...(deadLetter && { deadLetter }) };
  } catch (error) {
    if (!(error instanceof BadAmount)) throw error;
    return { refusals: [{ code: 'bad_amount', path: error.path, message: error.message }] };
  }
}

type PlainEvent = z.infer<typeof plainEvent>;

function toPlain(event: z.infer<typeof originalEvent>): PlainEvent {
  const { user_id, interaction_type, product_id, site_id, site_name, timestamp } = event;
  return {
    name: NAME_OF_INTERACTION[interaction_type],
    user_id,
    items: [{ item_id: product_id, quantity: 1 }],
    ...(timestamp !== undefined && { timestamp }),
    properties: {
      ...(site_id !== undefined && { site_id }),
      ...(site_name !== undefined && { site_name }),
    },
  };
}

/** Fields that are copied unchanged. */
const SAME = ['transaction_id', ...VALUE_FIELDS] as const;

function canonical(plain: PlainEvent, site: Site, received: number, newId: () => string): FootfallEvent {
  const { name, transaction_id, properties } = plain;
  const ahead = (plain.timestamp ?? received) - received > MAX_AHEAD_MS;
  const currency = plain.currency ?? site.currency;
  const items = plain.items?.map((line, i): Item => toItem(line, currency, `items[${i}].price`));
  const hasMoney = plain.value !== undefined || items?.some(({ amount }) => amount !== undefined);
  // A purchase without an id is identified by its transaction, as in GA4, so an order counts once.
  const orderId = name === 'purchase' && transaction_id !== undefined ? orderIdOf(transaction_id) : undefined;
  return {
    v: EVENT_VERSION,
    id: plain.id ?? orderId ?? newId(),
    site: site.id,
    ...whoOf(plain),
    name,
    ts: ahead ? received : (plain.timestamp ?? received),
    received,
    ...(ahead && { clamped: true }),
    ...(plain.backfill && { backfill: true }),
    ...(items && items.length > 0 && { items }),
    ...((hasMoney || plain.currency) && { currency }),
    ...(plain.value !== undefined && { value: amount(plain.value, currency, 1, 'value') }),
    ...Object.fromEntries(
      SAME.flatMap((field) => (plain[field] === undefined ? [] : [[field, plain[field]]])),
    ),
    ...(properties && Object.keys(properties).length > 0 && { props: properties }),
  };
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

/** The event id of an order. A long transaction id is replaced by its digest. */
export function orderIdOf(transaction: string): string {
  const id = `purchase:${transaction}`;
  return id.length <= 128 ? id : `purchase:${createHash('sha256').update(transaction).digest('base64url')}`;
}

class BadAmount extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Minor units of price × quantity. @throws BadAmount with the path of the invalid value. */
function amount(price: number | string, currency: string, quantity: number, path: string): number {
  let minor: number;
  try {
    minor = toMinor(price, currency, quantity);
  } catch (error) {
    if (error instanceof FootfallError) throw new BadAmount(path, error.message);
    throw error;
  }
  if (Math.abs(minor) > MAX_MINOR) {
    throw new BadAmount(
      path,
      `The amount is too large: at most ${fromMinor(MAX_MINOR, currency)} ${currency}.`,
    );
  }
  return minor;
}

function toItem(line: NonNullable<PlainEvent['items']>[number], currency: string, path: string): Item {
  return {
    id: line.item_id,
    ...(line.item_name !== undefined && { name: line.item_name }),
    ...(line.item_brand !== undefined && { brand: line.item_brand }),
    ...(line.item_category !== undefined && { category: line.item_category }),
    quantity: line.quantity,
    ...(line.price !== undefined && { amount: amount(line.price, currency, line.quantity, path) }),
  };
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
