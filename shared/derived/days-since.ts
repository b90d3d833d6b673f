import { createHash } from 'node:crypto';
import { DAY_MS, type Day, type Month, monthOf, monthStart } from '../platform/time.ts';
import { DAY_SLOTS } from '../shard/changes.ts';
import type { SiteHead } from '../shard/reader.ts';
import type { Proof } from './copy.ts';

/** Days that clients' clocks and zones may be ahead of this process'. */
const AHEAD = 2;

/** The days that changes.ts tells apart, as seen at a time (ms). */
function daysToldApart(now: number): { from: Day; to: Day } {
  const to = Math.floor(now / DAY_MS) + AHEAD;
  return { from: to - DAY_SLOTS + 1, to };
}

/** Every day of a month. */
export const daysOfMonth = (month: Month): Day[] => {
  const first = monthStart(month);
  return Array.from({ length: monthStart(month + 1) - first }, (_, i) => first + i);
};

export interface Shards {
  /** The heads as they are now. */
  heads(): Promise<SiteHead[]>;
  /** For each of the days the offset behind the last record that changed it in a shard. */
  changedAt(partition: number, days: readonly Day[]): Promise<number[]>;
}

/** Which days of a site have changed since a copy of their sums was made, as its shards' heads tell. */
export class DaysSince {
  #heads: readonly SiteHead[];
  readonly #shards: Shards;
  readonly #toldApart: { from: Day; to: Day };
  #again: Promise<void> | undefined;
  /** By partition and month. */
  readonly #exact = new Map<string, Promise<ReadonlyMap<Day, number>>>();

  /** @param now ms */
  constructor(heads: readonly SiteHead[], shards: Shards, now: number) {
    this.#heads = heads;
    this.#shards = shards;
    this.#toldApart = daysToldApart(now);
  }

  /** What is read after the heads holds everything up to here. */
  proof(): Proof {
    return {
      upTo: this.#heads.map(({ next }) => next),
      births: this.#heads.map(({ birth }) => birth ?? ''),
    };
  }

  /**
   * Whether a copy is of these shards: none of them was lost and begun again since, and all have come as far. A copy may
   * be of a moment after the heads were read. Then they are read again, once.
   */
  async isOfThese(proof: Proof): Promise<boolean> {
    if (!this.#hasSameBirths(proof)) return false;
    if (this.#hasComeTo(proof)) return true;
    this.#again ??= this.#shards.heads().then((heads) => {
      this.#heads = heads;
    });
    await this.#again;
    return this.#hasSameBirths(proof) && this.#hasComeTo(proof);
  }

  /** Days of a month that may have changed behind a proof. One command for each shard in which an old day has changed. */
  async changed(proof: Proof, month: Month): Promise<Set<Day>> {
    const changed = new Set<Day>();
    const moved = this.#movedIn(proof, month);
    if (moved.length === 0) return changed;
    const days = daysOfMonth(month);
    const { from, to } = this.#toldApart;
    await Promise.all(
      moved.map(async ({ partition, changes }) => {
        const upTo = proof.upTo[partition]!;
        const exact = days.every((day) => day >= from && day <= to)
          ? undefined
          : await this.#exactly(partition, month);
        for (const day of days) {
          const isToldApart = day >= from && day <= to;
          if ((isToldApart ? changes.day(day) : exact!.get(day)!) > upTo) changed.add(day);
        }
      }),
    );
    return changed;
  }

  /** Whether any shard has a change in the month behind a proof. */
  hasMoved(proof: Proof, month: Month): boolean {
    return this.#movedIn(proof, month).length > 0;
  }

  /** Differs when some of the days have changed, as far as the heads tell these apart, or when a shard was lost. */
  stampOf(days: readonly Day[]): string {
    const { from, to } = this.#toldApart;
    const recent = days.filter((day) => day >= from && day <= to);
    const months = new Set(days.filter((day) => day < from).map(monthOf));
    const stamp = createHash('sha256').update(days.join());
    for (const { birth, changes } of this.#heads) {
      const offsets = [
        ...[...months].map((one) => changes.month(one)),
        ...recent.map((one) => changes.day(one)),
      ];
      stamp.update(`;${birth},${offsets.join()}`);
    }
    return stamp.digest('base64url');
  }

  /** Whether no shard has ever changed a day of a month, as far as the heads remember. */
  isUntouched(month: Month): boolean {
    return this.#heads.every(({ changes }) => changes.month(month) === 0);
  }

  /** Days that may have changed behind a proof, of all months. */
  async changedAnywhere(proof: Proof): Promise<Set<Day>> {
    const months = new Set(
      this.#heads.flatMap(({ partition, changes }) => changes.monthsBehind(proof.upTo[partition]!)),
    );
    const all = await Promise.all([...months].map((month) => this.changed(proof, month)));
    return new Set(all.flatMap((days) => [...days]));
  }

  /**
   * Whether what was read since then is what the heads say: no shard was lost meanwhile. Otherwise a copy of empty shards
   * would be believed once they are filled again.
   */
  async isStillTrue(proof: Proof): Promise<boolean> {
    const heads = await this.#shards.heads();
    return heads.every(({ partition, birth = '', next }) => {
      const before = proof.births[partition];
      return (before === '' || before === birth) && next >= proof.upTo[partition]!;
    });
  }

  #movedIn({ upTo }: Proof, month: Month): SiteHead[] {
    return this.#heads.filter(({ partition, changes }) => changes.month(month) > upTo[partition]!);
  }

  #hasSameBirths({ births }: Proof): boolean {
    // A shard without a head had nothing.
    return (
      births.length === this.#heads.length &&
      this.#heads.every(
        ({ partition, birth = '' }) => births[partition] === '' || births[partition] === birth,
      )
    );
  }

  #hasComeTo({ upTo }: Proof): boolean {
    return this.#heads.every(({ partition, next }) => next >= upTo[partition]!);
  }

  #exactly(partition: number, month: Month): Promise<ReadonlyMap<Day, number>> {
    const key = `${partition}|${month}`;
    let found = this.#exact.get(key);
    if (!found) {
      const days = daysOfMonth(month);
      found = this.#shards
        .changedAt(partition, days)
        .then((offsets) => new Map(days.map((day, i) => [day, offsets[i]!])));
      this.#exact.set(key, found);
    }
    return found;
  }
}

export const monthsOf = (days: readonly Day[]): Map<Month, Day[]> => Map.groupBy(days, monthOf);
