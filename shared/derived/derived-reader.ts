import { STORED_DIMENSIONS } from '../event/dimensions.ts';
import { PRODUCT_COUNTS } from '../fold/counter-names.ts';
import { HOURS_KEPT_MS } from '../fold/resolution.ts';
import { SHOP_FUNNEL } from '../funnels/definition.ts';
import type { Generation } from '../generations/generation.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { type Counters, increase } from '../platform/counters.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { splitField } from '../platform/redis/fields.ts';
import type { Dictionary } from '../platform/texts.ts';
import { DAY_MS, type Day, hourOf, type Month, monthOf, monthStart } from '../platform/time.ts';
import { type Cells, cellsOfFields } from '../shard/packing/cells.ts';
import { settledAt } from '../shard/packing/packed-parts.ts';
import { type DayHash, type SiteHead, StoreReader } from '../shard/reader.ts';
import { expiry } from '../shard/retention.ts';
import {
  type Columns,
  countersOf,
  joinTables,
  type Sums,
  sumColumns,
  type Table,
  tableOf,
  visitColumn,
} from '../shard/sums.ts';
import type { Site } from '../sites/site.ts';
import { COPY_KEPT_MS, type Copies, type CopyName } from './copies.ts';
import type { Copy, Proof } from './copy.ts';
import { DaysSince, daysOfMonth, monthsOf } from './days-since.ts';

type DaySums = { day: Day; sums: Counters };

/** One kind of numbers that are kept by day. */
interface Kind {
  /** A part of the copies' names. */
  name: string;
  /** Reads them from the shards. */
  read(days: readonly Day[]): Promise<{ day: Day; cells: Cells }[]>;
  /** How long Redis keeps them after their day, ms; absent: as long as the site says. */
  keptMs?: number;
}

/** The columns of a day, or of a month, and the table that knows their rows. */
type Part = readonly [Table, Columns];

/** Copies of days that still change are written this seldom, ms. */
const UNSETTLED_EVERY_MS = 30_000;
/** How long the list of days is kept: it may name a day that has expired since. */
const LIST_KEPT_MS = DAY_MS;

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
 * only the days that no copy has or that have changed since. What it read becomes a copy.
 *
 * A copy is of one kind of numbers in one month: a column for each day. Of values and products, which are many, there is
 * also a copy of the whole month's sum, once its days are settled. A copy says up to which offset of each shard it is
 * right, and the heads say which days have changed behind it (shard/changes.ts). So a copy is never believed for longer
 * than it is right, and nothing has to be told when a late event, a join or an erasure changes a day.
 * @example
 * const heads = await store.siteHeads(site.id);
 * const reader = new DerivedReader(redis, generation, copies, { site, heads, now: Date.now() });
 * const year = await reader.dayHashes('day', site.id, days); // one command
 */
export class DerivedReader extends StoreReader {
  readonly #copies: Copies;
  readonly #site: Site;
  readonly #now: number;
  readonly #since: DaysSince;
  readonly #until: Until | undefined;
  #days: Promise<Day[]> | undefined;

