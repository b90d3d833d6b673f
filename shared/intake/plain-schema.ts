import * as z from 'zod';
import { EVENT_NAME } from '../event/event.ts';
import { FIRST_INSTANT, readInstant } from '../event/timestamps.ts';
import { DAY_MS } from '../platform/time.ts';
import { currencyCode } from '../sites/site.ts';
import { keptEventSchema, keptItemSchema } from './kept-schema.ts';
import { NOT_NEGATIVE, readDecimal } from './values/decimal.ts';
import { putRight } from './values/put-right.ts';

/** The schemas of plain events, by which OpenAPI describes them. */

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
export const MAX_QUANTITY = 1_000_000;
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
export const MAX_MINOR = 1e12;

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

export const itemList = z.array(item);
export const propertyMap = z.record(text(100), property);
/** Properties of an event. */
export const MAX_PROPERTIES = 50;

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

export type PlainEvent = z.infer<typeof plainEvent>;
