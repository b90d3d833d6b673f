import type { DeadLetter } from '../events/decode.ts';
import type { Outcome } from '../events/outcome.ts';
import type { Site } from '../sites.ts';
import type { Day, Month } from '../time.ts';
import type { ProductCount } from './counters.ts';
import type { Sums } from './sums.ts';
import type { UserState } from './user-state.ts';

/** What a batch adds to one product's day. Money is by counter (`revenue:EUR`), in minor units. */
export type ProductDelta = Record<ProductCount, number> & { money: Sums | undefined };

/** What a batch adds to one site-local day of one site. */
export interface DayDelta {
  /** By counter, see counters.ts. */
  counters: Sums;
  /** By product id. */
  products: Map<string, ProductDelta>;
  /** Dimension → value → counter → sum. */
  breakdowns: Map<string, Map<string, Sums>>;
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
  keptAs: 'minute' | 'hour' | 'day';
  events: number;
  counters: Sums;
  dayDelta: DayDelta;
}

/** A user that a batch touched: the new state, and what to append to the timeline. */
export interface UserDelta {
  site: Site;
  user: string;
  state: UserState;
  months: MonthDelta[];
}

/** Entries to append to a month of a user's timeline. */
export interface MonthDelta {
  month: Month;
  /** The month's first entries. */
  isNew: boolean;
  entries: string[];
}

export type OutcomeCounts = Record<Outcome, number>;

/** All that a chunk of a batch changes: committed as one, or not at all. */
export interface Deltas {
  days: Map<Site, Map<Day, DayDelta>>;
  minutes: Map<Site, MinuteDelta[]>;
  users: UserDelta[];
  letters: DeadLetter[];
  /** Records by site (`-` where none can be told) and outcome. */
  ledger: Map<string, OutcomeCounts>;
  /** What the commit will cost Redis, in the cost of a hash's write, about. */
  cost: number;
  /** The offset after the chunk's last record, and that record's timestamp in ms. */
  nextOffset: number;
  timestamp: number;
}

export function newDeltas(): Deltas {
  return {
    days: new Map(),
    minutes: new Map(),
    users: [],
    letters: [],
    ledger: new Map(),
    cost: 0,
    nextOffset: 0,
    timestamp: 0,
  };
}
