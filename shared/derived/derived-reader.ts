import { STORED_DIMENSIONS } from '../event/dimensions.ts';
import { PRODUCT_COUNTS } from '../fold/counter-names.ts';
import { HOURS_KEPT_MS } from '../fold/resolution.ts';
import { SHOP_FUNNEL } from '../funnels/definition.ts';
import type { Generation } from '../generations/generation.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { type Counters, increase } from '../platform/counters.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { splitField } from '../platform/redis/fields.ts';
import { DAY_MS, type Day, hourOf, type Month, monthOf } from '../platform/time.ts';
import { cellsOfFields } from '../shard/packing/cells.ts';
import { type DayHash, type SiteHead, StoreReader } from '../shard/reader.ts';
import { type Columns, countersOf, type Sums, sumColumns, type Table, visitColumn } from '../shard/sums.ts';
import type { Site } from '../sites/site.ts';
import type { Copies } from './copies.ts';
import type { Proof } from './copy.ts';
import { DayCopies, type Kind } from './day-copies.ts';
import { DaysSince, daysOfMonth } from './days-since.ts';

type DaySums = { day: Day; sums: Counters };

/** How many months before the present one have copies before any question. */
const MONTHS_PREPARED = 13;

/** What a reader needs to know of a question's site. */
export interface SiteMoment {
  site: Site;
  /** Read before anything else. */
  heads: readonly SiteHead[];
  /** ms since the epoch. */
  now: number;
  /** A day whose counters are those before an hour of its clock. */
  until?: Until | undefined;
}

/** A day, and the first hour of it that does not count, 0 to 23. */
export interface Until {
  day: Day;
  hour: number;
}

/**
 * A reader for one question about one site. It takes sums over all shards from derived copies, and reads from the shards
 * only the days that no copy has or that have changed since (day-copies.ts).
 * @example
 * const heads = await store.siteHeads(site.id);
 * const reader = new DerivedReader(redis, generation, copies, { site, heads, now: Date.now() });
 * const year = await reader.dayHashes('day', site.id, days); // one command
 */
export class DerivedReader extends StoreReader {
  readonly #copies: DayCopies;
  readonly #site: Site;
  readonly #now: number;
  readonly #since: DaysSince;
  readonly #until: Until | undefined;

  constructor(redis: RedisClient, generation: Generation, copies: Copies, moment: SiteMoment) {
    super(redis, generation);
    const { site, heads, now, until } = moment;
    this.#until = until;
    this.#site = site;
    this.#now = now;
    const shards = {
      heads: () => super.siteHeads(site.id),
      changedAt: (partition: number, days: readonly Day[]) => super.changedAt(site.id, partition, days),
    };
    const since = new DaysSince(heads, shards, now);
    const readDays = () => super.days(site.id);
    this.#since = since;
    this.#copies = new DayCopies({ copies, generation: this.generation, site, now, since, readDays });
  }

  /** Up to where everything is right that is read from here on. */
  proof(): Proof {
    return this.#since.proof();
  }

