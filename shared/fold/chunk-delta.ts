import type { DeadLetter } from '../event/decode.ts';
import type { Dimension } from '../event/dimensions.ts';
import { OUTCOMES, type Outcome } from '../event/outcome.ts';
import type { Counters } from '../platform/counters.ts';
import type { Day, Month } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import type { Period } from './cohorts.ts';
import type { ProductCount, TrendingMetric } from './counter-names.ts';
import type { Arrivals, Forwarded } from './identity.ts';
import type { KeptAs } from './sessions.ts';
import type { UserState } from './user-state.ts';

/** What a batch adds to one product's day. Money is by counter (`revenue:EUR`), in minor units. */
export type ProductDelta = Record<ProductCount, number> & { money: Counters | undefined };

/** What a batch adds to one site-local day of one site. */
export interface DayDelta {
  /** By counter, see counters.ts. */
  counters: Counters;
  /** By product id. */
  products: Map<string, ProductDelta>;
  /** Dimension → value → counter → sum. */
  breakdowns: Map<Dimension, Map<string, Counters>>;
  /** Users by the days since their previous active one, see active-days.ts. */
  gaps: Map<number, number>;
  /** Key of a funnel → field (see funnel.ts) → sum. */
  funnels: Map<string, Counters>;
}

/** What one UTC hour adds to trending products: metric → product → count. */
export type TrendingDelta = Map<TrendingMetric, Counters>;

/** The changes of a site that are not of one day. */
export interface SiteDelta {
  /** Period → first day of the cohort → periods after it → users. */
  cohorts: Map<Period, Map<Day, Map<number, number>>>;
  /** By the start of the hour, ms. */
  trending: Map<number, TrendingDelta>;
  /** Product → name. */
  names: Map<Month, Map<string, string>>;
  /** received of the newest event, ms. */
  received: number;
}

/** What the events of one minute add: to the minute and its hour as far as those are still kept, and its day. */
export interface MinuteDelta {
  /** ms since the epoch. */
  start: number;
  hourStart: number;
  day: Day;
  month: Month;
  /**
   * ms: until then the month's interactions are kept. A little less than they stay in Redis, so that nothing is
   * appended to a month that has just gone, which would then stay for ever.
   */
  timelineEnd: number;
  keptAs: KeptAs;
  events: number;
  counters: Counters;
  dayDelta: DayDelta;
}

/** A user that a batch touched: the new state, and what to append to the timeline. */
export interface UserDelta {
  site: Site;
  user: string;
  state: UserState;
  months: MonthDelta[];
  /** Undefined: nothing about it changed. */
  cart?: CartDelta;
  /** Has become part of another user: no visitor of their own any more. */
  hasLeft?: true;
  /** Anonymous ids that the state has no place for any more. */
  furtherAliases?: string[];
}

/** How a user's cart stands now. */
export interface CartDelta {
  /** ms of the last change to a filled cart; undefined when it is empty. */
  filled: number | undefined;
  /** Bought or emptied: what comes now is another cart. */
  isNew: boolean;
}

/** Entries to append to a month of a user's timeline. */
export interface MonthDelta {
  month: Month;
  /** The month's first entries. */
  isNew: boolean;
  entries: string[];
}

/** A user who is to be forgotten, or a part of that which the receipt has to tell. */
export interface ErasureDelta {
  site: Site;
  user: string;
  receipt: string;
  /** How many ids it was asked for; undefined in what shards tell each other. */
  of: number | undefined;
  /** When it was asked for, ms. */
  at: number;
  /** Timestamp of the record, ms. */
  timestamp: number;
  /** What is stored of the user is to be removed; undefined when there is nothing that this erasure is about. */
  removes: { months: Month[] } | undefined;
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
  erasure: 0,
  erased: 0,
  otherGeneration: 0,
  deadLettered: 0,
});

/** Adds the counts of `added` to those of `to`. */
export function addOutcomes(to: OutcomeCounts, added: OutcomeCounts): void {
  for (const outcome of OUTCOMES) to[outcome] += added[outcome];
}

/** All that a chunk of a batch changes: committed as one, or not at all. */
export interface ChunkDelta {
  days: Map<Site, Map<Day, DayDelta>>;
  sites: Map<Site, SiteDelta>;
  minutes: Map<Site, MinuteDelta[]>;
  users: UserDelta[];
  /** One at the most that removes something, and then the chunk has nothing else. */
  erasures: ErasureDelta[];
  letters: DeadLetter<Site>[];
  /** For the events topic, before the commit. */
  forwards: Forwarded[];
  /** Those of other shards' records that have come. */
  arrivals: Arrivals;
  /** Dead letters whose first replay is among the records, by their keys. */
  replays: string[];
  /** Records by site (`-` where none can be told) and outcome. */
  ledger: Map<string, OutcomeCounts>;
  /** Those of the ledger that other shards have sent. */
  derived: Map<string, OutcomeCounts>;
  /** What the commit will cost Redis, in the cost of a hash's write, about. */
  cost: number;
  /** The offset after the chunk's last record, and that record's timestamp in ms. */
  nextOffset: number;
  timestamp: number;
  /** Offsets before and between the records that never were one, such as the markers of transactions. */
  skipped: number;
}

export function newChunkDelta(): ChunkDelta {
  return {
    days: new Map(),
    sites: new Map(),
    minutes: new Map(),
    users: [],
    erasures: [],
    letters: [],
    forwards: [],
    arrivals: new Map(),
    replays: [],
    ledger: new Map(),
    derived: new Map(),
    cost: 0,
    nextOffset: 0,
    timestamp: 0,
    skipped: 0,
  };
}
