import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EVENT_NAME, EVENT_VERSION, type FootfallEvent, type Item, VALUE_FIELDS } from '../event/event.ts';
import { epochMs, FIRST_INSTANT } from '../event/timestamps.ts';
import { FootfallError } from '../platform/errors.ts';
import { fromMinor, toMinor } from '../platform/money.ts';
import { HOUR_MS, MINUTE_MS } from '../platform/time.ts';
import { type Problem, problemsOf } from '../platform/validation.ts';
import { currencyCode, type Site } from '../sites/site.ts';

/** A clock may run so far ahead; an event beyond that is taken to have happened when it came. */
const MAX_AHEAD_MS = 10 * MINUTE_MS;

/** Half a surrogate pair has no UTF-8: two such ids would become one on their way through Kafka and Redis. */
const wellFormed = (value: string) => value.isWellFormed();
const notWellFormed = 'must be well-formed Unicode';

const text = (max: number) => z.string().min(1).max(max).refine(wellFormed, notWellFormed);
/** Ids come as text or, from some shops, as whole numbers. */
const id = (max: number) =>
  z.union([text(max), z.number().int().transform(String)], {
    error: `must be a text of 1 to ${max} characters, or a whole number`,
  });
/** Of a person. Clients take `.` and `..` out of an address, so nobody could ask for these. */
const personId = id(256).refine((value) => value !== '.' && value !== '..', 'must not be . or ..');
const priceError = 'must be a number of 0 or more, or such a decimal number as text';
const price = z.union(
  [z.number().min(0, priceError), z.string().regex(/^\d{1,15}(\.\d{1,10})?$/, priceError)],
  {
    error: priceError,
  },
);

/**
 * The most that one amount may be, in minor units: 10,000,000,000.00 EUR. Keys that may write are public, and a
 * few amounts near 2^53 would make a site's sums inexact for good.
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
  // Earlier ones could not even be dead-lettered as late: no record of the log may have them.
  .refine((ms) => ms >= FIRST_INSTANT, 'must be of the year 1900 or later')
  .meta({ description: 'ISO 8601 with offset; or since the epoch in ms, or in seconds when below 10^11' });

const item = z
  .object({
    item_id: id(128),
    item_name: text(500).optional(),
    item_brand: text(200).optional(),
    item_category: text(200).optional(),
    price: price
      .optional()
      .meta({ description: 'of one piece, in units of the currency: 12.5 is 12.50 EUR' }),
    quantity: z.number().int().min(0).max(1_000_000).default(1),
  })
  .meta({ id: 'Item', description: "A line, with GA4's names" });

const property = z.union([z.string().max(1_000).refine(wellFormed), z.number(), z.boolean()], {
  error: 'must be a text of at most 1000 characters, a number, true or false',
});

export const plainEvent = z
  .object({
    id: id(128).optional().meta({ description: 'Makes a retry harmless: an id is counted once for a user' }),
    name: z.string().regex(EVENT_NAME).meta({ description: "GA4's event name, or the site's own" }),
    user_id: personId.optional().meta({ description: "The shop's own id of a visitor it knows" }),
    anonymous_id: personId.optional().meta({
      description:
        'Of a visitor it does not know: from a cookie, or of a device. One of both ids is required. An event ' +
        "with both is the user's; an identify with both says that the anonymous visitor is that user",
    }),
    timestamp: timestamp.optional().meta({ description: 'When it happened; now when absent' }),
    backfill: z.boolean().optional().meta({ description: 'History: the lateness limit does not apply' }),
    items: z.array(item).max(200).optional(),
    currency: currencyCode.optional().meta({ description: "ISO 4217; the site's when absent" }),
    value: price.optional().meta({ description: "The order's total; the sum of its lines when absent" }),
    transaction_id: id(128)
      .optional()
      .meta({
        description:
          'The order. A purchase without an id of its own is counted once for a user and order; a refund with this ' +
          'alone, without value and items, is of the whole order',
      }),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional()
      .meta({ description: 'ISO 3166 alpha-2' }),
    page: text(2_000).optional().meta({ description: 'Path or URL' }),
    referrer: text(2_000)
      .optional()
      .meta({ description: 'URL of the page that led here; its host is counted' }),
    source: text(200).optional().meta({ description: "Where the visit came from, as GA4's session source" }),
    medium: text(200).optional().meta({ description: 'organic, email, cpc … (utm_medium)' }),
    campaign: text(200).optional().meta({
      description:
        'utm_campaign. An event with none of these three has those of its page (utm_…) or referrer',
    }),
    device: text(100).optional().meta({ description: 'desktop, mobile, tablet …' }),
    browser: text(100).optional(),
    os: text(100).optional().meta({ description: 'Operating system' }),
    user_agent: text(1_000)
      .optional()
      .meta({
        description:
          'Of the visitor, when a server sends the event: tells device, browser and os where the event does not, and ' +
          'bots, which are counted apart. Not kept',
      }),
    search_term: text(200).optional(),
    properties: z
      .record(text(100), property)
      .optional()
      .meta({ description: "The site's own, at most 50; kept with the interaction, not aggregated" }),
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

/** The event of the program that this one grew out of. */
export const originalEvent = z
  .object({
    user_id: personId,
    interaction_type: z.enum(['click', 'view', 'purchase']),
    product_id: id(128),
    site_id: id(200).optional(),
    site_name: text(200).optional(),
    timestamp: timestamp.optional().meta({ description: 'Seconds since the epoch, with a fraction' }),
  })
  .meta({ id: 'OriginalEvent', description: 'The event of the program that Footfall grew out of' });