  constructor(redis: RedisClient, generation: Generation, copies: Copies, moment: SiteMoment) {
    super(redis, generation);
    const { site, heads, now, until } = moment;
    this.#until = until;
    this.#copies = copies;
    this.#site = site;
    this.#now = now;
    const shards = {
      heads: () => super.siteHeads(site.id),
      changedAt: (partition: number, days: readonly Day[]) => super.changedAt(site.id, partition, days),
    };
    this.#since = new DaysSince(heads, shards, now);
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
    const known = new Set(await this.days(this.#site.id));
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
          await this.#byDay(kind, some);
        }
        await this.#parts(kind, listed);
      }
      if (isWhole) {
        const all = [...settled.values()].flat();
        await this.#parts(
          kind,
          all.filter((day) => known.has(day)),
        );
      }
    }
    for (const kind of each) {
      // A series has points of days without events, too.
      for (const [, days] of months) {
        if (!goOn()) return false;
        await this.#byDay(kind, days);
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
    const days = await this.days(this.#site.id);
    const first = days.reduce((least, day) => Math.min(least, day), Infinity);
    const months = new Map<Month, Day[]>();
    if (first === Infinity) return months;
    for (let month = Math.max(monthOf(first), present - MONTHS_PREPARED); month <= present; month++) {
      const settled = daysOfMonth(month).filter((day) => this.#isSettled(day));
      if (settled.length > 0) months.set(month, settled);
    }
    return months;
  }

  override days(site: string): Promise<Day[]> {
    if (site !== this.#site.id) return super.days(site);
    this.#days ??= this.#listDays();
    return this.#days;
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
    const parts = await this.#parts(this.#hashKind('day'), days);
    return sumColumns(this.#dictionary('day'), parts).countersBy(null);
  }

  override async eachGap(
    site: string,
    days: readonly Day[],
    visit: (day: Day, gap: number, users: number) => void,
  ): Promise<void> {
    if (site !== this.#site.id) return super.eachGap(site, days, visit);
    for (const [day, [{ rows }, columns]] of await this.#byDay(this.#hashKind('gaps'), days)) {
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
    for (const [day, [{ rows }, columns]] of await this.#byDay(this.#breakdownKind(dimension), days)) {
      for (const [counter, column] of columns) {
        if (counter === null) continue;
        visitColumn(column, rows.length, (row, amount) => visit(day, counter, rows.at(row), amount));
      }
    }
  }

  override async breakdownSums(site: string, days: readonly Day[], dimension: string): Promise<Sums> {
    if (site !== this.#site.id) return super.breakdownSums(site, days, dimension);
    const kind = this.#breakdownKind(dimension);
    return sumColumns(this.#dictionary(kind.name), await this.#parts(kind, days));
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
    const parts = await Promise.all(kinds.map((kind) => this.#parts(kind, days)));
    return sumColumns(this.#dictionary(PRODUCTS), parts.flat(), wanted);
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
    const parts = await this.#byDay(kind, days);
    return days.map((day) => ({ day, sums: rowsOf(...parts.get(day)!) }));
  }

  async #byDay(kind: Kind, days: readonly Day[]): Promise<Map<Day, Part>> {
    const { parts, made } = await this.#dayParts(kind, days);
    await this.#keep(made);
    return parts;
  }

  /**
   * Columns that add up to the sum of some days: of each day of a month that is not wanted as a whole, else of the month,
   * or of all such months of a year.
   */
  async #parts(kind: Kind, days: readonly Day[]): Promise<Part[]> {
    const months = monthsOf([...new Set(days)]);
    const known = monthsOf(await this.days(this.#site.id));
    const isWhole = (month: Month) => {
      const [wanted, all] = [new Set(months.get(month)), new Set(known.get(month))];
      // A day that is not listed may have numbers all the same, as of an order whose event has yet to come.
      return this.#isSettled(monthStart(month + 1) - 1) && wanted.symmetricDifference(all).size === 0;
    };
    const whole = [...months.keys()].filter(isWhole);
    const others = [...months.keys()]
      .filter((month) => !whole.includes(month))
      .flatMap((month) => months.get(month)!);
    const spans = spansOf(whole, (month) => !known.has(month));
    const before = this.#since.proof();
    const [ofDays, ofSpans] = await Promise.all([
      this.#dayParts(kind, others),
      Promise.all(spans.map((span) => this.#sum(kind, span, months, before))),
    ]);
    const { made } = ofDays;
    const parts = others.map((day) => ofDays.parts.get(day)!);
    for (const [i, found] of ofSpans.entries()) {
      const { part, renewed } = found ?? (await this.#addUp(kind, spans[i]!, months, before));
      parts.push(part);
      made.push(...renewed);
    }
    await this.#keep(made);
    return parts;
  }

  /** The sum of some months, as a copy has it. Undefined: none has. */
  async #sum(
    kind: Kind,
    span: readonly Month[],
    months: ReadonlyMap<Month, Day[]>,
    proof: Proof,
  ): Promise<{ part: Part; renewed: [CopyName, Copy][] } | undefined> {
    const name = this.#nameOf(kind, span, 'sum');
    const copy = await this.#find(name);
    if (!copy) return undefined;
    // Days may have come to months between them that had none.
    for (let month = span[0]!; month <= span.at(-1)!; month++) {
      if ((await this.#since.changed(copy.proof, month)).size > 0) return undefined;
    }
    const expiresAt = this.#expiryOf(kind, months.get(span[0]!)!);
    const renewed: [CopyName, Copy][] = isSoonGone(copy, expiresAt)
      ? [[name, { ...copy, expiresAt, proof }]]
      : [];
    return { part: [copy.table, copy.table.days.get(0)!], renewed };
  }

  /** The sum of some months, from the copies of their own, or else of their days. */
  async #addUp(
    kind: Kind,
    span: readonly Month[],
    months: ReadonlyMap<Month, Day[]>,
    proof: Proof,
  ): Promise<{ part: Part; renewed: [CopyName, Copy][] }> {
    const made: [CopyName, Copy][] = [];
    let parts: Part[];
    if (span.length > 1) {
      const found = await Promise.all(span.map((month) => this.#sum(kind, [month], months, proof)));
      parts = [];
      // One month after the other: all commands of a year at once would be very many.
      for (const [i, month] of span.entries()) {
        const { part, renewed } = found[i] ?? (await this.#addUp(kind, [month], months, proof));
        parts.push(part);
        made.push(...renewed);
      }
    } else {
      const ofDays = await this.#dayParts(kind, months.get(span[0]!)!);
      parts = [...ofDays.parts.values()];
      made.push(...ofDays.made);
    }
    const table = sumColumns(this.#dictionary(kind.name), parts).toTable();
    const expiresAt = this.#expiryOf(kind, months.get(span[0]!)!);
    made.push([this.#nameOf(kind, span, 'sum'), { proof, table, expiresAt }]);
    return { part: [table, table.days.get(0)!], renewed: made };
  }

  /**
   * The columns of some days, from copies and from shards.
   * @returns `made`: the copies that are to be kept, by `proof`
   */
  async #dayParts(
    kind: Kind,
    days: readonly Day[],
  ): Promise<{ parts: Map<Day, Part>; made: [CopyName, Copy][]; proof: Proof }> {
    const months = monthsOf([...new Set(days)]);
    // Before anything is compared with the heads, which may be read again meanwhile: what is kept holds at least this.
    const proof = this.#since.proof();
    const parts = new Map<Day, Part>();
    const made: [CopyName, Copy][] = [];
    const found = new Map<Month, { good: Map<Day, Part>; copy: Copy | undefined; hasChanged: boolean }>();
    await Promise.all(
      [...months].map(async ([month, wanted]) => {
        const name = this.#nameOf(kind, [month], 'days');
        let one = await this.#goodOf(this.#copies.inMemory(name), month);
        if (wanted.some((day) => !one.good.has(day))) {
          const other = await this.#goodOf(await this.#fetched(name), month);
          if (other.copy && (!one.copy || isLater(other.copy.proof, one.copy.proof))) one = other;
        }
        found.set(month, one);
      }),
    );
    const withEvents = new Set(await this.days(this.#site.id));
    for (const [month, wanted] of months) {
      const { good, copy, hasChanged } = found.get(month)!;
      const isEmpty = !wanted.some((day) => withEvents.has(day)) && this.#since.isUntouched(month);
      if (isEmpty) {
        const empty = tableOf([[0, new Map()]]);
        for (const day of wanted) parts.set(day, [empty, empty.days.get(0)!]);
        continue;
      }
      const missing = wanted.filter((day) => !good.has(day));
      // One month after the other: all commands of some years at once would be very many.
      const read = missing.length === 0 ? [] : await kind.read(missing);
      const own = tableOf(read.map(({ day, cells }) => [day, cells]));
      for (const day of wanted) {
        const columns = own.days.get(day);
        parts.set(day, columns ? [own, columns] : good.get(day)!);
      }
      const name = this.#nameOf(kind, [month], 'days');
      const isDue =
        missing.some((day) => this.#isSettled(day)) ||
        ((missing.length > 0 || hasChanged) && this.#copies.ageOf(name) > UNSETTLED_EVERY_MS);
      const kept = [...good.keys(), ...missing].filter((day) => this.#expiryOf(kind, [day]) > this.#now);
      const expiresAt = this.#expiryOf(kind, kept);
      if (isDue || (copy && isSoonGone(copy, expiresAt))) {
        const table = joinTables(kept.map((day) => [day, ...(good.get(day) ?? parts.get(day)!)] as const));
        made.push([name, { proof, table, expiresAt }]);
      } else if (hasChanged && copy && missing.length === 0) {
        // The heads are asked about the changes since then only.
        this.#copies.remember(name, this.#advanced(copy, proof, good));
      }
    }
    return { parts, made, proof };
  }

  /** The columns of a copy that are as they were. */
  async #goodOf(
    copy: Copy | undefined,
    month: Month,
  ): Promise<{ good: Map<Day, Part>; copy: Copy | undefined; hasChanged: boolean }> {
    const good = new Map<Day, Part>();
    if (!copy || !(await this.#since.isOfThese(copy.proof)))
      return { good, copy: undefined, hasChanged: false };
    const changed = await this.#since.changed(copy.proof, month);
    const { table } = copy;
    for (const [day, columns] of table.days) if (!changed.has(day)) good.set(day, [table, columns]);
    return { good, copy, hasChanged: this.#since.hasMoved(copy.proof, month) };
  }

  async #find(name: CopyName): Promise<Copy | undefined> {
    const own = this.#copies.inMemory(name);
    if (own && (await this.#since.isOfThese(own.proof))) return own;
    const copy = await this.#fetched(name);
    return copy && (await this.#since.isOfThese(copy.proof)) ? copy : undefined;
  }

  /** Without Redis there is no copy; reading from the shards says what is wrong. */
  async #fetched(name: CopyName): Promise<Copy | undefined> {
    try {
      return await this.#copies.fetch(name);
    } catch {
      return undefined;
    }
  }

  /** Keeps copies, if no shard was lost since the heads were read. */
  async #keep(made: readonly [CopyName, Copy][]): Promise<void> {
    if (made.length === 0) return;
    const { proof } = made[0]![1];
    if (await this.#since.isStillTrue(proof)) await this.#copies.keep(made);
  }

  async #listDays(): Promise<Day[]> {
    const site = this.#site.id;
    const name = this.#name('list');
    const proof = this.#since.proof();
    const copy = await this.#find(name);
    if (copy) {
      const { days: listed } = copy.table;
      const changed = await this.#since.changedAnywhere(copy.proof);
      if ([...changed].every((day) => listed.has(day))) {
        if (changed.size > 0) await this.#advanceList(name, { ...copy, proof });
        return [...listed.keys()];
      }
    }
    const days = await super.days(site);
    const table = tableOf(days.map((day) => [day, new Map()]));
    await this.#keep([[name, { proof, table, expiresAt: this.#now + LIST_KEPT_MS }]]);
    return days;
  }

  /** The list is as it was, but later questions look for changes behind this one's heads only. */
  async #advanceList(name: CopyName, copy: Copy): Promise<void> {
    if (this.#copies.ageOf(name) > UNSETTLED_EVERY_MS) await this.#copies.keep([[name, copy]]);
    else this.#copies.remember(name, copy);
  }

  #advanced({ table, expiresAt }: Copy, proof: Proof, good?: Map<Day, Part>): Copy {
    if (!good || good.size === table.days.size) return { proof, expiresAt, table };
    const days = new Map([...good].map(([day, [, columns]]) => [day, columns]));
    return { proof, expiresAt, table: { ...table, days } };
  }

  /** When the first of some days is deleted, or else some days from now, ms. */
  #expiryOf({ keptMs = this.#site.retention_days * DAY_MS }: Kind, days: readonly Day[]): number {
    const first = days.reduce((least, day) => Math.min(least, day), Infinity);
    const kept = this.#now + COPY_KEPT_MS;
    return first === Infinity ? kept : Math.min(kept, expiry(first, keptMs) * 1_000);
  }

  /** Whether no event of a day is late enough to change it; a join, an erasure or an import still may. */
  #isSettled(day: Day): boolean {
    return settledAt(day, this.#site) <= this.#now;
  }

  #dictionary(kind: string): Dictionary {
    return this.#copies.dictionary(this.#name(kind));
  }

  #nameOf(kind: Kind, span: readonly Month[], what: 'days' | 'sum'): CopyName {
    const months = span.length > 1 ? `${span[0]}-${span.at(-1)}` : span[0];
    return this.#name(`${kind.name}:${months}:${what}`);
  }

  #name(name: string): CopyName {
    return { generation: this.generation, site: this.#site.id, name };
  }
}

/** A sum of fewer months is not worth a copy of its own. */
const LEAST_SPAN = 3;

/**
 * Months in groups that are added up together: those of a calendar year, if there are enough, else one by one.
 * @param isEmpty whether a month between two of them has nothing to add
 */
function spansOf(months: readonly Month[], isEmpty: (month: Month) => boolean): Month[][] {
  const sorted = [...months].sort((a, b) => a - b);
  const spans: Month[][] = [];
  for (const month of sorted) {
    const span = spans.at(-1);
    const last = span?.at(-1);
    let next = last === undefined ? month : last + 1;
    while (next < month && isEmpty(next)) next++;
    const isSameYear = last !== undefined && Math.floor(last / 12) === Math.floor(month / 12);
    if (span && isSameYear && next === month) span.push(month);
    else spans.push([month]);
  }
  return spans.flatMap((span) => (span.length < LEAST_SPAN ? span.map((month) => [month]) : [span]));
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

/** Whether a copy would be kept much longer if it were kept now. */
const isSoonGone = ({ expiresAt }: Copy, end: number) => expiresAt < end - COPY_KEPT_MS / 2;

/** Whether a proof goes further than another one of the same shards. */
const isLater = (one: Proof, other: Proof) => one.upTo.some((offset, i) => offset > other.upTo[i]!);