  /** Whether the numbers of some days of the site are what they were when something was read. */
  async isUnchanged(proof: Proof, { from, to }: { from: Day; to: Day }): Promise<boolean> {
    if (!(await this.#since.isOfThese(proof))) return false;
    for (let month = monthOf(from); month <= monthOf(to); month++) {
      for (const day of await this.#since.changed(proof, month)) if (day >= from && day <= to) return false;
    }
    return true;
  }

  /**
   * Reads what most questions about a year take, so that there are copies of it.
   * @param options.months those that are read
   * @param options.isWhole their years are read as well: none of the other months changes
   * @param goOn called before each step; false ends it
   * @returns whether everything was read
   */
  async prepare(
    { months: wanted, isWhole }: { months: ReadonlySet<Month>; isWhole: boolean },
    goOn: () => boolean,
  ): Promise<boolean> {
    const settled = await this.#settledMonths();
    const known = new Set(await this.#copies.days());
    const months = [...settled].filter(([month]) => wanted.has(month));
    const products = this.#productsKind(PRODUCTS, PRODUCT_COUNTS);
    const added = [
      this.#hashKind('day'),
      products,
      ...STORED_DIMENSIONS.map((dimension) => this.#breakdownKind(dimension)),
    ];
    const each = [
      ...(['day', 'gaps', 'secondOrders', 'cartDay'] as const).map((kind) => this.#hashKind(kind)),
      this.#funnelKind(SHOP_FUNNEL.key),
    ];
    for (const kind of added) {
      for (const [, days] of months) {
        const listed = days.filter((day) => known.has(day));
        // A month of a large shop's products at once would be very much.
        for (const some of kind === products ? chunkArray(listed, 5) : [listed]) {
          if (!goOn()) return false;
          await this.#copies.byDay(kind, some);
        }
        await this.#copies.parts(kind, listed);
      }
      if (isWhole) {
        const all = [...settled.values()].flat();
        await this.#copies.parts(
          kind,
          all.filter((day) => known.has(day)),
        );
      }
    }
    for (const kind of each) {
      // A series has points of days without events, too.
      for (const [, days] of months) {
        if (!goOn()) return false;
        await this.#copies.byDay(kind, days);
      }
    }
    return true;
  }

  /** By month: differs when a settled day has changed, or one more is settled. One command without changes. */
  async settledStamps(): Promise<Map<Month, string>> {
    const months = await this.#settledMonths();
    return new Map([...months].map(([month, days]) => [month, this.#since.stampOf(days)]));
  }

  /** The settled days of the months that are prepared: from the first one with events on. */
  async #settledMonths(): Promise<Map<Month, Day[]>> {
    const present = monthOf(Math.floor(this.#now / DAY_MS));
    const days = await this.#copies.days();
    const first = days.reduce((least, day) => Math.min(least, day), Infinity);
    const months = new Map<Month, Day[]>();
    if (first === Infinity) return months;
    for (let month = Math.max(monthOf(first), present - MONTHS_PREPARED); month <= present; month++) {
      const settled = daysOfMonth(month).filter((day) => this.#copies.isSettled(day));
      if (settled.length > 0) months.set(month, settled);
    }
    return months;
  }

  override days(site: string): Promise<Day[]> {
    if (site !== this.#site.id) return super.days(site);
    return this.#copies.days();
  }

  override async dayHashes(kind: DayHash, site: string, days: readonly Day[]): Promise<DaySums[]> {
    // A day's minutes are many, and soon gone.
    if (kind === 'minutes' || site !== this.#site.id) return super.dayHashes(kind, site, days);
    const all = await this.#daySums(this.#hashKind(kind), days);
    return kind === 'day' && this.#until ? this.#beforeHour(all, this.#until) : all;
  }

  #hashKind(kind: DayHash): Kind {
    const read = async (days: readonly Day[]) => ofRows(await super.dayHashes(kind, this.#site.id, days));
    return { name: kind, read, ...(kind === 'hours' && { keptMs: HOURS_KEPT_MS }) };
  }

  override async dayTotals(site: string, days: readonly Day[]): Promise<Counters> {
    if (site !== this.#site.id || this.#until) return super.dayTotals(site, days);
    const parts = await this.#copies.parts(this.#hashKind('day'), days);
    return sumColumns(this.#copies.dictionary('day'), parts).countersBy(null);
  }

  override async eachGap(
    site: string,
    days: readonly Day[],
    visit: (day: Day, gap: number, users: number) => void,
  ): Promise<void> {
    if (site !== this.#site.id) return super.eachGap(site, days, visit);
    for (const [day, [{ rows }, columns]] of await this.#copies.byDay(this.#hashKind('gaps'), days)) {
      const column = columns.get(null);
      if (column) visitColumn(column, rows.length, (row, users) => visit(day, Number(rows.at(row)), users));
    }
  }

  /** Counters that hours do not have stay as they are. */
  async #beforeHour(all: DaySums[], { day: last, hour }: Until): Promise<DaySums[]> {
    const { id, zone } = this.#site;
    const later: Counters = new Map();
    for (const { sums } of await this.dayHashes('hours', id, [last])) {
      for (const [field, amount] of sums) {
        const [seconds, counter] = splitField(field);
        if (hourOf(Number(seconds) * 1_000, zone) >= hour) increase(later, counter, amount);
      }
    }
    return all.map(({ day, sums }) => {
      if (day !== last) return { day, sums };
      const before = [...sums].map(
        ([counter, amount]) => [counter, amount - (later.get(counter) ?? 0)] as const,
      );
      return { day, sums: new Map(before) };
    });
  }

  override async eachValue(
    site: string,
    days: readonly Day[],
    dimension: string,
    visit: (day: Day, counter: string, value: string, amount: number) => void,
  ): Promise<void> {
    if (site !== this.#site.id) return super.eachValue(site, days, dimension, visit);
    for (const [day, [{ rows }, columns]] of await this.#copies.byDay(this.#breakdownKind(dimension), days)) {
      for (const [counter, column] of columns) {
        if (counter === null) continue;
        visitColumn(column, rows.length, (row, amount) => visit(day, counter, rows.at(row), amount));
      }
    }
  }

  override async breakdownSums(site: string, days: readonly Day[], dimension: string): Promise<Sums> {
    if (site !== this.#site.id) return super.breakdownSums(site, days, dimension);
    const kind = this.#breakdownKind(dimension);
    return sumColumns(this.#copies.dictionary(kind.name), await this.#copies.parts(kind, days));
  }

  override async funnel(site: string, funnel: string, days: readonly Day[]): Promise<DaySums[]> {
    if (site !== this.#site.id) return super.funnel(site, funnel, days);
    return this.#daySums(this.#funnelKind(funnel), days);
  }

  #funnelKind(funnel: string): Kind {
    const read = async (days: readonly Day[]) => ofRows(await super.funnel(this.#site.id, funnel, days));
    return { name: `funnel:${funnel}`, read };
  }

  override async products(site: string, days: readonly Day[], metrics: readonly string[]): Promise<Sums> {
    if (site !== this.#site.id) return super.products(site, days, metrics);
    const wanted = new Set<string | null>(metrics);
    // Nearly every question is about some of the counts, so these are one copy. Each amount of money has its own.
    const money = metrics.filter((metric) => !COUNTS.has(metric));
    const kinds = [
      ...(money.length < wanted.size ? [this.#productsKind(PRODUCTS, PRODUCT_COUNTS)] : []),
      ...money.map((metric) => this.#productsKind(`${PRODUCTS}:${metric}`, [metric])),
    ];
    const parts = await Promise.all(kinds.map((kind) => this.#copies.parts(kind, days)));
    return sumColumns(this.#copies.dictionary(PRODUCTS), parts.flat(), wanted);
  }

  #productsKind(name: string, metrics: readonly string[]): Kind {
    return { name, read: (days) => super.productsByDay(this.#site.id, days, metrics) };
  }

  #breakdownKind(dimension: string): Kind {
    const read = async (days: readonly Day[]) =>
      (await super.breakdown(this.#site.id, days, dimension)).map(({ day, sums }) => ({
        day,
        cells: cellsOfFields(sums),
      }));
    return { name: `values:${dimension}`, read };
  }

  async #daySums(kind: Kind, days: readonly Day[]): Promise<DaySums[]> {
    const parts = await this.#copies.byDay(kind, days);
    return days.map((day) => ({ day, sums: rowsOf(...parts.get(day)!) }));
  }
}

const PRODUCTS = 'products';
const COUNTS: ReadonlySet<string> = new Set(PRODUCT_COUNTS);

/** Hashes whose fields are counters. */
const ofRows = (all: readonly DaySums[]) =>
  all.map(({ day, sums }) => ({ day, cells: new Map([[null, sums]]) }));

const NOTHING: Counters = new Map();

/** The counters of {@link ofRows}. */
function rowsOf(table: Table, columns: Columns): Counters {
  const column = columns.get(null);
  return column ? countersOf(table, column) : NOTHING;
}
