import type { OrderNote } from './order-note.ts';
import type { Finding, WayIn } from './ways-in.ts';

/** The version of the canonical event that this code writes and reads. */
export const EVENT_VERSION = 1;

/**
 * GA4's rule for names of events and parameters: a letter, then letters, digits and underscores, at most 40 characters
 * (Analytics Help, "Event naming rules").
 */
export const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/** The most lines of one event. An event is counted in one step, and more lines would hold Redis for too long. */
export const MAX_ITEMS = 2_000;

/** One line of a cart, order or refund. Money is in minor units of the event's currency. */
export interface Item {
  id: string;
  name?: string;
  brand?: string;
  category?: string;
  /** Pieces, with at most three decimals. Negative only in imported history (stock adjustments). */
  quantity: number;
  /** The line's total in minor units, rounded half away from zero from price × quantity (shared/platform/money.ts). */
  amount?: number;
  // The rest is kept and shown. Of a purchase, coupon and discount count with its order. Names and meanings are those of
  // GA4's item parameters (Google, "Measure ecommerce" and "Recommended events"); shared/event/kept-fields.ts lists them.
  /** Such as a size or colour: GA4's item_variant. */
  variant?: string;
  /** Levels below `category`: GA4's item_category2 to item_category5. */
  category2?: string;
  category3?: string;
  category4?: string;
  category5?: string;
  coupon?: string;
  /** Taken off the line in minor units: GA4's discount of one piece × quantity, rounded as `amount` is. */
  discount?: number;
  /** Position in the list, as the sender counts: a whole number of 0 or more. */
  index?: number;
  /** The list that showed it: GA4's item_list_id and item_list_name. */
  list_id?: string;
  list_name?: string;
  promotion_id?: string;
  promotion_name?: string;
  creative_name?: string;
  creative_slot?: string;
  /** The shop or branch that supplies it. */
  affiliation?: string;
  /** Where it is: GA4's location_id, such as a Google Place ID. */
  location_id?: string;
}

/** Whether the buyer has bought before, as the shop says: GA4's customer_type. */
export const CUSTOMER_TYPES = ['new', 'returning'] as const;

/**
 * The canonical event. Every input format becomes this, and Kafka holds it as JSON. Fields that do not apply are
 * absent, never null.
 */
export interface FootfallEvent {
  v: typeof EVENT_VERSION;
  /** Unique for a user; a second event with the same id is a duplicate. 1 to 128 characters. */
  id: string;
  site: string;
  /** The user id when known, else the anonymous id. Half of the Kafka key. */
  user: string;
  /** True when `user` is the shop's own user id, absent when it is an anonymous id. */
  known?: true;
  /**
   * The visitor refused consent. The event counts for events, products and money, and for no person and no visit.
   * `user` then is one of a few names that spread such events over shards, and names no person.
   */
  personless?: true;
  /** A server sent it, not the visitor's device: it opens no visit, and belongs to the one that it names or falls into. */
  server?: true;
  /** The visit that it belongs to, as its sender names it: GA4's session_id. 1 to 100 characters. */
  session_id?: string;
  /** How long the page was in the foreground since the last event, ms: GA4's engagement_time_msec. */
  engaged_ms?: number;
  /** GA4's event name where it has one, else the site's own. */
  name: string;
  /** When it happened, ms since the epoch, UTC. */
  ts: number;
  /** When collect or an import received it, ms since the epoch, UTC. */
  received: number;
  /** The client's clock ran ahead: `ts` is when the event came, not what the client said. */
  clamped?: true;
  /** History: exempt from the lateness window. */
  backfill?: true;
  items?: Item[];
  /** ISO 4217; present whenever there is money. */
  currency?: string;
  /** Total of the order or refund in minor units. When absent, the sum of the items' amounts. */
  value?: number;
  transaction_id?: string;
  /** ISO 3166 alpha-2 from clients; an import may carry a name. */
  country?: string;
  /** Path or URL. */
  page?: string;
  /** URL of the page that led here. */
  referrer?: string;
  /** Where a visit came from: GA4's session source, medium and campaign (utm_source …). */
  source?: string;
  medium?: string;
  campaign?: string;
  /** GA4's default channel group of these three, see channel.ts. Absent when they are. */
  channel?: string;
  device?: string;
  browser?: string;
  os?: string;
  search_term?: string;
  // Down to customer_type: kept and shown. Of a purchase, coupon, tax, shipping and discount count with its order. Names
  // and meanings are those of GA4's event parameters (Google, "Measure ecommerce" and "Recommended events");
  // shared/event/kept-fields.ts lists them.
  /** The list that was shown. An item may name another one. */
  item_list_id?: string;
  item_list_name?: string;
  /** The promotion that was shown or chosen. An item may name another one. */
  promotion_id?: string;
  promotion_name?: string;
  creative_name?: string;
  creative_slot?: string;
  coupon?: string;
  /** The shop or branch where it happened. */
  affiliation?: string;
  location_id?: string;
  /** Parts of an order in minor units, as the sender says. Whether `value` includes them is the sender's choice. */
  tax?: number;
  shipping?: number;
  discount?: number;
  payment_type?: string;
  shipping_tier?: string;
  customer_type?: (typeof CUSTOMER_TYPES)[number];
  /** Name of the program that sent this, from its user agent. Bots are counted separately and nowhere else. */
  bot?: string;
  /** How it came in; absent in records of other programs. */
  via?: WayIn;
  /** What was put right in it; absent when it was taken as it came. */
  put_right?: readonly Finding[];
  /** The shop's own user id of this anonymous visitor. */
  identifies?: string;
  /** Only in records that one shard sends to another: the record that it was made from. */
  origin?: Origin;
  /** Only in such records: the packed state of an anonymous visitor who is this user, in base64. */
  joins?: { user: string; state: string };
  /** Only in such records: the anonymous visitor whose event or verdict it is. */
  visitor?: string;
  /** Only in such records: the user who did not take it, so that it comes back to the visitor. See join-guard.ts. */
  returned?: string;
  /** Only in records that one shard sends to another: what it says of an order. `user` may be the order's home. */
  order?: OrderNote;
  /** The record is no event but an erasure of the user. Clients can't send these. */
  erases?: Erases;
  /**
   * Only in replays of dead letters: the key of the letter. A replay may be published more than once; the shard counts
   * the first one.
   */
  replays?: string;
  /** The site's own properties; kept in the timeline, not aggregated. */
  props?: Record<string, string | number | boolean>;
}

/** Texts of an event that are counted by value. Clients send them under these names. */
export const VALUE_FIELDS = [
  'country',
  'page',
  'referrer',
  'source',
  'medium',
  'campaign',
  'device',
  'browser',
  'os',
  'search_term',
] as const;

/** The erasure that a record is part of. */
export interface Erases {
  /** A name for it, 1 to 64 characters. */
  receipt: string;
  /** How many ids of the person the request names; absent in records that shards send each other. */
  of?: number;
}

/**
 * The most records that one record may lead to: those of an erased user's anonymous ids and orders, or the parts of a
 * state.
 */
export const MAX_PARTS = 256;

/** Where a record of another shard came from. */
export interface Origin {
  partition: number;
  offset: number;
  /** Number among the records that come from one, below {@link MAX_PARTS}. The event itself is the last. */
  part: number;
  /** The id of the generation whose fold made it. */
  generation: string;
}
