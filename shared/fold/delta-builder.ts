import type { StoredDimension } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { type Counters, getOrMake } from '../platform/counters.ts';
import {
  DAY_MS,
  type Day,
  localDay,
  localHourStart,
  MINUTE_MS,
  monthOf,
  monthStart,
} from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import {
  type ChunkDelta,
  type DayDelta,
  type MinuteDelta,
  newChunkDelta,
  type SiteDelta,
} from './chunk-delta.ts';
import type { Viewed } from './counter-names.ts';
import { MAX_NEWEST, NewestInteractions } from './newest-interactions.ts';
import { RESOLUTIONS, type Resolution } from './resolution.ts';

/** A commit sends and stores this many bytes of states in about the time of one write to a hash. */
const BYTES_A_WRITE = 1_000;
/** Cost of one of the newest interactions, in writes to a hash. Those that it replaces are removed with it. */
const NEWEST_COST = 2;

/**
 * Views are asked for in the half hour after them, and in the present minute. The rest is for servers whose clocks are
 * not alike, ms. A view that is received later is never asked for.
 */
const VIEWS_ASKED_MS = 33 * MINUTE_MS;
/** Cost of the views of one page or product in a minute, in writes to a hash. */
const VIEW_COST = 2;

/** Builds a chunk's delta: finds where an amount belongs, and adds up what the commit will cost. */
export class DeltaBuilder {
  readonly delta: ChunkDelta = newChunkDelta();
  readonly #minutes = new Map<Site, Map<number, MinuteDelta>>();

  /** @param cost added for the first amount of a key, in writes to a hash */
  add<K>(sums: Map<K, number>, key: K, amount: number, cost = 1): void {
    const before = sums.get(key);
    if (before === undefined) this.delta.cost += cost;
    sums.set(key, (before ?? 0) + amount);
  }

  /** Adds what it costs to write this many bytes. */
  addBytes(bytes: number): void {
    this.delta.cost += bytes / BYTES_A_WRITE;
  }

  minute(ts: number, resolution: Resolution, site: Site): MinuteDelta {
    const start = Math.floor(ts / MINUTE_MS) * MINUTE_MS;
    // One entry for each minute and resolution. Small whole numbers are the fastest keys.
    const key = (start / MINUTE_MS) * 4 + RESOLUTIONS.indexOf(resolution);
    let minutes = this.#minutes.get(site);
    if (!minutes) {
      minutes = new Map();
      this.#minutes.set(site, minutes);
      this.delta.minutes.set(site, []);
    }
    let minute = minutes.get(key);
    if (!minute) {
      const day = localDay(start, site.zone);
      const hourStart = localHourStart(start, site.zone);
      const month = monthOf(day);
      const timelineEnd = (monthStart(month + 1) + site.retention_days) * DAY_MS;
      const dayDelta = this.day(site, day);
      const counters: Counters = new Map();
      minute = {
        ...{ start, hourStart, day, month, timelineEnd, resolution, events: 0, counters },
        ...{ viewed: undefined, dayDelta },
      };
      minutes.set(key, minute);
      this.delta.minutes.get(site)!.push(minute);
    }
    return minute;
  }

  day(site: Site, day: Day): DayDelta {
    const days = getOrMake(this.delta.days, site, () => new Map<Day, DayDelta>());
    return getOrMake(days, day, () => ({
      counters: new Map(),
      products: new Map(),
      breakdowns: new Map(),
      gaps: new Map(),
      secondOrders: new Map(),
      funnels: new Map(),
      carts: new Map(),
    }));
  }

  site(site: Site): SiteDelta {
    return getOrMake(this.delta.sites, site, () => ({
      cohorts: new Map(),
      buyers: new Map(),
      trending: new Map(),
      names: new Map(),
      newest: new NewestInteractions(),
      received: -Infinity,
    }));
  }

  /** Notes an event that may be one of the site's newest. @param offset of its record */
  newest(event: FootfallEvent, offset: number, site: Site): void {
    const { newest } = this.site(site);
    if (newest.size < MAX_NEWEST) this.delta.cost += NEWEST_COST;
    newest.add(event, offset);
  }

  /** Notes a view of a page or a product. @param received when its event was received, ms */
  view(minute: MinuteDelta, viewed: Viewed, value: string, received: number): void {
    if (minute.resolution !== 'minute' || received - minute.start >= VIEWS_ASKED_MS) return;
    minute.viewed ??= { page: new Map(), product: new Map() };
    this.add(minute.viewed[viewed], value, 1, VIEW_COST);
  }

  /** The counters of one value of a breakdown. */
  breakdown({ breakdowns }: DayDelta, dimension: StoredDimension, value: string): Counters {
    const values = getOrMake(breakdowns, dimension, () => new Map<string, Counters>());
    return getOrMake(values, value, () => new Map<string, number>());
  }
}