/** What the original's interactions are called here. */
export const NAME_OF_INTERACTION = { click: 'select_item', view: 'view_item', purchase: 'purchase' } as const;

/** Why an event was not taken, or will not be counted; `code` is stable. */
export interface Refusal extends Problem {
  code: 'invalid_event' | 'too_late' | 'beyond_retention' | 'bad_amount';
}

/**
 * Translates one event of `POST /v1/events`, plain or the original's.
 * @param received when it came, ms since the epoch.
 * @param newId makes an id for an event that has none.
 * @returns the event, with `deadLetter` when it belongs into the log but will never be counted as it is: aggregate
 *   decides the same by the same fields (decode.ts), and keeps it with its reason. Or why it is none.
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

/** Fields that mean the same there and here. */
const SAME = ['transaction_id', ...VALUE_FIELDS] as const;

function canonical(plain: PlainEvent, site: Site, received: number, newId: () => string): FootfallEvent {
  const { name, transaction_id, properties } = plain;
  const ahead = (plain.timestamp ?? received) - received > MAX_AHEAD_MS;
  const currency = plain.currency ?? site.currency;
  const items = plain.items?.map((line, i): Item => toItem(line, currency, `items[${i}].price`));
  const hasMoney = plain.value !== undefined || items?.some(({ amount }) => amount !== undefined);
  // A purchase without an id is known by its transaction, as in GA4: an order is counted once.
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
 * Whose an event is: the user's, when there is one. Only an identify with both ids is the visitor's, so that it
 * comes to where the visitor's earlier events are. With the same id twice nobody has become somebody else.
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

/** The id of an order's event; a transaction id that leaves no room for the prefix goes in as its digest. */
function orderIdOf(transaction: string): string {
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

/** Minor units of a price × quantity. @throws BadAmount with the path of what is wrong. */
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
  const message = `It happened more than ${site.lateness_hours} hours ago and is kept uncounted: send history with backfill true, or import it`;
  return { code: 'too_late', path: 'timestamp', message };
}

function tooOldForSite({ ts, received }: FootfallEvent, site: Site): Refusal | undefined {
  if (received - ts <= site.retention_days * 24 * HOUR_MS) return undefined;
  const message = `It is older than the site keeps (${site.retention_days} days): raise its retention_days first`;
  return { code: 'beyond_retention', path: 'timestamp', message };
}
