import type { DeadLetter } from '../event/decode.ts';
import type { StoredDimension } from '../event/dimensions.ts';
import { OUTCOMES, type Outcome } from '../event/outcome.ts';
import type { Counters } from '../platform/counters.ts';
import type { Day, Month } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import type { Period } from './cohorts.ts';
import type { ProductCount, TrendingMetric, Viewed } from './counter-names.ts';
import type { BuyerPeriod } from './customer.ts';
import type { Arrivals, Forwarded } from './identity.ts';
import type { NewestInteractions } from './newest-interactions.ts';
import type { First, OrderState } from './order-state.ts';
import type { Resolution } from './resolution.ts';
import type { UserState } from './user-state.ts';

/**
 * What a chunk adds to one product's day. Units are in thousandths. Money is by counter
 * (`revenue:EUR`), in minor units.
 */
export type ProductDelta = Record<ProductCount, number> & { money: Counters | undefined };

/** What a chunk adds to a site's quality on one day. */
export interface QualityDelta {
  /** `t|quality|way in` → events. */
  totals: Counters;
  /** `quality|way in|code|path` → `n` → events. */
  findings: Map<string, Counters>;
  /** The same and a number → a value as it was sent. */
  samples: Map<string, string>;
}

/** Invalid events of a site's UTC day that a shard has as letters. */
export interface Kept {
  events: number;
  bytes: number;
}

/** What a chunk adds to {@link Kept}. */
export type KeptDelta = Kept & { site: Site; day: Day };

/** What a chunk adds to one site-local day of one site. */
export interface DayDelta {
  /** By counter, see counter-names.ts. */
  counters: Counters;
  /** By product id. */
  products: Map<string, ProductDelta>;
  /** Dimension → value → counter → sum. */
  breakdowns: Map<StoredDimension, Map<string, Counters>>;
  /** Users by the days since their previous active one, see active-days.ts. */
  gaps: Map<number, number>;
  /** Buyers whose first order is on the day, by the days until their second one. */
  secondOrders: Map<number, number>;
  /** Key of a funnel → field (see funnels/progress.ts) → sum. */
  funnels: Map<string, Counters>;
  /** Users' carts, see cart-days.ts. */
  carts: Counters;
  /** What came in on the day, and how well it could be read. Its day is that of the receipt. */
  quality?: QualityDelta;
}

/** What one UTC hour adds to trending products: metric → product → count. */
export type TrendingDelta = Map<TrendingMetric, Counters>;

/** What a chunk changes of a site beyond its days. */
export interface SiteDelta {
  /** Period → first day of the cohort → periods after it → users. */
  cohorts: Map<Period, Map<Day, Map<number, number>>>;
  /** Period → first day of the cohort by first order → field (see customer.ts) → sum. */
  buyers: Map<BuyerPeriod, Map<Day, Counters>>;
  /** By the start of the hour, ms. */
  trending: Map<number, TrendingDelta>;
  /** Product → name. */
  names: Map<Month, Map<string, string>>;
  newest: NewestInteractions;
  /** `received` of the newest event, ms. */
  received: number;
}

/** Views by page, and by product. */
export type ViewedDelta = Record<Viewed, Counters>;

/** What the events of one minute add to the minute, its hour and its day, as far as those are still kept. */
export interface MinuteDelta {
  /** ms since the epoch. */
  start: number;
  hourStart: number;
  day: Day;
  month: Month;
  /** Until when the month's interactions are kept, ms. */
  timelineEnd: number;
  resolution: Resolution;
  events: number;
  counters: Counters;
  /** What was viewed in the minute; undefined when nothing was. */
  viewed: ViewedDelta | undefined;
  dayDelta: DayDelta;
}

/** A user that a chunk changes: the new state, and what to append to the timeline. */
export interface UserDelta {
  site: Site;
  user: string;
  state: UserState;
  months: MonthDelta[];
  /** Undefined when the cart has not changed. */
  cart?: CartDelta;
  /** Undefined when the user has begun and ended no checkout. */
  checkout?: CheckoutDelta;
  /** The visitor has become part of another user. */
  isDetached?: true;
  /** Anonymous ids that the state has no room for. */
  furtherAliases?: string[];
}

