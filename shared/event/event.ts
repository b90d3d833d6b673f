/** The version of the canonical event that this code writes and reads. */
export const EVENT_VERSION = 1;

/**
 * GA4's rule for names of events, and of parameters: a letter, then letters, digits and underscores, 40 at most
 * (Analytics Help, "Event naming rules").
 */
export const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/** Lines of one event. More would hold Redis for too long, since an event is counted in one step. */
export const MAX_ITEMS = 2_000;

/** One line of a cart, order or refund. Money is in minor units of the event's currency. */
export interface Item {
  id: string;
  name?: string;
  brand?: string;
  category?: string;
  /** Pieces; a whole number. Negative only in imported history (stock adjustments). */
  quantity: number;
  /** The line's total in minor units, rounded half away from zero from price × quantity (shared/platform/money.ts). */
  amount?: number;
}

/**
 * The one canonical event. Every way in (plain, the original program's, imports) becomes this; it is what
 * Kafka holds, as JSON. Fields that do not apply are absent, never null.
 */
export interface FootfallEvent {
  v: typeof EVENT_VERSION;
  /** Unique for a user; a second event with the same id is a duplicate. 1 to 128 characters. */
  id: string;
  site: string;
  /** The user id when known, else the anonymous id: who the event belongs to, and half of the Kafka key. */
  user: string;
  /** True when `user` is the shop's own user id, absent when it is an anonymous id. */
  known?: true;
  /** GA4's event name where it has one, else the site's own. */
  name: string;
  /** When it happened, ms since the epoch, UTC. */
  ts: number;
  /** When collect or an import took it, ms since the epoch, UTC. */
  received: number;
  /** The client's clock ran ahead: `ts` is when it came, not what the client said. */
  clamped?: true;
  /** History: exempt from the lateness window, counted on its own day. */
  backfill?: true;
  items?: Item[];
  /** ISO 4217; present whenever there is money. */
  currency?: string;
  /** The order's or refund's total in minor units; absent: the sum of the items' amounts. */
  value?: number;
  transaction_id?: string;
  /** ISO 3166 alpha-2 from clients; an import may carry a name. */
  country?: string;
  /** Path or URL. */
  page?: string;
  /** URL of the page that led here. */
  referrer?: string;
  /** Where a visit came from, as GA4's session source, medium and campaign (utm_source …). */
  source?: string;
  medium?: string;
  campaign?: string;
  /** GA4's default channel group of these three, see channel.ts; absent where they are. */
  channel?: string;
  device?: string;
  browser?: string;
  os?: string;
  search_term?: string;
  /** What no person sent: the name of the program, as a user agent has it. Counted apart, and nowhere else. */
  bot?: string;
  /** Of an anonymous visitor: the shop's own user id that they turned out to have. */
  identifies?: string;
  /** Only in records that one shard sends to another: the record that it is made of. */
  origin?: Origin;
  /** Only in such records: all that was known of an anonymous visitor who is this user. */
  joins?: { user: string; state: string };
  /** No event: all that is known of the user is to be forgotten. Only in records that nobody sends over HTTP. */
  erases?: Erases;
  /**
   * Only in replays of dead letters: the key of the letter. A replay may be published more than once, and the shard
   * takes the first one.
   */
  replays?: string;
  /** The site's own properties; kept in the timeline, not aggregated. */
  props?: Record<string, string | number | boolean>;
}

/** Texts of an event whose values are counted one by one, and which clients send under these names. */
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

/** Which erasure a record is a part of. */
export interface Erases {
  /** A name for it, 1 to 64 characters. */
  receipt: string;
  /** How many ids of the person it was asked for; absent in records that shards send to each other. */
  of?: number;
}

/** So many records may come from one: an erased user's anonymous ids and one more, or the parts of a state. */
export const MAX_PARTS = 128;

/** Of what earlier programs' shards have sent each other, which does not say so. */
const FIRST_GENERATION = '4';

/** The generation (see generation.ts) of which a record between shards is a part. */
export const generationOfOrigin = ({ generation = FIRST_GENERATION }: Origin): string => generation;

/** Where a record of another shard came from. */
export interface Origin {
  partition: number;
  offset: number;
  /** Of several records that come from one: which, below {@link MAX_PARTS}. The event itself is the last. */
  part: number;
  /** The id of the generation whose fold made it; absent in earlier programs' records. */
  generation?: string;
}
