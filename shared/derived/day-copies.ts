import type { Dictionary } from '../platform/texts.ts';
import { DAY_MS, type Day, type Month, monthStart } from '../platform/time.ts';
import type { Cells } from '../shard/packing/cells.ts';
import { settledAt } from '../shard/packing/packed-parts.ts';
import { expiry } from '../shard/retention.ts';
import { type Columns, joinTables, sumColumns, type Table, tableOf } from '../shard/sums.ts';
import type { Site } from '../sites/site.ts';
import { COPY_KEPT_MS, type Copies, type CopyName } from './copies.ts';
import type { Copy, Proof } from './copy.ts';
import { type DaysSince, monthsOf } from './days-since.ts';

/** One kind of numbers that are kept by day. */
export interface Kind {
  /** A part of the copies' names. */
  name: string;
  /** Reads them from the shards. */
  read(days: readonly Day[]): Promise<{ day: Day; cells: Cells }[]>;
  /** How long Redis keeps them after their day, ms; absent: as long as the site says. */
  keptMs?: number;
}

/** The columns of a day, or of a month, and the table that knows their rows. */
export type Part = readonly [Table, Columns];

/** Copies of days that still change are written this seldom, ms. */
const UNSETTLED_EVERY_MS = 30_000;
/** How long the list of days is kept: it may name a day that has expired since. */
const LIST_KEPT_MS = DAY_MS;

/** Where the copies of a site's days come from. */
interface Source {
  copies: Copies;
  /** The id of the generation that is read. */
  generation: string;
  site: Site;
  /** ms since the epoch. */
  now: number;
  since: DaysSince;
  /** Reads from the shards which days the site has. */
  readDays(): Promise<Day[]>;
}

/**
 * The numbers of a site's days and months, from copies as far as they are right, and else from the shards. What was read
 * there becomes a copy.
 *
 * A copy is of one kind of numbers in one month: a column for each day. Of totals, values and products there are also
 * copies of sums, once the days are settled: of a whole month, and of such months of a calendar year. A copy says up to which offset of each shard it is
 * right, and the heads say which days have changed behind it (shard/changes.ts). So a copy is never believed for longer
 * than it is right, and nothing has to be told when a late event, a join or an erasure changes a day.
 */
export class DayCopies {
  readonly #copies: Copies;
  readonly #generation: string;
  readonly #site: Site;
  readonly #now: number;
  readonly #since: DaysSince;
  readonly #readDays: () => Promise<Day[]>;
  #days: Promise<Day[]> | undefined;

  constructor({ copies, generation, site, now, since, readDays }: Source) {
    this.#copies = copies;
    this.#generation = generation;
    this.#site = site;
    this.#now = now;
    this.#since = since;
    this.#readDays = readDays;
  }

  /** The days on which the site has events. */
  days(): Promise<Day[]> {
    this.#days ??= this.#listDays();
    return this.#days;
  }

  /** The columns of each of some days. */
  async byDay(kind: Kind, days: readonly Day[]): Promise<Map<Day, Part>> {
    const { parts, made } = await this.#dayParts(kind, days);
    await this.#keep(made);
    return parts;
  }

  /**
   * Columns that add up to the sum of some days: of each day of a month that is not wanted as a whole, else of the month,
   * or of all such months of a year.
   */
  async parts(kind: Kind, days: readonly Day[]): Promise<Part[]> {
    const months = monthsOf([...new Set(days)]);
    const known = monthsOf(await this.days());
    const isWhole = (month: Month) => {
      const [wanted, all] = [new Set(months.get(month)), new Set(known.get(month))];
      // A day that is not listed may have numbers all the same, as of an order whose event has yet to come.
      return this.isSettled(monthStart(month + 1) - 1) && wanted.symmetricDifference(all).size === 0;
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
    const table = sumColumns(this.dictionary(kind.name), parts).toTable();
    const expiresAt = this.#expiryOf(kind, months.get(span[0]!)!);
    made.push([this.#nameOf(kind, span, 'sum'), { proof, table, expiresAt }]);
    return { part: [table, table.days.get(0)!], renewed: made };
  }

  /**
   * The columns of some days, from copies and from shards.
   * @returns `made`: the copies that are to be kept
   */
  async #dayParts(
    kind: Kind,
    days: readonly Day[],
  ): Promise<{ parts: Map<Day, Part>; made: [CopyName, Copy][] }> {
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
    const withEvents = new Set(await this.days());
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
        missing.some((day) => this.isSettled(day)) ||
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
    return { parts, made };
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
    const days = await this.#readDays();
    const table = tableOf(days.map((day) => [day, new Map()]));
    await this.#keep([[name, { proof, table, expiresAt: this.#now + LIST_KEPT_MS }]]);
    return days;
  }

  /** The list is as it was, but later questions look for changes behind this one's heads only. */
  async #advanceList(name: CopyName, copy: Copy): Promise<void> {
    if (this.#copies.ageOf(name) > UNSETTLED_EVERY_MS) await this.#copies.keep([[name, copy]]);
    else this.#copies.remember(name, copy);
  }

  #advanced({ table, expiresAt }: Copy, proof: Proof, good: Map<Day, Part>): Copy {
    if (good.size === table.days.size) return { proof, expiresAt, table };
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
  isSettled(day: Day): boolean {
    return settledAt(day, this.#site) <= this.#now;
  }

  /** Knows the rows of a kind's tables in this process. */
  dictionary(kind: string): Dictionary {
    return this.#copies.dictionary(this.#name(kind));
  }

  #nameOf(kind: Kind, span: readonly Month[], what: 'days' | 'sum'): CopyName {
    const months = span.length > 1 ? `${span[0]}-${span.at(-1)}` : span[0];
    return this.#name(`${kind.name}:${months}:${what}`);
  }

  #name(name: string): CopyName {
    return { generation: this.#generation, site: this.#site.id, name };
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

/** Whether a copy would be kept much longer if it were kept now. */
const isSoonGone = ({ expiresAt }: Copy, end: number) => expiresAt < end - COPY_KEPT_MS / 2;

/** Whether a proof goes further than another one of the same shards. */
const isLater = (one: Proof, other: Proof) => one.upTo.some((offset, i) => offset > other.upTo[i]!);