/** An order that a chunk changes. */
export interface OrderDelta {
  site: Site;
  /** See order-note.ts. */
  key: string;
  /** Its earliest copy before the chunk. */
  before: First | undefined;
  state: OrderState;
}

/** How a user's cart stands now. */
export interface CartDelta {
  /** ms of the last change to a filled cart; undefined when it is empty. */
  filled: number | undefined;
  /** What is in it, in minor units by currency. */
  value: Counters;
  /** The local days of the last change, and of the one before this chunk if the cart was filled then. */
  day: Day | undefined;
  dayBefore: Day | undefined;
  /** The cart was bought or emptied: what follows is another one. */
  isNew: boolean;
}

/** How a user's checkout stands now. */
export interface CheckoutDelta {
  /** When it was begun, ms; undefined when there is none, or a purchase has followed. */
  begun: number | undefined;
}

/** Entries to append to a month of a user's timeline. */
export interface MonthDelta {
  month: Month;
  entries: string[];
}

/** A user to forget, or another part of the same erasure that its receipt counts. */
export interface ErasureDelta {
  site: Site;
  user: string;
  receipt: string;
  /** How many ids the erasure was requested for; undefined in records that shards send each other. */
  of: number | undefined;
  /** When it was requested, ms. */
  at: number;
  /** Timestamp of the record, ms. */
  timestamp: number;
  /**
   * What to remove of the user: months of the timeline, and what the filled cart of a day is worth. Undefined when
   * nothing is stored that this erasure is about.
   */
  removes: { months: Month[]; cartDay: Day | undefined } | undefined;
  /** Records of this erasure that were sent to other shards, and that came from one. */
  sent: number;
  came: number;
}

export type OutcomeCounts = Record<Outcome, number>;

export const noOutcomes = (): OutcomeCounts => ({
  applied: 0,
  duplicate: 0,
  forwarded: 0,
  bot: 0,
  joined: 0,
  order: 0,
  erasure: 0,
  erased: 0,
  otherGeneration: 0,
  deadLettered: 0,
  refused: 0,
});

/** Adds the counts of `added` to those of `to`. */
export function addOutcomes(to: OutcomeCounts, added: OutcomeCounts): void {
  for (const outcome of OUTCOMES) to[outcome] += added[outcome];
}

/** All that one chunk changes. It is committed as a whole or not at all. */
export interface ChunkDelta {
  days: Map<Site, Map<Day, DayDelta>>;
  sites: Map<Site, SiteDelta>;
  minutes: Map<Site, MinuteDelta[]>;
  users: UserDelta[];
  /** Orders whose home this shard is, as they are now. */
  orders: OrderDelta[];
  /** At most one of them removes something, and such a chunk holds nothing else. */
  erasures: ErasureDelta[];
  letters: DeadLetter<Site>[];
  /** Records to publish to the events topic before the commit. */
  forwards: Forwarded[];
  /** The records of other shards that have come. */
  arrivals: Arrivals;
  /** By the key of their records: invalid events that became letters, see quality.ts. */
  kept: Map<string, KeptDelta>;
  /** Keys of the dead letters whose first replay is among the records. */
  replays: string[];
  /** Records by site (`-` for an unknown one) and outcome. */
  ledger: Map<string, OutcomeCounts>;
  /** The part of the ledger that other shards have sent. */
  derived: Map<string, OutcomeCounts>;
  /** About what the commit costs Redis, in writes to a hash. */
  cost: number;
  /** The offset after the chunk's last record, and that record's timestamp in ms. */
  nextOffset: number;
  timestamp: number;
  /** Offsets before and between the records that hold none, such as markers of transactions. */
  skipped: number;
}

export function newChunkDelta(): ChunkDelta {
  return {
    days: new Map(),
    sites: new Map(),
    minutes: new Map(),
    users: [],
    orders: [],
    erasures: [],
    letters: [],
    forwards: [],
    arrivals: new Map(),
    kept: new Map(),
    replays: [],
    ledger: new Map(),
    derived: new Map(),
    cost: 0,
    nextOffset: 0,
    timestamp: 0,
    skipped: 0,
  };
}
